//! From the log to those who must hear of a fact. Any number of dispatchers may try; one at a time
//! takes a turn, and what it plans is committed together with how far it has come.
use crate::{fan_out::fan_out, measures::Measures, pace};
use batchtrack_core::{
    jobs,
    kernel::StoreError,
    outbox::{self, Consumer, Fact},
    platform::{Lifecycle, SystemDb, wake::Bell},
    webhooks,
};
use std::{collections::BTreeSet, error::Error as _, time::Instant};

/// Facts in one turn: few enough that its transaction is short, so many that the statements of a turn
/// don't count.
const CHUNK: u32 = 1_000;

/// Passes facts on.
pub struct Relay {
    system: SystemDb,
    /// Whether the operator has a hook of their own.
    tells_operator: bool,
    measures: Measures,
}

/// What came of one look at the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// So many facts, and there may be more at once.
    More(usize),
    /// So many facts, and that was all.
    All(usize),
    /// Another dispatcher is at it.
    Taken,
}

impl Relay {
    pub fn new(system: SystemDb, tells_operator: bool) -> Self {
        Self {
            system,
            tells_operator,
            measures: Measures::new(),
        }
    }

    /// Relays until the process is to stop; trouble with the database only makes it wait.
    pub async fn run(&self, life: &Lifecycle, bell: &Bell) {
        let watched = self.measures.watch(life, &self.system);
        tokio::join!(self.relay(life, bell), watched);
    }

    async fn relay(&self, life: &Lifecycle, bell: &Bell) {
        let emitted = bell.listen(outbox::TOPIC);
        let mut failures: u32 = 0;
        while !life.is_stopping() {
            match self.turn().await {
                Ok(Turn::More(_)) => failures = 0,
                Ok(Turn::All(_) | Turn::Taken) => {
                    failures = 0;
                    tokio::select! {
                        () = emitted.rung() => {}
                        _ = life.pause(pace::wait(0, pace::roll())) => {}
                    }
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    let cause = error.source().map(ToString::to_string);
                    tracing::warn!(%error, cause, failures, "events could not be relayed");
                    life.pause(pace::wait(failures, pace::roll())).await;
                }
            }
        }
    }

    /// Passes on one chunk. The number of statements does not depend on how many facts it has.
    pub async fn turn(&self) -> Result<Turn, StoreError> {
        let begun = Instant::now();
        let Some(mut turn) = outbox::turn(&self.system, Consumer::Dispatcher, CHUNK).await? else {
            return Ok(Turn::Taken);
        };
        let found = turn.facts().len();
        if found > 0 {
            let organizations: BTreeSet<_> = turn.facts().iter().map(|f| f.organization).collect();
            let organizations: Vec<_> = organizations.into_iter().collect();
            let tx = turn.tx();
            let now = tx.now();
            let interests = webhooks::interests(tx, &organizations).await?;
            let plan = fan_out(turn.facts(), &interests, self.tells_operator, now);
            for fact in plan.unheard.iter().filter_map(|at| turn.facts().get(*at)) {
                note(fact);
            }
            webhooks::plan(turn.tx(), plan.deliveries).await?;
            jobs::enqueue_for_system(turn.tx(), "", plan.jobs).await?;
        }
        let more = turn.finish().await?;
        if found > 0 {
            self.measures.relayed(found, begun.elapsed());
        }
        Ok(if more {
            Turn::More(found)
        } else {
            Turn::All(found)
        })
    }
}

/// Nobody subscribes to it, so the log is who hears of it. What it carries stays out of there.
fn note(fact: &Fact) {
    tracing::info!(
        event.name = fact.name,
        event.id = fact.event.get(),
        organization.id = fact.organization.get(),
        request.id = fact.correlation,
        "event dispatched"
    );
}
