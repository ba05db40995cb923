//! Eight people at work while every process of the stack is killed in turn, and the one that looks
//! after them last. Whatever was acknowledged is in the ledger, once.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop where it is"
)]

use batchtrack_e2e::{Api, Reply, Stack, until_async};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{self, Instant},
};
use uuid::Uuid;

const PEOPLE: usize = 8;
const ITEMS: [&str; 2] = ["Soy Wax", "Lavender Oil"];
const PATIENCE: Duration = Duration::from_mins(1);
/// Writes that have to get through between one kill and the next.
const BETWEEN: usize = 25;

/// What everybody does until they are told to go home.
#[derive(Default)]
struct Shift {
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
    /// Writes that had to be sent again.
    retried: AtomicUsize,
}

/// A write that was acknowledged.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    action: i64,
    item: usize,
    /// Grams in, or out.
    grams: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_whatever_is_killed() {
    let mut stack = Stack::up("kill");
    let owner = Api::sign_up(stack.http(), "kai").await;
    let items = stock_up(&owner).await;
    let shift = Arc::new(Shift::default());
    let mut people = JoinSet::new();
    for number in 0..PEOPLE {
        let person = Api::sign_in(stack.http(), "kai").await;
        people.spawn(work(person, number, items, Arc::clone(&shift)));
    }

    for name in [
        "postgres",
        "redis",
        "web-1",
        "dispatcher",
        "billing-cache",
        "nginx",
    ] {
        until_some_got_through(&shift).await;
        stack.kill(name);
    }
    until_some_got_through(&shift).await;
    stack.kill_supervisor();
    stack.up_again();
    until_some_got_through(&shift).await;
    shift.is_over.store(true, Ordering::Relaxed);

    let mut done: BTreeMap<String, Done> = BTreeMap::new();
    while let Some(one) = people.join_next().await {
        done.extend(one.expect("everybody gets through in the end"));
    }
    for (number, id) in items.into_iter().enumerate() {
        let (ledger, on_hand) = ledger_of(&owner, id, number).await;
        let mine = |(_, done): &(&String, &Done)| done.item == number;
        let acknowledged: BTreeMap<_, _> = done.iter().filter(mine).collect();
        assert_eq!(ledger.iter().collect::<BTreeMap<_, _>>(), acknowledged);
        let sum: i64 = ledger.values().map(|done| done.grams).sum();
        assert_eq!(on_hand, START + sum, "{}", ITEMS[number]);
    }
    assert!(
        shift.retried.load(Ordering::Relaxed) > 0,
        "somebody must have been in the middle of something"
    );
    stack.must_verify();
    every_event_is_told(&stack).await;
}

/// Grams of each item before anybody begins.
const START: i64 = 100_000;

async fn stock_up(owner: &Api) -> [i64; 2] {
    let mut ids = [0; 2];
    for (name, id) in ITEMS.into_iter().zip(&mut ids) {
        let item = json!({ "name": name, "unit": "g" });
        let item = owner
            .post("/api/v1/items", name, &item)
            .await
            .expect("an answer");
        *id = item.must(201)["id"].as_i64().expect("an id");
        let receipt = json!({ "quantity": START.to_string(), "unit": "g", "total_cost": "777.77" });
        let path = format!("/api/v1/items/{id}/receipts");
        let receipt = owner.post(&path, &format!("{name} 1"), &receipt).await;
        receipt.expect("an answer").must(201);
    }
    ids
}

async fn until_some_got_through(shift: &Shift) {
    let before = shift.acknowledged.load(Ordering::Relaxed);
    until_async("people get their work done", PATIENCE, async || {
        (shift.acknowledged.load(Ordering::Relaxed) >= before + BETWEEN).then_some(())
    })
    .await;
}

/// Restocks and uses, each under a key of its own, which is the action's note as well.
async fn work(
    person: Api,
    number: usize,
    items: [i64; 2],
    shift: Arc<Shift>,
) -> BTreeMap<String, Done> {
    let mut done = BTreeMap::new();
    for turn in 0_usize.. {
        if shift.is_over.load(Ordering::Relaxed) {
            break;
        }
        let item = (number + turn) % items.len();
        let id = items[item];
        let key = Uuid::now_v7().to_string();
        let (path, body, grams) = if turn % 3 == 0 {
            let body = json!({ "quantity": "7", "unit": "g", "total_cost": "0.1", "note": key });
            (format!("/api/v1/items/{id}/receipts"), body, 7)
        } else {
            let body = json!({ "change_type": "use", "quantity": "3", "unit": "g", "note": key });
            (format!("/api/v1/items/{id}/adjustments"), body, -3)
        };
        let answer = until_acknowledged(&person, &path, &key, &body, &shift).await;
        let action = answer["action_id"].as_i64().expect("an action");
        done.insert(
            key,
            Done {
                action,
                item,
                grams,
            },
        );
        shift.acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    done
}

/// Sends it again, under the same key, for as long as nobody says that it was carried out.
async fn until_acknowledged(
    person: &Api,
    path: &str,
    key: &str,
    body: &Value,
    shift: &Shift,
) -> Value {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match person.post(path, key, body).await {
            Ok(reply) if reply.status == 201 => return reply.json(),
            // Nobody answered, or somebody said that they can't just now.
            Err(_) | Ok(Reply { status: 503, .. }) => {
                shift.retried.fetch_add(1, Ordering::Relaxed);
                time::sleep(Duration::from_millis(40)).await;
            }
            Ok(other) => panic!("neither done nor unavailable: {other:?}"),
        }
    }
    panic!("{path} under {key} does not get through");
}

/// What the ledger has under each key, and what is on hand. Every action stands there once.
async fn ledger_of(owner: &Api, id: i64, item: usize) -> (BTreeMap<String, Done>, i64) {
    let mut found: BTreeMap<String, Done> = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = owner
            .get(&format!("/api/v1/items/{id}/history?limit=200{cursor}"))
            .await;
        for row in page["data"].as_array().expect("a list") {
            let note = row["action"]["note"].as_str().expect("a note");
            if note.is_empty() {
                continue; // what was there before anybody began
            }
            let action = row["action"]["id"].as_i64().expect("an id");
            let grams: i64 = row["quantity"]
                .as_str()
                .expect("a quantity")
                .parse()
                .expect("whole grams");
            let one = found.entry(note.to_owned()).or_insert(Done {
                action,
                item,
                grams: 0,
            });
            assert_eq!(one.action, action, "{note} was carried out twice");
            one.grams += grams; // more than one movement where it took from more than one lot
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let item = owner.get(&format!("/api/v1/items/{id}")).await;
    let on_hand = item["quantity"].as_str().expect("a quantity").parse();
    (found, on_hand.expect("whole grams"))
}

/// Events that the newest position of the relay does not cover.
const UNTOLD: &str = "domain_events e, (SELECT done FROM outbox_positions ORDER BY id DESC LIMIT 1) p \
    WHERE NOT pg_visible_in_snapshot(e.xid::text::xid8, p.done::pg_snapshot)";

/// No event waits for ever because its dispatcher was killed.
async fn every_event_is_told(stack: &Stack) {
    until_async(
        "the dispatcher has nothing left to do",
        PATIENCE,
        async || (stack.count(UNTOLD).await == 0).then_some(()),
    )
    .await;
    assert!(stack.count("domain_events").await > 0);
}
