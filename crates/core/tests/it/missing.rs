//! Ids of nothing.
use batchtrack_core::{
    batches,
    inventory::{self, ActionKind, InventoryError},
    kernel::{
        Fault as _, Kind, Quantity,
        ids::{ActionId, BatchId, ItemId, RecipeId, SkuId},
    },
    products::{self, Finish, Into, ProductError},
    recipes::{self, RecipeError},
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, recipe, unit};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    let oil = t.stocked(ours, "Olive Oil", "1 g", "1").await;
    let kinds = [
        t.take_out(ours, adjustment(ItemId::new(99), ActionKind::Use, "1 g"))
            .await
            .unwrap_err()
            .kind(),
        crate::inventory::undo(&t, ours, ActionId::new(99))
            .await
            .unwrap_err()
            .kind(),
        t.attempt(ours, async |tx| {
            inventory::archive_item(tx, ItemId::new(99)).await
        })
        .await
        .unwrap_err()
        .kind(),
        t.attempt(ours, async |tx| {
            batches::start(tx, batch_of(RecipeId::new(99), "1")).await
        })
        .await
        .unwrap_err()
        .kind(),
        t.attempt(ours, async |tx| batches::cancel(tx, BatchId::new(99)).await)
            .await
            .unwrap_err()
            .kind(),
        t.attempt(ours, async |tx| {
            batches::fail(tx, BatchId::new(99), String::new()).await
        })
        .await
        .unwrap_err()
        .kind(),
    ];
    assert_eq!(kinds, [Kind::NotFound; 6]);
    // A recipe with a line that is not there is a mistake in the recipe, not a missing page.
    let ghost = recipe("Ghost", &[(ItemId::new(99), "1 g")]);
    let error = t
        .attempt(ours, async |tx| recipes::create(tx, ghost).await)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        RecipeError::Line {
            line: 1,
            source: InventoryError::NoItem
        }
    ));
    assert_eq!(error.kind(), Kind::Invalid);
    let finish = |batch, into| Finish {
        batch,
        into,
        amount: Quantity::micros(1_000_000),
        unit: unit("count"),
        expires_at: None,
    };
    let soap = t.recipe(ours, "Soap", &[(oil, "1 g")]).await;
    let batch = t
        .commit(ours, async |tx| {
            batches::start(tx, batch_of(soap, "1")).await
        })
        .await
        .id;
    for finish in [
        finish(BatchId::new(99), Into::Intermediate),
        finish(batch, Into::Sku(SkuId::new(99))),
        finish(batch, Into::Item(ItemId::new(99))),
    ] {
        let error: ProductError = t
            .attempt(ours, async |tx| products::finish(tx, finish).await)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
    }
}
