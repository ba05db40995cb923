//! Bad input is refused by name, changes nothing, and never becomes the database's problem.
use batchtrack_core::{
    batches::{self, BatchError},
    inventory::{self, ActionKind, CostEntry, InventoryError, Receipt},
    kernel::{
        Fault as _, Kind, Money, Quantity,
        ids::{ItemId, OrganizationId},
        units::ConversionError,
    },
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, receipt, unit};
use chrono::{DateTime, Duration as Days, Utc};

async fn refused(t: &TestDb, ours: OrganizationId, receipt: Receipt) -> InventoryError {
    t.attempt(ours, async |tx| inventory::receive(tx, receipt).await)
        .await
        .unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_can_not_be_true_is_refused() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.item(ours, "Olive Oil", "g").await;
    let now = t.clock.now();
    let good = || receipt(oil, "1 g", "1");

    for quantity in ["0 g", "-1 g"] {
        assert!(matches!(
            refused(&t, ours, receipt(oil, quantity, "1")).await,
            InventoryError::NotPositive
        ));
    }
    let cents = CostEntry::Total(Money::micros(-1));
    assert!(matches!(
        refused(
            &t,
            ours,
            Receipt {
                cost: cents,
                ..good()
            }
        )
        .await,
        InventoryError::NegativeCost
    ));
    let rounds_to_nothing = Receipt {
        cost: CostEntry::PerUnit(Money::micros(-1)),
        ..receipt(oil, "0.1 g", "0")
    };
    assert!(matches!(
        refused(&t, ours, rounds_to_nothing).await,
        InventoryError::NegativeCost
    ));
    assert!(matches!(
        refused(&t, ours, receipt(oil, "0.0004 mg", "1")).await,
        InventoryError::TooSmall
    ));
    let litre = refused(&t, ours, receipt(oil, "1 l", "1")).await;
    assert!(matches!(
        litre,
        InventoryError::Conversion {
            source: ConversionError::MissingDensity,
            ..
        }
    ));
    assert_eq!(litre.code(), "inventory.missing_density");
    let pieces = refused(&t, ours, receipt(oil, "1 count", "1")).await;
    assert!(matches!(
        pieces,
        InventoryError::Conversion {
            source: ConversionError::Unsupported { .. },
            ..
        }
    ));

    let future = Receipt {
        received_at: Some(now + Days::microseconds(1)),
        ..good()
    };
    assert!(matches!(
        refused(&t, ours, future).await,
        InventoryError::InTheFuture
    ));
    let spoilt = Receipt {
        expires_at: Some(now),
        ..good()
    };
    assert!(matches!(
        refused(&t, ours, spoilt).await,
        InventoryError::ExpiresBeforeReceipt
    ));
    let old = Receipt {
        received_at: Some(DateTime::<Utc>::MIN_UTC),
        ..good()
    };
    assert!(matches!(
        refused(&t, ours, old).await,
        InventoryError::BadDate
    ));
    let far = Receipt {
        expires_at: Some(DateTime::<Utc>::MAX_UTC),
        ..good()
    };
    assert!(matches!(
        refused(&t, ours, far).await,
        InventoryError::BadDate
    ));
    for &kind in ActionKind::ALL.iter().filter(|kind| !kind.is_addition()) {
        assert!(
            matches!(
                refused(&t, ours, Receipt { kind, ..good() }).await,
                InventoryError::WrongKind { .. }
            ),
            "{kind}"
        );
    }
    let stranger = Receipt {
        item: ItemId::new(oil.get() + 1),
        ..good()
    };
    assert!(matches!(
        refused(&t, ours, stranger).await,
        InventoryError::NoItem
    ));

    // One of several that is wrong stops them all, and says which it was.
    let work = async |tx: &mut _| {
        inventory::receive_many(tx, vec![good(), good(), receipt(oil, "0 g", "1")]).await
    };
    let mut tx = t.begin(ours).await;
    let (which, error) = work(&mut tx).await.unwrap_err();
    assert!(matches!((which, error), (2, InventoryError::NotPositive)));
    drop(tx);
    assert_eq!(t.lots_of(ours, oil).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_numbers_there_are_fit_or_are_refused() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let most = |item| Receipt {
        amount: Quantity::micros(i64::MAX),
        cost: CostEntry::Total(Money::micros(i64::MAX)),
        ..receipt(item, "1 count", "0")
    };
    let gold = t.item(ours, "Gold", "count").await;
    let sand = t.item(ours, "Sand", "count").await;
    for item in [gold, sand] {
        // The very largest stands for "does not fit"; one less is a number.
        let Receipt { amount, cost, .. } = most(item);
        assert_eq!(
            (amount.get(), cost),
            (i64::MAX, CostEntry::Total(Money::micros(i64::MAX)))
        );
        assert!(matches!(
            refused(&t, ours, most(item)).await,
            InventoryError::TooLarge
        ));
        let less = Receipt {
            amount: Quantity::micros(i64::MAX - 1),
            cost: CostEntry::Total(Money::micros(i64::MAX - 1)),
            ..most(item)
        };
        t.receive(ours, less).await;
        for more in [
            receipt(item, "0.000001 count", "1"),
            receipt(item, "1 count", "0"),
        ] {
            let more = refused(
                &t,
                ours,
                Receipt {
                    amount: Quantity::micros(2),
                    ..more
                },
            )
            .await;
            assert!(matches!(more, InventoryError::TooLarge));
        }
    }
    let dozens = Receipt {
        unit: unit("dozen"),
        ..most(gold)
    };
    let dozens = refused(&t, ours, dozens).await;
    assert!(matches!(
        dozens,
        InventoryError::Conversion {
            source: ConversionError::TooLarge,
            ..
        }
    ));
    let each = Receipt {
        cost: CostEntry::PerUnit(Money::micros(i64::MAX)),
        ..receipt(gold, "2 count", "0")
    };
    assert!(matches!(
        refused(&t, ours, each).await,
        InventoryError::TooLarge
    ));

    let mut tx = t.begin(ours).await;
    assert_eq!(
        inventory::totals(&mut tx).await.unwrap().value.get(),
        i64::MAX,
        "as much as can be said"
    );
    inventory::items(&mut tx, &inventory::ItemFilter::default(), None, 10)
        .await
        .unwrap();
    inventory::history(&mut tx, gold, None, 10).await.unwrap();
    drop(tx);
    let all = t
        .recipe(
            ours,
            "All",
            &[(gold, "5000000000000 count"), (sand, "5000000000000 count")],
        )
        .await;
    for scale in ["1", "1000"] {
        let start = batch_of(all, scale);
        let done = t
            .attempt(ours, async |tx| batches::start(tx, start).await)
            .await;
        let error = done.unwrap_err();
        assert!(
            matches!(error.kind(), Kind::Invalid | Kind::Conflict),
            "{scale}: {error:?}"
        );
    }
    let out = t
        .take_out(
            ours,
            adjustment(gold, ActionKind::Use, "9000000000000 count"),
        )
        .await
        .unwrap();
    assert_eq!(t.discrepancies(ours).await, []);
    crate::inventory::undo(&t, ours, out.action).await.unwrap();
    let down = t
        .take_out(
            ours,
            adjustment(gold, ActionKind::Recount, "0.000001 count"),
        )
        .await
        .unwrap();
    assert_eq!(down.quantity.get(), i64::MAX - 2);
    t.receive(ours, receipt(gold, "0.000001 count", "9000000000000"))
        .await;
    let up = t
        .take_out(
            ours,
            adjustment(gold, ActionKind::Recount, "9000000000000 count"),
        )
        .await;
    assert!(
        matches!(up, Ok(_) | Err(InventoryError::TooLarge)),
        "{up:?}"
    );
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_makes_too_much_of_one_thing_is_refused() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.stocked(ours, "Olive Oil", "1 g", "1").await;
    let soap = t.recipe(ours, "Soap", &[(oil, "1 g")]).await;
    let id = t
        .commit(ours, async |tx| {
            batches::start(tx, batch_of(soap, "1")).await
        })
        .await
        .id;
    let bar = t.item(ours, "Bar", "count").await;
    let line = || batches::OutputLine {
        item: bar,
        amount: Quantity::micros(i64::MAX / 2 + 7),
        unit: unit("count"),
        weight: 1,
    };
    let both = batches::Completion {
        batch: id,
        outputs: vec![line(), line()],
        expires_at: None,
    };
    let done = t
        .attempt(ours, async |tx| batches::complete(tx, both).await)
        .await;
    assert!(
        matches!(done, Err(BatchError::Inventory(InventoryError::TooLarge))),
        "{done:?}"
    );
    let spoilt = batches::Completion {
        batch: id,
        outputs: vec![line()],
        expires_at: Some(t.clock.now()),
    };
    let done = t
        .attempt(ours, async |tx| batches::complete(tx, spoilt).await)
        .await;
    assert!(
        matches!(
            done,
            Err(BatchError::Inventory(InventoryError::ExpiresBeforeReceipt))
        ),
        "{done:?}"
    );
    let far = batches::Completion {
        batch: id,
        outputs: vec![line()],
        expires_at: Some(DateTime::<Utc>::MAX_UTC),
    };
    let done = t
        .attempt(ours, async |tx| batches::complete(tx, far).await)
        .await;
    assert!(
        matches!(done, Err(BatchError::Inventory(InventoryError::BadDate))),
        "{done:?}"
    );
}
