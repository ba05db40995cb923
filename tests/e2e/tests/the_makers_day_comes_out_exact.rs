//! The maker's day (`samples/maker`, or the folder that `MAKER_SAMPLE` names) as a program carries
//! it out: imported, made and sold through the API, every figure held against what another program
//! worked out; then taken back, step by step, until nothing is left.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop where it is"
)]

use batchtrack_e2e::{Api, Stack};
use batchtrack_testkit::sample::{ExpectedEvent, ExpectedLine, Happening, Held, Sample};
use chrono::{Days, NaiveDate, TimeDelta};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs};

/// The day on which the sample's maker works.
const SAMPLE_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day");

struct Shop {
    api: Api,
    sample: Sample,
    recipes: BTreeMap<String, i64>,
    items: BTreeMap<String, i64>,
    skus: BTreeMap<String, i64>,
    /// What has been written so far, for keys.
    writes: u32,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_makers_day_comes_out_exact_and_can_be_taken_back() {
    let stack = Stack::up("day");
    let mut shop = Shop {
        api: Api::sign_up(stack.http(), "ada").await,
        sample: Sample::chosen(),
        recipes: BTreeMap::new(),
        items: BTreeMap::new(),
        skus: BTreeMap::new(),
        writes: 0,
    };
    let purchases = shop.import("purchases").await;
    let recipes = shop.import("recipes").await;
    // Nothing has been made by them yet, so they can go, and come again.
    shop.take_import_back(recipes, 200).await;
    assert_eq!(shop.all("/api/v1/recipes").await, Vec::<Value>::new());
    let recipes = shop.import("recipes").await;
    shop.learn_names().await;
    let bought = shop.lots().await;
    assert_eq!(
        shop.value_on_hand().await,
        shop.sample.expected.bought_micro
    );
    stack.must_verify();

    let actions = shop.live_the_day().await;
    shop.must_hold_what_is_expected().await;
    stack.must_verify();
    let refused = shop.take_import_back(recipes, 409).await;
    assert_eq!(refused["code"], "recipes.in_use");

    for action in actions.into_iter().rev() {
        shop.write(&format!("/api/v1/actions/{action}/undo"), &json!({}), 200)
            .await;
    }
    assert_eq!(
        shop.lots().await,
        bought,
        "exactly what the purchases brought"
    );
    stack.must_verify();
    // Nothing depends on the recipes any more. What the cancelled batches were made by is put away.
    shop.take_import_back(recipes, 200).await;
    assert_eq!(shop.all("/api/v1/recipes").await, Vec::<Value>::new());
    let batches = shop.all("/api/v1/batches").await;
    assert!(!batches.is_empty());
    for batch in &batches {
        let path = format!("/api/v1/recipes/{}", number(&batch["recipe_id"]));
        assert_eq!(shop.api.get(&path).await["name"], batch["recipe_name"]);
    }
    shop.take_import_back(purchases, 200).await;
    assert_eq!(shop.lots().await, BTreeMap::new());
    assert_eq!(shop.value_on_hand().await, 0);
    stack.must_verify();
}

impl Shop {
    async fn write(&mut self, path: &str, body: &Value, status: u16) -> Value {
        self.writes += 1;
        let key = format!("write {}", self.writes);
        let reply = self.api.post(path, &key, body).await;
        reply.expect("the site answers").must(status)
    }

    /// Imports a file of the sample, after a dry run that changes nothing and finds nothing wrong.
    async fn import(&mut self, kind: &str) -> i64 {
        let file = self.sample.folder.join(format!("{kind}.csv"));
        let content = fs::read_to_string(&file).expect("a sample has its three CSV files");
        let content = if kind == "purchases" {
            moved_to_today(&content)
        } else {
            content
        };
        let mut body = json!({
            "kind": kind, "file_name": format!("{kind}.csv"), "content": content, "dry_run": true,
        });
        let before = self.all("/api/v1/imports").await.len();
        let looked_at = self.write("/api/v1/imports", &body, 200).await;
        assert_eq!(looked_at["has_errors"], false, "{looked_at}");
        assert_eq!(self.all("/api/v1/imports").await.len(), before);
        body["dry_run"] = json!(false);
        let done = self.write("/api/v1/imports", &body, 201).await;
        assert_eq!(done["rows"], content.lines().count() - 1, "{done}");
        number(&done["id"])
    }

    async fn take_import_back(&mut self, id: i64, status: u16) -> Value {
        self.write(&format!("/api/v1/imports/{id}/undo"), &json!({}), status)
            .await
    }

    async fn learn_names(&mut self) {
        for item in self.all("/api/v1/items").await {
            self.items
                .insert(text(&item["name"]).to_owned(), number(&item["id"]));
        }
        for recipe in self.all("/api/v1/recipes").await {
            self.recipes
                .insert(text(&recipe["name"]).to_owned(), number(&recipe["id"]));
        }
    }

    /// Carries the day out. Answers its actions, in order.
    async fn live_the_day(&mut self) -> Vec<i64> {
        let (mut actions, mut gone) = (vec![], 0);
        let day = self.sample.day.clone();
        let events = self.sample.expected.events.clone();
        assert_eq!(day.len(), events.len());
        for (what, expected) in day.iter().zip(events) {
            let (done, event) = match what.action.as_str() {
                "batch" => self.make(what).await,
                _ => self.take(what).await,
            };
            assert_eq!(event, expected, "{what:?}");
            if let ExpectedEvent::Taken { value_micro, .. } = event {
                gone += value_micro;
            }
            actions.extend(done);
        }
        assert_eq!(gone, self.sample.expected.gone_micro);
        assert_eq!(
            self.value_on_hand().await + gone,
            self.sample.expected.bought_micro
        );
        actions
    }

    /// Starts a batch and completes it into a product of the recipe's name.
    async fn make(&mut self, what: &Happening) -> (Vec<i64>, ExpectedEvent) {
        let start = json!({
            "recipe_id": self.recipes[&what.what], "scale": what.scale, "batch_type": "product",
        });
        let started = self.write("/api/v1/batches", &start, 201).await;
        let id = number(&started["batch"]["id"]);
        let lines = started["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|line| ExpectedLine {
                item: text(&line["item_name"]).to_owned(),
                quantity_micro: whole(&line["quantity_base"]),
                value_micro: micros(&line["value"]),
            });
        let complete = json!({
            "output": { "product": what.what }, "quantity": what.quantity, "unit": what.unit,
        });
        let made = self
            .write(&format!("/api/v1/batches/{id}/complete"), &complete, 200)
            .await;
        self.items
            .insert(what.what.clone(), number(&made["item_id"]));
        self.skus.insert(what.what.clone(), number(&made["sku_id"]));
        assert_eq!(
            made["batch"]["input_value"], made["value"],
            "all that went in came out"
        );
        let event = ExpectedEvent::Batch {
            recipe: what.what.clone(),
            lines: lines.collect(),
            total_value_micro: micros(&made["value"]),
            made_micro: whole(&made["quantity_base"]),
        };
        (
            vec![
                number(&started["last_action_id"]),
                number(&made["action_id"]),
            ],
            event,
        )
    }

    /// A sale of a product, or any other way for stock to go.
    async fn take(&mut self, what: &Happening) -> (Vec<i64>, ExpectedEvent) {
        let amount = json!({ "quantity": what.quantity, "unit": what.unit });
        let done = match self.skus.get(&what.what) {
            Some(sku) if what.action == "sale" => {
                self.write(&format!("/api/v1/skus/{sku}/sales"), &amount, 201)
                    .await
            }
            _ => {
                let mut adjustment = amount;
                adjustment["change_type"] = json!(what.action);
                let path = format!("/api/v1/items/{}/adjustments", self.items[&what.what]);
                self.write(&path, &adjustment, 201).await
            }
        };
        let event = ExpectedEvent::Taken {
            item: what.what.clone(),
            quantity_micro: whole(&done["quantity_base"]),
            value_micro: micros(&done["value"]),
        };
        (vec![number(&done["action_id"])], event)
    }

    async fn must_hold_what_is_expected(&self) {
        let mut held = BTreeMap::new();
        for (name, id) in &self.items {
            let item = self.api.get(&format!("/api/v1/items/{id}")).await;
            let holds = Held {
                quantity_micro: whole(&item["quantity_base"]),
                value_micro: micros(&item["value"]),
            };
            held.insert(name.clone(), holds);
        }
        assert_eq!(held, self.sample.expected.stock);
    }

    /// Every lot with something left, by item.
    async fn lots(&self) -> BTreeMap<String, Vec<Value>> {
        let mut lots = BTreeMap::new();
        for (name, id) in &self.items {
            let held = self.all(&format!("/api/v1/items/{id}/lots")).await;
            if !held.is_empty() {
                lots.insert(name.clone(), held);
            }
        }
        lots
    }

    /// Of all items, archived ones and products too.
    async fn value_on_hand(&self) -> i64 {
        let mut value = 0;
        for id in self.items.values() {
            value += micros(&self.api.get(&format!("/api/v1/items/{id}")).await["value"]);
        }
        value
    }

    /// All pages of a list.
    async fn all(&self, path: &str) -> Vec<Value> {
        let (mut rows, mut cursor) = (vec![], String::new());
        loop {
            let page = self.api.get(&format!("{path}?limit=7{cursor}")).await;
            rows.extend(page["data"].as_array().expect("a list").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }
}

/// The dates as far from today as they are from the sample's day, so that nothing has expired.
fn moved_to_today(purchases: &str) -> String {
    let today = chrono::DateTime::from(std::time::SystemTime::now());
    let by: TimeDelta = chrono::DateTime::<chrono::Utc>::date_naive(&today) - SAMPLE_DAY;
    let days = Days::new(by.num_days().unsigned_abs());
    let moved = |cell: &str| {
        let Ok(day) = cell.parse::<NaiveDate>() else {
            return cell.to_owned();
        };
        let day = if by < TimeDelta::zero() {
            day - days
        } else {
            day + days
        };
        day.to_string()
    };
    let lines = purchases.lines();
    let lines = lines.map(|line| line.split(',').map(moved).collect::<Vec<_>>().join(","));
    lines.collect::<Vec<_>>().join("\n")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("text: {value}"))
}

fn number(value: &Value) -> i64 {
    value
        .as_i64()
        .unwrap_or_else(|| panic!("a number: {value}"))
}

fn whole(value: &Value) -> i64 {
    text(value)
        .parse()
        .unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// `31.24` in millionths.
fn micros(value: &Value) -> i64 {
    let (whole, fraction) = text(value).split_once('.').unwrap_or((text(value), ""));
    format!("{whole}{fraction:0<6}")
        .parse()
        .unwrap_or_else(|error| panic!("{value}: {error}"))
}
