//! Taking jobs from a line, and giving them back.
use crate::kernel::ids::{JobId, OrganizationId};
use chrono::{DateTime, Utc};
use diesel::Queryable;
use serde_json::Value;

/// A job that a worker holds until it has finished it, given it back, or lost its lease.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct Claimed {
    pub id: JobId,
    pub place: i64,
    pub kind: String,
    pub organization: Option<OrganizationId>,
    pub args: Value,
    pub lane: Option<String>,
    pub correlation: String,
    pub traceparent: Option<String>,
    pub enqueued_at: DateTime<Utc>,
    /// Since when it could have been done.
    pub available_at: DateTime<Utc>,
    /// How often it has been claimed, this time included. With the worker it proves who holds it.
    pub attempt: i32,
}
