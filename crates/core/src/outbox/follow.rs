//! Following the log. One follower of a kind at a time takes a turn; what it does about the facts and
//! how far it has come are one transaction, so nothing is lost and nothing is done twice.
use super::{
    event::Consumer,
    fact::{Fact, FactRow},
    position::{Place, Position, Stretch},
    snapshot::{NotASnapshot, Snapshot},
};
use crate::{
    kernel::StoreError,
    platform::{SystemDb, SystemTx, prepared::statements},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

/// Of a position that nothing was read for, worth a row of its own: that the snapshot has moved by so
/// many transactions…
const FAR: i64 = 10_000;
/// …that it has come to name so many that ended since, each of which is asked for at every look…
const MANY: usize = 16;
/// …or that it is so old.
const OLD: TimeDelta = TimeDelta::minutes(1);

/// Whoever is cut off or frozen in the middle of a turn lets others have theirs soon.
const IN_TURN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '10s'";

type PositionRow = (
    Nullable<BigInt>,
    Nullable<Timestamptz>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Text,
    BigInt,
    Timestamptz,
);
type Found = (
    Option<i64>,
    Option<DateTime<Utc>>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    String,
    i64,
    DateTime<Utc>,
);

statements! {
    /// A statement of its own: one that also read the position would see it as it was before the lock.
    Lock -> (Bool,):
        "SELECT pg_try_advisory_xact_lock(7301005, hashtext($1))";
    NewestPosition -> PositionRow:
        "SELECT p.cluster, p.taken_at, p.done, p.upto, p.after_xid, p.after_id, \
                pg_current_snapshot()::text, c.system_identifier, clock_timestamp() \
           FROM pg_control_system() c \
           LEFT JOIN LATERAL (SELECT * FROM outbox_positions WHERE consumer = $1 ORDER BY id DESC LIMIT 1) p ON true";
    Settle -> (Bool,):
        "SELECT settle_domain_events()";
    /// Each arm walks the index by place and stops at the limit, whatever else is in the log.
    Read -> (BigInt, FactRow):
        "SELECT xid, organization_id, id, recorded_at, event_name, schema_version, occurred_at, user_id, \
                entity_type, entity_id, correlation_id, traceparent, source, properties \
           FROM ((SELECT e.* FROM unnest($1::bigint[]) AS late (xid) CROSS JOIN LATERAL \
                    (SELECT * FROM domain_events e WHERE e.xid = late.xid AND (e.xid, e.id) > ($5, $6) \
                      ORDER BY e.xid, e.id LIMIT $7) AS e) \
                 UNION ALL \
                 (SELECT * FROM domain_events \
                   WHERE xid >= $2 AND xid < $3 AND (xid, id) > ($5, $6) AND xid <> ALL($4::bigint[]) \
                   ORDER BY xid, id LIMIT $7)) AS facts \
          ORDER BY xid, id LIMIT $7";
    Move:
        "INSERT INTO outbox_positions (consumer, taken_at, cluster, done, upto, after_xid, after_id) \
         VALUES ($1, clock_timestamp(), $2, $3, $4, $5, $6)";
}

/// What is to be dealt with now, and the transaction to do it in. Dropped, it was not dealt with.
#[must_use = "what is not finished comes again"]
pub struct Turn {
    tx: SystemTx,
    consumer: Consumer,
    cluster: i64,
    position: Position,
    stretch: Stretch,
    facts: Vec<Fact>,
    last: Option<Place>,
    is_whole: bool,
    is_worth_noting: bool,
}

impl Turn {
    /// In the order in which they are passed on: an organisation's facts as its transactions began,
    /// and within each as they were recorded.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    pub const fn tx(&mut self) -> &mut SystemTx {
        &mut self.tx
    }

    /// Commits what was done in [`Turn::tx`] together with the new position. Says whether there may
    /// be more to read at once.
    pub async fn finish(mut self) -> Result<bool, StoreError> {
        // What has happened while a long stretch was under way comes next.
        let more = !self.is_whole || self.position.stretch.is_some();
        if self.is_worth_noting {
            let next = self.position.moved(self.stretch, self.last, self.is_whole);
            record(&mut self.tx, self.consumer, self.cluster, &next).await?;
        }
        self.tx.commit().await?;
        Ok(more)
    }
}

/// Begins a turn of at most `limit` facts; `None` while somebody else has one.
pub async fn turn(
    system: &SystemDb,
    consumer: Consumer,
    limit: u32,
) -> Result<Option<Turn>, StoreError> {
    let Some(mut tx) = begin(system, consumer).await? else {
        return Ok(None);
    };
    let mut newest = newest(&mut tx, consumer).await?;
    if newest.is_foreign {
        let (_,): (bool,) = Settle::prepared().get_result(tx.conn()).await?;
        tx.commit().await?;
        tracing::warn!("restored into another cluster; the events have been numbered anew");
        tx = match begin(system, consumer).await? {
            Some(tx) => tx,
            None => return Ok(None),
        };
        newest = self::newest(&mut tx, consumer).await?;
    }
    let Newest {
        position,
        now,
        age,
        cluster,
        ..
    } = newest;
    let stretch = position.stretch(now);
    let bounds = position.within(&stretch);
    let limit = i64::from(limit);
    let ended = bounds.late.len();
    let read: Vec<(i64, Fact)> = Read::prepared()
        .bind::<Array<BigInt>, _>(bounds.late)
        .bind::<BigInt, _>(bounds.from)
        .bind::<BigInt, _>(bounds.to)
        .bind::<Array<BigInt>, _>(bounds.except)
        .bind::<BigInt, _>(bounds.after.0)
        .bind::<BigInt, _>(bounds.after.1)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?;
    let is_whole = i64::try_from(read.len()).is_ok_and(|found| found < limit);
    let gone_by = stretch.upto.xmax() - position.done.xmax();
    let is_worth_noting = !read.is_empty()
        || position.stretch.is_some()
        || gone_by >= FAR
        || ended >= MANY
        || (age >= OLD && stretch.upto != position.done);
    let last = read.last().map(|(xid, fact)| (*xid, fact.event.get()));
    Ok(Some(Turn {
        tx,
        consumer,
        cluster,
        position,
        stretch,
        facts: read.into_iter().map(|(_, fact)| fact).collect(),
        last,
        is_whole,
        is_worth_noting,
    }))
}

/// A transaction that alone may take a turn.
async fn begin(system: &SystemDb, consumer: Consumer) -> Result<Option<SystemTx>, StoreError> {
    let mut tx = system.begin_with(IN_TURN).await?;
    let (mine,): (bool,) = Lock::prepared()
        .bind::<Text, _>(consumer)
        .get_result(tx.conn())
        .await?;
    Ok(mine.then_some(tx))
}

pub(super) struct Newest {
    pub(super) position: Position,
    /// What the database sees now.
    now: Snapshot,
    age: TimeDelta,
    cluster: i64,
    /// Whether its numbers are another cluster's.
    pub(super) is_foreign: bool,
}

/// The newest position of `consumer`; where there is none, it begins with what the log still holds.
pub(super) async fn newest(tx: &mut SystemTx, consumer: Consumer) -> Result<Newest, StoreError> {
    let found: Found = NewestPosition::prepared()
        .bind::<Text, _>(consumer)
        .get_result(tx.conn())
        .await?;
    let (of, taken_at, done, upto, xid, event, now, cluster, clock) = found;
    let stretch = match upto {
        Some(upto) => Some(Stretch {
            upto: read(&upto)?,
            after: (xid.unwrap_or(0), event.unwrap_or(0)),
        }),
        None => None,
    };
    let done = match done {
        Some(done) => read(&done)?,
        None => Snapshot::before_everything(),
    };
    Ok(Newest {
        position: Position { done, stretch },
        now: read(&now)?,
        age: taken_at.map_or(TimeDelta::MAX, |taken_at| clock - taken_at),
        cluster,
        is_foreign: of.is_some_and(|of| of != cluster),
    })
}

fn read(text: &str) -> Result<Snapshot, StoreError> {
    text.parse().map_err(|error: NotASnapshot| {
        diesel::result::Error::DeserializationError(Box::new(error)).into()
    })
}

async fn record(
    tx: &mut SystemTx,
    consumer: Consumer,
    cluster: i64,
    position: &Position,
) -> Result<(), StoreError> {
    let stretch = position.stretch.as_ref();
    let (xid, event) = stretch.map_or((0, 0), |stretch| stretch.after);
    Move::prepared()
        .bind::<Text, _>(consumer)
        .bind::<BigInt, _>(cluster)
        .bind::<Text, _>(position.done.to_string())
        .bind::<Nullable<Text>, _>(stretch.map(|stretch| stretch.upto.to_string()))
        .bind::<BigInt, _>(xid)
        .bind::<BigInt, _>(event)
        .execute(tx.conn())
        .await?;
    Ok(())
}
