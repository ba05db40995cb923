//! Lists hand out every row once, in order, a page at a time.
mod search;

use batchtrack_core::{
    batches::{self, BatchFilter, BatchStatus},
    inventory::{self, ActionKind, ItemFilter, ItemType},
    kernel::{Cursor, Page, Quantity, ids::MovementId},
    products::{self, NewProduct, NewSku},
    recipes::{self, RecipeFilter},
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, ingredient, receipt, unit};
use chrono::Duration as Days;

/// Asks for pages of `limit` until there is no next one.
async fn all<T>(limit: usize, mut page: impl AsyncFnMut(Option<Cursor>) -> Page<T>) -> Vec<T> {
    let (mut rows, mut after) = (vec![], None);
    loop {
        let mut next = page(after).await;
        let full = next.rows.len() == limit;
        rows.append(&mut next.rows);
        after = next.next;
        if after.is_none() {
            return rows;
        }
        assert!(full, "only the last page may be shorter");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn items_come_by_name_and_answer_to_every_filter() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let names = [
        "beeswax",
        "Almond Oil",
        "almond oil 100%",
        "Zinc",
        "Æther",
        "almond_butter",
        "Clay",
    ];
    let mut ids = vec![];
    for name in names {
        ids.push(t.item(ours, name, "g").await);
    }
    t.receive(ours, receipt(ids[0], "10 g", "1")).await;
    t.commit(ours, async |tx| inventory::archive_item(tx, ids[3]).await)
        .await;
    let mut box_ = ingredient("Box", "count");
    box_.item_type = ItemType::Packaging;
    box_.low_stock_threshold = Some(Quantity::micros(5_000_000));
    t.commit(ours, async |tx| inventory::create_item(tx, box_).await)
        .await;

    let mut tx = t.begin(ours).await;
    let mut list = async |filter: ItemFilter| {
        let items = all(2, async |after| {
            inventory::items(&mut tx, &filter, after.as_ref(), 2)
                .await
                .unwrap()
        })
        .await;
        items.into_iter().map(|item| item.name).collect::<Vec<_>>()
    };
    let none = ItemFilter::default;
    let everything = [
        "Almond Oil",
        "almond oil 100%",
        "almond_butter",
        "beeswax",
        "Box",
        "Clay",
        "Æther",
    ];
    assert_eq!(list(none()).await, everything);
    assert_eq!(
        list(ItemFilter {
            archived: true,
            ..none()
        })
        .await,
        ["Zinc"]
    );
    assert_eq!(
        list(ItemFilter {
            hide_empty: true,
            ..none()
        })
        .await,
        ["beeswax"]
    );
    assert_eq!(
        list(ItemFilter {
            low_only: true,
            ..none()
        })
        .await,
        ["Box"]
    );
    assert_eq!(
        list(ItemFilter {
            item_type: Some(ItemType::Packaging),
            ..none()
        })
        .await,
        ["Box"]
    );
    assert_eq!(
        list(ItemFilter {
            category_id: Some(-1),
            ..none()
        })
        .await,
        [""; 0]
    );
    let search = |text: &str| ItemFilter {
        search: Some(text.to_owned()),
        ..none()
    };
    assert_eq!(
        list(search("ALMOND")).await,
        ["Almond Oil", "almond oil 100%", "almond_butter"]
    );
    assert_eq!(
        list(search("%")).await,
        ["almond oil 100%"],
        "a sign, not a wildcard"
    );
    assert_eq!(list(search("_")).await, ["almond_butter"]);
    assert_eq!(list(search("\\")).await, [""; 0]);

    let found = inventory::search(&mut tx, "oil", None, 10).await.unwrap();
    let found: Vec<_> = found.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(
        found,
        ["Almond Oil", "almond oil 100%"],
        "the shortest first"
    );
    let packaging = inventory::search(&mut tx, "o", Some(ItemType::Packaging), 10)
        .await
        .unwrap();
    assert_eq!(packaging.len(), 1);
    let low = inventory::low_stock(&mut tx, 10).await.unwrap();
    assert_eq!(low.len(), 1);
    let totals = inventory::totals(&mut tx).await.unwrap();
    assert_eq!(
        (totals.items, totals.low, totals.value.get()),
        (7, 1, 1_000_000)
    );
    assert_eq!(
        inventory::item_by_name(&mut tx, "BEESWAX")
            .await
            .unwrap()
            .unwrap()
            .id,
        ids[0]
    );
    let bearers = inventory::items_by_names(&mut tx, ["Clay", "CLAY", "nothing"])
        .await
        .unwrap();
    assert_eq!(bearers.keys().collect::<Vec<_>>(), ["clay"]);
    inventory::categories(&mut tx).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn lots_come_as_they_will_be_used_and_history_the_newest_first() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.item(ours, "Olive Oil", "g").await;
    for day in [3, 1, 2, 1, 5] {
        let mut parcel = receipt(oil, "10 g", "1");
        parcel.received_at = Some(t.clock.now() - Days::days(day));
        t.receive(ours, parcel).await;
    }
    t.take_out(ours, adjustment(oil, ActionKind::Use, "15 g"))
        .await
        .unwrap();

    let mut tx = t.begin(ours).await;
    for (with_empty, expected) in [(false, 4), (true, 5)] {
        let mut lots = vec![];
        loop {
            let after = lots.last().map(|lot: &inventory::Lot| lot.id);
            let page = inventory::lots(&mut tx, oil, with_empty, after, 2)
                .await
                .unwrap();
            if page.is_empty() {
                break;
            }
            lots.extend(page);
        }
        assert_eq!(lots.len(), expected);
        assert!(lots.is_sorted_by_key(|lot| (lot.received_at, lot.id)));
    }
    let rows = all(2, async |before: Option<Cursor>| {
        let before = before.map(|cursor| MovementId::new(cursor.id));
        inventory::history(&mut tx, oil, before, 2).await.unwrap()
    });
    let rows = rows.await;
    assert_eq!(rows.len(), 7, "five lots came and two were taken from");
    assert!(rows.is_sorted_by(|a, b| a.movement.id > b.movement.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn recipes_batches_and_products_come_a_page_at_a_time() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.stocked(ours, "Olive Oil", "100 g", "1").await;
    let mut recipes_made = vec![];
    for name in ["Soap", "balm", "Candle", "Bath salt", "100% pure"] {
        recipes_made.push(t.recipe(ours, name, &[(oil, "1 g")]).await);
        let new = NewProduct {
            name: name.parse().unwrap(),
            category_id: None,
            sku: NewSku::each(),
        };
        t.commit(ours, async |tx| products::create(tx, new).await)
            .await;
    }
    let mut batch_ids = vec![];
    for recipe in [0, 0, 1, 0, 2] {
        let start = batch_of(recipes_made[recipe], "1");
        batch_ids.push(
            t.commit(ours, async |tx| batches::start(tx, start).await)
                .await
                .id,
        );
    }
    t.commit(ours, async |tx| {
        batches::fail(tx, batch_ids[4], "burnt".to_owned()).await
    })
    .await;

    let mut tx = t.begin(ours).await;
    let sorted = ["100% pure", "balm", "Bath salt", "Candle", "Soap"];
    let mut filter = RecipeFilter::default();
    let list = all(2, async |after| {
        recipes::list(&mut tx, &filter, after.as_ref(), 2)
            .await
            .unwrap()
    })
    .await;
    assert_eq!(
        list.iter()
            .map(|r| r.recipe.name.as_str())
            .collect::<Vec<_>>(),
        sorted
    );
    let soap = list.last().unwrap();
    assert_eq!(
        (
            soap.lines,
            soap.batches,
            soap.category.as_str(),
            soap.prefix.as_str()
        ),
        (1, 3, "Uncategorized", "SOA")
    );
    filter.search = Some("BA".to_owned());
    let found = recipes::list(&mut tx, &filter, None, 9).await.unwrap().rows;
    assert_eq!(found.len(), 2);
    filter.archived = true;
    assert!(
        recipes::list(&mut tx, &filter, None, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );

    let list = all(2, async |after| {
        products::list(&mut tx, None, after.as_ref(), 2)
            .await
            .unwrap()
    })
    .await;
    assert_eq!(
        list.iter()
            .map(|p| p.product.name.as_str())
            .collect::<Vec<_>>(),
        sorted
    );
    assert_eq!(
        (list[0].skus, list[0].low, list[0].counted),
        (1, 1, 0),
        "an empty SKU is low"
    );
    let found = products::list(&mut tx, Some("100%"), None, 9)
        .await
        .unwrap()
        .rows;
    assert_eq!(found.len(), 1);
    assert_eq!(products::search(&mut tx, "base", 3).await.unwrap().len(), 3);
    assert_eq!(products::skus(&mut tx, None, 100).await.unwrap().len(), 5);
    assert!(
        products::low_stock(&mut tx, 1_000_000, 10)
            .await
            .unwrap()
            .is_empty(),
        "none has a threshold"
    );

    let mut filter = BatchFilter::default();
    let list = all(2, async |after| {
        batches::list(&mut tx, &filter, after.as_ref(), 2)
            .await
            .unwrap()
    })
    .await;
    let newest_first: Vec<_> = batch_ids.iter().rev().copied().collect();
    assert_eq!(list.iter().map(|b| b.id).collect::<Vec<_>>(), newest_first);
    filter.status = Some(BatchStatus::InProgress);
    filter.recipe = Some(recipes_made[0]);
    assert_eq!(
        batches::list(&mut tx, &filter, None, 9)
            .await
            .unwrap()
            .rows
            .len(),
        3
    );
    let (in_progress, completed, value) = batches::counts(&mut tx, batch_ids[0]).await.unwrap();
    assert_eq!((in_progress, completed, value.get()), (4, 0, 40_000));
    let label = &list[0].label;
    assert_eq!(
        batches::batch_by_label(&mut tx, label)
            .await
            .unwrap()
            .unwrap()
            .id,
        batch_ids[4]
    );
    let held = batches::availability(&mut tx, recipes_made[0], "200".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (held[0].is_sufficient, held[0].available.to_string()),
        (Some(false), "95".to_owned())
    );
    assert_eq!(unit("g").name, held[0].unit);
}
