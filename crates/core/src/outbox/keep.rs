//! What is thrown away, and what must not be yet.
use super::{event::Consumer, follow, lag};
use crate::{
    kernel::StoreError,
    platform::{
        SystemDb,
        daily::{self, LONGEST},
        prepared::statements,
    },
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Integer, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

/// Positions tell until when a fact was dealt with, for as long as that is of interest.
const POSITIONS_HOURS: i32 = 24;

statements! {
    Clock -> (Timestamptz,):
        "SELECT date_trunc('day', now(), 'UTC')";
    ForgetFailures:
        "DELETE FROM operator_hook_failures WHERE recorded_at < now() - make_interval(days => $1)";
    ForgetPositions:
        "DELETE FROM outbox_positions p \
          WHERE p.consumer = $1 AND p.taken_at < now() - make_interval(hours => $2) \
            AND p.id < (SELECT id FROM outbox_positions WHERE consumer = $1 ORDER BY id DESC LIMIT 1)";
}

/// What rotation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    pub made: i32,
    pub dropped: i32,
    /// Days kept longer than asked, since something in them has not been dealt with.
    pub held_back: u32,
}

/// Makes the coming days' partitions and drops those older than `keep_days`, except where a follower
/// has not dealt with all of one.
pub async fn rotate(system: &SystemDb, keep_days: u32) -> Result<Rotated, StoreError> {
    let mut tx = system.begin().await?;
    let (today,): (DateTime<Utc>,) = Clock::prepared().get_result(tx.conn()).await?;
    let keep = keep_days.clamp(1, LONGEST);
    let first_kept = today - chrono::TimeDelta::days(i64::from(keep));
    let mut kept = keep;
    for consumer in Consumer::ALL {
        if follow::newest(&mut tx, *consumer).await?.is_foreign {
            // Nobody can tell yet; the next turn settles it.
            kept = LONGEST;
        }
        if let Some(since) = lag::before(&mut tx, *consumer, first_kept).await?.since {
            let age = (today - since).num_days().saturating_add(1);
            kept = kept.max(u32::try_from(age).unwrap_or(LONGEST)).min(LONGEST);
        }
    }
    let (made, dropped) = daily::rotate_in(&mut tx, "domain_events", kept).await?;
    ForgetFailures::prepared()
        .bind::<Integer, _>(i32::try_from(kept).unwrap_or(i32::MAX))
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(Rotated {
        made,
        dropped,
        held_back: kept - keep,
    })
}

/// Drops positions that nobody asks for any more; the newest of each follower stays. Says how many.
pub async fn forget_positions(system: &SystemDb) -> Result<usize, StoreError> {
    let mut tx = system.begin().await?;
    let mut forgotten = 0;
    for consumer in Consumer::ALL {
        forgotten += ForgetPositions::prepared()
            .bind::<Text, _>(*consumer)
            .bind::<Integer, _>(POSITIONS_HOURS)
            .execute(tx.conn())
            .await?;
    }
    tx.commit().await?;
    Ok(forgotten)
}
