//! `batchtrack jobs …`: what waits, what failed too often, and what is to become of it.
use super::settings;
use crate::{actor::actor, say::say};
use anyhow::Context as _;
use batchtrack_core::{
    jobs::{
        Queue,
        operate::{self, Filter, Retried, Shown},
    },
    kernel::{Clock, ids::JobId},
    operators,
    platform::SystemDb,
};
use serde_json::{Value, json};
use std::{path::Path, process::ExitCode};

#[derive(clap::Subcommand)]
pub(crate) enum Jobs {
    /// Print jobs in the order in which they are done
    List(List),
    /// Print all that is known of one; texts of its payload are left out, for they may be secrets
    Show {
        id: i64,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Put dead jobs back into their lines, with all their tries before them
    Retry(Retry),
    /// Drop a dead job for good
    Discard { id: i64 },
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// Of one queue
    #[arg(long, value_parser = queue)]
    queue: Option<Queue>,
    /// Of one kind, such as `webhooks.deliver.v1`
    #[arg(long)]
    kind: Option<String>,
    /// Those that failed too often, the latest first
    #[arg(long)]
    dead: bool,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// As a JSON array
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Retry {
    /// One job, by its number
    id: Option<i64>,
    /// All that are dead of a kind
    #[arg(long)]
    kind: Option<String>,
}

fn queue(text: &str) -> Result<Queue, String> {
    text.parse().map_err(|unknown| format!("{unknown}"))
}

impl Jobs {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings::load(root)?;
        let system = SystemDb::connect(&settings.database, Clock::System).await?;
        match self {
            Self::List(list) => list.run(&system).await?,
            Self::Show { id, json } => show(&system, JobId::new(id), json).await?,
            Self::Retry(retry) => retry.run(&system).await?,
            Self::Discard { id } => {
                operators::discard_job(&system, &actor(), JobId::new(id)).await?;
                say(format_args!("Job {id} is dropped for good."));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self, system: &SystemDb) -> anyhow::Result<()> {
        let filter = Filter {
            queue: self.queue,
            kind: self.kind,
        };
        let limit = usize::from(self.limit);
        let mut tx = system.begin().await?;
        let jobs = if self.dead {
            operate::dead(&mut tx, &filter, None, limit).await?.rows
        } else {
            operate::list(&mut tx, &filter, limit).await?
        };
        if self.json {
            let all: Vec<_> = jobs.iter().map(as_json).collect();
            say(serde_json::to_string_pretty(&all)?);
            return Ok(());
        }
        if jobs.is_empty() {
            say(if self.dead {
                "No job is dead."
            } else {
                "No job waits."
            });
        }
        for job in &jobs {
            say(line(job));
        }
        let dead: i64 = operate::lines(&mut tx)
            .await?
            .iter()
            .map(|line| line.dead)
            .sum();
        if dead > 0 && !self.dead {
            say(format_args!("{dead} are dead: batchtrack jobs list --dead"));
        }
        Ok(())
    }
}

impl Retry {
    async fn run(self, system: &SystemDb) -> anyhow::Result<()> {
        let retried = match (self.id, self.kind) {
            (Some(id), _) => operators::retry_job(system, &actor(), JobId::new(id)).await?,
            (None, Some(kind)) => {
                let now = Clock::System.now();
                operators::retry_kind(system, &actor(), &kind, now).await?
            }
            (None, None) => anyhow::bail!("say which: a number, or --kind"),
        };
        if retried == Retried::default() {
            anyhow::bail!("no job of that kind is dead");
        }
        say(format_args!("{} jobs are back in line.", retried.back));
        if retried.needless > 0 {
            say(format_args!(
                "{} were dropped, since an equal one waits already.",
                retried.needless
            ));
        }
        Ok(())
    }
}

async fn show(system: &SystemDb, id: JobId, as_json: bool) -> anyhow::Result<()> {
    let mut tx = system.begin().await?;
    let job = operate::find(&mut tx, id).await?;
    let job = job.with_context(|| format!("there is no job {id}, or it is done"))?;
    let all = self::as_json(&job);
    if as_json {
        say(serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    for (name, value) in all.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::String(text) => say(format_args!("{name:<16} {text}")),
            other => say(format_args!("{name:<16} {other}")),
        }
    }
    Ok(())
}

fn as_json(job: &Shown) -> Value {
    json!({
        "id": job.id,
        "state": job.state,
        "queue": job.queue,
        "kind": job.kind,
        "organization_id": job.organization,
        "failures": job.failures,
        "attempts": job.attempt,
        "enqueued_at": job.enqueued_at,
        "since": job.since,
        "correlation_id": job.correlation,
        "last_error": job.last_error,
        "args": operate::redacted(&job.args),
    })
}

fn line(job: &Shown) -> String {
    let since = job.since.format("%Y-%m-%d %H:%M:%S");
    let error = job.last_error.as_deref().unwrap_or_default();
    let error = error.lines().next().unwrap_or_default();
    format!(
        "{:<10} {:<8} {:<9} {:<32} {since}  failed {:>2}  {error}",
        job.id, job.state, job.queue, job.kind, job.failures
    )
    .trim_end()
    .to_owned()
}
