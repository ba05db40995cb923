//! Many at once on the real database: nobody waits for ever, nothing is sold twice.
use batchtrack_core::{
    batches::{self, BatchError, BatchType},
    inventory::{self, ActionKind, InventoryError},
    kernel::ids::{ItemId, OrganizationId},
    products::{self, Finish, Into, NewProduct, NewSku, ProductError},
    recipes,
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, ingredient, money, receipt, recipe, unit};
use futures_util::future::join_all;
use std::collections::BTreeSet;

const KG: i64 = 1_000_000_000;

async fn crowded() -> (TestDb, OrganizationId) {
    let t = TestDb::with_pool(16).await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    // Connections are there before the race begins, so that it is one.
    let warm = join_all((0..16).map(|_| t.begin(ours))).await;
    drop(warm);
    (t, ours)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_writers_on_one_item_take_what_there_is_and_not_a_gram_more() {
    let (t, ours) = crowded().await;
    let oil = t.item(ours, "Olive Oil", "kg").await;
    for _ in 0..35 {
        t.receive(ours, receipt(oil, "10 kg", "3.33")).await;
    }
    let takers = (0..60).map(|_| t.take_out(ours, adjustment(oil, ActionKind::Use, "7 kg")));
    let mut taken = (0, 0);
    let mut short = 0;
    for done in join_all(takers).await {
        match done {
            Ok(done) => taken = (taken.0 + done.quantity.get(), taken.1 + done.value.get()),
            Err(InventoryError::Short { available, .. }) => {
                assert_eq!(available, "0");
                short += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((taken, short), ((350 * KG, 35 * 3_330_000), 10));
    assert_eq!(t.on_hand(ours, oil).await, (0, 0));
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_writers_on_one_lot_leave_exactly_the_rest() {
    let (t, ours) = crowded().await;
    let oil = t.stocked(ours, "Olive Oil", "1000 g", "9.99").await;
    let takers = (0..50).map(|_| t.take_out(ours, adjustment(oil, ActionKind::Sale, "7 g")));
    let mut value = 0;
    for done in join_all(takers).await {
        value += done.unwrap().value.get();
    }
    assert_eq!(t.on_hand(ours, oil).await, (650_000_000, 9_990_000 - value));
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_share_ingredients_in_opposite_order_do_not_deadlock() {
    let (t, ours) = crowded().await;
    let mut lines: Vec<(ItemId, &str)> = vec![];
    for n in 0..8 {
        lines.push((
            t.stocked(ours, &format!("Item {n}"), "30 g", "1.01").await,
            "1 g",
        ));
    }
    let there = t.recipe(ours, "There", &lines).await;
    lines.reverse();
    let back = t.recipe(ours, "Back", &lines).await;
    let starts = (0..40).map(|n| {
        let start = batch_of(if n % 2 == 0 { there } else { back }, "1");
        t.attempt(ours, async |tx| batches::start(tx, start).await)
    });
    let (mut labels, mut short) = (BTreeSet::new(), 0);
    for done in join_all(starts).await {
        match done {
            Ok(started) => assert!(labels.insert(started.label)),
            Err(BatchError::Short(all)) => {
                assert_eq!(all.len(), 8);
                short += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((labels.len(), short), (30, 10));
    let numbers: BTreeSet<&str> = labels
        .iter()
        .filter_map(|label| label.rsplit('-').next())
        .collect();
    assert_eq!(
        numbers.into_iter().next_back(),
        Some("030"),
        "a refused start uses up no number"
    );
    for (item, _) in lines {
        assert_eq!(t.on_hand(ours, item).await, (0, 0));
    }
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_action_is_undone_once_however_many_try() {
    let (t, ours) = crowded().await;
    let oil = t.stocked(ours, "Olive Oil", "1 kg", "10").await;
    let used = t
        .take_out(ours, adjustment(oil, ActionKind::Use, "100 g"))
        .await
        .unwrap()
        .action;
    let recipe = t.recipe(ours, "Soap", &[(oil, "50 g")]).await;
    let started = t
        .commit(ours, async |tx| {
            batches::start(tx, batch_of(recipe, "1")).await
        })
        .await
        .id;
    let finish = Finish {
        batch: started,
        into: Into::Product("Soap".parse().unwrap()),
        amount: "1".parse().unwrap(),
        unit: unit("count"),
        expires_at: None,
    };
    let made = t
        .commit(ours, async |tx| products::finish(tx, finish).await)
        .await
        .recorded
        .action;
    let failing = t
        .commit(ours, async |tx| {
            batches::start(tx, batch_of(recipe, "1")).await
        })
        .await
        .id;
    t.commit(ours, async |tx| {
        batches::fail(tx, failing, "burnt".to_owned()).await
    })
    .await;
    let mut tx = t.begin(ours).await;
    let failed = batches::last_step(&mut tx, failing)
        .await
        .unwrap()
        .unwrap()
        .id;
    drop(tx);
    for action in [used, made, failed] {
        let all = join_all((0..10).map(|_| crate::inventory::undo(&t, ours, action))).await;
        let won = all.iter().filter(|done| done.is_ok()).count();
        assert_eq!(won, 1, "{all:?}");
        for lost in all.iter().filter_map(|done| done.as_ref().err()) {
            assert!(
                matches!(lost, BatchError::Inventory(InventoryError::AlreadyUndone)),
                "{lost:?}"
            );
        }
    }
    assert_eq!(
        t.on_hand(ours, oil).await,
        (900_000_000, 9_000_000),
        "two batches in progress"
    );
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_once() {
    let (t, ours) = crowded().await;
    let all = join_all((0..12).map(|_| {
        let new = ingredient("Olive Oil", "g");
        t.attempt(ours, async |tx| inventory::create_item(tx, new).await)
    }));
    let all = all.await;
    assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 1);
    assert!(
        all.iter()
            .filter_map(|d| d.as_ref().err())
            .all(|e| matches!(e, InventoryError::NameTaken { .. })),
        "{all:?}"
    );
    let found = join_all((0..12).map(|_| {
        let new = ingredient("Beeswax", "g");
        t.attempt(ours, async |tx| {
            inventory::find_or_create_item(tx, new).await
        })
    }));
    let found: BTreeSet<ItemId> = found
        .await
        .into_iter()
        .map(|done| done.unwrap().id)
        .collect();
    assert_eq!(found.len(), 1, "whoever only wants it to be there gets it");
}

#[tokio::test(flavor = "multi_thread")]
async fn recipes_of_like_names_get_prefixes_of_their_own() {
    let (t, ours) = crowded().await;
    let oil = t.item(ours, "Olive Oil", "g").await;
    let all = join_all((0..12).map(|n| {
        let new = recipe(&format!("Lavender Bar {n}"), &[(oil, "1 g")]);
        t.attempt(ours, async |tx| recipes::create(tx, new).await)
    }));
    for done in all.await {
        done.unwrap();
    }
    let mut tx = t.begin(ours).await;
    let list = recipes::list(&mut tx, &recipes::RecipeFilter::default(), None, 50)
        .await
        .unwrap()
        .rows;
    let prefixes: BTreeSet<String> = list.into_iter().map(|recipe| recipe.prefix).collect();
    assert_eq!(prefixes.len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_finished_once_in_one_way() {
    let (t, ours) = crowded().await;
    let oil = t.stocked(ours, "Olive Oil", "1 kg", "10").await;
    let recipe = t.recipe(ours, "Soap", &[(oil, "50 g")]).await;
    for into_product in [true, false] {
        let batch = t
            .commit(ours, async |tx| {
                batches::start(tx, batch_of(recipe, "1")).await
            })
            .await
            .id;
        let finish = Finish {
            batch,
            into: if into_product {
                Into::Product("Soap".parse().unwrap())
            } else {
                Into::Intermediate
            },
            amount: "1".parse().unwrap(),
            unit: unit("count"),
            expires_at: None,
        };
        let completing = join_all((0..6).map(|_| async {
            t.attempt(ours, async |tx| products::finish(tx, finish.clone()).await)
                .await
                .map(|_| ())
        }));
        let cancelling = join_all((0..3).map(|_| async {
            t.attempt(ours, async |tx| batches::cancel(tx, batch).await)
                .await
                .map(|_| ())
                .map_err(ProductError::from)
        }));
        let (completed, cancelled) = futures_util::future::join(completing, cancelling).await;
        let all: Vec<_> = completed.into_iter().chain(cancelled).collect();
        assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 1, "{all:?}");
        for lost in all.iter().filter_map(|done| done.as_ref().err()) {
            assert!(
                matches!(lost, ProductError::Batch(BatchError::NotInProgress { .. })),
                "{lost:?}"
            );
        }
    }
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_become_the_same_new_thing_share_it() {
    let (t, ours) = crowded().await;
    let oil = t.stocked(ours, "Olive Oil", "1 kg", "10").await;
    let recipe = t.recipe(ours, "Soap", &[(oil, "10 g")]).await;
    let mut batch_ids = vec![];
    for batch_type in [BatchType::Product, BatchType::Ingredient] {
        for _ in 0..12 {
            let start = batches::Start {
                batch_type,
                ..batch_of(recipe, "1")
            };
            batch_ids.push((
                batch_type,
                t.commit(ours, async |tx| batches::start(tx, start).await)
                    .await
                    .id,
            ));
        }
    }
    let finished = join_all(batch_ids.into_iter().map(|(batch_type, batch)| {
        let finish = Finish {
            batch,
            into: match batch_type {
                BatchType::Product => Into::Product("Lavender Soap".parse().unwrap()),
                BatchType::Ingredient => Into::Intermediate,
            },
            amount: "2".parse().unwrap(),
            unit: unit("count"),
            expires_at: None,
        };
        t.attempt(ours, async |tx| products::finish(tx, finish).await)
    }));
    let items: BTreeSet<ItemId> = finished
        .await
        .into_iter()
        .map(|done| done.unwrap().item)
        .collect();
    assert_eq!(items.len(), 2);
    for item in items {
        assert_eq!(t.on_hand(ours, item).await, (24_000_000, 1_200_000));
    }
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_among_receipts_and_sales_is_right_whichever_comes_first() {
    let (t, ours) = crowded().await;
    let oil = t.stocked(ours, "Olive Oil", "1 kg", "10").await;
    let received = (0..10).map(|_| async {
        let done = t.attempt(ours, async |tx| {
            inventory::receive(tx, receipt(oil, "1 kg", "1")).await
        });
        done.await.map(|_| ())
    });
    let counted = (0..10).map(|_| async {
        match t
            .take_out(ours, adjustment(oil, ActionKind::Recount, "0 kg"))
            .await
        {
            Ok(_) | Err(InventoryError::NothingToDo) => Ok(()),
            Err(error) => Err(error),
        }
    });
    let (received, counted) =
        futures_util::future::join(join_all(received), join_all(counted)).await;
    for done in received.into_iter().chain(counted) {
        done.unwrap();
    }
    let (quantity, value) = t.on_hand(ours, oil).await;
    assert_eq!((quantity % KG, value), (0, quantity / KG * 1_000_000));
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_created_once_and_its_sales_never_exceed_it() {
    let (t, ours) = crowded().await;
    let created = join_all((0..8).map(|_| {
        let new = NewProduct {
            name: "Soap".parse().unwrap(),
            category_id: None,
            sku: NewSku::each(),
        };
        t.attempt(ours, async |tx| products::create(tx, new).await)
    }));
    let (won, lost): (Vec<_>, Vec<_>) = created.await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(
        lost.iter()
            .all(|e| matches!(e, Err(ProductError::NameTaken { .. }))),
        "{lost:?}"
    );
    let (_, sku) = won.into_iter().next().unwrap().unwrap();
    let mut tx = t.begin(ours).await;
    let item = products::sku(&mut tx, sku).await.unwrap().unwrap().item.id;
    drop(tx);
    t.receive(ours, receipt(item, "5 count", "7.01")).await;
    let sold = join_all((0..9).map(|_| {
        let sale = products::Sale {
            sku,
            amount: "1".parse().unwrap(),
            unit: unit("count"),
            price: Some(money("3")),
            customer: None,
            order_number: None,
            note: String::new(),
        };
        t.attempt(ours, async |tx| products::sell(tx, sale).await)
    }));
    assert_eq!(sold.await.iter().filter(|done| done.is_ok()).count(), 5);
    assert_eq!(t.on_hand(ours, item).await, (0, 0));
}
