//! Measures what the dispatcher is for: events, jobs, webhooks; and graphile-worker beside it on the
//! same database server in the same run. `make bench-dispatch` runs all of it; see
//! `loadtests/dispatch/README.md`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement says what it found, and is no service"
)]
mod child;
mod facts;
mod figures;
mod held;
mod latency;
mod line;
mod machine;
mod options;
mod parts;
mod peer;
mod place;
mod receiver;
mod soak;
mod worker;

use clap::Parser as _;
use figures::Targets;
use options::{Options, Part};
use place::Place;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn redis_url() -> String {
    std::env::var("TEST_REDIS_URL").expect("`batchtrack with-servers` says where the servers are")
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    if options.worker {
        return runtime.block_on(worker::run());
    }
    runtime.block_on(measure(&options));
    Ok(())
}

async fn measure(options: &Options) {
    let mut targets = Targets::default();
    {
        let place = Place::new(1).await;
        machine::print(&place.sql).await;
    }
    if options.wants(Part::Relay) {
        Box::pin(parts::relay(options, &mut targets)).await;
    }
    if options.wants(Part::Jobs) {
        Box::pin(parts::jobs(options, &mut targets)).await;
    }
    if options.wants(Part::Latency) {
        Box::pin(parts::latency(options, &mut targets)).await;
    }
    if options.wants(Part::Hanging) {
        Box::pin(parts::hanging(options, &mut targets)).await;
    }
    if options.wants(Part::Held) {
        Box::pin(parts::held(options, &mut targets)).await;
    }
    if options.wants(Part::Soak) {
        Box::pin(parts::soak(options, &mut targets)).await;
    }
    targets.print();
}
