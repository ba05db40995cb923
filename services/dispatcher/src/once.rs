//! `batchtrack-dispatcher once`: passes on and does all that is due now, says how that went, and ends.
//! Beside dispatchers that run, it takes what they leave.
use crate::{
    Parts,
    relay::{Relay, Turn},
    work::Tally,
};
use batchtrack_core::platform::Lifecycle;
use batchtrack_service::Context;
use std::{fmt, io::Write as _, process::ExitCode, time::Duration};

/// For another dispatcher to end its turn; after that the events are in good hands.
const PATIENCE: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Events that were passed on.
    pub events: usize,
    pub jobs: Tally,
}

impl fmt::Display for Done {
    /// In the terms of domain 8.3. An event that is passed on has succeeded; whether its webhook has
    /// is its job's affair.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            done,
            failed,
            put_off,
        } = self.jobs;
        write!(
            f,
            "processed {}, succeeded {}, failed {failed}, put off {put_off}: {} events and {} attempts at jobs",
            self.events + done + failed + put_off,
            self.events + done,
            self.events,
            done + failed + put_off
        )
    }
}

/// Ends with 0, or with 1 if anything failed.
pub async fn errand(context: Context) -> anyhow::Result<ExitCode> {
    let parts = Parts::connect(&context).await?;
    parts.system.check_role().await?;
    parts.ctx.db.check_role().await?;
    let (relay, runner) = (parts.relay(), parts.runner(&context.settings)?);
    let mut all = Done::default();
    // Redis is for waking others, and nobody has to be woken for what is done here.
    let bell = &parts.bell;
    loop {
        let events = pass_on(&relay, &context.life).await?;
        let jobs = runner.run_once(&context.life, bell).await?;
        all.events += events;
        all.jobs.done += jobs.done;
        all.jobs.failed += jobs.failed;
        all.jobs.put_off += jobs.put_off;
        if (events, jobs) == (0, Tally::default()) || context.life.is_stopping() {
            break;
        }
    }
    // Nobody listening is no reason to do it all again.
    let _ = writeln!(std::io::stdout(), "{all}");
    Ok(if all.jobs.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn pass_on(relay: &Relay, life: &Lifecycle) -> anyhow::Result<usize> {
    let (mut events, mut waited) = (0, 0);
    while !life.is_stopping() && waited < PATIENCE {
        match relay.turn().await? {
            Turn::More(some) => events += some,
            Turn::All(some) => return Ok(events + some),
            Turn::Taken => {
                waited += 1;
                life.pause(PAUSE).await;
            }
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_said_in_one_line() {
        let jobs = Tally {
            done: 4,
            failed: 1,
            put_off: 2,
        };
        assert_eq!(
            Done { events: 3, jobs }.to_string(),
            "processed 10, succeeded 7, failed 1, put off 2: 3 events and 7 attempts at jobs"
        );
    }
}
