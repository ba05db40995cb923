//! Sending events again, to endpoints and to the operator's own hook. Receivers know an event by its
//! number, so one that comes twice harms nobody.
use super::super::{
    OperatorError,
    model::{Act, Actor, Replayed, Stretch},
    queries::{self, Caused},
};
use crate::{
    jobs::{self, NewJob, operate},
    kernel::{
        StoreError,
        ids::{EventId, OrganizationId, WebhookEndpointId},
    },
    outbox::Fact,
    platform::{SystemDb, SystemTx},
    webhooks::{self, NewDelivery, SendAgain, TellOperator},
};
use chrono::{DateTime, Utc};

/// Events of one transaction: few enough that nobody waits for it.
const AT_A_TIME: i64 = 500;

/// Sends one event again: to `endpoint`, or else to all that hear of it, and, where there is one and no
/// endpoint is named, to the operator's hook.
pub async fn replay_event(
    system: &SystemDb,
    actor: &Actor,
    event: EventId,
    organization: Option<OrganizationId>,
    endpoint: Option<WebhookEndpointId>,
    has_hook: bool,
) -> Result<Replayed, OperatorError> {
    let mut tx = system.begin().await?;
    let fact = queries::fact_anywhere(&mut tx, event, organization)
        .await?
        .ok_or(OperatorError::NoEvent)?;
    let mut replayed = Replayed::default();
    let listening = webhooks::interests(&mut tx, &[fact.organization]).await?;
    let deliveries: Vec<_> = listening
        .iter()
        .filter(|interest| match endpoint {
            Some(endpoint) => interest.endpoint == endpoint,
            None => interest.wants(&fact.name),
        })
        .map(|interest| delivery(&fact, interest.endpoint))
        .collect();
    if let Some(endpoint) = endpoint
        && deliveries.is_empty()
    {
        return Err(OperatorError::NoEndpoint(endpoint));
    }
    replayed.deliveries = deliveries.len();
    webhooks::plan_again(&mut tx, deliveries).await?;
    if has_hook && endpoint.is_none() {
        tell_again(&mut tx, vec![caused(&fact)], &mut replayed).await?;
    }
    let sent = i64::try_from(replayed.deliveries).unwrap_or(0) + replayed.to_hook;
    let subject = format!("event {event} of organisation {}", fact.organization);
    queries::note(&mut tx, actor, Act::EventsReplayed, &subject, sent.min(1)).await?;
    tx.commit().await?;
    Ok(replayed)
}

/// Sends one event to the operator's hook again, and to nobody else.
pub async fn replay_one_to_hook(
    system: &SystemDb,
    actor: &Actor,
    event: EventId,
) -> Result<Replayed, OperatorError> {
    let mut tx = system.begin().await?;
    let fact = queries::fact_anywhere(&mut tx, event, None)
        .await?
        .ok_or(OperatorError::NoEvent)?;
    let mut replayed = Replayed::default();
    tell_again(&mut tx, vec![caused(&fact)], &mut replayed).await?;
    let subject = format!(
        "event {event} of organisation {}, to the hook",
        fact.organization
    );
    let told = replayed.to_hook;
    queries::note(&mut tx, actor, Act::EventsReplayed, &subject, told).await?;
    tx.commit().await?;
    Ok(replayed)
}

fn caused(fact: &Fact) -> Caused {
    (
        fact.organization,
        fact.event,
        fact.recorded_at,
        fact.correlation.clone(),
        fact.traceparent.clone(),
    )
}

fn delivery(fact: &Fact, endpoint: WebhookEndpointId) -> NewDelivery {
    NewDelivery {
        organization: fact.organization,
        endpoint,
        event: fact.event,
        recorded_at: fact.recorded_at,
        event_name: fact.name.clone(),
        correlation: fact.correlation.clone(),
        traceparent: fact.traceparent.clone(),
    }
}

/// Begins to send what was recorded in a stretch of time to endpoints again: one replay for each
/// organisation that has any. Says for which; the dispatcher plans their deliveries.
pub async fn replay_events(
    system: &SystemDb,
    actor: &Actor,
    stretch: &Stretch,
) -> Result<Vec<OrganizationId>, OperatorError> {
    if stretch.from >= stretch.to {
        return Err(OperatorError::EmptyStretch);
    }
    let mut tx = system.begin().await?;
    let begun = queries::begin_replays(&mut tx, stretch, actor.user).await?;
    if let (Some(endpoint), true) = (stretch.endpoint, begun.is_empty()) {
        return Err(OperatorError::NoEndpoint(endpoint));
    }
    let jobs = begun.iter().map(|&(organization, replay)| {
        let job = SendAgain {
            organization,
            replay,
        };
        NewJob::of(&job).for_organization(organization)
    });
    jobs::enqueue_for_system(&mut tx, &actor.correlation, jobs.collect()).await?;
    for (organization, replay) in &begun {
        let subject = format!(
            "replay {replay} of organisation {organization}: {}",
            words(stretch)
        );
        queries::note(&mut tx, actor, Act::EventsReplayed, &subject, 1).await?;
    }
    tx.commit().await?;
    Ok(begun
        .into_iter()
        .map(|(organization, _)| organization)
        .collect())
}

/// Sends an organisation's events of a stretch of time to the operator's hook again, some at a time.
pub async fn replay_to_hook(
    system: &SystemDb,
    actor: &Actor,
    stretch: &Stretch,
    organization: OrganizationId,
) -> Result<Replayed, StoreError> {
    let subject = format!(
        "to the hook, of organisation {organization}: {}",
        words(stretch)
    );
    let next = async |tx: &mut SystemTx, after| {
        queries::facts(tx, organization, stretch, after, AT_A_TIME).await
    };
    in_parts(system, actor, &subject, next).await
}

/// Sends all that the operator's hook had not taken by `until` to it again, as far as it is kept.
pub async fn replay_given_up(
    system: &SystemDb,
    actor: &Actor,
    until: DateTime<Utc>,
) -> Result<Replayed, StoreError> {
    let next =
        async |tx: &mut SystemTx, after| queries::given_up_by(tx, until, after, AT_A_TIME).await;
    in_parts(system, actor, "all that the hook did not take", next).await
}

async fn in_parts(
    system: &SystemDb,
    actor: &Actor,
    subject: &str,
    next: impl AsyncFn(&mut SystemTx, EventId) -> Result<Vec<Caused>, StoreError>,
) -> Result<Replayed, StoreError> {
    let (mut all, mut after) = (Replayed::default(), EventId::new(0));
    loop {
        let mut tx = system.begin().await?;
        let some = next(&mut tx, after).await?;
        let Some((_, last, ..)) = some.last() else {
            return Ok(all);
        };
        after = *last;
        let before = all.to_hook;
        tell_again(&mut tx, some, &mut all).await?;
        let told = all.to_hook - before;
        queries::note(&mut tx, actor, Act::EventsReplayed, subject, told).await?;
        tx.commit().await?;
    }
}

/// Asks for the hook to be told of `events`: by the jobs that died of it, where there are any, and
/// otherwise by new ones. What is on its way already is left alone.
async fn tell_again(
    tx: &mut SystemTx,
    events: Vec<Caused>,
    replayed: &mut Replayed,
) -> Result<(), StoreError> {
    queries::lock_hook(tx).await?;
    let under_way = queries::under_way(tx, &events).await?;
    let due: Vec<_> = events
        .into_iter()
        .filter(|(_, event, ..)| !under_way.contains(event))
        .collect();
    let dead = queries::dead_for_hook(tx, &due).await?;
    operate::retry(tx, &dead).await?;
    let revived = queries::under_way(tx, &due).await?;
    replayed.under_way += i64::try_from(under_way.len()).unwrap_or(0);
    replayed.to_hook += i64::try_from(due.len()).unwrap_or(0);
    let fresh = due
        .into_iter()
        .filter(|(_, event, ..)| !revived.contains(event));
    let jobs = fresh.map(
        |(organization, event, recorded_at, correlation, traceparent)| {
            let job = TellOperator {
                organization,
                event,
                recorded_at,
            };
            NewJob::of(&job)
                .for_organization(organization)
                .caused_by(correlation, traceparent)
        },
    );
    jobs::enqueue_for_system(tx, "", jobs.collect()).await
}

/// As the list of what was done names it.
fn words(stretch: &Stretch) -> String {
    format!("{} to {}", stretch.from, stretch.to)
}
