use crate::inventory::undo;
use batchtrack_core::{
    batches::{self, BatchError, BatchStatus, BatchType, Completion, OutputLine, Start},
    inventory::{self, ActionKind, InventoryError, Lot},
    kernel::{
        Money, Quantity,
        ids::{BatchId, ItemId, OrganizationId, RecipeId},
    },
    recipes::RecipeStatus,
};
use batchtrack_testkit::{TestDb, adjustment, batch_of, recipe, unit};

struct Kitchen {
    t: TestDb,
    ours: OrganizationId,
    oil: ItemId,
    lye: ItemId,
    soap: RecipeId,
}

async fn kitchen() -> Kitchen {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let oil = t.stocked(ours, "Olive Oil", "1 kg", "10").await;
    let lye = t.stocked(ours, "Lye", "500 g", "3.33").await;
    let soap = t
        .recipe(ours, "Soap", &[(oil, "300 g"), (lye, "70 g")])
        .await;
    Kitchen {
        t,
        ours,
        oil,
        lye,
        soap,
    }
}

impl Kitchen {
    async fn start(&self, scale: &str) -> BatchId {
        let start = batch_of(self.soap, scale);
        self.t
            .commit(self.ours, async |tx| batches::start(tx, start).await)
            .await
            .id
    }

    async fn complete(
        &self,
        batch: BatchId,
        outputs: &[(ItemId, &str, i64)],
    ) -> Result<inventory::Recorded, BatchError> {
        let completion = Completion {
            batch,
            outputs: outputs
                .iter()
                .map(|&(item, amount, weight)| OutputLine {
                    item,
                    amount: amount.parse().unwrap(),
                    unit: unit("count"),
                    weight,
                })
                .collect(),
            expires_at: None,
        };
        self.t
            .attempt(self.ours, async |tx| {
                batches::complete(tx, completion).await
            })
            .await
    }

    async fn batch(&self, id: BatchId) -> batches::Batch {
        let mut tx = self.t.begin(self.ours).await;
        batches::batch(&mut tx, id).await.unwrap().unwrap()
    }

    async fn last(&self, id: BatchId) -> Option<inventory::Action> {
        let mut tx = self.t.begin(self.ours).await;
        batches::last_step(&mut tx, id).await.unwrap()
    }

    async fn shelf(&self) -> Vec<Lot> {
        let mut lots = self.t.lots_of(self.ours, self.oil).await;
        lots.extend(self.t.lots_of(self.ours, self.lye).await);
        lots
    }

    async fn sound(&self) {
        assert_eq!(self.t.discrepancies(self.ours).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_every_line_at_once_and_its_lots_carry_what_went_in() {
    let k = kitchen().await;
    let id = k.start("2").await;
    let batch = k.batch(id).await;
    assert_eq!(
        (batch.label.as_str(), batch.status),
        ("SOA1-2026-001", BatchStatus::InProgress)
    );
    // 600 of 1000 g for 10, and 140 of 500 g for 3.33.
    assert_eq!(batch.input_value.get(), 6_000_000 + 932_400);
    assert_eq!(
        (batch.projected_yield.get(), batch.yield_unit.as_str()),
        (2_000_000, "count")
    );
    assert_eq!(k.t.on_hand(k.ours, k.oil).await, (400_000_000, 4_000_000));
    assert_eq!(k.t.on_hand(k.ours, k.lye).await, (360_000_000, 2_397_600));

    let bar = k.t.item(k.ours, "Bar", "count").await;
    let scrap = k.t.item(k.ours, "Scrap", "count").await;
    let made = k
        .complete(id, &[(bar, "18", 18), (scrap, "1", 1)])
        .await
        .unwrap();
    assert_eq!(made.value, batch.input_value);
    let (bars, scraps) = (
        k.t.lots_of(k.ours, bar).await,
        k.t.lots_of(k.ours, scrap).await,
    );
    assert_eq!(
        (bars[0].code.as_str(), scraps[0].code.as_str()),
        ("SOA1-2026-001", "SOA1-2026-001/2")
    );
    assert_eq!(
        (bars[0].value.get(), scraps[0].value.get()),
        (6_567_537, 364_863),
        "18 : 1, nothing lost"
    );
    assert_eq!(made.lots, [bars[0].id, scraps[0].id]);
    let batch = k.batch(id).await;
    assert_eq!(
        (batch.status, batch.final_quantity.unwrap().get()),
        (BatchStatus::Completed, 18_000_000)
    );
    let mut tx = k.t.begin(k.ours).await;
    let outputs = batches::outputs(&mut tx, id).await.unwrap();
    assert_eq!(
        Money::sum(outputs.iter().map(|output| output.value)).unwrap(),
        batch.input_value
    );
    drop(tx);
    k.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_can_be_taken_back_and_taken_again() {
    let k = kitchen().await;
    let before = k.shelf().await;
    let bar = k.t.item(k.ours, "Bar", "count").await;
    let id = k.start("1").await;
    let begun = k.last(id).await.unwrap().id;
    let made = k.complete(id, &[(bar, "10", 1)]).await.unwrap();

    let early = undo(&k.t, k.ours, begun).await;
    assert!(matches!(early, Err(BatchError::NotTheLastStep { label }) if label == "SOA1-2026-001"));
    let sold =
        k.t.take_out(k.ours, adjustment(bar, ActionKind::Sale, "1 count"))
            .await
            .unwrap();
    let depended = undo(&k.t, k.ours, made.action).await;
    assert!(
        matches!(depended, Err(BatchError::Inventory(InventoryError::Depended { action, .. })) if action == sold.action)
    );
    undo(&k.t, k.ours, sold.action).await.unwrap();
    undo(&k.t, k.ours, made.action).await.unwrap();
    let batch = k.batch(id).await;
    assert_eq!(
        (batch.status, batch.final_quantity, batch.output_value),
        (BatchStatus::InProgress, None, Money::ZERO)
    );
    k.sound().await;

    let again = undo(&k.t, k.ours, made.action).await;
    assert!(
        matches!(
            again,
            Err(BatchError::Inventory(InventoryError::AlreadyUndone))
        ),
        "{again:?}"
    );
    let second = k.complete(id, &[(bar, "9", 1)]).await.unwrap();
    let codes: Vec<_> =
        k.t.lots_of(k.ours, bar)
            .await
            .into_iter()
            .map(|lot| lot.code)
            .collect();
    assert_eq!(codes, ["SOA1-2026-001", "SOA1-2026-001/2"]);
    undo(&k.t, k.ours, second.action).await.unwrap();

    k.t.commit(k.ours, async |tx| {
        batches::fail(tx, id, "burnt".to_owned()).await
    })
    .await;
    let batch = k.batch(id).await;
    assert_eq!(
        (batch.status, batch.lost_value, batch.status_reason.as_str()),
        (BatchStatus::Failed, batch.input_value, "burnt")
    );
    k.sound().await;
    let failed = k.last(id).await.unwrap();
    assert_eq!(failed.kind, ActionKind::BatchFailure);
    undo(&k.t, k.ours, failed.id).await.unwrap();
    assert_eq!(k.batch(id).await.lost_value, Money::ZERO);

    undo(&k.t, k.ours, begun).await.unwrap();
    assert_eq!(
        (k.batch(id).await.status, k.last(id).await),
        (BatchStatus::Cancelled, None)
    );
    assert_eq!(k.shelf().await, before);
    k.sound().await;
    let again = undo(&k.t, k.ours, begun).await;
    assert!(matches!(
        again,
        Err(BatchError::Inventory(InventoryError::AlreadyUndone))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_batch_gives_back_exactly_what_it_took() {
    let k = kitchen().await;
    let before = k.shelf().await;
    let id = k.start("1.5").await;
    let cancelled =
        k.t.commit(k.ours, async |tx| batches::cancel(tx, id).await)
            .await;
    assert_eq!(
        (cancelled.status, cancelled.input_value),
        (BatchStatus::Cancelled, Money::ZERO)
    );
    assert_eq!(k.shelf().await, before);
    k.sound().await;
    let bar = k.t.item(k.ours, "Bar", "count").await;
    let refused = k.complete(id, &[(bar, "1", 1)]).await;
    assert!(matches!(
        refused,
        Err(BatchError::NotInProgress {
            status: BatchStatus::Cancelled,
            ..
        })
    ));
    let refused =
        k.t.attempt(k.ours, async |tx| batches::cancel(tx, id).await)
            .await;
    assert!(matches!(refused, Err(BatchError::NotInProgress { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_to_an_archived_item_brings_it_back_too() {
    let k = kitchen().await;
    let id = k.start("3.3").await;
    k.t.take_out(k.ours, adjustment(k.oil, ActionKind::Recount, "0 g"))
        .await
        .unwrap();
    k.t.commit(k.ours, async |tx| inventory::archive_item(tx, k.oil).await)
        .await;
    k.t.commit(k.ours, async |tx| batches::cancel(tx, id).await)
        .await;
    assert_eq!(
        k.t.item_now(k.ours, k.oil).await.archived_at,
        None,
        "stock never hides in the archive"
    );
    assert_eq!(k.t.on_hand(k.ours, k.oil).await.0, 990_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_starts_with_everything_or_says_what_is_short_or_goes_without() {
    let k = kitchen().await;
    let start = Start {
        batch_type: BatchType::Ingredient,
        ..batch_of(k.soap, "4")
    };
    let refused =
        k.t.attempt(k.ours, async |tx| batches::start(tx, start.clone()).await)
            .await;
    let Err(BatchError::Short(short)) = refused else {
        panic!("{refused:?}")
    };
    let short: Vec<_> = short
        .iter()
        .map(|s| {
            (
                s.name.as_str(),
                s.needed.to_string(),
                s.available.to_string(),
            )
        })
        .collect();
    assert_eq!(short, [("Olive Oil", "1200".to_owned(), "1000".to_owned())]);
    assert_eq!(k.t.on_hand(k.ours, k.lye).await.0, 500_000_000);

    let start = Start {
        force: true,
        notes: "for the fair".to_owned(),
        ..start
    };
    let id =
        k.t.commit(k.ours, async |tx| batches::start(tx, start).await)
            .await
            .id;
    let batch = k.batch(id).await;
    assert_eq!(
        batch.notes,
        "for the fair\nStarted without: 1200 gram of Olive Oil"
    );
    let mut tx = k.t.begin(k.ours).await;
    let lines = batches::lines(&mut tx, id).await.unwrap();
    drop(tx);
    assert_eq!(
        (lines[0].is_skipped, lines[0].quantity, lines[1].is_skipped),
        (true, Quantity::ZERO, false)
    );
    assert_eq!(k.t.on_hand(k.ours, k.oil).await.0, 1_000_000_000);
    assert_eq!(k.t.on_hand(k.ours, k.lye).await.0, 220_000_000);
    k.sound().await;
    // Even a batch that took nothing can be finished and taken back.
    let dry = k.t.item(k.ours, "Dry", "g").await;
    let nothing = k.t.recipe(k.ours, "Nothing", &[(dry, "1 g")]).await;
    let start = Start {
        force: true,
        ..batch_of(nothing, "1")
    };
    let id =
        k.t.commit(k.ours, async |tx| batches::start(tx, start).await)
            .await
            .id;
    let bar = k.t.item(k.ours, "Bar", "count").await;
    let made = k.complete(id, &[(bar, "1", 1)]).await.unwrap();
    assert_eq!(made.value, Money::ZERO);
    k.sound().await;
    undo(&k.t, k.ours, made.action).await.unwrap();
    k.t.commit(k.ours, async |tx| batches::cancel(tx, id).await)
        .await;
    assert_eq!(k.batch(id).await.status, BatchStatus::Cancelled);
    k.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_that_can_not_be_made_says_why() {
    let k = kitchen().await;
    let mut draft = recipe("Draft", &[(k.oil, "1 g")]);
    draft.status = RecipeStatus::Draft;
    let draft =
        k.t.commit(k.ours, async |tx| {
            batchtrack_core::recipes::create(tx, draft).await
        })
        .await;
    let refused =
        k.t.attempt(k.ours, async |tx| {
            batches::start(tx, batch_of(draft, "1")).await
        })
        .await;
    assert!(matches!(refused, Err(BatchError::Draft { .. })));
    let mut empty = recipe("Empty", &[]);
    empty.status = RecipeStatus::Draft;
    k.t.commit(k.ours, async |tx| {
        batchtrack_core::recipes::create(tx, empty).await
    })
    .await;
    let id = k.start("1").await;
    let none = k.complete(id, &[]).await;
    assert!(matches!(none, Err(BatchError::NoOutput)));
    let bar = k.t.item(k.ours, "Bar", "count").await;
    let many: Vec<_> = (0..101).map(|_| (bar, "1", 1)).collect();
    assert!(matches!(
        k.complete(id, &many).await,
        Err(BatchError::TooManyOutputs { outputs: 101, .. })
    ));
    assert!(matches!(
        k.complete(id, &[(bar, "0", 1)]).await,
        Err(BatchError::Inventory(InventoryError::NotPositive))
    ));
    assert!(matches!(
        k.complete(id, &[(k.oil, "1", 1)]).await,
        Err(BatchError::Inventory(InventoryError::Conversion { .. }))
    ));
    k.t.commit(k.ours, async |tx| inventory::archive_item(tx, bar).await)
        .await;
    assert!(matches!(
        k.complete(id, &[(bar, "1", 1)]).await,
        Err(BatchError::Inventory(InventoryError::Archived { .. }))
    ));
    assert_eq!(k.batch(id).await.status, BatchStatus::InProgress);
    k.sound().await;
}
