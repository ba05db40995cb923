//! Events are committed through the web and through core while everything that can break does: what was
//! committed arrives at whoever wants it, signed, under a stable id, without anybody's help.
//!
//! `make chaos` breaks things for ten minutes, `make test` for less than one. `CHAOS_SECONDS` says how long,
//! `CHAOS_SEED` which faults.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that can't go on should stop where it is, and this one has a summary to give"
)]
mod stage;

use self::stage::{ENDPOINTS, SHOPS, Stage, set};
use batchtrack_core::{
    kernel::{Clock, ids::OrganizationId},
    platform::{Db, config},
};
use batchtrack_e2e::{
    Api, Reply, batchtrack,
    chaos::{
        Fault, History, Manner, Random, Role, Shift, Violation, break_things, check, fresh_folder,
        history, person, plan, program, report, summary,
    },
    until_async,
};
use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env,
    path::Path,
    process::Command,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{self, Instant},
};

const DISPATCHERS: usize = 3;
const LEASE: Duration = Duration::from_secs(6);
/// How long a receiver is waited for.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Once nothing breaks any more, something has to come of it in what a request may take, the first pause of the
/// schedule, and the rest of the line.
const QUIET: Duration = Duration::from_secs(75);
const LONGEST_QUIET: Duration = Duration::from_mins(10);

#[tokio::test(flavor = "multi_thread")]
async fn everything_committed_arrives_whatever_breaks() {
    let span = Duration::from_secs(number("CHAOS_SECONDS").unwrap_or(40));
    let seed =
        number("CHAOS_SEED").unwrap_or_else(|| Clock::System.now().timestamp().cast_unsigned());
    println!("CHAOS_SEED={seed} CHAOS_SECONDS={}", span.as_secs());
    let folder = fresh_folder("chaos");
    let mut stage = set(&folder).await;
    let shift = Arc::new(Shift::default());
    let mut people = go_to_work(&stage, &shift, seed).await;

    let faults = plan(seed, span, DISPATCHERS, LEASE);
    let world = Arc::clone(&stage.world);
    let (faults, ()) = tokio::join!(break_things(&world, &faults), receive(&mut stage, span));
    shift.end();
    while let Some(one) = people.join_next().await {
        one.expect("everybody gets through in the end");
    }

    stage.known.told.clone_from(&shift.told());
    let (history, took) = until_quiet(&stage).await;
    print_summary(&history, &faults, &shift, took);
    let violations = check(&history);
    assert!(
        violations.is_empty(),
        "CHAOS_SEED={seed}\n{}",
        report(&history, &violations)
    );
    everybody_is_well(&mut stage, &folder).await;
    whoever_is_told_to_stop_hands_back(&stage).await;
    std::fs::remove_dir_all(&folder).expect("our own folder");
}

fn number(variable: &str) -> Option<u64> {
    env::var_os(variable)?.to_str()?.parse().ok()
}

/// One who works through the web and one program in each shop.
async fn go_to_work(stage: &Stage, shift: &Arc<Shift>, seed: u64) -> JoinSet<()> {
    let (mut people, mut random) = (JoinSet::new(), Random::new(seed));
    let url = stage.world.servers.url(Role::App);
    let environment = [
        ("DATABASE_URL", format!("{url}?application_name=core")),
        ("DATABASE_POOL_SIZE", "6".to_owned()),
        ("REDIS_URL", stage.world.servers.redis_url()),
    ];
    let environment = environment
        .map(|(name, value)| (name.to_owned(), value))
        .into();
    let settings = config::from_environment(&environment).expect("settings");
    let db = Db::connect(&settings.database, Clock::System)
        .await
        .expect("a pool");
    for (name, shop) in SHOPS.into_iter().zip(&stage.shops) {
        let api = Api::sign_in(&stage.web.base(), name).await;
        let (organization, item) = (shop.organization, shop.item);
        let (mine, theirs) = (Arc::clone(shift), Arc::clone(shift));
        let (for_web, for_core) = (Random::new(random.next()), Random::new(random.next()));
        people.spawn(async move { person(api, organization, item, &mine, for_web).await });
        let (db, organization) = (db.clone(), OrganizationId::new(organization));
        people.spawn(async move { program(db, organization, &theirs, for_core).await });
    }
    people
}

/// What receivers do meanwhile. None fails twice within the first pause of the schedule, after which the
/// next would be too long to wait for.
async fn receive(stage: &mut Stage, span: Duration) {
    let start = Instant::now();
    let hook = |name: &str| {
        let mut all = ENDPOINTS.iter();
        all.position(|(_, description, _)| *description == name)
            .expect("it is there")
    };
    let [hanging, failing, busy] = ["hanging", "failing", "busy"].map(hook);
    for round in 0.. {
        if start.elapsed() + Duration::from_secs(12) > span {
            return;
        }
        stage.receivers.behave(hanging, Manner::Hanging);
        time::sleep(Duration::from_secs(4)).await;
        stage.receivers.behave(failing, Manner::Failing(500));
        time::sleep(Duration::from_secs(4)).await;
        stage.receivers.behave(failing, Manner::Prompt);
        stage.receivers.behave(busy, Manner::Busy(2));
        time::sleep(Duration::from_secs(3)).await;
        stage.receivers.behave(busy, Manner::Prompt);
        stage.receivers.behave(hanging, Manner::Prompt);
        if round == 0 {
            rotate(stage, hook("rotated")).await;
            delete(stage, hook("deleted")).await;
        }
        let left = span.saturating_sub(start.elapsed());
        time::sleep(left.min(Duration::from_secs(40))).await;
    }
}

/// Asks for a new secret; the old one signs as well for a while.
async fn rotate(stage: &Stage, hook: usize) {
    let (shop, id) = (
        &stage.shops[ENDPOINTS[hook].0],
        stage.known.endpoints[hook].id,
    );
    let path = format!("/api/v1/webhook-endpoints/{id}/rotate-secret");
    let answer = until_done(&shop.api, Method::POST, &path, "rotate").await;
    let secret = answer["secret"].as_str().expect("a secret, this once");
    stage.receivers.learn(hook, secret);
}

async fn delete(stage: &mut Stage, hook: usize) {
    let (shop, endpoint) = (
        &stage.shops[ENDPOINTS[hook].0],
        &mut stage.known.endpoints[hook],
    );
    let path = format!("/api/v1/webhook-endpoints/{}", endpoint.id);
    until_done(&shop.api, Method::DELETE, &path, "delete").await;
    endpoint.deleted = Some(Clock::System.now());
}

/// Sends it until somebody says that it is done.
async fn until_done(api: &Api, method: Method, path: &str, key: &str) -> Value {
    for _ in 0..300 {
        let request = api
            .request(method.clone(), path)
            .header("Idempotency-Key", key);
        if let Ok(answer) = request.json(&json!({})).send().await
            && answer.status() != 503
            && let Ok(reply) = Reply::of(answer).await
        {
            assert!((200..300).contains(&reply.status), "{path}: {reply:?}");
            return serde_json::from_str(&reply.text).unwrap_or_default();
        }
        time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{path} does not get through");
}

/// Waits for what only takes time, and for as long as there is less of it all the while: how much that is
/// after ten minutes depends on the machine. The rest does not get better by waiting.
async fn until_quiet(stage: &Stage) -> (History, Duration) {
    let start = Instant::now();
    let (mut least, mut since) = (usize::MAX, start);
    loop {
        let history = history(&stage.world.servers, &stage.receivers, stage.known.clone()).await;
        let violations = check(&history);
        if violations.len() < least {
            (least, since) = (violations.len(), Instant::now());
        }
        let waits = !violations.is_empty() && violations.iter().all(Violation::is_pending);
        if !waits || since.elapsed() > QUIET || start.elapsed() > LONGEST_QUIET {
            return (history, start.elapsed());
        }
        time::sleep(Duration::from_millis(500)).await;
    }
}

fn print_summary(
    history: &History,
    faults: &BTreeMap<Fault, usize>,
    shift: &Shift,
    took: Duration,
) {
    println!("faults: {}", faults.values().sum::<usize>());
    for (fault, times) in faults {
        println!("  {times:>3} x {fault}");
    }
    println!(
        "clients: {} commits nobody knows the end of, {} requests sent again",
        shift.unknown.load(Ordering::Relaxed),
        shift.retried.load(Ordering::Relaxed),
    );
    println!("{}", summary(history));
    println!(
        "everything had arrived {:.1} s after the last fault",
        took.as_secs_f32()
    );
}

/// All run, all say that they are well, and the books are in order.
async fn everybody_is_well(stage: &mut Stage, folder: &Path) {
    stage.web.until_ready().await;
    for dispatcher in &stage.world.dispatchers {
        dispatcher.lock().await.until_ready().await;
    }
    let owner = stage.world.servers.direct_url(Role::Owner, "batchtrack");
    let verified = Command::new(batchtrack())
        .arg("verify")
        .current_dir(folder)
        .env_clear()
        .env("BATCHTRACK_HOME", folder.join("home"))
        .env("DATABASE_URL", &owner)
        .env("DATABASE_OWNER_URL", &owner)
        .env("REDIS_URL", stage.world.servers.redis_url())
        .output()
        .expect("our own binary starts");
    assert!(verified.status.success(), "{verified:?}");
}

/// With work under way and more waiting, it is gone long before its lease or the receiver's patience
/// would be over, and holds nothing any more.
async fn whoever_is_told_to_stop_hands_back(stage: &Stage) {
    let hanging = ENDPOINTS
        .iter()
        .position(|(_, name, _)| *name == "hanging")
        .expect("it is there");
    stage.receivers.behave(hanging, Manner::Hanging);
    let (shop, servers) = (&stage.shops[ENDPOINTS[hanging].0], &stage.world.servers);
    let path = format!("/api/v1/items/{}/receipts", shop.item);
    let body = json!({ "quantity": "1", "unit": "g", "total_cost": "0.1" });
    for number in 0..40 {
        let answer = shop.api.post(&path, &format!("last {number}"), &body).await;
        answer.expect("an answer").must(201);
    }
    let held = async |name: &str| {
        let sql = format!(
            "SELECT count(*) AS held FROM jobs JOIN chaos.workers w ON w.worker = worker_id \
              WHERE w.op = 'INSERT' AND w.by = '{name}' AND jobs.kind = 'webhooks.deliver.v1'"
        );
        servers.ask(&sql).await[0]["held"]
            .as_i64()
            .expect("a count")
    };
    for dispatcher in &stage.world.dispatchers {
        let mut dispatcher = dispatcher.lock().await;
        let name = dispatcher.calls_itself();
        until_async(
            "it has work under way",
            Duration::from_secs(10),
            async || (held(&name).await > 0).then_some(()),
        )
        .await;
        dispatcher.process.signal(Signal::SIGTERM);
        let (status, took) = dispatcher.process.ended(Duration::from_secs(20)).await;
        println!("{name} stopped after {:.1} s", took.as_secs_f32());
        assert!(status.success(), "{status}");
        assert!(took < Duration::from_secs(6), "{name} took {took:?}");
        assert_eq!(held(&name).await, 0, "{name} still holds something");
    }
    let workers = servers.ask("SELECT id FROM job_workers").await;
    assert_eq!(workers, Vec::<Value>::new(), "all have said goodbye");
}
