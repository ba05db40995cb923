//! The outside world, once: settings, PostgreSQL, Redis, telemetry and the life of a process.
pub mod config;
pub(crate) mod connect;
pub mod daily;
pub mod db;
pub mod idempotency;
pub mod lifecycle;
pub mod migrate;
pub mod prepared;
pub mod quota;
pub mod redis;
pub mod seal;
pub mod statements;
pub mod tables;
pub mod telemetry;
pub mod wake;

pub use self::{
    config::Settings,
    db::{Db, OrgTx, SystemDb, SystemTx},
    lifecycle::Lifecycle,
    redis::Redis,
};
