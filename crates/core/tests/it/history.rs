//! Random histories on the real database: after every twenty actions the books are proved and the
//! value that came in is all accounted for; at the end everything is undone and nothing is left.
use crate::inventory::undo;
use batchtrack_core::{
    batches::{self, BatchError},
    inventory::{self, InventoryError},
    kernel::{
        Quantity,
        ids::{ActionId, BatchId, ItemId, OrganizationId, RecipeId},
    },
    organizations::CostingMethod,
};
use batchtrack_testkit::TestDb;
use chrono::Duration as Days;
use std::collections::BTreeMap;

mod steps;

const STEPS: usize = 240;

/// `SplitMix64`: enough chance for a history, and the same one every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }
    fn up_to(&mut self, most: i64) -> i64 {
        i64::try_from(self.roll(u64::try_from(most.max(1)).unwrap())).unwrap()
    }
    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let sides = u64::try_from(from.len()).unwrap();
        (sides > 0).then(|| &from[usize::try_from(self.roll(sides)).unwrap()])
    }
}

/// Where the value of an action that still stands went.
#[derive(Debug, Clone, Copy)]
enum Did {
    In(i64),
    Out(i64),
    /// Out of stock, into a batch.
    Began(BatchId),
    Made(BatchId),
    Lost(BatchId),
}

struct Run {
    t: TestDb,
    ours: OrganizationId,
    dice: Dice,
    items: Vec<ItemId>,
    in_grams: Vec<ItemId>,
    recipes: Vec<RecipeId>,
    /// Actions that nothing has taken back, in the order they were recorded.
    stands: Vec<(ActionId, Did)>,
    /// What is tied up in batches that are in progress.
    in_progress: BTreeMap<BatchId, i64>,
    lost: BTreeMap<BatchId, i64>,
    worked: usize,
    refused: usize,
}

fn quantity(micros: i64, unit: &str) -> String {
    format!("{} {unit}", Quantity::micros(micros))
}

impl Run {
    async fn new(method: CostingMethod, seed: u64) -> Self {
        let t = TestDb::new().await;
        let ours = t.organization("Acme").await;
        t.costing_method(ours, method).await;
        t.product_category("Uncategorized").await;
        let mut items = vec![];
        for name in ["Oil", "Lye", "Water", "Wax"] {
            items.push(t.item(ours, name, "g").await);
        }
        let mut recipes = vec![];
        recipes.push(
            t.recipe(
                ours,
                "Soap",
                &[(items[0], "123.456789 g"), (items[1], "7.7 g")],
            )
            .await,
        );
        recipes.push(
            t.recipe(
                ours,
                "Balm",
                &[
                    (items[3], "1 oz"),
                    (items[0], "0.333333 lb"),
                    (items[2], "5 g"),
                ],
            )
            .await,
        );
        // What a batch makes is an item like any other; the fifth.
        let paste = t.item(ours, "Paste", "count").await;
        recipes.push(
            t.recipe(ours, "Cream", &[(paste, "1.5 count"), (items[2], "31.1 g")])
                .await,
        );
        let in_grams = items.clone();
        items.push(paste);
        let (stands, in_progress, lost) = (vec![], BTreeMap::new(), BTreeMap::new());
        Self {
            t,
            ours,
            dice: Dice(seed),
            items,
            in_grams,
            recipes,
            stands,
            in_progress,
            lost,
            worked: 0,
            refused: 0,
        }
    }

    fn unit_of(&self, item: ItemId) -> &'static str {
        if self.in_grams.contains(&item) {
            "g"
        } else {
            "count"
        }
    }

    async fn step(&mut self) {
        match self.dice.roll(20) {
            0..=5 => self.receive().await,
            6..=9 => self.take().await,
            10 => self.recount().await,
            11..=13 => self.start().await,
            14 | 15 => self.finish().await,
            16 => self.end().await,
            17 => self.t.clock.advance(Days::hours(self.dice.up_to(72))),
            _ => self.undo_one().await,
        }
    }

    fn note<E: std::fmt::Debug>(&mut self, done: Result<(ActionId, Did), E>, may_fail: bool) {
        match done {
            Ok(did) => {
                self.stands.push(did);
                self.worked += 1;
            }
            Err(error) => {
                assert!(may_fail, "{error:?}");
                self.refused += 1;
            }
        }
    }

    async fn undo_one(&mut self) {
        let Some(&(action, _)) = self.dice.pick(&self.stands) else {
            return;
        };
        if !self.undo(action).await {
            self.refused += 1;
        }
    }

    /// Whether it could be taken back; a refusal must give its reason and change nothing.
    async fn undo(&mut self, action: ActionId) -> bool {
        let done = undo(&self.t, self.ours, action).await;
        match done {
            Ok(_) => {}
            Err(
                BatchError::NotTheLastStep { .. }
                | BatchError::Inventory(InventoryError::Depended { .. }),
            ) => {
                return false;
            }
            Err(error) => panic!("{error:?}"),
        }
        let at = self
            .stands
            .iter()
            .position(|(id, _)| *id == action)
            .unwrap();
        match self.stands.remove(at).1 {
            Did::In(_) | Did::Out(_) => {}
            Did::Began(batch) => {
                self.in_progress.remove(&batch).unwrap();
            }
            Did::Lost(batch) => {
                let value = self.lost.remove(&batch).unwrap();
                self.in_progress.insert(batch, value);
            }
            Did::Made(batch) => {
                let mut tx = self.t.begin(self.ours).await;
                let batch = batches::batch(&mut tx, batch).await.unwrap().unwrap();
                self.in_progress.insert(batch.id, batch.input_value.get());
            }
        }
        self.worked += 1;
        true
    }

    async fn prove(&self) {
        assert_eq!(self.t.discrepancies(self.ours).await, []);
        let mut balance = 0;
        for (_, did) in &self.stands {
            match did {
                Did::In(value) => balance += value,
                Did::Out(value) => balance -= value,
                _ => {}
            }
        }
        let mut tx = self.t.begin(self.ours).await;
        let on_hand = inventory::totals(&mut tx).await.unwrap().value.get();
        let in_batches: i64 = self.in_progress.values().chain(self.lost.values()).sum();
        assert_eq!(
            balance,
            on_hand + in_batches,
            "what came in and did not go out is here"
        );
    }
}

async fn history(method: CostingMethod, seed: u64) {
    let mut run = Run::new(method, seed).await;
    for step in 1..=STEPS {
        run.step().await;
        if step % 20 == 0 {
            run.prove().await;
        }
    }
    assert!(
        run.worked > STEPS / 2 && run.refused > 10,
        "{} worked, {} refused",
        run.worked,
        run.refused
    );
    // Newest first, nothing is refused where value lives with the lots. A pool that is one for all
    // lots may need another round when earlier undos were out of order.
    let mut rounds = 0;
    while !run.stands.is_empty() {
        rounds += 1;
        let newest_first: Vec<ActionId> =
            run.stands.iter().rev().map(|(action, _)| *action).collect();
        let before = newest_first.len();
        for action in newest_first {
            run.undo(action).await;
        }
        assert!(run.stands.len() < before, "{:?}", run.stands);
        assert!(
            method == CostingMethod::Average || run.stands.is_empty(),
            "{:?}",
            run.stands
        );
    }
    assert!(rounds <= 3);
    run.prove().await;
    for item in run.items.clone() {
        assert_eq!(run.t.on_hand(run.ours, item).await, (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_first_in_first_out() {
    history(CostingMethod::Fifo, 20_261_101).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_first_expired_first_out() {
    history(CostingMethod::Fefo, 20_261_102).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_at_the_average() {
    history(CostingMethod::Average, 20_261_103).await;
}
