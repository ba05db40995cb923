//! What reading costs where there is much: the rows that PostgreSQL touches for it, as the role that
//! web uses. The planner sees row level security there, and may not use an index it would use for
//! the owner.
use crate::sql::{change, number};
use batchtrack_core::{
    batches::{self, BatchFilter, BatchStatus},
    inventory::{self, ItemFilter, ItemType},
    kernel::{
        Cursor,
        ids::{ItemId, LotId, MovementId, RecipeId},
    },
    platform::OrgTx,
    products, recipes,
};
use batchtrack_testkit::{Role, Size, TestDb};

const SIZE: Size = Size {
    items: 12_000,
    uses_per_lot: 2,
};
/// Tables that grow with an organisation's work; sums grow with how many work at once.
const GROWING: &str = "(relname LIKE 'inventory\\_%' OR relname LIKE 'recipe%' OR relname LIKE 'batch%' OR relname LIKE 'product%') AND relname NOT IN ('product_categories', 'inventory_sums')";

/// Rows and index entries that `work` reads, and rows of growing tables that it reads without any index.
async fn touched(t: &TestDb, work: impl AsyncFnOnce(&mut OrgTx)) -> (i64, i64) {
    let mut owner = t.conn(Role::Admin).await;
    let ours = batchtrack_core::kernel::ids::OrganizationId::new(
        number(&mut owner, "SELECT min(id) AS n FROM organizations").await,
    );
    let mut counters = async || {
        // What a connection did is told when it ends; waiting for the end is waiting for the figures.
        number(
            &mut owner,
            "SELECT count(pg_terminate_backend(pid, 10000)) AS n FROM pg_stat_activity \
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
        )
        .await;
        number(
            &mut owner,
            "SELECT 0::bigint AS n FROM pg_stat_clear_snapshot()",
        )
        .await;
        let indexed = format!(
            "SELECT (SELECT sum(idx_tup_fetch) FROM pg_stat_user_tables WHERE {GROWING})::bigint \
            + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE {GROWING})::bigint AS n"
        );
        let scanned = format!(
            "SELECT sum(seq_tup_read)::bigint AS n FROM pg_stat_user_tables WHERE {GROWING}"
        );
        (
            number(&mut owner, &indexed).await,
            number(&mut owner, &scanned).await,
        )
    };
    let before = counters().await;
    let mut tx = t.begin(ours).await;
    work(&mut tx).await;
    tx.commit().await.unwrap();
    let after = counters().await;
    (after.0 - before.0, after.1 - before.1)
}

macro_rules! within {
    ($t:expr, $wrong:expr, $($budget:literal $what:literal: $work:expr;)+) => { $(
        let (indexed, scanned) = touched($t, $work).await;
        if scanned > 0 || indexed > $budget {
            $wrong.push(format!("{}: {indexed} rows by index (at most {}), {scanned} without", $what, $budget));
        }
    )+ };
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_reads_more_because_there_is_more() {
    let t = TestDb::new().await;
    let ours = t.organization("Large").await;
    let most = t.grow(ours, SIZE).await;
    let mut owner = t.owner_conn().await;
    // As on the flash storage that the stack is set up for.
    let on_flash = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET random_page_cost = 1.1', current_database()); END $$";
    change(&mut owner, on_flash).await.unwrap();
    let median = |column: &str, table: &str| {
        format!("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY {column}) AS n FROM {table}")
    };
    let lot = LotId::new(
        number(
            &mut owner,
            &median(
                "id",
                "inventory_lots WHERE item_id = (SELECT min(id) FROM inventory_items)",
            ),
        )
        .await,
    );
    let movement = MovementId::new(number(&mut owner, &median("id", "inventory_movements")).await);
    let batch = number(&mut owner, &median("id", "batches")).await;
    let recipe = RecipeId::new(number(&mut owner, "SELECT min(id) AS n FROM recipes").await);
    let middle = |key: &str| {
        Some(Cursor {
            key: key.to_owned(),
            id: 0,
        })
    };
    let mut wrong = vec![];
    within!(&t, wrong,
        200 "items": async |tx| drop(inventory::items(tx, &ItemFilter::default(), None, 25).await.unwrap());
        200 "items, far on": async |tx| drop(inventory::items(tx, &ItemFilter::default(), middle("lavender").as_ref(), 25).await.unwrap());
        300 "items of a type": async |tx| {
            let filter = ItemFilter { item_type: Some(ItemType::Ingredient), ..ItemFilter::default() };
            drop(inventory::items(tx, &filter, middle("clay").as_ref(), 25).await.unwrap());
        };
        20 "item": async |tx| drop(inventory::item(tx, most).await.unwrap().unwrap());
        20 "item by name": async |tx| drop(inventory::item_by_name(tx, "no such thing").await.unwrap());
        40 "items by names": async |tx| drop(inventory::items_by_names(tx, ["this", "that"]).await.unwrap());
        4_500 "search": async |tx| drop(inventory::search(tx, "c81e728d", None, 20).await.unwrap());
        4_500 "items that contain": async |tx| {
            let filter = ItemFilter { search: Some("c81e728d".to_owned()), ..ItemFilter::default() };
            drop(inventory::items(tx, &filter, None, 25).await.unwrap());
        };
        4_500 "search, a word of every sixth": async |tx| drop(inventory::search(tx, "laven", None, 20).await.unwrap());
        4_500 "search, two letters": async |tx| drop(inventory::search(tx, "zq", None, 20).await.unwrap());
        200 "totals": async |tx| { inventory::totals(tx).await.unwrap(); };
        1_200 "overview": async |tx| drop(inventory::overview(tx, 8).await.unwrap());
        200 "items in the archive": async |tx| {
            let filter = ItemFilter { archived: true, ..ItemFilter::default() };
            drop(inventory::items(tx, &filter, None, 25).await.unwrap());
        };
        200 "item page": async |tx| drop(inventory::item_with_lots(tx, most, false, 20).await.unwrap().unwrap());
        200 "ingredients": async |tx| drop(inventory::ingredients(tx, false, 25).await.unwrap());
        200 "history": async |tx| drop(inventory::history(tx, most, None, 20).await.unwrap());
        200 "history, far on": async |tx| drop(inventory::history(tx, most, Some(movement), 20).await.unwrap());
        120 "lots": async |tx| drop(inventory::lots(tx, most, false, None, 20).await.unwrap());
        120 "lots, far on": async |tx| drop(inventory::lots(tx, most, false, Some(lot), 20).await.unwrap());
        120 "lots, empty ones too": async |tx| drop(inventory::lots(tx, most, true, Some(lot), 20).await.unwrap());
        700 "low stock": async |tx| drop(inventory::low_stock(tx, 20).await.unwrap());
        50 "expired": async |tx| drop(inventory::expired_quantities(tx, vec![ItemId::new(most.get() + 7)]).await.unwrap());
        300 "recipes": async |tx| drop(recipes::list(tx, &recipes::RecipeFilter::default(), None, 10).await.unwrap());
        400 "recipes, far on": async |tx| drop(recipes::list(tx, &recipes::RecipeFilter::default(), middle("recipe 8").as_ref(), 10).await.unwrap());
        2_800 "recipes that contain": async |tx| {
            let filter = recipes::RecipeFilter { search: Some("c81e728d".to_owned()), ..recipes::RecipeFilter::default() };
            drop(recipes::list(tx, &filter, None, 10).await.unwrap());
        };
        30 "recipe lines": async |tx| drop(recipes::lines(tx, recipe).await.unwrap());
        120 "batches": async |tx| drop(batches::list(tx, &BatchFilter::default(), None, 25).await.unwrap());
        120 "batches, far on": async |tx| drop(batches::list(tx, &BatchFilter::default(), Some(&Cursor { key: String::new(), id: batch }), 25).await.unwrap());
        120 "batches of a status": async |tx| {
            let filter = BatchFilter { status: Some(BatchStatus::InProgress), ..BatchFilter::default() };
            drop(batches::list(tx, &filter, None, 25).await.unwrap());
        };
        60 "batches of a recipe": async |tx| {
            let filter = BatchFilter { recipe: Some(recipe), ..BatchFilter::default() };
            drop(batches::list(tx, &filter, None, 25).await.unwrap());
        };
        400 "products": async |tx| drop(products::list(tx, None, None, 25).await.unwrap());
        400 "products, far on": async |tx| drop(products::list(tx, None, middle("recipe 8").as_ref(), 25).await.unwrap());
        2_800 "products that contain": async |tx| drop(products::list(tx, Some("c81e728d"), None, 25).await.unwrap());
        400 "SKUs to make again": async |tx| drop(products::alerts(tx, None, 25).await.unwrap());
        20 "product by name": async |tx| drop(products::product_by_name(tx, "no such thing").await.unwrap());
        2_800 "product search": async |tx| drop(products::search(tx, "c81e728d", 20).await.unwrap());
        400 "skus": async |tx| drop(products::skus(tx, None, 25).await.unwrap());
        400 "skus that run low": async |tx| drop(products::low_stock(tx, 1_000_000, 20).await.unwrap());
        200 "take": async |tx| {
            let out = batchtrack_testkit::adjustment(ItemId::new(most.get() + 7), inventory::ActionKind::Use, "1 g");
            drop(inventory::take_out(tx, out).await.unwrap());
        };
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(t.discrepancies(ours).await, []);
}
