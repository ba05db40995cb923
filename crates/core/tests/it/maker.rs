//! The maker's day (`samples/maker`), carried out by the ledger and held against figures that
//! another program worked out; then taken back, step by step, until nothing is left.
use crate::inventory::undo;
use batchtrack_core::{
    batches,
    inventory::{self, ActionKind, CostEntry, ItemType, Lot, NewItem, Receipt},
    kernel::{
        Money, Quantity,
        ids::{ActionId, ItemId, OrganizationId, SkuId},
    },
    products::{self, Finish, Into, Sale},
    recipes::{self, LineKind, NewLine, NewRecipe, RecipeStatus},
};
use batchtrack_testkit::{
    TestDb, adjustment, batch_of, money,
    sample::{ExpectedEvent, ExpectedLine, Happening, Purchase, RecipeText, Sample},
    unit,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

struct Shop {
    t: TestDb,
    ours: OrganizationId,
    items: BTreeMap<String, ItemId>,
    skus: BTreeMap<String, SkuId>,
}

fn day(text: &str) -> Option<DateTime<Utc>> {
    (!text.is_empty()).then(|| format!("{text}T00:00:00Z").parse().unwrap())
}

fn item_type(category: &str) -> ItemType {
    match category {
        "Containers" => ItemType::Container,
        "Packaging" => ItemType::Packaging,
        "Consumables" => ItemType::Consumable,
        _ => ItemType::Ingredient,
    }
}

impl Shop {
    async fn open() -> Self {
        let t = TestDb::new().await;
        let ours = t.organization("The Maker").await;
        t.product_category("Uncategorized").await;
        Self {
            t,
            ours,
            items: BTreeMap::new(),
            skus: BTreeMap::new(),
        }
    }

    /// All purchases in one go; each is an action of its own.
    async fn buy(&mut self, purchases: &[Purchase]) -> Vec<ActionId> {
        let mut receipts = vec![];
        for bought in purchases {
            if !self.items.contains_key(&bought.item) {
                let mut new = NewItem::new(
                    bought.item.parse().unwrap(),
                    item_type(&bought.category),
                    unit(&bought.unit),
                );
                new.density = bought.density_g_per_ml.parse().ok();
                let id = self
                    .t
                    .commit(self.ours, async |tx| inventory::create_item(tx, new).await)
                    .await;
                self.items.insert(bought.item.clone(), id);
            }
            receipts.push(Receipt {
                item: self.items[&bought.item],
                kind: ActionKind::Restock,
                amount: bought.quantity.parse().unwrap(),
                unit: unit(&bought.unit),
                cost: CostEntry::Total(money(&bought.total_cost)),
                received_at: day(&bought.received_at),
                expires_at: day(&bought.expires_at),
                supplier: Some(bought.supplier.clone()),
                note: String::new(),
                import: None,
            });
        }
        let work = async |tx: &mut _| inventory::receive_many(tx, receipts).await;
        self.t
            .commit(self.ours, work)
            .await
            .iter()
            .map(|done| done.action)
            .collect()
    }

    async fn write_down(&self, lines: &[RecipeText]) {
        let head = lines.first().unwrap();
        self.t.product_category(&head.category).await;
        let mut tx = self.t.begin(self.ours).await;
        let categories = recipes::product_categories(&mut tx).await.unwrap();
        drop(tx);
        let new = NewRecipe {
            name: head.recipe.parse().unwrap(),
            instructions: String::new(),
            category_id: categories
                .iter()
                .find(|c| c.name == head.category)
                .map(|c| c.id),
            yield_amount: head.yield_quantity.parse().unwrap(),
            yield_unit: unit(&head.yield_unit),
            status: RecipeStatus::Published,
            lines: lines
                .iter()
                .map(|line| NewLine {
                    kind: LineKind::Ingredient,
                    item: self.items[&line.item],
                    amount: line.quantity.parse().unwrap(),
                    unit: unit(&line.unit),
                })
                .collect(),
            import: None,
        };
        self.t
            .commit(self.ours, async |tx| recipes::create(tx, new).await)
            .await;
    }

    /// Starts and completes a batch; answers the actions and what it came to.
    async fn make(&mut self, what: &Happening) -> (Vec<ActionId>, ExpectedEvent) {
        let (t, ours) = (&self.t, self.ours);
        let mut tx = t.begin(ours).await;
        let list = recipes::list(&mut tx, &recipes::RecipeFilter::default(), None, 100)
            .await
            .unwrap();
        let recipe = list
            .rows
            .iter()
            .find(|r| r.recipe.name == what.what)
            .unwrap()
            .recipe
            .id;
        drop(tx);
        let start = batch_of(recipe, &what.scale);
        let started = t
            .commit(ours, async |tx| batches::start(tx, start).await)
            .await;
        let mut tx = t.begin(ours).await;
        let begun = batches::last_step(&mut tx, started.id)
            .await
            .unwrap()
            .unwrap();
        let lines = batches::lines(&mut tx, started.id).await.unwrap();
        drop(tx);
        assert_eq!(
            Money::sum(lines.iter().map(|line| line.value)).unwrap(),
            started.input_value
        );
        let finish = Finish {
            batch: started.id,
            into: Into::Product(what.what.parse().unwrap()),
            amount: what.quantity.parse().unwrap(),
            unit: unit(&what.unit),
            expires_at: None,
        };
        let finished = t
            .commit(ours, async |tx| products::finish(tx, finish).await)
            .await;
        self.items.insert(what.what.clone(), finished.item);
        self.skus.insert(what.what.clone(), finished.sku.unwrap());
        let lines = lines.into_iter().map(|line| ExpectedLine {
            item: line.item_name,
            quantity_micro: line.quantity.get(),
            value_micro: line.value.get(),
        });
        let event = ExpectedEvent::Batch {
            recipe: what.what.clone(),
            lines: lines.collect(),
            total_value_micro: finished.recorded.value.get(),
            made_micro: finished.recorded.quantity.get(),
        };
        (vec![begun.id, finished.recorded.action], event)
    }

    async fn take(&self, what: &Happening) -> (Vec<ActionId>, ExpectedEvent) {
        let done = if let (Some(&sku), "sale") = (self.skus.get(&what.what), what.action.as_str()) {
            let sale = Sale {
                sku,
                amount: what.quantity.parse().unwrap(),
                unit: unit(&what.unit),
                price: None,
                customer: None,
                order_number: None,
                note: String::new(),
            };
            self.t
                .commit(self.ours, async |tx| products::sell(tx, sale).await)
                .await
        } else {
            let quantity = format!("{} {}", what.quantity, what.unit);
            let out = adjustment(
                self.items[&what.what],
                what.action.parse().unwrap(),
                &quantity,
            );
            self.t.take_out(self.ours, out).await.unwrap()
        };
        let event = ExpectedEvent::Taken {
            item: what.what.clone(),
            quantity_micro: done.quantity.get(),
            value_micro: done.value.get(),
        };
        (vec![done.action], event)
    }

    async fn lots(&self) -> BTreeMap<String, Vec<Lot>> {
        let mut lots = BTreeMap::new();
        for (name, &id) in &self.items {
            let held = self.t.lots_of(self.ours, id).await;
            lots.insert(
                name.clone(),
                held.into_iter()
                    .filter(|lot| lot.quantity > Quantity::ZERO)
                    .collect(),
            );
        }
        lots.retain(|_, held: &mut Vec<Lot>| !held.is_empty());
        lots
    }

    async fn value_on_hand(&self) -> i64 {
        let mut tx = self.t.begin(self.ours).await;
        inventory::totals(&mut tx).await.unwrap().value.get()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_makers_day_comes_out_to_the_millionth_and_can_be_taken_back_to_nothing() {
    let sample = Sample::chosen();
    let mut shop = Shop::open().await;
    let purchases = shop.buy(&sample.purchases).await;
    for lines in sample.recipes() {
        shop.write_down(lines).await;
    }
    let bought = shop.lots().await;
    assert_eq!(shop.value_on_hand().await, sample.expected.bought_micro);

    let (mut actions, mut gone) = (vec![], 0);
    assert_eq!(sample.day.len(), sample.expected.events.len());
    for (what, expected) in sample.day.iter().zip(&sample.expected.events) {
        let (done, event) = match what.action.as_str() {
            "batch" => shop.make(what).await,
            _ => shop.take(what).await,
        };
        assert_eq!(event, *expected);
        if let ExpectedEvent::Taken { value_micro, .. } = event {
            gone += value_micro;
        }
        actions.extend(done);
    }
    assert_eq!(gone, sample.expected.gone_micro);
    assert_eq!(
        shop.value_on_hand().await + gone,
        sample.expected.bought_micro
    );
    for (name, held) in &sample.expected.stock {
        let on_hand = shop.t.on_hand(shop.ours, shop.items[name]).await;
        assert_eq!(on_hand, (held.quantity_micro, held.value_micro), "{name}");
    }
    assert_eq!(shop.items.len(), sample.expected.stock.len());
    assert_eq!(shop.t.discrepancies(shop.ours).await, []);

    for action in actions.into_iter().rev() {
        undo(&shop.t, shop.ours, action).await.unwrap();
    }
    assert_eq!(
        shop.lots().await,
        bought,
        "exactly what the purchases brought"
    );
    assert_eq!(shop.t.discrepancies(shop.ours).await, []);
    for action in purchases.into_iter().rev() {
        undo(&shop.t, shop.ours, action).await.unwrap();
    }
    assert_eq!(shop.lots().await, BTreeMap::new());
    assert_eq!(shop.value_on_hand().await, 0);
    assert_eq!(shop.t.discrepancies(shop.ours).await, []);
}
