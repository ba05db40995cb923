//! From an event's commit to its webhook's first byte at the receiver.
use crate::{facts, figures::percentile, place::Place, receiver::Receiver};
use batchtrack_core::outbox;
use std::time::{Duration, Instant};
use tokio::{process::Command, time::sleep};

const PATIENCE: Duration = Duration::from_secs(20);

/// The real dispatcher, which may send to receivers on this machine.
pub(crate) struct Dispatcher(tokio::process::Child);

impl Dispatcher {
    pub(crate) async fn start(place: &Place, program: &std::path::Path) -> Self {
        let child = Command::new(program)
            .env_clear()
            .envs(place.environment())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        // Its pools, its first look at everything.
        sleep(Duration::from_secs(3)).await;
        Self(child)
    }

    pub(crate) async fn stop(mut self) {
        crate::child::terminate(&mut self.0).await;
    }
}

/// Emits one event of `organization` and says when it was committed.
pub(crate) async fn emit_one(place: &Place, organization: usize, entity: i64) -> Instant {
    let acting = Place::acting(place.organization(organization));
    let mut tx = place.db.begin(acting).await.expect("a transaction");
    outbox::emit(&mut tx, vec![facts::event(entity)])
        .await
        .expect("an event");
    tx.commit().await.expect("a commit");
    Instant::now()
}

/// One event each 200 ms, of one organisation after the other.
pub(crate) async fn idle(place: &Place, receiver: &Receiver, events: u32) -> Vec<Duration> {
    let mut latencies = Vec::new();
    for number in 0..events {
        let organization = usize::try_from(number).expect("small") % place.organizations.len();
        let entity = 1_000_000 + i64::from(number);
        let committed = emit_one(place, organization, entity).await;
        let path = path(organization);
        let arrived = receiver.until_arrived(&path, entity, PATIENCE).await;
        let arrived = arrived.unwrap_or_else(|| panic!("event {number} never arrived"));
        latencies.push(arrived.saturating_duration_since(committed));
        sleep((committed + Duration::from_millis(200)).saturating_duration_since(Instant::now()))
            .await;
    }
    latencies
}

/// Events of all organisations in turn, `rate` each second, for `time`; how long each took to arrive,
/// leaving out organisation `but`.
pub(crate) async fn steady(
    place: &Place,
    receiver: &Receiver,
    first: i64,
    rate: u32,
    time: Duration,
    but: usize,
) -> Vec<Duration> {
    let start = Instant::now();
    let mut sent = Vec::new();
    let mut entity = first;
    while start.elapsed() < time {
        let number = u32::try_from(entity - first).expect("small");
        let due = start + Duration::from_secs(1) * number / rate;
        sleep(due.saturating_duration_since(Instant::now())).await;
        let organization = usize::try_from(number).expect("small") % place.organizations.len();
        sent.push((
            organization,
            entity,
            emit_one(place, organization, entity).await,
        ));
        entity += 1;
    }
    let mut latencies = Vec::new();
    for (organization, entity, committed) in sent {
        if organization == but {
            continue;
        }
        let arrived = receiver
            .until_arrived(&path(organization), entity, PATIENCE)
            .await;
        // What never came counts as long as we waited.
        latencies.push(arrived.map_or(PATIENCE, |at| at.saturating_duration_since(committed)));
    }
    latencies
}

pub(crate) fn path(organization: usize) -> String {
    format!("/hook/{organization}")
}

pub(crate) fn p50_p99(latencies: &[Duration]) -> (Duration, Duration) {
    (percentile(latencies, 0.50), percentile(latencies, 0.99))
}
