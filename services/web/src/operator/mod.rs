//! Pages for those who run the installation. For anybody else they are not there.
mod audit;
mod board;
mod dead;
mod events;
mod job;
mod queues;
mod views;

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

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/operator", "/operator/queues"))
        .service(web::redirect("/operator/", "/operator/queues"))
        .service(web::resource("/operator/queues").route(web::get().to(queues::show)))
        .service(web::resource("/operator/dead").route(web::get().to(dead::show)))
        .service(web::resource("/operator/dead/retry").route(web::post().to(dead::retry)))
        .service(web::resource("/operator/jobs/{id}").route(web::get().to(job::show)))
        .service(web::resource("/operator/jobs/{id}/retry").route(web::post().to(job::retry)))
        .service(web::resource("/operator/jobs/{id}/discard").route(web::post().to(job::discard)))
        .service(web::resource("/operator/events").route(web::get().to(events::show)))
        .service(web::resource("/operator/events/replay").route(web::post().to(events::replay_all)))
        .service(
            web::resource("/operator/events/{id}/replay").route(web::post().to(events::replay)),
        )
        .service(web::resource("/operator/audit").route(web::get().to(audit::show)));
}

/// A unit of work of an operator. To others there is nothing at this address.
async fn begin(tenant: &Tenant) -> Result<Unit, Problem> {
    let unit = tenant.begin().await?;
    operators_only(&unit)?;
    Ok(unit)
}

fn operators_only(unit: &Unit) -> Result<(), Problem> {
    if unit.membership.is_operator {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

/// Who acts, for the list of what was done.
fn actor(tenant: &Tenant, unit: &Unit) -> Actor {
    Actor {
        user: Some(unit.membership.user_id),
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
            operators_only(unit)?;
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
