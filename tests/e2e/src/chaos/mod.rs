//! What it takes to break everything under load and to tell afterwards whether anything was lost:
//! servers and processes that may be killed, a plan of faults from a seed, receivers that write down
//! what arrives, and a pure check of the history.
mod check;
mod history;
mod plan;
mod process;
mod proxy;
mod random;
mod receiver;
mod servers;
mod standard_webhooks;

pub use self::{
    check::{Violation, check, expected},
    history::{
        Arrival, Attempt, Delivery, Endpoint, Event, History, Moment, Rescue, Step, Told, What,
    },
    plan::{Fault, Planned, plan},
    process::{Process, Program, fresh_folder},
    proxy::{Mode, Proxy},
    random::Random,
    receiver::{Manner, Receivers},
    servers::{Role, Servers},
    standard_webhooks::{Signed, verify},
};
