//! Work that comes round by the clock.
use super::{enqueue_for_system, job::NewJob};
use crate::{
    kernel::StoreError,
    platform::{SystemDb, prepared::statements},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

/// How often, counted from the beginning of 1970 in UTC, so that every process means the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    Minutes(u32),
    /// Once a day, at so many hours past midnight.
    DayAt(u32),
}

impl Every {
    /// The last time that it was due, at `now`.
    pub fn slot(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let (length, offset) = match self {
            Self::Minutes(minutes) => (i64::from(minutes.max(1)) * 60, 0),
            Self::DayAt(hour) => (86_400, i64::from(hour % 24) * 3_600),
        };
        let into = (now.timestamp() - offset).rem_euclid(length);
        now - TimeDelta::seconds(into)
            - TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos()))
    }
}

statements! {
    // Whoever moves the slot on is the one who asks. One process at a time tries.
    Move:
        "INSERT INTO job_recurrences AS r (kind, slot) \
         SELECT $1, $2 FROM (SELECT pg_try_advisory_xact_lock($3) AS leads) l WHERE l.leads \
         ON CONFLICT (kind) DO UPDATE SET slot = excluded.slot WHERE r.slot < excluded.slot";
    Due -> (Text, Timestamptz):
        "SELECT kind, slot FROM job_recurrences";
}

/// Of those who keep the calendar.
const LEADER: i64 = 7_301_005;

/// When each recurring kind was last asked for.
pub async fn slots(db: &SystemDb) -> Result<Vec<(String, DateTime<Utc>)>, StoreError> {
    let mut tx = db.begin().await?;
    Ok(Due::prepared().load(tx.conn()).await?)
}

/// Asks for `job` unless somebody has for this `slot` of time or a later one. What was missed while
/// nobody was there is not made up for: one run does.
pub async fn ask_once(db: &SystemDb, slot: DateTime<Utc>, job: NewJob) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let moved = Move::prepared()
        .bind::<Text, _>(job.kind)
        .bind::<Timestamptz, _>(slot)
        .bind::<BigInt, _>(LEADER)
        .execute(tx.conn())
        .await?;
    if moved == 0 {
        // The lead is given up with the transaction, and the next to ask must not find it taken.
        tx.commit().await?;
        return Ok(false);
    }
    let correlation = format!("{}@{}", job.kind, slot.format("%FT%RZ"));
    enqueue_for_system(&mut tx, &correlation, vec![job]).await?;
    tx.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn days_begin_at_their_hour() {
        let three = Every::DayAt(3);
        assert_eq!(
            three.slot(at("2026-11-21T02:59:59.9Z")),
            at("2026-11-20T03:00:00Z")
        );
        assert_eq!(
            three.slot(at("2026-11-21T03:00:00Z")),
            at("2026-11-21T03:00:00Z")
        );
        assert_eq!(
            Every::Minutes(10).slot(at("2026-11-21T03:19:59.5Z")),
            at("2026-11-21T03:10:00Z")
        );
    }

    proptest! {
        #[test]
        fn a_slot_has_begun_and_the_next_has_not(
            seconds in 0..4_000_000_000_i64, minutes in 1..1_440_u32, hour in 0..24_u32,
        ) {
            let now = DateTime::from_timestamp(seconds, 500).expect("before the year 2100");
            for (every, length) in [
                (Every::Minutes(minutes), i64::from(minutes) * 60),
                (Every::DayAt(hour), 86_400),
            ] {
                let slot = every.slot(now);
                prop_assert!(slot <= now && now < slot + TimeDelta::seconds(length));
                prop_assert_eq!(every.slot(slot), slot);
                prop_assert_eq!(every.slot(slot - TimeDelta::seconds(1)), slot - TimeDelta::seconds(length));
            }
        }
    }
}
