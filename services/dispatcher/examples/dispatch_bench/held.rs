//! What one snapshot held open costs. While it is, nothing that has been deleted or changed since can
//! be cleared away.
use crate::{
    child::{self, Running},
    facts,
    figures::rate,
    line::{self, Side},
    place::Place,
};
use batchtrack_dispatcher::relay::{Relay, Turn};
use std::time::{Duration, Instant};
use tokio_postgres::Client;

/// More than that waits for nobody in these measurements: as in a system that keeps up.
const BACKLOG: u64 = 10_000;
const SLICE: Duration = Duration::from_secs(10);

/// A snapshot held open with this value.
pub(crate) struct Held(#[expect(dead_code, reason = "held, not used")] Client);

impl Held {
    pub(crate) async fn open(place: &Place) -> Self {
        let client = place.another().await;
        client
            .batch_execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM organizations",
            )
            .await
            .expect("a snapshot");
        Self(client)
    }
}

/// How many each second, in slices of ten seconds.
pub(crate) struct Window {
    start: Instant,
    slice: (Instant, u64),
    pub(crate) slices: Vec<f64>,
}

impl Window {
    pub(crate) fn open() -> Self {
        let now = Instant::now();
        Self {
            start: now,
            slice: (now, 0),
            slices: Vec::new(),
        }
    }

    fn reached(&mut self, many: u64) {
        let (since, before) = self.slice;
        if since.elapsed() >= SLICE {
            self.slices.push(rate(many - before, since.elapsed()));
            self.slice = (Instant::now(), many);
        }
    }

    pub(crate) fn mean(&self) -> f64 {
        mean(&self.slices)
    }

    /// Of the last minute, when most lies about.
    pub(crate) fn end(&self) -> f64 {
        let last = self.slices.len().saturating_sub(6);
        mean(self.slices.get(last..).unwrap_or_default())
    }
}

fn mean(slices: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a short list")]
    let many = slices.len().max(1) as f64;
    slices.iter().sum::<f64>() / many
}

/// Jobs written and worked as fast as both go, for `time`.
pub(crate) async fn jobs(place: &Place, processes: &mut [Running], time: Duration) -> Window {
    child::until_ready(processes).await;
    let before = child::done(processes);
    let mut window = Window::open();
    let mut written = 0;
    while window.start.elapsed() < time {
        let done = child::done(processes) - before;
        window.reached(done);
        if written < done + BACKLOG {
            line::write(place, Side::Ours, 1_000, 1_000).await;
            written += 1_000;
        } else {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    while child::done(processes) - before < written {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    window
}

/// Facts emitted and relayed as fast as both go, one job for each, for `time`.
pub(crate) async fn relay(place: &Place, time: Duration) -> Window {
    let relay = Relay::new(place.system.clone(), true);
    facts::relay_all(&relay).await;
    let mut window = Window::open();
    let (mut emitted, mut relayed) = (0, 0);
    while window.start.elapsed() < time {
        let emit = async {
            if emitted < relayed + BACKLOG {
                facts::emit(place, 2_000, 250).await;
                2_000
            } else {
                0
            }
        };
        let turn = async {
            match relay.turn().await.expect("a turn") {
                Turn::More(many) | Turn::All(many) => u64::try_from(many).expect("small"),
                Turn::Taken => 0,
            }
        };
        let (more, passed_on) = tokio::join!(emit, turn);
        emitted += more;
        relayed += passed_on;
        window.reached(relayed);
    }
    facts::relay_all(&relay).await;
    window
}
