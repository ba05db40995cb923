//! Carries out a plan of faults, and puts everything right again after each.
use super::{
    fleet::Service,
    plan::{Fault, Planned},
    proxy::{Mode, Proxy},
    servers::{Role, Servers},
};
use nix::sys::signal::Signal;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, MutexGuard, RwLock},
    task::JoinSet,
    time::{self, Instant},
};
use tokio_postgres::NoTls;

/// How long a dispatcher may take to stop, whatever else is broken just then: its own patience, and
/// what it needs to notice.
const TO_STOP: Duration = Duration::from_secs(15);

/// What can be broken. Two faults of one victim follow one another; those of several overlap.
pub struct World {
    pub servers: Servers,
    pub dispatchers: Vec<Mutex<Service>>,
    /// Who takes connections must not meet who stops the server they are to.
    database: RwLock<()>,
}

impl World {
    pub fn new(servers: Servers, dispatchers: Vec<Service>) -> Self {
        Self {
            servers,
            dispatchers: dispatchers.into_iter().map(Mutex::new).collect(),
            database: RwLock::default(),
        }
    }
}

/// Breaks things as planned; answers with how often each was broken once all is whole again.
pub async fn break_things(world: &Arc<World>, plan: &[Planned]) -> BTreeMap<Fault, usize> {
    let (start, mut under_way, mut done) = (Instant::now(), JoinSet::new(), BTreeMap::new());
    for Planned { at, fault, lasts } in plan.iter().cloned() {
        time::sleep_until(start + at).await;
        eprintln!(
            "{:>6.1} s  {fault}, {:.1} s",
            at.as_secs_f32(),
            lasts.as_secs_f32()
        );
        *done.entry(fault).or_default() += 1;
        let world = Arc::clone(world);
        under_way.spawn(async move { carry_out(&world, fault, lasts).await });
    }
    while let Some(one) = under_way.join_next().await {
        one.expect("a fault is put right again");
    }
    done
}

async fn carry_out(world: &World, fault: Fault, lasts: Duration) {
    match fault {
        Fault::Kill(number) => {
            let mut service = victim(world, number).await;
            must_run(&mut service);
            service.process.kill().await;
            time::sleep(lasts).await;
            service.start_again();
        }
        Fault::Freeze(number) => {
            let mut service = victim(world, number).await;
            must_run(&mut service);
            service.process.signal(Signal::SIGSTOP);
            time::sleep(lasts).await;
            service.process.signal(Signal::SIGCONT);
        }
        Fault::Term(number) => {
            let mut service = victim(world, number).await;
            must_run(&mut service);
            service.process.signal(Signal::SIGTERM);
            let (status, _) = service.process.ended(TO_STOP).await;
            assert!(status.success(), "{status}:\n{}", service.process.log());
            time::sleep(lasts).await;
            service.start_again();
        }
        Fault::RestartPostgres => {
            let _nobody_else = world.database.write().await;
            world.servers.restart_postgres(lasts).await;
        }
        Fault::KillRedis => world.servers.restart_redis(lasts).await,
        Fault::CutPostgres => interrupt(&world.servers.database, Mode::Cut, lasts).await,
        Fault::StallPostgres => interrupt(&world.servers.database, Mode::Stalled, lasts).await,
        Fault::CutRedis => interrupt(&world.servers.cache, Mode::Cut, lasts).await,
        Fault::StallRedis => interrupt(&world.servers.cache, Mode::Stalled, lasts).await,
        Fault::TerminateBackends => {
            let _it_runs = world.database.read().await;
            terminate(&world.servers, 2).await;
        }
        Fault::ExhaustConnections => {
            let _it_runs = world.database.read().await;
            exhaust(&world.servers, lasts).await;
        }
    }
}

async fn victim(world: &World, number: usize) -> MutexGuard<'_, Service> {
    let service = world.dispatchers.get(number - 1);
    service
        .expect("the plan knows how many there are")
        .lock()
        .await
}

/// Nothing that was broken so far may have made it give up.
fn must_run(service: &mut Service) {
    let ended = service.process.gave_up();
    assert!(ended.is_none(), "{ended:?}:\n{}", service.process.log());
}

async fn interrupt(proxy: &Proxy, mode: Mode, lasts: Duration) {
    proxy.set(mode);
    time::sleep(lasts.max(Duration::from_millis(200))).await;
    proxy.set(Mode::Open);
}

/// Ends every `nth` connection of our services, in the middle of whatever they do.
async fn terminate(servers: &Servers, nth: u32) {
    let admin = servers.direct_url(Role::Admin, "postgres");
    let patience = Instant::now() + Duration::from_secs(20);
    // Even those that are kept for superusers are taken while all that had one are still ending.
    let (client, connection) = loop {
        match tokio_postgres::connect(&admin, NoTls).await {
            Ok(connected) => break connected,
            Err(_none_free) if Instant::now() < patience => {
                time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => panic!("no connection for a superuser: {error}"),
        }
    };
    let sql = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
          WHERE usename IN ('batchtrack_app', 'batchtrack_system') AND pid % {nth} = 0"
    );
    tokio::select! {
        done = client.simple_query(&sql) => drop(done.expect("a superuser may")),
        _ = connection => panic!("the connection ended"),
    }
}

/// Takes every connection there is, ours included as they end, and keeps them.
async fn exhaust(servers: &Servers, lasts: Duration) {
    let url = servers.direct_url(Role::App, "batchtrack");
    let end = Instant::now() + lasts;
    let mut idle = JoinSet::new();
    while Instant::now() < end {
        match tokio_postgres::connect(&url, NoTls).await {
            Ok((client, connection)) => {
                idle.spawn(async move {
                    let _ = connection.await;
                    drop(client);
                });
            }
            Err(_no_more) => {
                // Whoever loses its connection now can't have another.
                terminate(servers, 5).await;
                time::sleep(Duration::from_millis(300)).await;
            }
        }
    }
}
