//! What every service does alike: start, answer for itself, stop.
//!
//! A service is a library with `async fn serve(context: Context) -> anyhow::Result<()>` and a
//! `main` that hands it to [`run`].
mod fence;
mod gauges;
mod healthcheck;
mod ops;
mod readiness;
mod run;
mod server;

pub use self::{
    fence::refuse_above_the_fence,
    ops::{OpsState, ops_routes},
    readiness::{Health, Readiness, Standing},
    run::{Context, run, run_or},
    server::{serve_ops, serve_ops_on, until_stopped},
};
