use crate::{
    kernel::{StoreError, ids::OrganizationId},
    platform::{OrgTx, SystemTx},
    schema::organizations,
};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};

/// One thing that is not as its movements say.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Discrepancy {
    /// What sort of thing: `lot quantity`, `batch value`…
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// What the table says, and what the movements add up to.
    #[diesel(sql_type = Text)]
    pub recorded: String,
    #[diesel(sql_type = Text)]
    pub computed: String,
}

pub(super) async fn organizations(tx: &mut SystemTx) -> Result<Vec<OrganizationId>, StoreError> {
    Ok(organizations::table
        .order(organizations::id)
        .select(organizations::id)
        .load(tx.conn())
        .await?)
}

/// One snapshot for all that follows, and as much time as it takes.
pub(super) async fn steady(tx: &mut OrgTx) -> Result<(), StoreError> {
    Ok(tx
        .conn()
        .batch_execute(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = 0",
        )
        .await?)
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    items: i64,
    #[diesel(sql_type = BigInt)]
    lots: i64,
    #[diesel(sql_type = BigInt)]
    movements: i64,
    #[diesel(sql_type = BigInt)]
    batches: i64,
}

pub(super) async fn counts(tx: &mut OrgTx) -> Result<(i64, i64, i64, i64), StoreError> {
    let counts: Counts = diesel::sql_query(
        "SELECT (SELECT count(*) FROM inventory_items WHERE organization_id = $1) AS items,
                (SELECT count(*) FROM inventory_lots WHERE organization_id = $1) AS lots,
                (SELECT count(*) FROM inventory_movements WHERE organization_id = $1) AS movements,
                (SELECT count(*) FROM batches WHERE organization_id = $1) AS batches",
    )
    .bind::<BigInt, _>(tx.organization())
    .get_result(tx.conn())
    .await?;
    Ok((counts.items, counts.lots, counts.movements, counts.batches))
}

/// Each returns (subject, id, recorded, computed) for what differs.
const CHECKS: &[&str] = &[
    // A lot holds what its movements leave; its value too, unless the item is pooled.
    "SELECT 'lot' AS subject, l.id,
            format('%s worth %s', l.quantity, l.value) AS recorded,
            format('%s worth %s', coalesce(m.quantity, 0), CASE WHEN i.is_pooled THEN 0 ELSE coalesce(m.value, 0) END) AS computed
     FROM inventory_lots l
     JOIN inventory_items i ON i.organization_id = l.organization_id AND i.id = l.item_id
     LEFT JOIN (SELECT lot_id, sum(quantity) AS quantity, sum(value) AS value FROM inventory_movements
                WHERE organization_id = $1 GROUP BY lot_id) m ON m.lot_id = l.id
     WHERE l.organization_id = $1
       AND (l.quantity <> coalesce(m.quantity, 0)
            OR l.value <> CASE WHEN i.is_pooled THEN 0 ELSE coalesce(m.value, 0) END)",
    // An item holds what its movements leave, and what its lots hold together.
    "SELECT 'item' AS subject, i.id,
            format('%s worth %s', i.quantity, i.value) AS recorded,
            format('%s worth %s', coalesce(m.quantity, 0), coalesce(m.value, 0)) AS computed
     FROM inventory_items i
     LEFT JOIN (SELECT item_id, sum(quantity) AS quantity, sum(value) AS value FROM inventory_movements
                WHERE organization_id = $1 GROUP BY item_id) m ON m.item_id = i.id
     WHERE i.organization_id = $1
       AND (i.quantity <> coalesce(m.quantity, 0) OR i.value <> coalesce(m.value, 0))",
    "SELECT 'pool' AS subject, i.id,
            format('%s worth %s', i.quantity, i.value) AS recorded,
            format('%s worth %s in its lots', coalesce(l.quantity, 0), coalesce(l.value, 0)) AS computed
     FROM inventory_items i
     LEFT JOIN (SELECT item_id, sum(quantity) AS quantity, sum(value) AS value FROM inventory_lots
                WHERE organization_id = $1 GROUP BY item_id) l ON l.item_id = i.id
     WHERE i.organization_id = $1
       AND (i.quantity <> coalesce(l.quantity, 0) OR (NOT i.is_pooled AND i.value <> coalesce(l.value, 0)))",
    // The movement that brought a lot says what it was received with.
    "SELECT 'receipt' AS subject, l.id,
            format('%s worth %s', l.received_quantity, l.received_value) AS recorded,
            coalesce(format('%s worth %s', m.quantity, m.value), 'no movement') AS computed
     FROM inventory_lots l
     LEFT JOIN inventory_movements m
       ON m.organization_id = $1 AND m.lot_id = l.id AND m.action_id = l.action_id
     WHERE l.organization_id = $1
       AND (m.id IS NULL OR m.quantity <> l.received_quantity OR m.value <> l.received_value)",
    // No lot ever held less than nothing or more than it came with.
    "SELECT DISTINCT 'running balance of lot' AS subject, r.lot_id AS id,
            'never below zero nor above what was received' AS recorded, format('%s at movement %s', r.balance, r.id) AS computed
     FROM (SELECT lot_id, id, sum(quantity) OVER (PARTITION BY lot_id ORDER BY id) AS balance
           FROM inventory_movements WHERE organization_id = $1) r
     JOIN inventory_lots l ON l.organization_id = $1 AND l.id = r.lot_id
     WHERE r.balance < 0 OR r.balance > l.received_quantity",
    // A movement belongs to its lot's item, and never happened before its lot came.
    "SELECT 'movement' AS subject, m.id,
            format('item %s at %s', m.item_id, m.effective_at) AS recorded,
            format('item %s from %s', l.item_id, l.received_at) AS computed
     FROM inventory_movements m
     JOIN inventory_lots l ON l.organization_id = $1 AND l.id = m.lot_id
     WHERE m.organization_id = $1 AND (m.item_id <> l.item_id OR m.effective_at < l.received_at)",
    // A reversal is its action's exact opposite, lot by lot.
    "SELECT 'reversal' AS subject, r.id,
            coalesce(string_agg(format('lot %s: %s worth %s', d.lot_id, d.quantity, d.value), '; '), '') AS recorded,
            format('the opposite of action %s', r.reverses_id) AS computed
     FROM inventory_actions r
     JOIN LATERAL (
         SELECT lot_id, sum(quantity) AS quantity, sum(value) AS value FROM inventory_movements
         WHERE organization_id = $1 AND action_id IN (r.id, r.reverses_id)
         GROUP BY lot_id HAVING sum(quantity) <> 0 OR sum(value) <> 0) d ON true
     WHERE r.organization_id = $1 AND r.reverses_id IS NOT NULL
     GROUP BY r.id, r.reverses_id",
    // Inputs = outputs + in progress + loss, and each is what the movements say.
    "SELECT 'batch' AS subject, b.id,
            format('%s: in %s, out %s, lost %s', b.status, b.input_value, b.output_value, b.lost_value) AS recorded,
            format('in %s, out %s', coalesce(m.taken, 0), coalesce(m.made, 0)) AS computed
     FROM batches b
     LEFT JOIN (
         SELECT a.batch_id,
                -sum(m.value) FILTER (WHERE coalesce(u.kind, a.kind) IN ('batch_start', 'batch_extra')) AS taken,
                sum(m.value) FILTER (WHERE coalesce(u.kind, a.kind) = 'batch_completion') AS made
         FROM inventory_actions a
         JOIN inventory_movements m ON m.organization_id = $1 AND m.action_id = a.id
         LEFT JOIN inventory_actions u ON u.organization_id = $1 AND u.id = a.reverses_id
         WHERE a.organization_id = $1 AND a.batch_id IS NOT NULL
         GROUP BY a.batch_id) m ON m.batch_id = b.id
     WHERE b.organization_id = $1
       AND (b.input_value <> coalesce(m.taken, 0)
            OR b.output_value <> coalesce(m.made, 0)
            OR CASE b.status
                   WHEN 'in_progress' THEN b.output_value <> 0 OR b.lost_value <> 0
                   WHEN 'completed' THEN b.input_value <> b.output_value + b.lost_value
                   WHEN 'failed' THEN b.output_value <> 0 OR b.input_value <> b.lost_value
                   ELSE b.input_value <> 0 OR b.output_value <> 0 OR b.lost_value <> 0
               END)",
    // A batch's lines say of each item what it took.
    "SELECT 'batch lines' AS subject, b.id,
            format('item %s: %s worth %s', item_id, coalesce(l.quantity, 0), coalesce(l.value, 0)) AS recorded,
            format('item %s: %s worth %s', item_id, coalesce(m.quantity, 0), coalesce(m.value, 0)) AS computed
     FROM (SELECT batch_id, item_id, sum(quantity) AS quantity, sum(value) AS value FROM batch_lines
           WHERE organization_id = $1 GROUP BY batch_id, item_id) l
     FULL JOIN (
         SELECT a.batch_id, m.item_id, -sum(m.quantity) AS quantity, -sum(m.value) AS value
         FROM inventory_actions a
         JOIN inventory_movements m ON m.organization_id = $1 AND m.action_id = a.id
         LEFT JOIN inventory_actions u ON u.organization_id = $1 AND u.id = a.reverses_id
         WHERE a.organization_id = $1 AND a.batch_id IS NOT NULL
           AND coalesce(u.kind, a.kind) IN ('batch_start', 'batch_extra')
         GROUP BY a.batch_id, m.item_id) m USING (batch_id, item_id)
     JOIN batches b ON b.organization_id = $1 AND b.id = batch_id
     WHERE b.status <> 'cancelled'
       AND (coalesce(l.quantity, 0) <> coalesce(m.quantity, 0) OR coalesce(l.value, 0) <> coalesce(m.value, 0))",
    // A batch's outputs are the lots that it brought, and no others.
    "SELECT 'batch outputs' AS subject, batch_id AS id,
            format('lot %s: %s worth %s', lot_id, coalesce(o.quantity, 0), coalesce(o.value, 0)) AS recorded,
            format('lot %s: %s worth %s', lot_id, coalesce(m.quantity, 0), coalesce(m.value, 0)) AS computed
     FROM (SELECT batch_id, lot_id, quantity, value FROM batch_outputs WHERE organization_id = $1) o
     FULL JOIN (
         SELECT a.batch_id, m.lot_id, sum(m.quantity) AS quantity, sum(m.value) AS value
         FROM inventory_actions a
         JOIN inventory_movements m ON m.organization_id = $1 AND m.action_id = a.id
         LEFT JOIN inventory_actions u ON u.organization_id = $1 AND u.id = a.reverses_id
         WHERE a.organization_id = $1 AND coalesce(u.kind, a.kind) = 'batch_completion'
         GROUP BY a.batch_id, m.lot_id) m USING (batch_id, lot_id)
     WHERE coalesce(o.quantity, 0) <> coalesce(m.quantity, 0) OR coalesce(o.value, 0) <> coalesce(m.value, 0)",
    // A batch stands where its last step left it.
    "SELECT 'batch status' AS subject, b.id, b.status AS recorded, s.status AS computed
     FROM batches b
     CROSS JOIN LATERAL (
         SELECT coalesce((
             SELECT CASE a.kind WHEN 'batch_completion' THEN 'completed' WHEN 'batch_failure' THEN 'failed'
                    ELSE 'in_progress' END
             FROM inventory_actions a
             WHERE a.organization_id = $1 AND a.batch_id = b.id AND a.reverses_id IS NULL
               AND NOT EXISTS (SELECT FROM inventory_actions u WHERE u.organization_id = $1 AND u.reverses_id = a.id)
             ORDER BY a.id DESC LIMIT 1), 'cancelled') AS status) s
     WHERE b.organization_id = $1 AND b.status <> s.status",
    // The sums that pages show are those of the items.
    "SELECT format('sums of type %s', type) AS subject, $1 AS id,
            format('%s items, %s low, worth %s', coalesce(s.items, 0), coalesce(s.low, 0), coalesce(s.value, 0)) AS recorded,
            format('%s items, %s low, worth %s', coalesce(i.items, 0), coalesce(i.low, 0), coalesce(i.value, 0)) AS computed
     FROM (SELECT type, sum(items) AS items, sum(low) AS low, sum(value) AS value FROM inventory_sums
           WHERE organization_id = $1 GROUP BY type) s
     FULL JOIN (SELECT type, count(*) AS items, count(*) FILTER (WHERE is_low) AS low, sum(value) AS value
                FROM inventory_items WHERE organization_id = $1 AND archived_at IS NULL GROUP BY type) i USING (type)
     WHERE (coalesce(s.items, 0), coalesce(s.low, 0), coalesce(s.value, 0))
           <> (coalesce(i.items, 0), coalesce(i.low, 0), coalesce(i.value, 0))",
];

pub(super) async fn discrepancies(tx: &mut OrgTx) -> Result<Vec<Discrepancy>, StoreError> {
    let organization = tx.organization();
    let mut found = Vec::new();
    for check in CHECKS {
        let rows: Vec<Discrepancy> = diesel::sql_query(format!("{check} ORDER BY 2 LIMIT 100"))
            .bind::<BigInt, _>(organization)
            .load(tx.conn())
            .await?;
        found.extend(rows);
    }
    Ok(found)
}
