//! What a service answers about itself, to whoever runs it.
use crate::{Context, gauges, readiness::Watch};
use actix_web::{HttpResponse, Responder, http::header, web};
use batchtrack_core::platform::{Db, Redis, SystemDb, telemetry};
use prometheus::Registry;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// What [`ops_routes`] needs, as `web::Data<OpsState>`; one per process, cloned into each worker.
#[derive(Clone)]
pub struct OpsState {
    registry: Registry,
    watch: Arc<Watch>,
}

impl OpsState {
    /// For a service that uses `system` and the named Redis servers; `db` where it has a pool as
    /// the app role too. Call once: it also puts the pools' gauges into the metrics.
    pub fn new(
        context: &Context,
        system: &SystemDb,
        db: Option<&Db>,
        redis: Vec<(&'static str, Redis)>,
    ) -> Self {
        Self::with_notes(context, system, db, redis, BTreeMap::new())
    }

    /// The same, with what `/readyz` tells an operator besides.
    pub fn with_notes(
        context: &Context,
        system: &SystemDb,
        db: Option<&Db>,
        redis: Vec<(&'static str, Redis)>,
        notes: BTreeMap<&'static str, &'static str>,
    ) -> Self {
        let pool = system.clone();
        gauges::pool("system", move || pool.state());
        if let Some(pool) = db.cloned() {
            gauges::pool("app", move || pool.state());
        }
        for (name, pool) in redis.clone() {
            gauges::pool(name, move || pool.state());
        }
        Self {
            registry: context.registry.clone(),
            watch: Arc::new(Watch::new(
                context.life.clone(),
                system.clone(),
                redis,
                notes,
            )),
        }
    }
}

/// `GET /healthz`, `/readyz` and `/metrics`, for an `App` with `web::Data<OpsState>`.
pub fn ops_routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .route("/metrics", web::get().to(metrics));
}

#[derive(Serialize)]
struct Alive {
    status: &'static str,
}

/// Alive, and no more: whoever fails this is restarted, which helps nobody but the process itself.
async fn healthz() -> impl Responder {
    unstored(&mut HttpResponse::Ok()).json(Alive { status: "ok" })
}

async fn readyz(state: web::Data<OpsState>) -> impl Responder {
    let readiness = state.watch.look().await;
    let mut answer = if readiness.may_be_sent_work() {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    unstored(&mut answer).json(readiness)
}

async fn metrics(state: web::Data<OpsState>) -> impl Responder {
    unstored(&mut HttpResponse::Ok())
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(telemetry::render(&state.registry))
}

fn unstored(answer: &mut actix_web::HttpResponseBuilder) -> &mut actix_web::HttpResponseBuilder {
    answer.insert_header((header::CACHE_CONTROL, "no-store"))
}
