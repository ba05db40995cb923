//! Keeps the processes of a stack up, and takes them down in order.
use super::{
    home::Home,
    logs,
    process::{Identity, Program, Running},
    ready::{self, Check},
    signals::Signals,
    state::{Recorded, State},
};
use crate::say::say;
use anyhow::{Context as _, bail};
use std::{path::PathBuf, time::Duration};
use tokio::time::{self, Instant};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A process that stayed up this long is forgiven its earlier ends.
const STEADY: Duration = Duration::from_secs(30);

pub(crate) struct Supervisor {
    root: PathBuf,
    folders: Vec<PathBuf>,
    addresses: Vec<String>,
    ready: bool,
    me: Identity,
    client: reqwest::Client,
    members: Vec<Member>,
}

struct Member {
    program: Program,
    running: Option<Running>,
    ready: bool,
    since: Instant,
    pause: Duration,
    /// When to start it again, after it ended.
    again: Option<Instant>,
}

impl Supervisor {
    pub(crate) fn new(home: &Home, addresses: Vec<String>) -> anyhow::Result<Self> {
        Ok(Self {
            root: home.root().to_owned(),
            folders: vec![home.root().to_owned(), home.data().to_owned()],
            addresses,
            ready: false,
            me: Identity::of(std::process::id()).context("reading /proc")?,
            client: ready::client()?,
            members: Vec::new(),
        })
    }

    pub(crate) fn start(&mut self, program: Program) -> anyhow::Result<()> {
        let running = program.spawn()?;
        self.members.push(Member {
            program,
            running: Some(running),
            ready: false,
            since: Instant::now(),
            pause: FIRST_PAUSE,
            again: None,
        });
        self.record()
    }

    /// Waits until all that was started answers. One that ends meanwhile, or never answers, is a
    /// failure, told with the last lines of its log.
    pub(crate) async fn until_ready(&mut self, patience: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let mut waiting = None;
            for member in self.members.iter_mut().filter(|member| !member.ready) {
                let Some(running) = &mut member.running else {
                    continue;
                };
                if let Some(how) = running.ended() {
                    let said = logs::tail(&member.program.log, running.log_start);
                    member.running = None;
                    bail!(
                        "{} ended while starting ({how}). It said:\n{said}",
                        member.program.name
                    );
                }
                member.ready = member
                    .program
                    .check
                    .passes(&self.client, running.identity.pid)
                    .await;
                if !member.ready {
                    waiting = Some((&member.program, running.log_start));
                }
            }
            let Some((program, log_start)) = waiting else {
                return Ok(());
            };
            if Instant::now() >= deadline {
                bail!(
                    "{} did not become ready within {} s. It said:\n{}",
                    program.name,
                    patience.as_secs(),
                    logs::tail(&program.log, log_start)
                );
            }
            time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// From here on the stack counts as started.
    pub(crate) fn declare_ready(&mut self) -> anyhow::Result<()> {
        self.ready = true;
        self.record()
    }

    /// Starts again whatever ends, until we are asked to stop.
    pub(crate) async fn watch(&mut self, signals: &mut Signals) -> anyhow::Result<()> {
        loop {
            if self.reap() | self.revive() {
                self.record()?;
            }
            let next = self.members.iter().filter_map(|member| member.again).min();
            let due = async {
                match next {
                    Some(at) => time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                stop = signals.stop_or_child() => if stop { return Ok(()) },
                () = due => {}
            }
        }
    }

    /// Stops all, last started first. Asked again while at it, stops them the hard way.
    pub(crate) async fn stop(&mut self, signals: &mut Signals) {
        let gently = async {
            while let Some(member) = self.members.pop() {
                // Those of a kind stop together: the replicas finish their requests at the same time.
                let mut together = vec![member];
                while let Some(last) = self
                    .members
                    .pop_if(|last| together.iter().any(|one| last.is_like(one)))
                {
                    together.push(last);
                }
                for member in &together {
                    if let Some(running) = &member.running {
                        running.ask_to_stop(&member.program);
                    }
                }
                for member in &mut together {
                    if let Some(running) = member.running.take() {
                        running.stop(&member.program).await;
                    }
                }
            }
        };
        tokio::select! {
            () = gently => {}
            () = signals.stop() => {
                say("Asked again: killing what is left.");
            }
        }
        // What is still running is killed as it is dropped.
        self.members.clear();
        State::remove(&self.root);
    }

    fn reap(&mut self) -> bool {
        let mut changed = false;
        for member in &mut self.members {
            let Some(how) = member.running.as_mut().and_then(Running::ended) else {
                continue;
            };
            if member.since.elapsed() > STEADY {
                member.pause = FIRST_PAUSE;
            }
            say(format_args!(
                "{} ended ({how}); starting it again. Its log: {}",
                member.program.name,
                member.program.log.display()
            ));
            member.running = None;
            member.again = Some(Instant::now() + member.pause);
            member.pause = (member.pause * 2).min(LONGEST_PAUSE);
            changed = true;
        }
        changed
    }

    fn revive(&mut self) -> bool {
        let mut changed = false;
        for member in &mut self.members {
            if member.again.is_none_or(|at| at > Instant::now()) {
                continue;
            }
            member.since = Instant::now();
            match member.program.spawn() {
                Ok(running) => {
                    member.running = Some(running);
                    member.again = None;
                }
                Err(error) => {
                    say(format_args!(
                        "{} does not start: {error:#}",
                        member.program.name
                    ));
                    member.again = Some(Instant::now() + member.pause);
                    member.pause = (member.pause * 2).min(LONGEST_PAUSE);
                }
            }
            changed = true;
        }
        changed
    }

    fn record(&self) -> anyhow::Result<()> {
        let recorded = self.members.iter().filter_map(Member::recorded).collect();
        let ended = self
            .members
            .iter()
            .filter(|member| member.running.is_none());
        let state = State {
            supervisor: self.me,
            ready: self.ready,
            addresses: self.addresses.clone(),
            folders: self.folders.clone(),
            processes: recorded,
            ended: ended.map(|member| member.program.name.clone()).collect(),
        };
        state.write(&self.root)
    }
}

impl Member {
    fn recorded(&self) -> Option<Recorded> {
        let running = self.running.as_ref()?;
        let health = match &self.program.check {
            Check::Http { url } => Some(url.clone()),
            Check::Postgres { .. } | Check::Redis { .. } => None,
        };
        Some(Recorded {
            name: self.program.name.clone(),
            identity: running.identity,
            stop: self.program.stop.as_str().to_owned(),
            address: self.program.address.clone(),
            health,
        })
    }

    fn is_like(&self, other: &Self) -> bool {
        self.program.stop == other.program.stop && self.program.grace == other.program.grace
    }
}
