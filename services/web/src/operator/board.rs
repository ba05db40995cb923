//! The part of the page of queues that is drawn anew every few seconds.
use super::views::{count, length};
use crate::{extract::Unit, problem::Problem, times::Times};
use batchtrack_core::{
    jobs::{
        Queue,
        operate::{self, Line, Minute, Worker},
    },
    outbox::{self, Consumer, Lag},
    platform::SystemDb,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Whole minutes in each chart.
const MINUTES: i32 = 30;
/// Of them, those that the rate is the mean of.
const MEAN_OF: usize = 5;
/// Longer without a heartbeat, and something is wrong.
const SILENCE: i64 = 20;
const TALLEST: i64 = 26;
const PITCH: i64 = 5;

pub(super) struct Board {
    pub(super) workers: Vec<WorkerRow>,
    pub(super) queues: Vec<QueueRow>,
    pub(super) waiting: String,
    pub(super) dead: i64,
    pub(super) lag: LagView,
    pub(super) now: String,
}

pub(super) struct LagView {
    pub(super) facts: u64,
    pub(super) age: String,
    pub(super) is_late: bool,
}

pub(super) struct WorkerRow {
    pub(super) id: i64,
    pub(super) host: String,
    pub(super) pid: i32,
    pub(super) queues: String,
    pub(super) started: String,
    pub(super) heartbeat: String,
    pub(super) is_silent: bool,
    pub(super) running: i64,
}

pub(super) struct QueueRow {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) waiting: String,
    pub(super) oldest: String,
    pub(super) is_late: bool,
    pub(super) running: i64,
    pub(super) delayed: String,
    pub(super) dead: i64,
    pub(super) dead_words: String,
    pub(super) rate: String,
    pub(super) bars: Vec<Bar>,
    pub(super) words: String,
    /// Nothing has ended for as long as the chart goes back.
    pub(super) is_still: bool,
}

/// One minute of a chart: what went well stands on what did not.
pub(super) struct Bar {
    pub(super) x: i64,
    pub(super) bad: i64,
    pub(super) bad_y: i64,
    pub(super) good: i64,
    pub(super) good_y: i64,
}

impl Board {
    pub(super) const ACROSS: i64 = PITCH * MINUTES as i64;
    pub(super) const FLOOR: i64 = TALLEST + 2;

    pub(super) async fn read(system: &SystemDb, unit: &Unit) -> Result<Self, Problem> {
        let lag = outbox::lag(system, Consumer::Dispatcher).await?;
        let mut tx = system.begin().await?;
        let now = tx.now();
        let lines = operate::lines(&mut tx).await?;
        let workers = operate::workers(&mut tx).await?;
        let minutes = operate::minutes(&mut tx, MINUTES).await?;
        let times = unit.times();
        Ok(Self {
            waiting: count(lines.iter().map(|line| line.waiting).sum()),
            dead: lines.iter().map(|line| line.dead).sum(),
            lag: LagView::of(&lag),
            now: times.moment(now).text,
            workers: workers
                .into_iter()
                .map(|worker| WorkerRow::of(worker, &times))
                .collect(),
            queues: lines
                .iter()
                .map(|line| QueueRow::of(line, &minutes, now))
                .collect(),
        })
    }

    pub(super) fn lag_tone(&self) -> &'static str {
        if self.lag.is_late {
            "danger"
        } else {
            "success"
        }
    }
    pub(super) fn dead_tone(&self) -> &'static str {
        if self.dead > 0 { "warning" } else { "success" }
    }
    pub(super) fn worker_tone(&self) -> &'static str {
        if self.workers.iter().all(|worker| worker.is_silent) {
            "danger"
        } else {
            "success"
        }
    }
}

impl LagView {
    fn of(lag: &Lag) -> Self {
        Self {
            facts: lag.facts,
            age: if lag.facts == 0 {
                "All passed on".to_owned()
            } else {
                format!("The oldest for {}", length(lag.age()))
            },
            is_late: lag.age() > TimeDelta::seconds(30),
        }
    }
}

impl WorkerRow {
    fn of(worker: Worker, times: &Times) -> Self {
        Self {
            id: worker.id.get(),
            host: worker.host,
            pid: worker.pid,
            queues: if worker.queues.len() == Queue::ALL.len() {
                "All".to_owned()
            } else {
                worker.queues.join(", ")
            },
            started: times.ago(worker.started_at),
            heartbeat: format!("{} s ago", worker.silent_seconds.max(0)),
            is_silent: worker.silent_seconds > SILENCE,
            running: worker.running,
        }
    }
}

impl QueueRow {
    fn of(line: &Line, minutes: &[Minute], now: DateTime<Utc>) -> Self {
        let of_queue: Vec<_> = minutes
            .iter()
            .filter(|minute| minute.queue == line.queue)
            .collect();
        let ended = |minute: &Minute| minute.done + minute.failed + minute.put_off;
        let most = of_queue.iter().map(|minute| ended(minute)).max();
        let most = most.unwrap_or(0).max(1);
        let lately: i64 = of_queue.iter().rev().take(MEAN_OF).map(|m| m.done).sum();
        let (done, bad) = of_queue.iter().fold((0, 0), |(done, bad), minute| {
            (done + minute.done, bad + minute.failed + minute.put_off)
        });
        let age = line.oldest.map(|since| now - since);
        Self {
            name: line.queue.as_str(),
            what: what(line.queue),
            waiting: count(line.waiting),
            oldest: age.map_or_else(|| "—".to_owned(), length),
            is_late: age.is_some_and(|age| age > TimeDelta::minutes(5)),
            running: line.running,
            delayed: count(line.delayed),
            dead: line.dead,
            dead_words: count(line.dead),
            rate: rate(lately),
            is_still: done + bad == 0,
            bars: (0..)
                .zip(&of_queue)
                .map(|(at, minute)| Bar::of(at, minute, most))
                .collect(),
            words: format!(
                "{done} attempts done and {bad} failed or put off in the last {MINUTES} minutes"
            ),
        }
    }
}

impl Bar {
    fn of(at: i64, minute: &Minute, most: i64) -> Self {
        // Nothing that happened is too little to be seen.
        let height = |n: i64| {
            if n > 0 {
                (n * TALLEST / most).max(2)
            } else {
                0
            }
        };
        let (good, bad) = (height(minute.done), height(minute.failed + minute.put_off));
        Self {
            x: at * PITCH,
            bad,
            bad_y: Board::FLOOR - bad,
            good,
            good_y: Board::FLOOR - bad - good,
        }
    }
}

/// A minute, of what was done in the last five.
fn rate(done: i64) -> String {
    let tenths = done * 10 / i64::try_from(MEAN_OF).unwrap_or(1);
    match tenths {
        0 if done == 0 => "0".to_owned(),
        ..100 => format!("{}.{}", tenths / 10, tenths % 10),
        _ => (tenths / 10).to_string(),
    }
}

/// What stands in a queue, for somebody who sees it for the first time.
const fn what(queue: Queue) -> &'static str {
    match queue {
        Queue::Critical => "Codes and links that somebody waits for",
        Queue::Webhooks => "Deliveries to other people's servers",
        Queue::Mail => "Letters",
        Queue::Push => "Notifications",
        Queue::Fanout => "What becomes of an event for many",
        Queue::Media => "Pictures",
        Queue::Exports => "Files that somebody asked for",
        Queue::Upkeep => "Clearing away, and the calendar",
        Queue::Bulk => "What may take its time, such as replays",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_a_minute() {
        for (done, words) in [
            (0, "0"),
            (1, "0.2"),
            (49, "9.8"),
            (50, "10"),
            (5_000, "1000"),
        ] {
            assert_eq!(rate(done), words, "{done} in five minutes");
        }
    }

    #[test]
    fn bars_stay_within_their_chart() {
        let minute = |done, failed| Minute {
            queue: Queue::Mail,
            minute: DateTime::UNIX_EPOCH,
            done,
            failed,
            put_off: 0,
            waiting: 0,
        };
        for (done, failed) in [(0, 0), (1, 0), (0, 1), (1, 999), (500, 500), (1_000, 0)] {
            let bar = Bar::of(3, &minute(done, failed), 1_000);
            assert!(bar.good_y >= 0 && bar.good_y + bar.good + bar.bad == Board::FLOOR);
            assert_eq!((bar.good > 0, bar.bad > 0), (done > 0, failed > 0));
        }
    }
}
