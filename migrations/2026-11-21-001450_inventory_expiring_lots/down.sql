DROP FUNCTION organizations_with_expiring_lots(timestamptz, timestamptz, bigint, integer);
DROP TABLE inventory_lot_expiries;
