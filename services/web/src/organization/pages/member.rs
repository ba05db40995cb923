use super::{
    super::{
        forms, problem,
        views::{MemberRow, RoleChoice},
    },
    members::{MEMBERS, is_escalation},
};
use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    inventory::pages::or_back,
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::UserId,
    organizations::{self, OrganizationError},
    tiers::Permission::OrganizationManageUsers,
};

const FIELDS: [&str; 1] = ["roles"];

#[derive(askama::Template)]
#[template(path = "organization/member.html")]
struct MemberPage {
    shell: Shell,
    member: MemberRow,
    roles: Vec<RoleChoice>,
    sheet: Sheet,
    /// Whether whoever looks may do something about them.
    may_manage: bool,
}

pub(super) async fn show(tenant: Tenant, id: Path<UserId>) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let sheet = Sheet::of(&FIELDS, Fields::default());
    page(&tenant, &mut unit, *id, sheet).await
}

async fn page(
    tenant: &Tenant,
    unit: &mut Unit,
    id: UserId,
    sheet: Sheet,
) -> Result<HttpResponse, Problem> {
    let member = organizations::member(&mut unit.tx, id)
        .await?
        .ok_or(OrganizationError::NoMember)?;
    let may_manage = unit.grants.allows(OrganizationManageUsers)
        && !member.is_owner
        && Some(id) != unit.membership.user_id;
    let roles = if may_manage {
        organizations::roles(&mut unit.tx).await?
    } else {
        Vec::new()
    };
    let ticked = if sheet.is_refused() {
        forms::roles(sheet.typed()).unwrap_or_default()
    } else {
        member.roles.iter().map(|role| role.id).collect()
    };
    let times = unit.times();
    let you = unit.membership.user_id.map_or(0, UserId::get);
    let refused = sheet.is_refused();
    Page(MemberPage {
        shell: tenant.shell(unit).under(MEMBERS),
        member: MemberRow::of(member, you, &times),
        roles: RoleChoice::all(roles, &ticked, &unit.grants),
        sheet,
        may_manage,
    })
    .with_forms(refused)
}

pub(super) async fn set_roles(
    tenant: Tenant,
    id: Path<UserId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::roles(&fields) {
        Ok(wanted) => {
            tenant
                .write(once, async |unit| {
                    organizations::set_roles(&mut unit.tx, &unit.grants, *id, wanted)
                        .await
                        .map_err(problem)?;
                    let words = "Saved. It counts from their next click on.";
                    Ok(Answer::redirect(at(*id)).flash(Flash::success(words)))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if tenant.shows_again(&problem) || is_escalation(&tenant, &problem) => {
            let mut unit = tenant.begin().await?;
            let sheet = Sheet::refused(&FIELDS, fields, problem);
            page(&tenant, &mut unit, *id, sheet).await
        }
        done => done,
    }
}

pub(super) async fn deactivate(
    tenant: Tenant,
    id: Path<UserId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            organizations::deactivate(&mut unit.tx, &unit.grants, *id)
                .await
                .map_err(problem)?;
            let words = "Deactivated. They are out from now on, and their seat is free.";
            Ok(Answer::redirect(at(*id)).flash(Flash::success(words)))
        })
        .await;
    or_back(&tenant, done, &at(*id))
}

pub(super) async fn reactivate(
    tenant: Tenant,
    id: Path<UserId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            organizations::reactivate(&mut unit.tx, &unit.grants, *id)
                .await
                .map_err(problem)?;
            let words = "Re-activated. They may come in again.";
            Ok(Answer::redirect(at(*id)).flash(Flash::success(words)))
        })
        .await;
    or_back(&tenant, done, &at(*id))
}

pub(super) async fn remove(
    tenant: Tenant,
    id: Path<UserId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            organizations::remove(&mut unit.tx, &unit.grants, *id)
                .await
                .map_err(problem)?;
            let words = "Removed. What they did stays in the books.";
            Ok(Answer::redirect(MEMBERS).flash(Flash::success(words)))
        })
        .await;
    or_back(&tenant, done, &at(*id))
}

fn at(id: UserId) -> String {
    format!("{MEMBERS}/{id}")
}
