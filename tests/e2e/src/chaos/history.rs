//! What happened, as told by all who saw it: clients, the log of events, receivers, and the database's
//! own record of who did what to which job.
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, time::Duration};

pub type Moment = DateTime<Utc>;

#[derive(Debug, Clone, Default)]
pub struct History {
    pub endpoints: Vec<Endpoint>,
    pub told: Vec<Told>,
    pub events: Vec<Event>,
    pub arrivals: Vec<Arrival>,
    pub deliveries: Vec<Delivery>,
    pub attempts: Vec<Attempt>,
    /// In the order in which they happened to each job.
    pub steps: Vec<Step>,
    /// Which process registered each worker.
    pub workers: BTreeMap<i64, String>,
    /// Workers that others declared dead.
    pub rescues: Vec<Rescue>,
    /// How long after the last sign of life a worker may be declared dead.
    pub lease: Duration,
    /// How long a request may be under way: the timeout, and what a stopped process slept through.
    pub longest_request: Duration,
}

/// Where events of an organisation are to be sent.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub organization: i64,
    pub id: i64,
    /// Names of events; none means all.
    pub wants: Vec<String>,
    /// When whoever made it was told that it is there.
    pub since: Moment,
    /// When whoever deleted it was told that it is gone.
    pub deleted: Option<Moment>,
}

impl Endpoint {
    pub fn wants(&self, name: &str) -> bool {
        self.wants.is_empty() || self.wants.iter().any(|wanted| wanted == name)
    }
}

/// A client was told that it is done, and `count` events of that name must tell of it: no fewer, and
/// no more.
#[derive(Debug, Clone)]
pub struct Told {
    pub organization: i64,
    pub correlation: String,
    pub name: String,
    pub count: usize,
}

/// A row of the log, hence committed.
#[derive(Debug, Clone)]
pub struct Event {
    pub organization: i64,
    pub id: i64,
    pub name: String,
    pub correlation: String,
    pub recorded: Moment,
}

/// A request that reached a receiver.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub endpoint: i64,
    pub at: Moment,
    /// The `webhook-id`.
    pub message: String,
    /// Which event the body tells of, by its own words.
    pub event: Option<i64>,
    pub organization: Option<i64>,
    pub name: String,
    /// What was wrong with the signature.
    pub forgery: Option<String>,
    /// What the receiver said to it, if anything.
    pub answer: Option<u16>,
}

#[derive(Debug, Clone)]
pub struct Delivery {
    pub organization: i64,
    pub id: i64,
    pub endpoint: i64,
    pub event: Option<i64>,
    /// Because it happened, rather than to try the endpoint or because somebody asked to hear it again.
    pub is_first: bool,
    pub state: String,
}

#[derive(Debug, Clone)]
pub struct Attempt {
    pub delivery: i64,
    pub number: i32,
    pub started: Moment,
}

/// Something was done to a job, by a process.
#[derive(Debug, Clone)]
pub struct Step {
    pub job: i64,
    pub kind: String,
    /// Of equal ones only one waits.
    pub is_unique: bool,
    pub what: What,
    pub by: String,
    /// For how long nothing had been heard then of the worker that held it.
    pub silent: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Written for the first time.
    Enqueued,
    Claimed {
        worker: i64,
    },
    /// Waits again, for anybody.
    Freed {
        worker: i64,
    },
    /// Waits for its time.
    Delayed {
        worker: Option<i64>,
    },
    /// Its time has come.
    Promoted,
    /// Deleted, because it is done.
    Finished {
        worker: Option<i64>,
    },
    /// Laid aside for an operator.
    Died {
        worker: Option<i64>,
    },
    /// Not needed: an equal one waits already.
    Dropped,
}

/// A worker was declared dead.
#[derive(Debug, Clone)]
pub struct Rescue {
    pub worker: i64,
    pub by: String,
    pub at: Moment,
    pub last_heartbeat: Moment,
}
