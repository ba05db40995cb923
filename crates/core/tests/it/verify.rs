//! What is wrong with the books is found, whatever it is.
use crate::{inventory::undo, sql::change};
use batchtrack_core::{
    batches,
    inventory::ActionKind,
    kernel::ids::OrganizationId,
    products::{self, Finish, Into},
    verify,
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, unit};

/// Two purchases, a sale, an undone use, a batch completed, one in progress, one failed and one
/// cancelled.
async fn books(t: &TestDb) -> OrganizationId {
    let ours = t.organization("Acme").await;
    let oil = t.stocked(ours, "Olive Oil", "1 kg", "10").await;
    let lye = t.stocked(ours, "Lye", "1 kg", "3.33").await;
    let recipe = t.recipe(ours, "Soap", &[(oil, "30 g"), (lye, "7 g")]).await;
    let used = t
        .take_out(ours, adjustment(oil, ActionKind::Use, "100 g"))
        .await
        .unwrap();
    undo(t, ours, used.action).await.unwrap();
    let mut ids = vec![];
    for _ in 0..4 {
        ids.push(
            t.commit(ours, async |tx| {
                batches::start(tx, batch_of(recipe, "1")).await
            })
            .await
            .id,
        );
    }
    let finish = Finish {
        batch: ids[0],
        into: Into::Product("Soap".parse().unwrap()),
        amount: "3".parse().unwrap(),
        unit: unit("count"),
        expires_at: None,
    };
    let made = t
        .commit(ours, async |tx| products::finish(tx, finish).await)
        .await;
    t.take_out(ours, adjustment(made.item, ActionKind::Sale, "1 count"))
        .await
        .unwrap();
    t.commit(ours, async |tx| {
        batches::fail(tx, ids[1], "burnt".to_owned()).await
    })
    .await;
    t.commit(ours, async |tx| batches::cancel(tx, ids[2]).await)
        .await;
    ours
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_books_are_counted_and_nothing_is_said() {
    let t = TestDb::new().await;
    let ours = books(&t).await;
    let report = verify::verify(&t.db, ours).await.unwrap();
    assert_eq!((report.items, report.lots, report.batches), (3, 3, 4));
    // Two came, one use and its undo, four starts of two lines, one completed, sold, two given back.
    assert_eq!(report.movements, 2 + 2 + 8 + 1 + 1 + 2);
    assert_eq!(report.discrepancies, []);
    assert_eq!(verify::organizations(&t.system).await.unwrap(), [ours]);
}

/// What is done to the books, the SQL that does it to organisation `ours`, and what must be said.
const DAMAGES: &[(&str, &str, &[&str])] = &[
    (
        "a lot's quantity",
        "UPDATE lots SET quantity = quantity - 1 WHERE FIRST",
        &["lot", "pool"],
    ),
    (
        "a lot's value",
        "UPDATE lots SET value = value + 1 WHERE FIRST",
        &["lot", "pool"],
    ),
    (
        "an item's quantity",
        "UPDATE items SET quantity = quantity + 1 WHERE FIRST",
        &["item", "pool"],
    ),
    (
        "an item's value",
        "UPDATE items SET value = value - 1 WHERE FIRST",
        &["item", "pool", "sums of type ingredient"],
    ),
    (
        "lot and item alike",
        "UPDATE items SET value = value - 1 WHERE FIRST; UPDATE lots SET value = value - 1 WHERE FIRST",
        &["lot", "item", "sums of type ingredient"],
    ),
    (
        "what was received",
        "UPDATE lots SET received_value = received_value + 1 WHERE FIRST",
        &["receipt"],
    ),
    (
        "a movement's value",
        "UPDATE movements SET value = value + 1 WHERE FIRST",
        &["lot", "item", "receipt"],
    ),
    (
        "a movement's quantity",
        "UPDATE movements SET quantity = quantity + 1 WHERE FIRST",
        &["lot", "item", "receipt", "running balance of lot"],
    ),
    (
        "a movement that is gone",
        "DELETE FROM movements WHERE FIRST",
        &["lot", "item", "receipt", "running balance of lot"],
    ),
    (
        "a movement of another item",
        "UPDATE movements SET item_id = (SELECT max(id) FROM items WHERE organization_id = ours) WHERE FIRST",
        &["item", "movement"],
    ),
    (
        "a movement before its lot",
        "UPDATE movements SET effective_at = effective_at - interval '1 day' WHERE FIRST",
        &["movement"],
    ),
    (
        "a reversal of something else",
        "UPDATE movements SET value = value + 1 WHERE organization_id = ours AND action_id IN \
             (SELECT id FROM inventory_actions WHERE organization_id = ours AND kind = 'reversal')",
        &["lot", "item", "reversal"],
    ),
    (
        "what a batch took and made",
        "UPDATE batches SET input_value = input_value + 1, output_value = output_value + 1 \
             WHERE organization_id = ours AND status = 'completed'",
        &["batch"],
    ),
    (
        "what a batch lost",
        "UPDATE batches SET input_value = input_value + 1, lost_value = lost_value + 1 \
             WHERE organization_id = ours AND status = 'failed'",
        &["batch"],
    ),
    (
        "what is in progress",
        "UPDATE batches SET input_value = input_value - 1 WHERE organization_id = ours AND status = 'in_progress'",
        &["batch"],
    ),
    (
        "a batch called off on paper only",
        "UPDATE batches SET status = 'cancelled', input_value = 0 \
             WHERE organization_id = ours AND status = 'in_progress'",
        &["batch", "batch status"],
    ),
    (
        "a loss that is none",
        "UPDATE batches SET status = 'in_progress', lost_value = 0 WHERE organization_id = ours AND status = 'failed'",
        &["batch status"],
    ),
    (
        "a batch line's value",
        "UPDATE batch_lines SET value = value + 1 WHERE LINE",
        &["batch lines"],
    ),
    (
        "a batch line's quantity",
        "UPDATE batch_lines SET quantity = quantity + 1 WHERE LINE",
        &["batch lines"],
    ),
    (
        "a batch line that is gone",
        "DELETE FROM batch_lines WHERE LINE",
        &["batch lines"],
    ),
    (
        "a batch output's value",
        "UPDATE batch_outputs SET value = value - 1 WHERE organization_id = ours",
        &["batch outputs"],
    ),
    (
        "a batch output that is gone",
        "DELETE FROM batch_outputs WHERE organization_id = ours",
        &["batch outputs"],
    ),
    (
        "what the stock is said to be worth",
        "UPDATE inventory_sums SET value = value + 1 WHERE organization_id = ours AND type = 'ingredient'",
        &["sums of type ingredient"],
    ),
    (
        "how many things are said to run low",
        "UPDATE inventory_sums SET low = 9 WHERE organization_id = ours AND type = 'product'",
        &["sums of type product"],
    ),
    (
        "an item that runs low unnoticed",
        "UPDATE items SET low_stock_threshold = 9000000000000 WHERE FIRST",
        &["sums of type ingredient"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_sort_of_damage_is_found_and_nothing_else_is_said() {
    let t = TestDb::new().await;
    let mut owner = t.owner_conn().await;
    change(&mut owner, "SET app.purge = 'on'").await.unwrap();
    let sound = books(&t).await;
    for (what, sql, subjects) in DAMAGES {
        let ours = books(&t).await;
        for sql in sql.split("; ") {
            // The table that is named first is the one that is damaged.
            let table = ["items", "lots", "movements"]
                .into_iter()
                .filter_map(|table| Some((sql.find(&format!(" {table} "))?, table)))
                .min()
                .map(|(_, table)| table);
            let mut sql = sql.to_owned();
            if let Some(table) = table {
                let first = format!(
                    "organization_id = ours AND id = (SELECT min(id) FROM {table} WHERE organization_id = ours)"
                );
                sql = sql.replace("FIRST", &first);
            }
            for table in ["items", "lots", "movements"] {
                sql = sql.replace(&format!(" {table} "), &format!(" inventory_{table} "));
            }
            let line = "organization_id = ours AND position = 1 AND batch_id = \
                        (SELECT min(id) FROM batches WHERE organization_id = ours)";
            let sql = sql
                .replace("LINE", line)
                .replace("= ours", &format!("= {ours}"));
            assert!(change(&mut owner, &sql).await.unwrap() > 0, "{what}");
        }
        let mut found: Vec<String> = t
            .discrepancies(ours)
            .await
            .into_iter()
            .map(|d| d.subject)
            .collect();
        found.dedup();
        assert_eq!(found, *subjects, "{what}");
    }
    assert_eq!(t.discrepancies(sound).await, []);
}
