//! People who work through the web, and programs that commit events through core, some of them slowly,
//! so that what commits last is not what began last.
use super::{history::Told, random::Random};
use crate::Api;
use batchtrack_core::{
    kernel::{StoreError, ids::OrganizationId},
    outbox::{self, Event, NewEvent},
    platform::{Db, db::Acting},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{self, Instant};

/// Longer than anything is broken.
const PATIENCE: Duration = Duration::from_mins(2);
/// Not counted ones: those would queue for a counter behind a slow commit, which is not the question here.
const NAMES: [Event; 3] = [
    Event::InventoryAdjusted,
    Event::SkuSold,
    Event::RecipeUpdated,
];

/// What everybody does until they are told to go home.
#[derive(Default)]
pub struct Shift {
    is_over: AtomicBool,
    told: Mutex<Vec<Told>>,
    /// Writes that had to be sent again, and commits of which nobody knows what became.
    pub retried: AtomicUsize,
    pub unknown: AtomicUsize,
}

impl Shift {
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// What clients were told so far.
    pub fn told(&self) -> MutexGuard<'_, Vec<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, organization: i64, correlation: String, event: Event, count: usize) {
        let name = event.as_str().to_owned();
        self.told().push(Told {
            organization,
            correlation,
            name,
            count,
        });
    }
}

/// Receives stock over and over, each time under a key of its own, which is the request's id as well:
/// however often a request has to be sent, its event names the key.
pub async fn person(api: Api, organization: i64, item: i64, shift: &Shift, mut random: Random) {
    let path = format!("/api/v1/items/{item}/receipts");
    let body = json!({ "quantity": "1", "unit": "g", "total_cost": "0.1" });
    while !shift.is_over() {
        let key = format!("web-{:016x}", random.next());
        until_acknowledged(&api, &path, &key, &body, shift).await;
        shift.note(organization, key, Event::InventoryAdjusted, 1);
        time::sleep(random.between(Duration::from_millis(100), Duration::from_millis(500))).await;
    }
}

/// Sends it again, under the same key, for as long as nobody says that it was carried out.
async fn until_acknowledged(api: &Api, path: &str, key: &str, body: &Value, shift: &Shift) {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let request = api.request(Method::POST, path).header("X-Request-ID", key);
        match request
            .header("Idempotency-Key", key)
            .json(body)
            .send()
            .await
        {
            Ok(answer) if answer.status() == 201 => return,
            Ok(answer) if answer.status() != 503 => {
                let status = answer.status();
                let said = answer.text().await.unwrap_or_default();
                panic!("{path} under {key} is neither done nor unavailable: {status} {said}");
            }
            _ => {
                shift.retried.fetch_add(1, Ordering::Relaxed);
                time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    panic!("{path} under {key} does not get through");
}

/// Commits some events at a time; now and then it takes its time before, or thinks better of it.
pub async fn program(db: Db, organization: OrganizationId, shift: &Shift, mut random: Random) {
    while !shift.is_over() {
        let key = format!("core-{:016x}", random.next());
        let event = NAMES
            .get(random.below(NAMES.len()))
            .copied()
            .unwrap_or(Event::SkuSold);
        let count = 1 + random.below(4);
        let thinks = match random.below(8) {
            0 => random.between(Duration::from_millis(300), Duration::from_secs(3)),
            _ => Duration::ZERO,
        };
        let commits = random.below(10) > 0;
        let acting = Acting {
            organization,
            user: None,
            correlation: key.as_str().into(),
        };
        match emit(&db, acting, event, count, thinks, commits).await {
            Outcome::Committed => shift.note(organization.get(), key, event, count),
            Outcome::NotCommitted => shift.note(organization.get(), key, event, 0),
            Outcome::Unknown => drop(shift.unknown.fetch_add(1, Ordering::Relaxed)),
        }
        time::sleep(random.between(Duration::from_millis(100), Duration::from_millis(500))).await;
    }
}

enum Outcome {
    Committed,
    NotCommitted,
    /// The connection ended on the way.
    Unknown,
}

async fn emit(
    db: &Db,
    acting: Acting,
    event: Event,
    count: usize,
    thinks: Duration,
    commits: bool,
) -> Outcome {
    let recorded: Result<_, StoreError> = async {
        let mut tx = db.begin(acting).await?;
        let events = (1..)
            .take(count)
            .map(|entity| NewEvent::new(event, entity, properties(event)));
        outbox::emit(&mut tx, events.collect()).await?;
        Ok(tx)
    }
    .await;
    let Ok(tx) = recorded else {
        return Outcome::NotCommitted;
    };
    time::sleep(thinks).await;
    if !commits {
        return Outcome::NotCommitted;
    }
    match tx.commit().await {
        Ok(()) => Outcome::Committed,
        Err(_) => Outcome::Unknown,
    }
}

/// All that an event of this name has to say, left open.
fn properties(event: Event) -> Value {
    let required = event.entry().required.iter();
    required
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect()
}
