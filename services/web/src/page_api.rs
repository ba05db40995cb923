//! What scripts of pages and the published load test speak: older addresses whose answers are kept
//! to the letter. Each room has its own; this is what they share.
use crate::{
    batches,
    endpoint::Endpoint,
    extract::{Answer, Idempotency, Meta, Tenant, Unit},
    inventory,
    middleware::flash,
    page::Flash,
    problem::Problem,
    products, recipes, units,
};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::ServiceConfig,
};

/// Every address of this kind.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    [
        inventory::page_api::ENDPOINTS,
        recipes::page_api::ENDPOINTS,
        batches::page_api::ENDPOINTS,
        products::page_api::ENDPOINTS,
        units::page_api::ENDPOINTS,
    ]
    .into_iter()
    .flatten()
}

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(inventory::page_api::routes)
        .configure(recipes::page_api::routes)
        .configure(batches::page_api::routes)
        .configure(products::page_api::routes)
        .configure(units::page_api::routes);
}

/// What was done, for either sort of caller.
pub(crate) struct Done {
    pub(crate) json: serde_json::Value,
    /// Where a form goes on, and what it says there.
    pub(crate) to: String,
    pub(crate) flash: Flash,
}

/// Carries out a write for a script, which gets JSON, or for a form, which is sent on with a
/// message. Of a refusal the caller makes what fits: [`refused`], or the form again.
pub(crate) async fn carry_out(
    tenant: &Tenant,
    once: Idempotency,
    work: impl AsyncFnOnce(&mut Unit) -> Result<Done, Problem>,
) -> Result<HttpResponse, Problem> {
    let by_script = tenant.wants_json();
    tenant
        .write(once, async |unit| {
            let done = work(unit).await?;
            Ok(if by_script {
                Answer::ok(done.json)
            } else {
                Answer::redirect(done.to).flash(done.flash)
            })
        })
        .await
}

/// A refusal that the form can be shown again with; for a script, and for what nobody can mend at
/// this form, it is the answer.
pub(crate) fn to_mend(tenant: &Tenant, problem: Problem) -> Result<Problem, Problem> {
    if tenant.wants_json() {
        Err(worded(problem))
    } else if problem.is_mendable() {
        Ok(problem)
    } else {
        Err(problem)
    }
}

/// A refusal of what has no form to be shown again: a form goes back to where it came from (else to
/// `back`) and says it there.
pub(crate) fn refused(
    tenant: &Tenant,
    problem: Problem,
    back: &str,
) -> Result<HttpResponse, Problem> {
    let problem = to_mend(tenant, problem)?;
    let came_from = tenant.meta.came_from.as_deref();
    let back = came_from
        .filter(|path| Meta::is_same_site_path(path))
        .unwrap_or(back);
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, back));
    let words = Flash::danger(problem.advice());
    if let Some(cookie) = flash::cookie(&words, tenant.app(), &tenant.meta) {
        response.cookie(cookie);
    }
    Ok(response.finish())
}

/// The problem with its words where these scripts look for them, and 400 for all that can be mended.
pub(crate) fn worded(problem: Problem) -> Problem {
    let words = problem.advice();
    let problem = if problem.is_mendable() {
        problem.with_status(StatusCode::BAD_REQUEST)
    } else {
        problem
    };
    problem
        .with("success", false)
        .with("error", words.clone())
        .with("message", words)
}
