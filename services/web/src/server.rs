//! Starting and stopping.
use crate::{
    app::{App, StartError},
    middleware::{cors, csrf, flood, frame, headers, problems, quota},
    routes,
    session::Sessions,
};
use actix_governor::Governor;
use actix_web::{
    App as Site, HttpServer,
    middleware::from_fn,
    web::{Data, ServiceConfig},
};
use anyhow::Context as _;
use batchtrack_core::platform::{Lifecycle, Settings, config::AddressProof};
use batchtrack_service::{Context, OpsState, ops_routes, refuse_above_the_fence};
use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

/// A running service.
pub struct Server {
    pub address: SocketAddr,
    running: actix_web::dev::Server,
}

impl Server {
    /// Serves until `life` ends, then finishes the requests under way.
    pub async fn until_stopped(self, life: &Lifecycle) -> std::io::Result<()> {
        batchtrack_service::until_stopped(self.running, life).await
    }
}

/// The service as a process runs it.
pub async fn serve(context: Context) -> anyhow::Result<()> {
    let app = App::connect(context.settings.clone(), context.clock.clone()).await?;
    let redis = vec![("redis", app.redis.clone())];
    let ops = OpsState::new(&context, &app.system, Some(&app.db), redis);
    let extra = move |cfg: &mut ServiceConfig| {
        cfg.app_data(Data::new(ops.clone())).configure(ops_routes);
    };
    let http = &context.settings.http;
    let listener = TcpListener::bind((http.host.as_str(), http.port)).with_context(|| {
        format!(
            "can't listen on {}:{} (HTTP_HOST, HTTP_PORT)",
            http.host, http.port
        )
    })?;
    let server = start(app.clone(), listener, &context.life, extra)?;
    tracing::info!(address = %server.address, "listening");
    let life = &context.life;
    warn_of_unproved(&context.settings);
    let check = async {
        warn_of_eviction(&app).await;
        refuse_above_the_fence(life, || app.db.check_role()).await?;
        refuse_above_the_fence(life, || app.system.check_role()).await?;
        Ok(())
    };
    let wake = async {
        app.bell.publish(life, &app.redis).await;
        Ok(())
    };
    // Health is answered from the start, whether or not there is a database yet.
    tokio::try_join!(
        async {
            server
                .until_stopped(life)
                .await
                .map_err(anyhow::Error::from)
        },
        check,
        wake
    )?;
    Ok(())
}

/// Without letters nobody can be asked to prove an address.
fn warn_of_unproved(settings: &Settings) {
    if settings.accounts.email_verification == AddressProof::Required && !settings.sends_mail() {
        tracing::warn!(
            "addresses are not verified: AUTH_EMAIL_VERIFICATION_MODE is required, but MAIL_SMTP_URL is not set"
        );
    }
}

/// A Redis that may forget sessions signs people out when it is full.
async fn warn_of_eviction(app: &App) {
    match app.redis.eviction_policy().await {
        Ok(Some(policy)) if policy != "noeviction" => {
            tracing::warn!(
                policy,
                "REDIS_URL may evict sessions; set maxmemory-policy noeviction"
            );
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "redis is away"),
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
    let running = HttpServer::new(move || {
        Site::new()
            .app_data(Data::new(app.clone()))
            .configure(extra.clone())
            .configure(routes::site)
            // The last one stands outermost.
            .wrap(from_fn(csrf::around))
            .wrap(from_fn(quota::around))
            .wrap(Sessions::new(app.clone()))
            .wrap(from_fn(cors::around))
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
    Ok(Server { address, running })
}
