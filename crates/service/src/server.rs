//! Listening, and ceasing to.
use crate::{Context, OpsState, ops_routes};
use actix_web::{App, HttpServer, dev::Server, web};
use anyhow::Context as _;
use batchtrack_core::platform::Lifecycle;
use std::net::TcpListener;

/// Answers `/healthz`, `/readyz` and `/metrics` on `HTTP_HOST:HTTP_PORT` until the process is to
/// stop; for services that answer nothing else.
pub async fn serve_ops(context: &Context, state: OpsState) -> anyhow::Result<()> {
    let (host, port) = (
        context.settings.http.host.as_str(),
        context.settings.http.port,
    );
    let listener = TcpListener::bind((host, port))
        .with_context(|| format!("can't listen on {host}:{port} (HTTP_HOST, HTTP_PORT)"))?;
    serve_ops_on(listener, context, state).await
}

/// The same on `listener`, for tests, which let the system choose the port.
pub async fn serve_ops_on(
    listener: TcpListener,
    context: &Context,
    state: OpsState,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(state.clone()))
            .configure(ops_routes)
    })
    .workers(1)
    // The process has its own ear for signals.
    .disable_signals()
    .shutdown_timeout(context.settings.shutdown.timeout_seconds)
    .listen(listener)?
    .run();
    tracing::info!(%address, "listening");
    Ok(until_stopped(server, &context.life).await?)
}

/// Lets `server` run until `life` ends: at the soft stop it takes no new connections and finishes
/// what it has, at the hard stop it lets go.
pub async fn until_stopped(server: Server, life: &Lifecycle) -> std::io::Result<()> {
    let handle = server.handle();
    let stop = async {
        life.stopping().await;
        tokio::select! {
            () = handle.stop(true) => {}
            () = life.stopped() => handle.stop(false).await,
        }
        // The server has the last word.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = server => ended,
        () = stop => Ok(()),
    }
}
