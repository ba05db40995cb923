//! A long run at an even pace, and what is left lying in the tables.
use crate::{
    child::{self, Running},
    facts, line,
    line::Side,
    place::Place,
};
use batchtrack_dispatcher::relay::Relay;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const EVERY: Duration = Duration::from_secs(5);

/// Dead tuples of one relation.
#[derive(Default, Clone)]
pub(crate) struct Dead {
    /// The most in the first half, the most in the second, and those at the end.
    pub(crate) early: i64,
    pub(crate) late: i64,
    pub(crate) end: i64,
    pub(crate) bytes: i64,
}

pub(crate) struct Soak {
    pub(crate) dead: BTreeMap<String, Dead>,
    pub(crate) jobs: u64,
    pub(crate) facts: u64,
    pub(crate) slowest: Duration,
}

/// `rate` jobs and as many facts each second, which are relayed to deliveries whose jobs are worked too.
pub(crate) async fn run(
    place: &Place,
    processes: &mut [Running],
    rate: u64,
    time: Duration,
) -> Soak {
    child::until_ready(processes).await;
    let relay = Relay::new(place.system.clone(), true);
    let start = Instant::now();
    let mut soak = Soak {
        dead: BTreeMap::new(),
        jobs: 0,
        facts: 0,
        slowest: Duration::ZERO,
    };
    let mut sampled = Instant::now();
    while start.elapsed() < time {
        let tick = Instant::now();
        let many = rate / 10;
        tokio::join!(
            line::write(place, Side::Ours, many, 10),
            facts::emit(place, many, 2),
            facts::relay_all(&relay),
        );
        soak.jobs += many;
        soak.facts += many;
        soak.slowest = soak.slowest.max(tick.elapsed());
        if sampled.elapsed() >= EVERY {
            sampled = Instant::now();
            sample(place, &mut soak.dead, start.elapsed() * 2 > time).await;
        }
        let rest = Duration::from_millis(100).saturating_sub(tick.elapsed());
        tokio::time::sleep(rest).await;
    }
    sample(place, &mut soak.dead, true).await;
    soak
}

async fn sample(place: &Place, dead: &mut BTreeMap<String, Dead>, is_late: bool) {
    let rows = place
        .sql
        .query(
            "SELECT relname::text, n_dead_tup, pg_total_relation_size(relid) FROM pg_stat_user_tables",
            &[],
        )
        .await
        .expect("statistics");
    for row in rows {
        let (name, now, bytes): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
        let of = dead.entry(name).or_default();
        let most = if is_late { &mut of.late } else { &mut of.early };
        *most = now.max(*most);
        (of.end, of.bytes) = (now, bytes);
    }
}
