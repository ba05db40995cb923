use crate::{
    extract::{Answer, FormBody, Meta, Tenant, Unit},
    middleware::flash,
    page::Flash,
    problem::Problem,
};
use actix_web::{HttpResponse, http::header, web::Path};
use batchtrack_core::{
    batches,
    inventory::{self, ActionKind},
    kernel::ids::ActionId,
    tiers::Permission,
};

/// Takes an action back, and returns to the page that asked for it.
pub(super) async fn undo(
    tenant: Tenant,
    id: Path<ActionId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let back = came_from(&tenant);
    let done = tenant
        .write(form.once, async |unit| {
            need_to_undo(unit, *id).await?;
            batches::undo(&mut unit.tx, *id).await?;
            Ok(Answer::redirect(back.clone())
                .flash(Flash::success("Undone. Everything is as it was before.")))
        })
        .await;
    or_back(&tenant, done, &back)
}

/// Whoever may do something may undo it, whoever did it.
pub(crate) async fn need_to_undo(unit: &mut Unit, id: ActionId) -> Result<(), Problem> {
    let Some(action) = inventory::action(&mut unit.tx, id).await? else {
        return Ok(()); // what undoes it will say so
    };
    let permission = match action.kind {
        ActionKind::BatchStart | ActionKind::BatchCancellation => Permission::BatchesCancel,
        ActionKind::BatchExtra => Permission::BatchesEdit,
        ActionKind::BatchCompletion | ActionKind::BatchFailure => Permission::BatchesFinish,
        ActionKind::Sale if !unit.may(Permission::InventoryAdjust) => {
            Permission::ProductsSalesTracking
        }
        _ => Permission::InventoryAdjust,
    };
    unit.need(permission)
}

fn came_from(tenant: &Tenant) -> String {
    tenant
        .meta
        .came_from
        .clone()
        .filter(|path| Meta::is_same_site_path(path) && !path.ends_with("/undo"))
        .unwrap_or_else(|| "/user_dashboard".to_owned())
}

/// A refusal of a single button: back to its page, with the reason.
pub(crate) fn or_back(
    tenant: &Tenant,
    done: Result<HttpResponse, Problem>,
    back: &str,
) -> Result<HttpResponse, Problem> {
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let mut response = HttpResponse::SeeOther();
            response.insert_header((header::LOCATION, back));
            let reason = Flash::danger(problem.detail().into_owned());
            if let Some(cookie) = flash::cookie(&reason, tenant.app(), &tenant.meta) {
                response.cookie(cookie);
            }
            Ok(response.finish())
        }
        other => other,
    }
}
