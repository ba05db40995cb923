//! One function for each part: sets up, measures, prints, and says whether the target is met.
use crate::{
    child,
    facts::{self, Hearers},
    figures::{Targets, median, ms, whole},
    held::{self, Held},
    latency::{self, Dispatcher},
    line::{self, Side},
    machine,
    options::Options,
    peer::{self, Peer},
    place::Place,
    receiver::Receiver,
    soak,
};
use std::time::Duration;

fn title(text: &str) {
    println!("\n{text} (load {})", machine::load());
}

pub(crate) async fn relay(options: &Options, targets: &mut Targets) {
    title("1. Relay: facts each second, of a backlog written two to a transaction by four writers");
    let place = Place::new(100).await;
    let mut rates = Vec::new();
    for round in 1..=options.rounds {
        let (emitted, relayed) = facts::backlog(&place, Hearers::Operator, options.facts).await;
        println!(
            "  round {round}: {}/s emitted, then {}/s relayed, one job for each",
            whole(emitted),
            whole(relayed)
        );
        rates.push(relayed);
    }
    targets.check(
        "relayed with one job for each >= 10,000/s",
        format!("{}/s (median)", whole(median(&rates))),
        median(&rates) >= 10_000.0,
    );
    facts::listen(&place, |number| {
        format!("https://receiver.example/{number}")
    })
    .await;
    let mut rates = Vec::new();
    for round in 1..=options.rounds {
        let (_, relayed) = facts::backlog(&place, Hearers::Endpoint, options.facts).await;
        println!(
            "  round {round}: {}/s relayed, one delivery and its job for each",
            whole(relayed)
        );
        rates.push(relayed);
    }
    targets.check(
        "relayed with one delivery for each >= 10,000/s",
        format!("{}/s (median)", whole(median(&rates))),
        median(&rates) >= 10_000.0,
    );
}

pub(crate) async fn jobs(options: &Options, targets: &mut Targets) {
    title("2./3. No-op jobs each second: ours, and graphile-worker's with batching");
    println!(
        "  burn-down: all are committed at once while idle processes wait, until the table is empty"
    );
    println!("  flow: committed 100 at a time by one connection, from the first to the last done");
    println!("  graphile-worker: {}", peer::SETTINGS);
    let place = Place::new(100).await;
    let unlike: i64 = place
        .one(
            "SELECT count(*) FROM pg_db_role_setting \
              WHERE array_to_string(setconfig, ' ') LIKE '%synchronous_commit%'",
        )
        .await;
    assert_eq!(unlike, 0, "a role has settings of its own");
    println!("  both wait for the disk at each commit, as the server's settings say");
    let peer = Peer::install(options, &place).await;
    let shapes = [
        (Side::Ours, 1),
        (Side::Peer, 1),
        (Side::Ours, 2),
        (Side::Peer, 2),
        (Side::Peer, 4),
    ];
    let mut burnt = vec![Vec::new(); shapes.len()];
    let mut flown = vec![Vec::new(); shapes.len()];
    for round in 1..=options.rounds {
        for (at, (side, processes)) in shapes.iter().enumerate() {
            let mut running: Vec<_> = (0..*processes)
                .map(|_| match side {
                    Side::Ours => line::start_ours(&place),
                    Side::Peer => peer.start(),
                })
                .collect();
            let burn = line::burn_down(&place, *side, &mut running, options.jobs);
            let burn = place.ringing(burn).await;
            let flow = line::flow(&place, *side, &mut running, options.jobs);
            let flow = place.ringing(flow).await;
            child::stop(running).await;
            let who = match side {
                Side::Ours => "ours           ",
                Side::Peer => "graphile-worker",
            };
            println!(
                "  round {round}, {who} x {processes}: {}/s enqueued, {}/s burn-down, {}/s flow",
                whole(burn.enqueued),
                whole(burn.completed),
                whole(flow)
            );
            if let (Some(burnt), Some(flown)) = (burnt.get_mut(at), flown.get_mut(at)) {
                burnt.push(burn.completed);
                flown.push(flow);
            }
        }
    }
    let best = |rates: &[Vec<f64>], side: Side| {
        let of_side = shapes
            .iter()
            .zip(rates)
            .filter(|(shape, _)| shape.0 == side);
        of_side.map(|(_, rates)| median(rates)).fold(0.0, f64::max)
    };
    let ours = best(&burnt, Side::Ours).min(best(&flown, Side::Ours));
    targets.check(
        "no-op jobs completed >= 5,000/s",
        format!("{}/s", whole(ours)),
        ours >= 5_000.0,
    );
    for (name, rates) in [("burn-down", &burnt), ("flow", &flown)] {
        let (ours, theirs) = (best(rates, Side::Ours), best(rates, Side::Peer));
        targets.check(
            &format!("ahead of graphile-worker, {name}, each at its best"),
            format!(
                "{}/s : {}/s = {:.2}",
                whole(ours),
                whole(theirs),
                ours / theirs
            ),
            ours > theirs,
        );
    }
}

pub(crate) async fn latency(options: &Options, targets: &mut Targets) {
    title("4. From the commit to the webhook's first byte, one event each 200 ms");
    let place = Place::new(10).await;
    let receiver = Receiver::start().await;
    facts::listen(&place, |number| receiver.url(&latency::path(number))).await;
    let dispatcher = Dispatcher::start(&place, &options.dispatcher).await;
    let latencies = place
        .ringing(latency::idle(&place, &receiver, options.events))
        .await;
    dispatcher.stop().await;
    let (p50, p99) = latency::p50_p99(&latencies);
    let most = latencies.iter().max().copied().unwrap_or_default();
    println!("  p50 {}, p99 {}, max {}", ms(p50), ms(p99), ms(most));
    targets.check(
        "event -> webhook request when idle, p99 < 250 ms",
        ms(p99),
        p99 < Duration::from_millis(250),
    );
}

pub(crate) async fn hanging(options: &Options, targets: &mut Targets) {
    const RATE: u32 = 200;
    const TIME: Duration = Duration::from_secs(40);
    title("7. A hundred endpoints, two events each second for each; then one of them hangs");
    let place = Place::new(100).await;
    let receiver = Receiver::start().await;
    facts::listen(&place, |number| receiver.url(&latency::path(number))).await;
    let dispatcher = Dispatcher::start(&place, &options.dispatcher).await;
    let mut without = Vec::new();
    let mut with = Vec::new();
    let first = place.organization(0).get();
    for (turn, hangs) in [false, true, false, true].into_iter().enumerate() {
        let url = if hangs {
            receiver.hanging_url()
        } else {
            receiver.url(&latency::path(0))
        };
        place
            .run(&format!(
                "UPDATE webhook_endpoints SET url = '{url}', state = 'enabled', disabled_reason = NULL, \
                        disabled_at = NULL WHERE organization_id = {first}"
            ))
            .await;
        let from = 1_000_000 * (i64::try_from(turn).expect("small") + 1);
        let latencies = place
            .ringing(latency::steady(&place, &receiver, from, RATE, TIME, 0))
            .await;
        let (p50, p99) = latency::p50_p99(&latencies);
        let word = if hangs { "one hangs" } else { "none hangs" };
        println!("  {word}: the others' p50 {}, p99 {}", ms(p50), ms(p99));
        if hangs { &mut with } else { &mut without }.extend(latencies);
    }
    dispatcher.stop().await;
    let (_, without) = latency::p50_p99(&without);
    let (_, with) = latency::p50_p99(&with);
    targets.check(
        "one hanging receiver among 100 doesn't move the others' p99",
        format!("{} without, {} with it", ms(without), ms(with)),
        with < without.mul_f64(1.25) + Duration::from_millis(10),
    );
}

pub(crate) async fn held(options: &Options, targets: &mut Targets) {
    title("5. Throughput with one snapshot held open from before the start");
    let held_for = Duration::from_secs(options.held_seconds);
    let without_for = held_for.min(Duration::from_mins(1));
    let place = Place::new(100).await;
    let mut processes = vec![line::start_ours(&place)];

    let before = place
        .ringing(held::jobs(&place, &mut processes, without_for))
        .await;
    let snapshot = Held::open(&place).await;
    let during = place
        .ringing(held::jobs(&place, &mut processes, held_for))
        .await;
    drop(snapshot);
    let after = place
        .ringing(held::jobs(&place, &mut processes, without_for))
        .await;
    child::stop(processes).await;
    say("jobs", &before, &during, &after, targets);

    let place = Place::new(100).await;
    let before = held::relay(&place, without_for).await;
    let snapshot = Held::open(&place).await;
    let during = held::relay(&place, held_for).await;
    drop(snapshot);
    let after = held::relay(&place, without_for).await;
    say("relay", &before, &during, &after, targets);
}

fn say(
    what: &str,
    before: &held::Window,
    during: &held::Window,
    after: &held::Window,
    targets: &mut Targets,
) {
    let without = f64::midpoint(before.mean(), after.mean());
    println!(
        "  {what}: {}/s before, {}/s while held ({}/s in its last minute), {}/s after",
        whole(before.mean()),
        whole(during.mean()),
        whole(during.end()),
        whole(after.mean())
    );
    let slices: Vec<_> = during.slices.iter().map(|rate| whole(*rate)).collect();
    println!("    by ten seconds: {}", slices.join(" "));
    let share = during.end().min(during.mean()) / without;
    targets.check(
        &format!("{what} with a snapshot held keeps >= 50 %"),
        format!("{:.0} %", share * 100.0),
        share >= 0.5,
    );
}

pub(crate) async fn soak(options: &Options, targets: &mut Targets) {
    title("6. Soak: jobs and facts at an even pace, and the dead tuples they leave");
    let place = Place::new(100).await;
    let mut processes = vec![line::start_ours(&place)];
    let time = Duration::from_secs(options.soak_seconds);
    let soak = place
        .ringing(Box::pin(soak::run(
            &place,
            &mut processes,
            options.soak_rate,
            time,
        )))
        .await;
    child::stop(processes).await;
    println!(
        "  {} no-op jobs and {} facts in {} s; the slowest tenth of a second took {}",
        soak.jobs,
        soak.facts,
        options.soak_seconds,
        ms(soak.slowest)
    );
    println!(
        "  {:<40} {:>12} {:>12} {:>10} {:>10}",
        "dead tuples", "1st half max", "2nd half max", "end", "MB"
    );
    let mut grows = Vec::new();
    for (name, dead) in &soak.dead {
        if dead.early.max(dead.late) >= 100 {
            println!(
                "  {name:<40} {:>12} {:>12} {:>10} {:>10}",
                dead.early,
                dead.late,
                dead.end,
                dead.bytes / 1_048_576
            );
        }
        if dead.late > dead.early * 3 / 2 + 5_000 {
            grows.push(name.clone());
        }
    }
    targets.check(
        "dead tuples bounded (2nd half at most 1.5 x the 1st)",
        if grows.is_empty() {
            "no relation grows".to_owned()
        } else {
            grows.join(", ")
        },
        grows.is_empty(),
    );
}
