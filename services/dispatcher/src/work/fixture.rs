//! A job for the tests of this room.
use batchtrack_core::{jobs::Claimed, kernel::ids::JobId};
use chrono::DateTime;

/// Just claimed for the first time, at a place of the same number.
pub(super) fn claimed(id: i64, lane: Option<&str>) -> Claimed {
    Claimed {
        id: JobId::new(id),
        place: id,
        kind: "test.v1".to_owned(),
        organization: None,
        args: serde_json::Value::Null,
        lane: lane.map(str::to_owned),
        correlation: String::new(),
        traceparent: None,
        enqueued_at: DateTime::UNIX_EPOCH,
        available_at: DateTime::UNIX_EPOCH,
        attempt: 1,
        failures: 0,
        suspect: false,
    }
}
