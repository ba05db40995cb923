use super::super::{
    forms, problem,
    views::{self, AreaChoice, RoleRow},
};
use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    inventory::pages::or_back,
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use batchtrack_core::{
    kernel::ids::RoleId,
    organizations::{self, OrganizationError, Role},
    tiers::Permissions,
};
use serde::Deserialize;

const FIELDS: [&str; 3] = ["name", "description", "permissions"];
const ROLES: &str = "/organization/roles";

#[derive(askama::Template)]
#[template(path = "organization/roles.html")]
struct RolesPage {
    shell: Shell,
    rows: Vec<RoleRow>,
    tier: String,
}

#[derive(askama::Template)]
#[template(path = "organization/role.html")]
struct RolePage {
    shell: Shell,
    title: String,
    /// Of a role that is there already.
    id: Option<RoleId>,
    /// It came with the organisation and is only looked at.
    is_system: bool,
    in_use: i64,
    sheet: Sheet,
    areas: Vec<AreaChoice>,
    tier: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewQuery {
    /// The number of a role to begin with.
    copy: Option<RoleId>,
}

pub(super) async fn list(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let roles = organizations::roles(&mut unit.tx).await?;
    Page(RolesPage {
        shell: tenant.shell(&unit),
        rows: roles.into_iter().map(RoleRow::of).collect(),
        tier: unit.grants.allowance.tier_name.clone(),
    })
    .into_response()
}

pub(super) async fn blank(tenant: Tenant, query: Query<NewQuery>) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let (typed, ticked) = match query.copy {
        None => (Fields::default(), Permissions::NONE),
        Some(id) => {
            let role = found(&mut unit, id).await?.0;
            let name = format!("{}, changed", role.name);
            let typed = [("name", name), ("description", role.description)];
            // One copies what one has oneself.
            (Fields::of(typed), role.permissions.and(unit.grants.roles))
        }
    };
    page(&tenant, &unit, None, Sheet::of(&FIELDS, typed), ticked)
}

pub(super) async fn create(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::role(&fields) {
        Ok(new) => {
            tenant
                .write(once, async |unit| {
                    organizations::create_role(&mut unit.tx, &unit.grants, new)
                        .await
                        .map_err(problem)?;
                    let words = "Made. Give it to somebody under Members.";
                    Ok(Answer::redirect(ROLES).flash(Flash::success(words)))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    again(&tenant, None, fields, done).await
}

pub(super) async fn show(tenant: Tenant, id: Path<RoleId>) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let (role, in_use) = found(&mut unit, *id).await?;
    let is_system = role.system.is_some();
    let ticked = role.permissions;
    let typed = Fields::of([("name", role.name), ("description", role.description)]);
    let about = Some((*id, is_system, in_use));
    page(&tenant, &unit, about, Sheet::of(&FIELDS, typed), ticked)
}

pub(super) async fn save(
    tenant: Tenant,
    id: Path<RoleId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::role(&fields) {
        Ok(new) => {
            tenant
                .write(once, async |unit| {
                    organizations::change_role(&mut unit.tx, &unit.grants, *id, new.into())
                        .await
                        .map_err(problem)?;
                    let words = "Saved. It counts for everybody who has it, from now on.";
                    Ok(Answer::redirect(ROLES).flash(Flash::success(words)))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    again(&tenant, Some(*id), fields, done).await
}

pub(super) async fn delete(
    tenant: Tenant,
    id: Path<RoleId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            organizations::delete_role(&mut unit.tx, &unit.grants, *id)
                .await
                .map_err(problem)?;
            Ok(Answer::redirect(ROLES).flash(Flash::success("Deleted.")))
        })
        .await;
    or_back(&tenant, done, &format!("{ROLES}/{id}"))
}

/// The form again where it was refused and people can mend it.
async fn again(
    tenant: &Tenant,
    id: Option<RoleId>,
    typed: Fields,
    done: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let problem = match done {
        Err(problem)
            if tenant.shows_again(&problem) || super::members::is_escalation(tenant, &problem) =>
        {
            problem
        }
        done => return done,
    };
    let mut unit = tenant.begin().await?;
    let about = match id {
        Some(id) => {
            let (role, in_use) = found(&mut unit, id).await?;
            Some((id, role.system.is_some(), in_use))
        }
        None => None,
    };
    let ticked = Permissions::of_words(typed.all("permissions"));
    let sheet = Sheet::refused(&FIELDS, typed, problem);
    page(tenant, &unit, about, sheet, ticked)
}

/// A role, and how many have it or are offered it.
async fn found(unit: &mut Unit, id: RoleId) -> Result<(Role, i64), Problem> {
    let found = organizations::role(&mut unit.tx, id)
        .await?
        .ok_or(OrganizationError::NoRole)?;
    Ok((found.role, found.members + found.open_invitations))
}

fn page(
    tenant: &Tenant,
    unit: &Unit,
    about: Option<(RoleId, bool, i64)>,
    sheet: Sheet,
    ticked: Permissions,
) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    let (id, is_system, in_use) = match about {
        Some((id, is_system, in_use)) => (Some(id), is_system, in_use),
        None => (None, false, 0),
    };
    Page(RolePage {
        shell: tenant.shell(unit).under(ROLES),
        id,
        is_system,
        in_use,
        title: match id {
            Some(_) => sheet.text("name").to_owned(),
            None => "New role".to_owned(),
        },
        areas: views::areas(ticked, &unit.grants),
        tier: unit.grants.allowance.tier_name.clone(),
        sheet,
    })
    .with_forms(refused)
}
