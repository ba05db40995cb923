//! A small history in which all is well.
use crate::chaos::history::{
    Arrival, Attempt, Delivery, Endpoint, Event, History, Moment, Rescue, Step, Told, What,
};
use std::{collections::BTreeMap, time::Duration};

pub(super) fn at(seconds: i64) -> Moment {
    Moment::from_timestamp(1_793_500_000 + seconds, 0).unwrap()
}

pub(super) fn endpoint(organization: i64, id: i64, wants: &[&str]) -> Endpoint {
    let wants = wants.iter().map(ToString::to_string).collect();
    Endpoint {
        organization,
        id,
        wants,
        since: at(0),
        deleted: None,
    }
}

pub(super) fn event(organization: i64, id: i64, name: &str) -> Event {
    let (name, correlation) = (name.to_owned(), format!("request {id}"));
    Event {
        organization,
        id,
        name,
        correlation,
        recorded: at(id),
    }
}

pub(super) fn arrival(endpoint: i64, event: &Event, seconds: i64) -> Arrival {
    Arrival {
        endpoint,
        at: at(seconds),
        message: format!("evt_{}", event.id),
        event: Some(event.id),
        organization: Some(event.organization),
        name: event.name.clone(),
        forgery: None,
        answer: Some(204),
    }
}

pub(super) fn delivery(id: i64, endpoint: i64, event: &Event) -> Delivery {
    let (organization, event) = (event.organization, Some(event.id));
    Delivery {
        organization,
        id,
        endpoint,
        event,
        is_first: true,
        state: "delivered".to_owned(),
    }
}

pub(super) fn step(job: i64, what: What, by: &str) -> Step {
    Step {
        job,
        kind: "webhooks.deliver.v1".to_owned(),
        is_unique: false,
        what,
        by: by.to_owned(),
        silent: matches!(what, What::Freed { .. }).then_some(Duration::from_mins(1)),
    }
}

/// Two organisations. Endpoint 1 hears all of the first, 2 only sales; 3 is deleted at 100 s; 4 hears
/// all of the second. Job 1 goes through a rescue, job 2 through a delay.
pub(super) fn good() -> History {
    let (sale, receipt) = (event(1, 10, "sku_sold"), event(1, 11, "inventory_adjusted"));
    let other = event(2, 12, "sku_sold");
    let mut gone = endpoint(1, 3, &[]);
    gone.deleted = Some(at(100));
    let told = Told {
        organization: 1,
        correlation: sale.correlation.clone(),
        name: sale.name.clone(),
        count: 1,
    };
    History {
        endpoints: vec![
            endpoint(1, 1, &[]),
            endpoint(1, 2, &["sku_sold"]),
            gone,
            endpoint(2, 4, &[]),
        ],
        told: vec![told],
        arrivals: vec![
            arrival(1, &sale, 20),
            arrival(1, &sale, 21), // at least once
            arrival(1, &receipt, 20),
            arrival(2, &sale, 20),
            arrival(3, &sale, 105), // started before the end of its endpoint
            arrival(4, &other, 20),
        ],
        deliveries: vec![
            delivery(1, 1, &sale),
            delivery(2, 1, &receipt),
            delivery(3, 2, &sale),
            delivery(4, 3, &sale),
            delivery(5, 4, &other),
        ],
        events: vec![sale, receipt, other],
        attempts: vec![
            Attempt {
                delivery: 1,
                number: 1,
                started: at(19),
            },
            Attempt {
                delivery: 1,
                number: 2,
                started: at(21),
            },
            Attempt {
                delivery: 4,
                number: 1,
                started: at(99),
            },
        ],
        steps: vec![
            step(1, What::Enqueued, "one"),
            step(1, What::Claimed { worker: 1 }, "one"),
            step(1, What::Freed { worker: 1 }, "two"),
            step(1, What::Claimed { worker: 2 }, "two"),
            step(1, What::Finished { worker: Some(2) }, "two"),
            step(2, What::Enqueued, "one"),
            step(2, What::Claimed { worker: 2 }, "two"),
            step(2, What::Delayed { worker: Some(2) }, "two"),
            step(2, What::Promoted, "one"),
            step(2, What::Claimed { worker: 2 }, "two"),
            step(2, What::Finished { worker: Some(2) }, "two"),
        ],
        workers: BTreeMap::from([(1, "one".to_owned()), (2, "two".to_owned())]),
        rescues: vec![Rescue {
            worker: 1,
            by: "two".to_owned(),
            at: at(14),
            last_heartbeat: at(10),
        }],
        lease: Duration::from_secs(3),
        longest_request: Duration::from_secs(10),
    }
}
