//! Pages for those who run the installation. For anybody else they are not there.
mod audit;
mod board;
mod dead;
mod events;
mod job;
mod queues;
mod views;

use crate::endpoint::{Access, Endpoint};
use crate::{
    extract::{Answer, Fields, Idempotency, Tenant, Unit},
    inventory::pages::or_back,
    page::Flash,
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use batchtrack_core::operators::Actor;
use chrono::{DateTime, SecondsFormat, Utc};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/operator/queues", Access::Operator, || {
        web::to(queues::show)
    }),
    Endpoint::get("/operator/dead", Access::Operator, || web::to(dead::show)),
    Endpoint::post("/operator/dead/retry", Access::Operator, || {
        web::to(dead::retry)
    }),
    Endpoint::get("/operator/jobs/{id}", Access::Operator, || {
        web::to(job::show)
    }),
    Endpoint::post("/operator/jobs/{id}/retry", Access::Operator, || {
        web::to(job::retry)
    }),
    Endpoint::post("/operator/jobs/{id}/discard", Access::Operator, || {
        web::to(job::discard)
    }),
    Endpoint::get("/operator/events", Access::Operator, || {
        web::to(events::show)
    }),
    Endpoint::post("/operator/events/replay", Access::Operator, || {
        web::to(events::replay_all)
    }),
    Endpoint::post("/operator/events/{id}/replay", Access::Operator, || {
        web::to(events::replay)
    }),
    Endpoint::get("/operator/audit", Access::Operator, || web::to(audit::show)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/operator", "/operator/queues"))
        .service(web::redirect("/operator/", "/operator/queues"));
    Endpoint::register(ENDPOINTS, cfg);
}

/// Who acts, for the list of what was done.
fn actor(tenant: &Tenant, unit: &Unit) -> Actor {
    Actor {
        user: unit.membership.user_id,
        name: unit.membership.email.clone(),
        correlation: tenant.meta.id.to_string(),
    }
}

/// What a button of `page` does, in the name of whoever pressed it; then that page again, with what
/// came of it or why nothing did.
async fn act(
    tenant: &Tenant,
    once: Idempotency,
    page: &str,
    work: impl AsyncFnOnce(&Actor) -> Result<Flash, Problem>,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(once, async |unit| {
            let told = work(&actor(tenant, unit)).await?;
            Ok(Answer::redirect(page).flash(told))
        })
        .await;
    or_back(tenant, done, page)
}

/// As a form says it; [`until`] reads it.
fn read_at(now: DateTime<Utc>) -> String {
    now.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// When the page with the form was made: what has happened since is not meant.
fn until(fields: &Fields) -> Result<DateTime<Utc>, Problem> {
    fields.text("until").parse().map_err(|_damaged| {
        Problem::malformed(
            "request.invalid",
            "That page is damaged. Load it anew and try again.",
        )
    })
}
