//! What it takes to break everything under load and to tell afterwards whether anything was lost:
//! servers and processes that may be killed, a plan of faults from a seed, receivers that write down
//! what arrives, and a pure check of the history.
mod audit;
mod check;
mod fleet;
mod history;
mod load;
mod plan;
mod process;
mod proxy;
mod random;
mod receiver;
mod record;
mod servers;
mod storm;
mod summary;

pub use self::{
    audit::{AUDIT, Row, steps},
    check::{Violation, check, expected},
    fleet::{SECRET_KEY, Service},
    history::{
        Arrival, Attempt, Delivery, Endpoint, Event, History, Moment, Rescue, Step, Told, What,
    },
    load::{Shift, person, program},
    plan::{Fault, Planned, plan},
    process::{Process, Program, fresh_folder},
    proxy::{Mode, Proxy},
    random::Random,
    receiver::{Manner, Receivers},
    record::{Known, history},
    servers::{PASSWORD as SERVERS_PASSWORD, Role, Servers},
    storm::{World, break_things},
    summary::{report, summary},
};
