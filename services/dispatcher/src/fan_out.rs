//! What becomes of facts: the one place that decides who hears of what. Pure.
use batchtrack_core::{
    inventory,
    jobs::NewJob,
    kernel::ids::OrganizationId,
    outbox::Fact,
    webhooks::{Interest, NewDelivery, TellOperator},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// All there is to do about some facts, in their order.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    pub deliveries: Vec<NewDelivery>,
    pub jobs: Vec<NewJob>,
    /// Facts that no webhook hears of: for them the log has to do.
    pub unheard: Vec<usize>,
}

/// Each endpoint that asked for it hears of each fact of its organisation; the operator's own hook, if
/// there is one, of all; the owners of what concerns their stock.
pub fn fan_out(
    facts: &[Fact],
    interests: &[Interest],
    tells_operator: bool,
    now: DateTime<Utc>,
) -> Plan {
    let mut plan = Plan::default();
    let mut listeners = BTreeMap::<OrganizationId, Vec<&Interest>>::new();
    for interest in interests {
        let ours = listeners.entry(interest.organization).or_default();
        ours.push(interest);
    }
    // One letter may be about many facts.
    let mut letters = BTreeMap::<OrganizationId, Vec<NewJob>>::new();
    for (at, fact) in facts.iter().enumerate() {
        let before = plan.deliveries.len();
        let ours = listeners.get(&fact.organization).into_iter().flatten();
        let wanted = ours.filter(|interest| interest.wants(&fact.name));
        plan.deliveries
            .extend(wanted.map(|interest| delivery(fact, interest)));
        if tells_operator {
            plan.jobs.push(for_operator(fact));
        } else if plan.deliveries.len() == before {
            plan.unheard.push(at);
        }
        if let Some(letter) = inventory::letter_after(&fact.name, fact.organization, now) {
            let ours = letters.entry(fact.organization).or_default();
            if !ours.contains(&letter) {
                ours.push(letter);
            }
        }
    }
    plan.jobs.extend(letters.into_values().flatten());
    plan
}

fn delivery(fact: &Fact, interest: &Interest) -> NewDelivery {
    NewDelivery {
        organization: fact.organization,
        endpoint: interest.endpoint,
        event: fact.event,
        recorded_at: fact.recorded_at,
        event_name: fact.name.clone(),
        correlation: fact.correlation.clone(),
        traceparent: fact.traceparent.clone(),
    }
}

fn for_operator(fact: &Fact) -> NewJob {
    let job = TellOperator {
        organization: fact.organization,
        event: fact.event,
        recorded_at: fact.recorded_at,
    };
    NewJob::of(&job)
        .for_organization(fact.organization)
        .caused_by(fact.correlation.clone(), fact.traceparent.clone())
}

#[cfg(test)]
mod tests;
