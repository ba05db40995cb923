//! From `main` to the end of the process.
use crate::{gauges, healthcheck};
use batchtrack_core::{
    kernel::Clock,
    platform::{Lifecycle, Settings, config, telemetry::Telemetry},
};
use prometheus::Registry;
use std::{
    fmt::Display, io::Write as _, num::NonZeroUsize, process::ExitCode,
    thread::available_parallelism, time::Duration,
};

/// What a service is lent for its life.
#[derive(Debug, Clone)]
pub struct Context {
    pub settings: Settings,
    pub life: Lifecycle,
    /// Behind `/metrics`.
    pub registry: Registry,
    pub clock: Clock,
}

impl Context {
    /// How long what is under way may take once the process is to stop.
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.settings.shutdown.timeout_seconds)
    }
}

/// Could not start as it was asked to; there is no point in trying again unchanged.
const MISCONFIGURED: u8 = 2;

/// Runs the service `name` until it is told to stop. `<binary> healthcheck` asks a running one
/// whether it is alive, for containers that have no `curl`.
pub fn run(name: &'static str, serve: impl AsyncFnOnce(Context) -> anyhow::Result<()>) -> ExitCode {
    match asked(name, None) {
        Ok((settings, _)) => start(name, settings, async |context| {
            serve(context).await.map(|()| ExitCode::SUCCESS)
        }),
        Err(code) => code,
    }
}

/// The same for a service that can also be sent on an errand, by an argument of that name, after
/// which it ends with the code that the errand says.
pub fn run_or(
    name: &'static str,
    serve: impl AsyncFnOnce(Context) -> anyhow::Result<()>,
    errand: &'static str,
    go: impl AsyncFnOnce(Context) -> anyhow::Result<ExitCode>,
) -> ExitCode {
    match asked(name, Some(errand)) {
        Ok((settings, false)) => start(name, settings, async |context| {
            serve(context).await.map(|()| ExitCode::SUCCESS)
        }),
        Ok((settings, true)) => start(name, settings, go),
        Err(code) => code,
    }
}

/// The settings, and whether the errand is meant; or the code to end with at once.
fn asked(name: &'static str, errand: Option<&'static str>) -> Result<(Settings, bool), ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let argument = arguments.next();
    let settings = config::load().map_err(|error| refuse(name, &error))?;
    match (argument.as_deref(), arguments.next()) {
        (None, _) => Ok((settings, false)),
        (Some("healthcheck"), None) => Err(match healthcheck::ask(&settings.http) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(name, &error);
                ExitCode::FAILURE
            }
        }),
        (argument, None) if argument == errand => Ok((settings, true)),
        _ => Err(match errand {
            Some(errand) => refuse(
                name,
                &format!("the only arguments are `healthcheck` and `{errand}`"),
            ),
            None => refuse(name, &"the only argument is `healthcheck`"),
        }),
    }
}

fn start(
    name: &'static str,
    settings: Settings,
    serve: impl AsyncFnOnce(Context) -> anyhow::Result<ExitCode>,
) -> ExitCode {
    // Two providers in one tree would leave rustls unable to choose.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // Before the runtime: the exporters bring threads of their own and block.
    let telemetry = match Telemetry::start(name, &settings.log, &settings.telemetry) {
        Ok(telemetry) => telemetry,
        Err(error) => return refuse(name, &error),
    };
    gauges::process(&Clock::System);

    // Two workers at least: with one, whoever blocks it blocks everything.
    let workers = available_parallelism().map_or(2, NonZeroUsize::get).max(2);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let registry = telemetry.registry();
        let outcome = runtime.block_on(live(settings, registry, serve));
        // What still blocks must not hold the process up.
        runtime.shutdown_timeout(Duration::from_secs(1));
        outcome
    });
    let code = match outcome {
        Ok(code) => {
            tracing::info!("stopped");
            code
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the service failed");
            ExitCode::FAILURE
        }
    };
    telemetry.shutdown();
    code
}

async fn live(
    settings: Settings,
    registry: Registry,
    serve: impl AsyncFnOnce(Context) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let context = Context {
        settings,
        life: Lifecycle::until_signalled()?,
        registry,
        clock: Clock::System,
    };
    let (life, patience) = (context.life.clone(), context.patience());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting");
    let outcome = tokio::select! {
        outcome = serve(context) => outcome,
        // A second signal does not wait.
        () = life.stopped() => Ok(ExitCode::SUCCESS),
    };
    life.finish(patience).await;
    outcome
}

fn refuse(name: &str, error: &dyn Display) -> ExitCode {
    say(name, error);
    ExitCode::from(MISCONFIGURED)
}

/// One line to whoever started the process; there is no log yet. A closed stderr is no reason to
/// panic.
fn say(name: &str, error: &dyn Display) {
    let _ = writeln!(std::io::stderr(), "{name}: {error}");
}
