-- Lots of which it was announced that they are about to expire: once for each date they are given.
CREATE TABLE inventory_lot_expiries (
    organization_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    announced_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, lot_id, expires_at),
    FOREIGN KEY (organization_id, lot_id) REFERENCES inventory_lots (organization_id, id)
);
SELECT fence_tenant_table('inventory_lot_expiries');
GRANT SELECT, INSERT ON inventory_lot_expiries TO batchtrack_app;

-- Organisations after `after`, in order, that have lots to announce which expire between `since` and
-- `until`. Upkeep asks for all tenants and sees none of their stock.
CREATE FUNCTION organizations_with_expiring_lots(since timestamptz, until timestamptz, after bigint, most integer)
    RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT o.id FROM organizations o
     WHERE o.id > after
       AND EXISTS (
            SELECT FROM inventory_lots l
             WHERE l.organization_id = o.id AND l.has_stock AND l.expires_at > since AND l.expires_at <= until
               AND NOT EXISTS (
                    SELECT FROM inventory_lot_expiries e
                     WHERE e.organization_id = l.organization_id AND e.lot_id = l.id AND e.expires_at = l.expires_at))
     ORDER BY o.id LIMIT most
$$;
REVOKE ALL ON FUNCTION organizations_with_expiring_lots(timestamptz, timestamptz, bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organizations_with_expiring_lots(timestamptz, timestamptz, bigint, integer) TO batchtrack_system;
