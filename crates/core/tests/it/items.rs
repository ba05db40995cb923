//! What an item costs, is called and is written in.
use crate::inventory::{held, take};
use batchtrack_core::{
    inventory::{self, ActionKind, CostEntry, InventoryError, Item, ItemChange, ItemType},
    kernel::Quantity,
};
use batchtrack_testkit::{TestDb, ingredient, money, receipt, unit};
use chrono::Duration as Days;

const KG: i64 = 1_000_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_cost_is_written_for_all_for_one_or_as_before() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.item(ours, "Olive Oil", "kg").await;
    let cost = async |quantity: &str, cost: CostEntry| {
        let receipt = inventory::Receipt {
            cost,
            ..receipt(oil, quantity, "0")
        };
        t.receive(ours, receipt).await.value
    };
    assert_eq!(
        cost("1 kg", CostEntry::AsBefore).await,
        money("0"),
        "nobody knows"
    );
    assert_eq!(cost("1 kg", CostEntry::Total(money("5"))).await, money("5"));
    assert_eq!(
        cost("2 lb", CostEntry::PerUnit(money("1.25"))).await,
        money("2.50")
    );
    take(&t, ours, oil, ActionKind::Recount, "0 kg").await;
    assert_eq!(
        cost("1 lb", CostEntry::AsBefore).await,
        money("1.25"),
        "as the last lot"
    );
    assert_eq!(
        cost("2 lb", CostEntry::AsBefore).await,
        money("2.50"),
        "as what is there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_rewritten_and_put_away_without_touching_its_lots() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.stocked(ours, "Olive Oil", "3 kg", "10").await;
    let change = ItemChange {
        name: "Extra Virgin".parse().unwrap(),
        item_type: ItemType::Consumable,
        unit: unit("lb"),
        density: "0.915".parse().ok(),
        category_id: None,
        low_stock_threshold: Some(Quantity::micros(4 * KG)),
        shelf_life_days: Some(30),
        notes: "keep dark".to_owned(),
    };
    t.commit(ours, async |tx| {
        inventory::update_item(tx, oil, change.clone()).await
    })
    .await;
    let item = t.item_now(ours, oil).await;
    assert_eq!(
        (item.name.as_str(), item.unit.as_str(), item.item_type),
        ("Extra Virgin", "pound", ItemType::Consumable)
    );
    assert!(item.is_low());
    assert_eq!(held(&t.lots_of(ours, oil).await), [(3 * KG, 10_000_000)]);
    assert_eq!(item.written(item.quantity).to_string(), "6.613873");

    let came = t.receive(ours, receipt(oil, "1 lb", "1")).await;
    let lots = t.lots_of(ours, oil).await;
    let lot = lots.iter().find(|lot| came.lots == [lot.id]).unwrap();
    assert_eq!(
        lot.expires_at,
        Some(t.clock.now() + Days::days(30)),
        "by its shelf life"
    );

    let kept = t
        .attempt(ours, async |tx| inventory::archive_item(tx, oil).await)
        .await;
    assert!(matches!(kept, Err(InventoryError::HasStock { .. })));
    take(&t, ours, oil, ActionKind::Recount, "0 g").await;
    t.commit(ours, async |tx| inventory::archive_item(tx, oil).await)
        .await;
    let refused = t
        .attempt(ours, async |tx| {
            inventory::receive(tx, receipt(oil, "1 g", "0")).await
        })
        .await;
    assert!(matches!(refused, Err(InventoryError::Archived { .. })));
    let mut wanted = ingredient("extra virgin", "g");
    wanted.item_type = ItemType::Consumable;
    let found = t
        .commit(ours, async |tx| {
            inventory::find_or_create_item(tx, wanted.clone()).await
        })
        .await;
    assert_eq!(
        (found.id, found.archived_at),
        (oil, None),
        "found by its name and taken out of the archive"
    );
    t.commit(ours, async |tx| inventory::archive_item(tx, oil).await)
        .await;
    t.commit(ours, async |tx| inventory::restore_item(tx, oil).await)
        .await;
    t.receive(ours, receipt(oil, "1 g", "0")).await;

    let other = t
        .commit(ours, async |tx| {
            inventory::find_or_create_item(tx, ingredient("Water", "l")).await
        })
        .await;
    assert_ne!(other.id, oil);
    let taken = t.attempt(ours, async |tx| {
        inventory::update_item(
            tx,
            other.id,
            ItemChange {
                unit: unit("ml"),
                ..change
            },
        )
        .await
    });
    assert!(
        matches!(taken.await, Err(InventoryError::NameTaken { name }) if name == "Extra Virgin")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_people_who_try_things_are_just_names() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    for name in [
        "🧼",
        "'; DROP TABLE inventory_lots; --",
        "%_\\",
        "İstanbul",
        "ﬀ",
        "a\u{301}",
    ] {
        let id = t.item(ours, name, "g").await;
        let mut tx = t.begin(ours).await;
        assert_eq!(
            inventory::item_by_name(&mut tx, name)
                .await
                .unwrap()
                .unwrap()
                .id,
            id,
            "{name}"
        );
        assert_eq!(
            inventory::search(&mut tx, name, None, 10)
                .await
                .unwrap()
                .len(),
            1,
            "{name}"
        );
        let named = inventory::items_by_names(&mut tx, [name]).await.unwrap();
        assert_eq!(named.len(), 1, "{name}");
        drop(tx);
        let again = t
            .attempt(ours, async |tx| {
                inventory::create_item(tx, ingredient(name, "g")).await
            })
            .await;
        assert!(
            matches!(again, Err(InventoryError::NameTaken { .. })),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_of_one_item_at_once_are_both_kept() {
    let t = TestDb::with_pool(4).await;
    let ours = t.organization("Acme").await;
    let oil = t.item(ours, "Olive Oil", "kg").await;
    let darker = |item: &Item| {
        Ok::<_, InventoryError>(ItemChange {
            notes: "keep dark".to_owned(),
            ..as_it_is(item)
        })
    };
    let shorter = |item: &Item| {
        Ok::<_, InventoryError>(ItemChange {
            shelf_life_days: Some(30),
            ..as_it_is(item)
        })
    };
    let mut first = t.begin(ours).await;
    inventory::update_item_with(&mut first, oil, darker)
        .await
        .unwrap();
    // The second one looks at the item while the first is not through.
    let second = t.commit(ours, async |tx| {
        inventory::update_item_with(tx, oil, shorter).await
    });
    let finish = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        first.commit().await.unwrap();
    };
    futures_util::future::join(second, finish).await;
    let item = t.item_now(ours, oil).await;
    assert_eq!(
        (item.notes.as_str(), item.shelf_life_days),
        ("keep dark", Some(30))
    );
}

/// A change that changes nothing.
fn as_it_is(item: &Item) -> ItemChange {
    ItemChange {
        name: item.name.parse().unwrap(),
        item_type: item.item_type,
        unit: item.unit(),
        density: item.density,
        category_id: item.category_id,
        low_stock_threshold: item.low_stock_threshold,
        shelf_life_days: item.shelf_life_days,
        notes: item.notes.clone(),
    }
}
