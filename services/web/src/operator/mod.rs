//! Pages for those who run the installation. For anybody else they are not there.
mod acting;
mod audit;
mod board;
mod dead;
mod events;
mod flags;
mod job;
mod organization;
mod organizations;
mod queues;
mod tiers;
mod views;

use crate::endpoint::{Access, Endpoint};
use crate::{
    extract::{Answer, Fields, Idempotency, Known, Person, Tenant, Unit},
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
    Endpoint::get("/operator/organizations", Access::Operator, || {
        web::to(organizations::show)
    }),
    Endpoint::get("/operator/organizations/{id}", Access::Operator, || {
        web::to(organization::show)
    }),
    Endpoint::post(
        "/operator/organizations/{id}/tier",
        Access::Operator,
        || web::to(organization::set_tier),
    ),
    Endpoint::post(
        "/operator/organizations/{id}/suspend",
        Access::Operator,
        || web::to(organization::suspend),
    ),
    Endpoint::post(
        "/operator/organizations/{id}/activate",
        Access::Operator,
        || web::to(organization::activate),
    ),
    Endpoint::post(
        "/operator/organizations/{id}/flag",
        Access::Operator,
        || web::to(organization::set_flag),
    ),
    Endpoint::post(
        "/operator/organizations/{id}/act-as",
        Access::Operator,
        || web::to(acting::begin),
    ),
    // Also for somebody who is no operator any more.
    Endpoint::post("/operator/stop-acting", Access::Person, || {
        web::to(acting::end)
    }),
    Endpoint::get("/operator/flags", Access::Operator, || web::to(flags::show)),
    Endpoint::post("/operator/flags", Access::Operator, || web::to(flags::set)),
    Endpoint::get("/operator/tiers", Access::Operator, || web::to(tiers::list)),
    Endpoint::get("/operator/tiers/{key}", Access::Operator, || {
        web::to(tiers::show)
    }),
    Endpoint::post("/operator/tiers/{key}", Access::Operator, || {
        web::to(tiers::save)
    }),
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

/// The same on a page that needs no organisation.
fn actor_of(person: &Person, known: &Known) -> Actor {
    Actor {
        user: Some(known.account.user),
        name: known.account.email.clone(),
        correlation: person.meta.id.to_string(),
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
