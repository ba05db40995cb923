//! Another tenant's ids find nothing, change nothing and give nothing away: behind row level
//! security, and again on a connection that it does not bind, where each query's own filter is all.
use batchtrack_core::{
    batches::{self, BatchFilter, BatchType},
    inventory::{self, ActionKind, ItemChange, ItemFilter, ItemType},
    kernel::{
        Fault as _, Kind,
        ids::{ActionId, BatchId, ItemId, LotId, OrganizationId, ProductId, RecipeId, SkuId},
    },
    platform::Db,
    products::{self, Finish, Into, NewSku},
    recipes::{self, RecipeFilter},
    verify,
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, receipt, recipe, unit};

/// What the others have.
struct Theirs {
    item: ItemId,
    lot: LotId,
    received: ActionId,
    recipe: RecipeId,
    batch: BatchId,
    label: String,
    product: ProductId,
    sku: SkuId,
    sku_item: ItemId,
}

async fn theirs(t: &TestDb, them: OrganizationId) -> Theirs {
    let item = t.item(them, "Secret Oil", "g").await;
    let received = t.receive(them, receipt(item, "100 g", "10")).await;
    let recipe = t.recipe(them, "Secret Soap", &[(item, "10 g")]).await;
    let batch = t
        .commit(them, async |tx| {
            batches::start(tx, batch_of(recipe, "1")).await
        })
        .await;
    let new = products::NewProduct {
        name: "Secret Soap".parse().unwrap(),
        category_id: None,
        sku: NewSku::each(),
    };
    let (product, sku) = t
        .commit(them, async |tx| products::create(tx, new).await)
        .await;
    let mut tx = t.begin(them).await;
    let sku_item = products::sku(&mut tx, sku).await.unwrap().unwrap().item.id;
    drop(tx);
    t.receive(them, receipt(sku_item, "5 count", "5")).await;
    Theirs {
        item,
        lot: received.lots[0],
        received: received.action,
        recipe,
        batch: batch.id,
        label: batch.label,
        product,
        sku,
        sku_item,
    }
}

async fn reads_nothing(t: &TestDb, db: &Db, us: OrganizationId, their: &Theirs) {
    let mut tx = db.begin(t.acting(us)).await.unwrap();
    let tx = &mut tx;
    let everything = ItemFilter::default();
    assert!(inventory::item(tx, their.item).await.unwrap().is_none());
    assert!(
        inventory::item_by_name(tx, "Secret Oil")
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        inventory::items_by_ids(tx, vec![their.item, their.sku_item])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        inventory::items_by_names(tx, ["Secret Oil"])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        inventory::items(tx, &everything, None, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let search = ItemFilter {
        search: Some("secret".to_owned()),
        ..everything
    };
    assert!(
        inventory::items(tx, &search, None, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(
        inventory::search(tx, "secret", None, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(inventory::low_stock(tx, 9).await.unwrap().is_empty());
    assert_eq!(inventory::totals(tx).await.unwrap().items, 0);
    assert!(
        inventory::expired_quantities(tx, vec![their.item])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        inventory::lots(tx, their.item, true, None, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        inventory::lots(tx, their.item, true, Some(their.lot), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        inventory::history(tx, their.item, None, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(
        inventory::action(tx, their.received)
            .await
            .unwrap()
            .is_none()
    );

    assert!(recipes::recipe(tx, their.recipe).await.unwrap().is_none());
    assert!(recipes::lines(tx, their.recipe).await.unwrap().is_empty());
    assert!(
        recipes::list(tx, &RecipeFilter::default(), None, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );

    assert!(batches::batch(tx, their.batch).await.unwrap().is_none());
    assert!(
        batches::batch_by_label(tx, &their.label)
            .await
            .unwrap()
            .is_none()
    );
    assert!(batches::lines(tx, their.batch).await.unwrap().is_empty());
    assert!(batches::outputs(tx, their.batch).await.unwrap().is_empty());
    assert!(batches::last_step(tx, their.batch).await.unwrap().is_none());
    assert!(
        batches::list(tx, &BatchFilter::default(), None, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert_eq!(batches::counts(tx, BatchId::new(0)).await.unwrap().0, 0);
    assert!(
        batches::availability(tx, their.recipe, "1".parse().unwrap())
            .await
            .is_err()
    );

    assert!(
        products::product(tx, their.product)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        products::product_by_name(tx, "Secret Soap")
            .await
            .unwrap()
            .is_none()
    );
    assert!(products::sku(tx, their.sku).await.unwrap().is_none());
    assert!(
        products::sku_of_item(tx, their.sku_item)
            .await
            .unwrap()
            .is_none()
    );
    assert!(products::skus(tx, None, 9).await.unwrap().is_empty());
    assert!(
        products::skus(tx, Some(their.product), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        products::list(tx, None, None, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(products::search(tx, "secret", 9).await.unwrap().is_empty());
    assert!(
        products::low_stock(tx, 1_000_000_000, 9)
            .await
            .unwrap()
            .is_empty()
    );
}

/// Every op that is handed an id; each must not find it, whichever fence stands.
async fn changes_nothing(t: &TestDb, db: &Db, us: OrganizationId, their: &Theirs) {
    macro_rules! refused {
        ($($work:expr),+ $(,)?) => { $({
            let mut opened = db.begin(t.acting(us)).await.unwrap();
            let work = $work;
            let error = work(&mut opened).await.err().expect(stringify!($work));
            let kind = error.kind();
            assert!(matches!(kind, Kind::NotFound | Kind::Invalid), "{error:?}");
            drop(opened);
        })+ };
    }
    let change = ItemChange {
        name: "Ours".parse().unwrap(),
        item_type: ItemType::Ingredient,
        unit: unit("g"),
        density: None,
        category_id: None,
        low_stock_threshold: None,
        shelf_life_days: None,
        notes: String::new(),
    };
    let completion = || batches::Completion {
        batch: their.batch,
        outputs: vec![batches::OutputLine {
            item: their.item,
            amount: "1".parse().unwrap(),
            unit: unit("g"),
            weight: 1,
        }],
        expires_at: None,
    };
    let sale = products::Sale {
        sku: their.sku,
        amount: "1".parse().unwrap(),
        unit: unit("count"),
        price: None,
        customer: None,
        order_number: None,
        note: String::new(),
    };
    refused!(
        async |tx: &mut _| inventory::receive(tx, receipt(their.item, "1 g", "1")).await,
        async |tx: &mut _| inventory::take_out(tx, adjustment(their.item, ActionKind::Use, "1 g"))
            .await,
        async |tx: &mut _| inventory::take_out(
            tx,
            adjustment(their.item, ActionKind::Recount, "0 g")
        )
        .await,
        async |tx: &mut _| inventory::update_item(tx, their.item, change.clone()).await,
        async |tx: &mut _| inventory::archive_item(tx, their.item).await,
        async |tx: &mut _| inventory::restore_item(tx, their.item).await,
        async |tx: &mut _| batches::undo(tx, their.received).await,
        async |tx: &mut _| recipes::create(tx, recipe("Ours", &[(their.item, "1 g")])).await,
        async |tx: &mut _| batches::start(
            tx,
            batches::Start {
                batch_type: BatchType::Product,
                ..batch_of(their.recipe, "1")
            }
        )
        .await,
        async |tx: &mut _| batches::complete(tx, completion()).await,
        async |tx: &mut _| batches::fail(tx, their.batch, String::new()).await,
        async |tx: &mut _| batches::cancel(tx, their.batch).await,
        async |tx: &mut _| products::create_sku(tx, their.product, NewSku::each()).await,
        async |tx: &mut _| products::sell(tx, sale.clone()).await,
    );
    // A batch of ours may become nothing of theirs.
    let oil = t
        .stocked(us, &format!("Oil {}", t.clock.now()), "10 g", "1")
        .await;
    let ours = t
        .recipe(us, &format!("Soap {}", t.clock.now()), &[(oil, "1 g")])
        .await;
    let batch = t
        .commit(us, async |tx| batches::start(tx, batch_of(ours, "1")).await)
        .await
        .id;
    for into in [
        Into::Sku(their.sku),
        Into::Item(their.sku_item),
        Into::Item(their.item),
    ] {
        let finish = Finish {
            batch,
            into,
            amount: "1".parse().unwrap(),
            unit: unit("count"),
            expires_at: None,
        };
        refused!(async |tx: &mut _| products::finish(tx, finish.clone()).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_another_tenant_is_found_or_changed_behind_either_fence() {
    let t = TestDb::new().await;
    let (us, them) = (t.organization("Us").await, t.organization("Them").await);
    let their = theirs(&t, them).await;
    let before = (
        t.item_now(them, their.item).await,
        t.lots_of(them, their.item).await,
    );
    let unfenced = t.unfenced_db().await;
    let mut tx = unfenced.begin(t.acting(them)).await.unwrap();
    assert!(
        inventory::item(&mut tx, their.item)
            .await
            .unwrap()
            .is_some(),
        "the others find it there"
    );
    drop(tx);
    for db in [&t.db, &unfenced] {
        reads_nothing(&t, db, t.organization("Newcomer").await, &their).await;
        changes_nothing(&t, db, us, &their).await;
        t.clock.advance(chrono::Duration::seconds(1));
    }
    assert_eq!(
        (
            t.item_now(them, their.item).await,
            t.lots_of(them, their.item).await
        ),
        before
    );
    assert_eq!(t.discrepancies(them).await, []);
    let report = verify::verify(&unfenced, us).await.unwrap();
    assert_eq!(
        (report.items, report.batches, report.discrepancies),
        (2, 2, vec![])
    );
}
