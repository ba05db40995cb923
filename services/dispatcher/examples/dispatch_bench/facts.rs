//! Events to measure with, and the relay as a process of its own would run it.
use crate::{figures::rate, place::Place};
use batchtrack_core::{
    outbox::{self, Event, NewEvent},
    webhooks::{self, NewEndpoint},
};
use batchtrack_dispatcher::relay::{Relay, Turn};
use std::time::{Duration, Instant};

/// Who hears of a fact.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hearers {
    /// The operator's hook: one job for each.
    Operator,
    /// One endpoint of the organisation: one delivery and its job for each.
    Endpoint,
}

pub(crate) fn event(entity: i64) -> NewEvent {
    let properties = serde_json::json!({ "product_name": "Lavender soap, 100 g" });
    NewEvent::new(Event::ProductCreated, entity, properties)
}

/// Emits `how_many`, `together` in each transaction, over several connections at once.
pub(crate) async fn emit(place: &Place, how_many: u64, together: u64) -> Duration {
    const WRITERS: u64 = 4;
    let start = Instant::now();
    let writers = (0..WRITERS).map(|writer| async move {
        let mut left = how_many / WRITERS;
        let mut turn = writer;
        while left > 0 {
            let now = left.min(together);
            let organization = place.organization(usize::try_from(turn).expect("small"));
            let events = (0..now).map(|_| event(1)).collect();
            let acting = Place::acting(organization);
            let mut tx = place.db.begin(acting).await.expect("a transaction");
            outbox::emit(&mut tx, events).await.expect("events");
            tx.commit().await.expect("a commit");
            left -= now;
            turn += WRITERS;
        }
    });
    futures_util::future::join_all(writers).await;
    start.elapsed()
}

/// An endpoint for each organisation, at `url` with its number.
pub(crate) async fn listen(place: &Place, url: impl Fn(usize) -> String) {
    let desk = place.desk();
    for (number, organization) in place.organizations.iter().enumerate() {
        let mut tx = place
            .db
            .begin(Place::acting(*organization))
            .await
            .expect("a transaction");
        let new = NewEndpoint {
            url: url(number),
            description: String::new(),
            events: Vec::new(),
        };
        webhooks::create(&mut tx, &desk, new)
            .await
            .expect("an endpoint");
        tx.commit().await.expect("a commit");
    }
}

/// Relays until there is nothing left; says how many that were.
pub(crate) async fn relay_all(relay: &Relay) -> u64 {
    let mut relayed = 0;
    loop {
        match relay.turn().await.expect("a turn") {
            Turn::More(many) => relayed += many,
            Turn::All(many) => return u64::try_from(relayed + many).expect("a small number"),
            Turn::Taken => {}
        }
    }
}

/// Facts relayed each second of a backlog of `how_many`, two in each transaction as a request has.
pub(crate) async fn backlog(place: &Place, hearers: Hearers, how_many: u64) -> (f64, f64) {
    let relay = Relay::new(place.system.clone(), hearers == Hearers::Operator);
    // What setting up has left.
    relay_all(&relay).await;
    let emitted = emit(place, how_many, 2).await;
    let start = Instant::now();
    let relayed = relay_all(&relay).await;
    let took = start.elapsed();
    assert_eq!(relayed, how_many, "each fact once");
    (rate(how_many, emitted), rate(relayed, took))
}
