use batchtrack_core::{
    batches,
    inventory::{self, ActionKind, InventoryError, ItemType, Lot, Recorded},
    kernel::ids::{ActionId, ItemId, OrganizationId},
    organizations::CostingMethod,
};
use batchtrack_testkit::{TestDb, adjustment, money, receipt};
use chrono::Duration as Days;

const KG: i64 = 1_000_000_000;

/// Takes back an action, whatever it was.
pub(crate) async fn undo(
    t: &TestDb,
    ours: OrganizationId,
    action: ActionId,
) -> Result<Recorded, batches::BatchError> {
    t.attempt(ours, async |tx| batches::undo(tx, action).await)
        .await
}

pub(crate) fn held(lots: &[Lot]) -> Vec<(i64, i64)> {
    lots.iter()
        .map(|lot| (lot.quantity.get(), lot.value.get()))
        .collect()
}

pub(crate) async fn take(
    t: &TestDb,
    ours: OrganizationId,
    item: ItemId,
    kind: ActionKind,
    quantity: &str,
) -> Recorded {
    t.take_out(ours, adjustment(item, kind, quantity))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_a_lot_at_its_cost_and_its_own_explanation() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.item(ours, "Olive Oil", "kg").await;
    let came = t.clock.now() - Days::days(30);
    let mut parcel = receipt(oil, "2.5 kg", "12.34");
    parcel.received_at = Some(came);
    parcel.expires_at = Some(came + Days::days(90));
    parcel.supplier = Some("Northwind".to_owned());
    parcel.note = "the blue drum".to_owned();
    let done = t.receive(ours, parcel).await;
    assert_eq!(
        (done.quantity.get(), done.value.get()),
        (2_500_000_000, 12_340_000)
    );

    let lots = t.lots_of(ours, oil).await;
    let lot = lots.first().unwrap();
    assert_eq!(done.lots, [lot.id]);
    assert_eq!(lot.action_id, done.action);
    assert_eq!(
        (lot.received_quantity, lot.received_value),
        (lot.quantity, lot.value)
    );
    assert_eq!(
        (lot.received_at, lot.supplier.as_deref()),
        (came, Some("Northwind"))
    );
    assert!(
        lot.code.starts_with("LOT-") && lot.code.len() == 14,
        "{}",
        lot.code
    );
    assert_eq!(t.on_hand(ours, oil).await, (2_500_000_000, 12_340_000));

    let mut tx = t.begin(ours).await;
    let history = inventory::history(&mut tx, oil, None, 10).await.unwrap();
    let row = history.rows.first().unwrap();
    assert_eq!(
        (row.action.kind, row.action.note.as_str()),
        (ActionKind::Restock, "the blue drum")
    );
    assert_eq!(
        (row.action.effective_at, row.action.recorded_at),
        (came, t.clock.now())
    );
    assert_eq!(row.action.recorded_by, Some(t.owner_of(ours)));
    assert_eq!(
        (row.movement.quantity, row.movement.value),
        (lot.quantity, lot.value)
    );
    assert_eq!((&row.lot_code, row.undone_by), (&lot.code, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_taking_takes_the_oldest_and_can_be_undone_to_the_millionth() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.item(ours, "Olive Oil", "kg").await;
    t.receive(ours, receipt(oil, "1 kg", "10")).await;
    let mut older = receipt(oil, "1 kg", "3.33");
    older.received_at = Some(t.clock.now() - Days::days(1));
    t.receive(ours, older).await;
    let before = held(&t.lots_of(ours, oil).await);
    assert_eq!(
        before,
        [(KG, 3_330_000), (KG, 10_000_000)],
        "the older first, though it was entered last"
    );
    let mut tried = 0;
    for &kind in ActionKind::ALL {
        if kind.is_consumption() || kind.is_disposal() {
            tried += 1;
            let done = take(&t, ours, oil, kind, "1300 g").await;
            assert_eq!(
                (done.quantity.get(), done.value.get()),
                (1_300_000_000, 6_330_000),
                "{kind}"
            );
            assert_eq!(
                held(&t.lots_of(ours, oil).await),
                [(0, 0), (700_000_000, 7_000_000)],
                "{kind}"
            );
            undo(&t, ours, done.action).await.unwrap();
            assert_eq!(held(&t.lots_of(ours, oil).await), before, "{kind}");
        } else {
            let refused = t.take_out(ours, adjustment(oil, kind, "1 kg")).await;
            let expected = kind == ActionKind::Recount;
            assert_eq!(
                !matches!(refused, Err(InventoryError::WrongKind { .. })),
                expected,
                "{kind}"
            );
        }
    }
    assert_eq!(tried, 11);
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_thrown_away_but_never_used() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let milk = t.item(ours, "Milk", "l").await;
    let mut sour = receipt(milk, "1 l", "1");
    sour.received_at = Some(t.clock.now() - Days::days(9));
    sour.expires_at = Some(t.clock.now());
    t.receive(ours, sour).await;
    t.receive(ours, receipt(milk, "1 l", "2")).await;
    let refused = t
        .take_out(ours, adjustment(milk, ActionKind::Use, "1.5 l"))
        .await;
    let Err(InventoryError::Short {
        available,
        wanted,
        unit,
        ..
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(
        (available.as_str(), wanted.as_str(), unit.as_str()),
        ("1", "1.5", "liter")
    );
    assert_eq!(
        take(&t, ours, milk, ActionKind::Use, "1 l").await.value,
        money("2")
    );
    let mut tx = t.begin(ours).await;
    let expired = inventory::expired_quantities(&mut tx, vec![milk])
        .await
        .unwrap();
    assert_eq!(expired.get(&milk).unwrap().get(), 1_000_000_000);
    drop(tx);
    assert_eq!(
        take(&t, ours, milk, ActionKind::Expired, "1 l").await.value,
        money("1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_brings_or_takes_the_difference() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.stocked(ours, "Olive Oil", "3 kg", "10").await;
    let count = async |quantity: &str| {
        t.take_out(ours, adjustment(oil, ActionKind::Recount, quantity))
            .await
    };

    let up = count("4 kg").await.unwrap();
    assert_eq!(
        (up.quantity.get(), up.value.get()),
        (KG, 3_333_333),
        "at the average cost, rounded"
    );
    assert_eq!(t.on_hand(ours, oil).await, (4 * KG, 13_333_333));
    assert!(matches!(
        count("4000 g").await,
        Err(InventoryError::NothingToDo)
    ));
    let down = count("3.5 kg").await.unwrap();
    assert_eq!(
        (down.quantity.get(), down.value.get()),
        (500_000_000, 1_666_666)
    );
    let nothing = count("0 kg").await.unwrap();
    assert_eq!(
        (nothing.quantity.get(), nothing.value.get()),
        (3_500_000_000, 11_666_667)
    );
    assert_eq!(t.on_hand(ours, oil).await, (0, 0));
    assert!(matches!(
        count("0 kg").await,
        Err(InventoryError::NothingToDo)
    ));
    assert!(matches!(
        count("-1 kg").await,
        Err(InventoryError::NotPositive)
    ));

    for action in [nothing.action, down.action, up.action] {
        undo(&t, ours, action).await.unwrap();
    }
    assert_eq!(t.on_hand(ours, oil).await, (3 * KG, 10_000_000));
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_is_refused_with_the_reason_while_something_depends_on_it() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.item(ours, "Olive Oil", "kg").await;
    let came = t.receive(ours, receipt(oil, "1 kg", "10")).await;
    let used = take(&t, ours, oil, ActionKind::Use, "400 g").await;
    let code = t.lots_of(ours, oil).await.first().unwrap().code.clone();
    let refused = undo(&t, ours, came.action).await;
    let Err(batches::BatchError::Inventory(InventoryError::Depended { lot, action })) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((lot, action), (code, used.action));

    let back = undo(&t, ours, used.action).await.unwrap();
    assert_eq!((back.quantity, back.value), (used.quantity, used.value));
    let again = undo(&t, ours, used.action).await;
    assert!(matches!(
        again,
        Err(batches::BatchError::Inventory(
            InventoryError::AlreadyUndone
        ))
    ));
    let undo_of_undo = undo(&t, ours, back.action).await;
    assert!(matches!(
        undo_of_undo,
        Err(batches::BatchError::Inventory(InventoryError::IsReversal))
    ));
    undo(&t, ours, came.action).await.unwrap();
    assert_eq!(t.on_hand(ours, oil).await, (0, 0));

    let mut tx = t.begin(ours).await;
    let history = inventory::history(&mut tx, oil, None, 10)
        .await
        .unwrap()
        .rows;
    let undone: Vec<_> = history
        .iter()
        .map(|row| (row.action.id, row.undone_by))
        .collect();
    assert_eq!(undone[2], (used.action, Some(back.action)));
    assert!(undone[3].1.is_some() && undone[0].1.is_none());
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_method_of_the_organisation_says_which_lot_and_what_cost() {
    for (method, out) in [
        (
            CostingMethod::Fifo,
            [(0, 0), (KG, 2_000_000), (KG, 4_000_000)],
        ),
        (
            CostingMethod::Fefo,
            [(KG, 1_000_000), (KG, 2_000_000), (0, 0)],
        ),
        (CostingMethod::Average, [(0, 0), (KG, 0), (KG, 0)]),
    ] {
        let t = TestDb::new().await;
        let ours = t.organization("Acme").await;
        t.costing_method(ours, method).await;
        let oil = t.item(ours, "Olive Oil", "kg").await;
        for (day, cost, expires) in [(1, "1", Some(90)), (2, "2", None), (3, "4", Some(60))] {
            let mut parcel = receipt(oil, "1 kg", cost);
            parcel.received_at = Some(t.clock.now() - Days::days(10 - day));
            parcel.expires_at = expires.map(|days| t.clock.now() + Days::days(days));
            t.receive(ours, parcel).await;
        }
        let used = take(&t, ours, oil, ActionKind::Use, "1 kg").await;
        assert_eq!(held(&t.lots_of(ours, oil).await), out, "{method}");
        let value = match method {
            CostingMethod::Fifo => 1_000_000,
            CostingMethod::Fefo => 4_000_000,
            CostingMethod::Average => 2_333_333,
        };
        assert_eq!(used.value.get(), value, "{method}");
        assert_eq!(
            t.on_hand(ours, oil).await,
            (2 * KG, 7_000_000 - value),
            "{method}"
        );
        assert_eq!(t.discrepancies(ours).await, [], "{method}");
        undo(&t, ours, used.action).await.unwrap();
        assert_eq!(t.on_hand(ours, oil).await, (3 * KG, 7_000_000), "{method}");
    }
}

/// Whoever changes stock adds to a sum that nobody holds, and waits for none.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_the_sums_and_they_are_right() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut items = vec![];
    for name in ["Oil", "Lye", "Water"] {
        items.push(t.item(ours, name, "g").await);
    }
    let sums = async || {
        let mut tx = t.begin(ours).await;
        let sums = inventory::totals(&mut tx).await.unwrap();
        (sums.items, sums.low, sums.value.get())
    };
    assert_eq!(sums().await, (3, 0, 0));
    let mut open = vec![];
    for item in items.iter().take(2) {
        let mut tx = t.begin(ours).await;
        inventory::receive(&mut tx, receipt(*item, "1 g", "2"))
            .await
            .unwrap();
        inventory::receive(&mut tx, receipt(*item, "1 g", "2"))
            .await
            .unwrap();
        open.push(tx);
    }
    let third = t.receive(ours, receipt(items[2], "1 g", "1"));
    tokio::time::timeout(std::time::Duration::from_secs(4), third)
        .await
        .expect("it waits for nobody");
    assert_eq!(sums().await, (3, 0, 1_000_000));
    // One is kept, the other is as if it had never been.
    open.pop().unwrap().commit().await.unwrap();
    drop(open);
    assert_eq!(sums().await, (3, 0, 5_000_000));

    let mut change = inventory::ItemChange {
        name: "Oil".parse().unwrap(),
        item_type: ItemType::Packaging,
        unit: batchtrack_testkit::unit("g"),
        density: None,
        category_id: None,
        low_stock_threshold: Some("9".parse().unwrap()),
        shelf_life_days: None,
        notes: String::new(),
    };
    t.commit(ours, async |tx| {
        inventory::update_item(tx, items[0], change.clone()).await
    })
    .await;
    assert_eq!(sums().await, (3, 1, 5_000_000));
    change.low_stock_threshold = None;
    t.commit(ours, async |tx| {
        inventory::update_item(tx, items[0], change).await
    })
    .await;
    t.commit(ours, async |tx| inventory::archive_item(tx, items[0]).await)
        .await;
    assert_eq!(sums().await, (2, 0, 5_000_000));
    assert_eq!(t.discrepancies(ours).await, []);
    // What comes back brings its item out of the archive.
    t.commit(ours, async |tx| inventory::restore_item(tx, items[0]).await)
        .await;
    assert_eq!(sums().await, (3, 0, 5_000_000));
    assert_eq!(t.discrepancies(ours).await, []);
}
