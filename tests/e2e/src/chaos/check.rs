//! Whether a history is one that may happen. Pure: the same history always gets the same answer.
mod jobs;
#[cfg(test)]
mod sample;

use super::history::{Arrival, Delivery, Endpoint, Event, History, Told};
use std::collections::{BTreeMap, BTreeSet};

/// What must not happen. Sorted, so that a report reads the same each time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// A client was told that it is done, and the log has fewer or more events of it than it should.
    Acknowledged {
        correlation: String,
        told: usize,
        logged: usize,
    },
    /// A committed event did not reach an endpoint that wants it.
    NotDelivered {
        endpoint: i64,
        event: i64,
    },
    /// A receiver heard of an event that was never committed.
    NeverHappened {
        endpoint: i64,
        event: i64,
    },
    /// A receiver heard what is none of its business.
    NotTheirs {
        endpoint: i64,
        event: i64,
    },
    BadSignature {
        endpoint: i64,
        message: String,
        why: String,
    },
    /// The same event under two ids, or two events under one.
    UnstableId {
        endpoint: i64,
        event: i64,
        message: String,
    },
    StartedAfterDelete {
        endpoint: i64,
        what: String,
    },
    LoggedTwice {
        event: i64,
    },
    PlannedTwice {
        endpoint: i64,
        event: i64,
    },
    /// An attempt was settled twice.
    SettledTwice {
        delivery: i64,
        number: i32,
    },
    /// The log says delivered, and the receiver never said yes.
    SaidToBeDelivered {
        delivery: i64,
    },
    /// Work was left undone though nothing stood in the way.
    LeftPending {
        delivery: i64,
    },
    /// Somebody settled a job that another held.
    NotTheOwner {
        job: i64,
        owner: String,
        by: String,
    },
    /// A job was claimed while another worker held it.
    HeldTwice {
        job: i64,
        by: String,
    },
    /// A job that had ended was touched again.
    AfterItsEnd {
        job: i64,
        by: String,
    },
    /// A delivery's job is neither done nor dead.
    LeftUndone {
        job: i64,
    },
    /// A worker was declared dead before its lease was over.
    RescuedAlive {
        worker: i64,
        by: String,
    },
}

impl Violation {
    /// Whether it may be put right by nothing but time.
    pub const fn is_pending(&self) -> bool {
        matches!(
            self,
            Self::NotDelivered { .. } | Self::LeftPending { .. } | Self::LeftUndone { .. }
        )
    }

    /// The job it is about.
    pub const fn job(&self) -> Option<i64> {
        match self {
            Self::NotTheOwner { job, .. }
            | Self::HeldTwice { job, .. }
            | Self::AfterItsEnd { job, .. }
            | Self::LeftUndone { job } => Some(*job),
            _ => None,
        }
    }
}

/// Everything that is wrong with it, each once.
pub fn check(history: &History) -> Vec<Violation> {
    let mut found = BTreeSet::new();
    acknowledged(history, &mut found);
    delivered(history, &mut found);
    genuine(history, &mut found);
    deleted(history, &mut found);
    planned(history, &mut found);
    jobs::walk(history, &mut found);
    jobs::rescues(history, &mut found);
    found.into_iter().collect()
}

type Found = BTreeSet<Violation>;

fn acknowledged(history: &History, found: &mut Found) {
    let mut logged: BTreeMap<(i64, &str, &str), usize> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for event in &history.events {
        let key = (
            event.organization,
            event.correlation.as_str(),
            event.name.as_str(),
        );
        *logged.entry(key).or_default() += 1;
        if !ids.insert(event.id) {
            found.insert(Violation::LoggedTwice { event: event.id });
        }
    }
    for Told {
        organization,
        correlation,
        name,
        count,
    } in &history.told
    {
        let key = (*organization, correlation.as_str(), name.as_str());
        let logged = logged.get(&key).copied().unwrap_or_default();
        if logged != *count {
            let correlation = correlation.clone();
            found.insert(Violation::Acknowledged {
                correlation,
                told: *count,
                logged,
            });
        }
    }
}

/// Whether this endpoint has to hear of this event, whatever happens.
fn must_hear(endpoint: &Endpoint, event: &Event) -> bool {
    endpoint.organization == event.organization
        && endpoint.deleted.is_none()
        && event.recorded > endpoint.since
        && endpoint.wants(&event.name)
}

/// How many pairs of event and endpoint the check for delivery looks at.
pub fn expected(history: &History) -> usize {
    let events = history.events.iter();
    let heard = |event| {
        history
            .endpoints
            .iter()
            .filter(move |endpoint| must_hear(endpoint, event))
    };
    events.map(|event| heard(event).count()).sum()
}

fn delivered(history: &History, found: &mut Found) {
    let arrived: BTreeSet<(i64, i64)> = history
        .arrivals
        .iter()
        .filter(|arrival| arrival.forgery.is_none())
        .filter_map(|arrival| Some((arrival.endpoint, arrival.event?)))
        .collect();
    for event in &history.events {
        for endpoint in &history.endpoints {
            if must_hear(endpoint, event) && !arrived.contains(&(endpoint.id, event.id)) {
                found.insert(Violation::NotDelivered {
                    endpoint: endpoint.id,
                    event: event.id,
                });
            }
        }
    }
}

fn genuine(history: &History, found: &mut Found) {
    let events: BTreeMap<i64, &Event> = history
        .events
        .iter()
        .map(|event| (event.id, event))
        .collect();
    let endpoints = endpoints(history);
    let mut message_of: BTreeMap<(i64, i64), &str> = BTreeMap::new();
    let mut event_of: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    for arrival in &history.arrivals {
        let Arrival {
            endpoint, message, ..
        } = arrival;
        let endpoint = *endpoint;
        if let Some(why) = &arrival.forgery {
            let (message, why) = (message.clone(), why.clone());
            found.insert(Violation::BadSignature {
                endpoint,
                message,
                why,
            });
            continue;
        }
        let Some(id) = arrival.event else {
            continue; // a test: it tells of no event
        };
        let message = message.as_str();
        let known = *message_of.entry((endpoint, id)).or_insert(message);
        let named = *event_of.entry((endpoint, message)).or_insert(id);
        if known != message || named != id {
            let message = message.to_owned();
            found.insert(Violation::UnstableId {
                endpoint,
                event: id,
                message,
            });
        }
        match (events.get(&id), endpoints.get(&endpoint)) {
            (None, _) => {
                found.insert(Violation::NeverHappened {
                    endpoint,
                    event: id,
                });
            }
            (Some(event), Some(to))
                if event.organization == to.organization
                    && arrival.organization == Some(event.organization)
                    && arrival.name == event.name
                    && to.wants(&event.name) => {}
            _ => {
                found.insert(Violation::NotTheirs {
                    endpoint,
                    event: id,
                });
            }
        }
    }
}

fn endpoints(history: &History) -> BTreeMap<i64, &Endpoint> {
    let endpoints = history.endpoints.iter();
    endpoints.map(|endpoint| (endpoint.id, endpoint)).collect()
}

fn deleted(history: &History, found: &mut Found) {
    let endpoints = endpoints(history);
    let deliveries: BTreeMap<i64, &Delivery> = history
        .deliveries
        .iter()
        .map(|delivery| (delivery.id, delivery))
        .collect();
    let deleted = |endpoint: i64| endpoints.get(&endpoint)?.deleted;
    for attempt in &history.attempts {
        let Some(delivery) = deliveries.get(&attempt.delivery) else {
            continue;
        };
        if deleted(delivery.endpoint).is_some_and(|deleted| attempt.started > deleted) {
            let what = format!(
                "attempt {} of delivery {}",
                attempt.number, attempt.delivery
            );
            found.insert(Violation::StartedAfterDelete {
                endpoint: delivery.endpoint,
                what,
            });
        }
    }
    for arrival in &history.arrivals {
        let Some(deleted) = deleted(arrival.endpoint) else {
            continue;
        };
        if arrival.at > deleted + history.longest_request {
            let what = format!("request {}", arrival.message);
            found.insert(Violation::StartedAfterDelete {
                endpoint: arrival.endpoint,
                what,
            });
        }
    }
}

fn planned(history: &History, found: &mut Found) {
    let endpoints = endpoints(history);
    let accepted: BTreeSet<(i64, i64)> = history
        .arrivals
        .iter()
        .filter(|arrival| {
            arrival
                .answer
                .is_some_and(|status| (200..300).contains(&status))
        })
        .filter_map(|arrival| Some((arrival.endpoint, arrival.event?)))
        .collect();
    let mut seen = BTreeSet::new();
    for delivery in &history.deliveries {
        let Delivery {
            id,
            endpoint,
            event: Some(event),
            ..
        } = *delivery
        else {
            continue;
        };
        if delivery.is_first && !seen.insert((endpoint, event)) {
            found.insert(Violation::PlannedTwice { endpoint, event });
        }
        if delivery.state == "delivered" && !accepted.contains(&(endpoint, event)) {
            found.insert(Violation::SaidToBeDelivered { delivery: id });
        }
        let is_live = endpoints
            .get(&endpoint)
            .is_some_and(|endpoint| endpoint.deleted.is_none());
        if is_live && delivery.state != "delivered" {
            found.insert(Violation::LeftPending { delivery: id });
        }
    }
    let mut seen = BTreeSet::new();
    for attempt in &history.attempts {
        if !seen.insert((attempt.delivery, attempt.number)) {
            let (delivery, number) = (attempt.delivery, attempt.number);
            found.insert(Violation::SettledTwice { delivery, number });
        }
    }
}

#[cfg(test)]
mod tests;
