//! Starting and stopping.
use crate::{
    app::{App, StartError},
    middleware::{csrf, flood, frame, headers, problems},
    routes,
    session::Sessions,
};
use actix_governor::Governor;
use actix_web::{
    App as Site, HttpServer,
    dev::ServerHandle,
    middleware::from_fn,
    web::{Data, ServiceConfig},
};
use batchtrack_core::platform::Lifecycle;
use std::{
    future::Future,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

/// A running service.
pub struct Server {
    pub address: SocketAddr,
    handle: ServerHandle,
    run: std::pin::Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>>,
}

impl Server {
    /// Serves until `life` ends, then finishes the requests under way.
    pub async fn until_stopped(self, life: &Lifecycle) -> std::io::Result<()> {
        let handle = self.handle;
        tokio::select! {
            ended = self.run => ended,
            () = async {
                life.stopping().await;
                handle.stop(true).await;
            } => Ok(()),
        }
    }
}

/// Starts the site on `listener`. `extra` adds routes of other rooms: health, and tests' own.
pub fn start(
    app: App,
    listener: TcpListener,
    life: &Lifecycle,
    extra: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> Result<Server, StartError> {
    let address = listener.local_addr()?;
    let settings = app.settings.clone();
    let flood = flood::config(&settings);
    flood::forget_regularly(&flood, life);
    let workers = match settings.http.workers {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        set => set,
    };
    let server = HttpServer::new(move || {
        Site::new()
            .app_data(Data::new(app.clone()))
            .configure(extra.clone())
            .configure(routes::site)
            // The last one stands outermost.
            .wrap(from_fn(csrf::around))
            .wrap(Sessions::new(app.clone()))
            .wrap(Governor::new(&flood))
            .wrap(from_fn(problems::around))
            .wrap(from_fn(headers::around))
            .wrap(from_fn(frame::around))
    })
    .workers(workers)
    // Longer than nginx keeps its connections, or it would meet one just being closed.
    .keep_alive(Duration::from_secs(75))
    .client_request_timeout(Duration::from_secs(15))
    .shutdown_timeout(settings.shutdown.timeout_seconds)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Server {
        address,
        handle: server.handle(),
        run: Box::pin(server),
    })
}
