//! Every way to spoil a history in which all is well: each must be noticed, and nothing else.
use super::{Violation::*, sample::*, *};
use crate::chaos::history::What;
use std::time::Duration;

#[track_caller]
fn spoilt(spoil: impl FnOnce(&mut History), noticed: &[Violation]) {
    let mut history = good();
    spoil(&mut history);
    assert_eq!(check(&history), noticed);
}

#[test]
fn nothing_is_wrong_where_all_is_well() {
    assert_eq!(check(&good()), []);
    assert_eq!(check(&History::default()), []);
    assert_eq!(expected(&good()), 4);
}

#[test]
fn what_was_acknowledged_is_in_the_log_once() {
    let violation = |logged| Acknowledged {
        correlation: "request 10".to_owned(),
        told: 1,
        logged,
    };
    let lost = |history: &mut History| {
        history.events.remove(0);
        history.arrivals.retain(|arrival| arrival.event != Some(10));
        history
            .deliveries
            .retain(|delivery| delivery.event != Some(10));
    };
    spoilt(lost, &[violation(0)]);
    let twice = |history: &mut History| {
        let mut again = history.events[0].clone();
        again.id = 13;
        history
            .endpoints
            .iter_mut()
            .for_each(|endpoint| endpoint.since = at(13));
        again.recorded = at(13);
        history.events.push(again);
    };
    spoilt(twice, &[violation(2)]);
    let row = |history: &mut History| history.events.push(history.events[2].clone());
    spoilt(row, &[LoggedTwice { event: 12 }]);
}

#[test]
fn who_wants_an_event_hears_of_it() {
    // Of the two arrivals of event 10 at endpoint 1 either will do.
    spoilt(|history| drop(history.arrivals.remove(0)), &[]);
    let lost = |history: &mut History| drop(history.arrivals.remove(2));
    let missing = NotDelivered {
        endpoint: 1,
        event: 11,
    };
    spoilt(lost, &[missing.clone(), SaidToBeDelivered { delivery: 2 }]);
    let unplanned = |history: &mut History| {
        history.arrivals.remove(2);
        history.deliveries.remove(1);
    };
    spoilt(unplanned, &[missing]);
    // What happened before it was there, or after it was gone, need not arrive.
    let later = |history: &mut History| {
        history.endpoints[0].since = at(11);
        history
            .arrivals
            .retain(|arrival| arrival.endpoint != 1 && arrival.endpoint != 3);
        history
            .deliveries
            .retain(|delivery| delivery.endpoint != 1 && delivery.endpoint != 3);
    };
    spoilt(later, &[]);
}

#[test]
fn nobody_hears_what_did_not_happen_or_is_not_theirs() {
    let hears = |endpoint, event: Event| {
        move |history: &mut History| history.arrivals.push(arrival(endpoint, &event, 20))
    };
    spoilt(
        hears(1, event(1, 99, "sku_sold")),
        &[NeverHappened {
            endpoint: 1,
            event: 99,
        }],
    );
    spoilt(
        hears(1, event(2, 12, "sku_sold")),
        &[NotTheirs {
            endpoint: 1,
            event: 12,
        }],
    );
    spoilt(
        hears(2, event(1, 11, "inventory_adjusted")),
        &[NotTheirs {
            endpoint: 2,
            event: 11,
        }],
    );
    let misnamed = |history: &mut History| history.arrivals[0].name = "sku_created".to_owned();
    spoilt(
        misnamed,
        &[NotTheirs {
            endpoint: 1,
            event: 10,
        }],
    );
}

#[test]
fn signatures_verify() {
    let forged = |history: &mut History| history.arrivals[0].forgery = Some("no".to_owned());
    let (message, why) = ("evt_10".to_owned(), "no".to_owned());
    spoilt(
        forged,
        &[BadSignature {
            endpoint: 1,
            message,
            why,
        }],
    );
}

#[test]
fn ids_are_stable() {
    let another = |history: &mut History| history.arrivals[1].message = "evt_10b".to_owned();
    let (endpoint, message) = (1, "evt_10b".to_owned());
    spoilt(
        another,
        &[UnstableId {
            endpoint,
            event: 10,
            message,
        }],
    );
    let shared = |history: &mut History| history.arrivals[2].message = "evt_10".to_owned();
    let message = "evt_10".to_owned();
    spoilt(
        shared,
        &[UnstableId {
            endpoint,
            event: 11,
            message,
        }],
    );
}

#[test]
fn nothing_starts_after_its_endpoint_was_deleted() {
    let started = |history: &mut History| history.attempts[2].started = at(101);
    let violation = |what: &str| StartedAfterDelete {
        endpoint: 3,
        what: what.to_owned(),
    };
    spoilt(started, &[violation("attempt 1 of delivery 4")]);
    let arrived = |history: &mut History| history.arrivals[4].at = at(111);
    spoilt(arrived, &[violation("request evt_10")]);
}

#[test]
fn deliveries_are_planned_once_and_come_to_an_end() {
    let twice = |history: &mut History| {
        let again = delivery(6, 1, &event(1, 10, "sku_sold"));
        history.deliveries.push(again);
    };
    spoilt(
        twice,
        &[PlannedTwice {
            endpoint: 1,
            event: 10,
        }],
    );
    let replayed = |history: &mut History| {
        let mut again = delivery(6, 1, &event(1, 10, "sku_sold"));
        again.is_first = false;
        history.deliveries.push(again);
    };
    spoilt(replayed, &[]);
    let pending = |history: &mut History| history.deliveries[0].state = "pending".to_owned();
    spoilt(pending, &[LeftPending { delivery: 1 }]);
    let refused = |history: &mut History| history.arrivals[5].answer = Some(500);
    spoilt(refused, &[SaidToBeDelivered { delivery: 5 }]);
    let settled = |history: &mut History| history.attempts[1].number = 1;
    spoilt(
        settled,
        &[SettledTwice {
            delivery: 1,
            number: 1,
        }],
    );
}

#[test]
fn only_its_owner_settles_a_job() {
    for what in [
        What::Finished { worker: Some(2) },
        What::Delayed { worker: Some(2) },
        What::Died { worker: Some(2) },
    ] {
        let stolen = |history: &mut History| {
            history.steps.truncate(5);
            history.steps[4] = step(1, what, "one");
            if let What::Delayed { .. } = what {
                history.steps.push(step(1, What::Dropped, "one"));
            }
        };
        let (owner, by) = ("two".to_owned(), "one".to_owned());
        spoilt(stolen, &[NotTheOwner { job: 1, owner, by }]);
    }
    // It was heard of a second before.
    let freed = |history: &mut History| history.steps[2].silent = Some(Duration::from_secs(1));
    let (owner, by) = ("one".to_owned(), "two".to_owned());
    spoilt(freed, &[NotTheOwner { job: 1, owner, by }]);
    let dropped = |history: &mut History| {
        history.steps[2].what = What::Finished { worker: Some(1) };
        history.steps[2].is_unique = true;
        history.steps.drain(3..5);
    };
    spoilt(dropped, &[]);
    let nobodys = |history: &mut History| history.steps[4].what = What::Finished { worker: None };
    let (owner, by) = ("nobody".to_owned(), "two".to_owned());
    spoilt(nobodys, &[NotTheOwner { job: 1, owner, by }]);
}

#[test]
fn a_job_has_one_owner_at_a_time_and_ends_once() {
    let by = "two".to_owned();
    let held = |history: &mut History| drop(history.steps.remove(2));
    spoilt(
        held,
        &[HeldTwice {
            job: 1,
            by: by.clone(),
        }],
    );
    let again = |history: &mut History| {
        let late = step(1, What::Delayed { worker: None }, "two");
        history.steps.push(late);
    };
    spoilt(again, &[AfterItsEnd { job: 1, by }]);
    let undone = |history: &mut History| drop(history.steps.pop());
    spoilt(undone, &[LeftUndone { job: 2 }]);
    let upkeep = |history: &mut History| {
        history.steps.pop();
        let upkeep = "upkeep.rotate.v1";
        history
            .steps
            .iter_mut()
            .for_each(|step| upkeep.clone_into(&mut step.kind));
    };
    spoilt(upkeep, &[]);
}

#[test]
fn nobody_is_declared_dead_within_their_lease() {
    let early = |history: &mut History| history.rescues[0].at = at(12);
    let by = "two".to_owned();
    spoilt(early, &[RescuedAlive { worker: 1, by }]);
    // Who says goodbye need not wait for it.
    let goodbye = |history: &mut History| {
        history.rescues[0].at = at(12);
        history.rescues[0].by = "one".to_owned();
        history.steps[2].by = "one".to_owned();
    };
    spoilt(goodbye, &[]);
}
