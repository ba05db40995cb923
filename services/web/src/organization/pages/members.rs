use super::super::{
    forms, problem,
    views::{self, InvitationRow, MemberRow, RoleChoice},
};
use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    inventory::pages::or_back,
    listing::{self, Pager},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use batchtrack_core::{
    kernel::ids::{InvitationId, UserId},
    organizations,
    tiers::Permission::{OrganizationManageRoles, OrganizationManageUsers},
};
use serde::Deserialize;

const PER_PAGE: u16 = 50;
/// Of invitations; those that ended long ago are not listed.
const INVITATIONS: u16 = 100;
const FIELDS: [&str; 2] = ["email", "roles"];
pub(super) const MEMBERS: &str = "/organization/members";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MembersQuery {
    q: String,
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "organization/members.html")]
struct MembersPage {
    shell: Shell,
    query: MembersQuery,
    rows: Vec<MemberRow>,
    pager: Pager,
    seats: String,
    invitations: Vec<InvitationRow>,
    roles: Vec<RoleChoice>,
    sheet: Sheet,
    may_manage: bool,
    may_make_roles: bool,
    is_owner: bool,
}

pub(super) async fn show(
    tenant: Tenant,
    query: Query<MembersQuery>,
) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let sheet = Sheet::of(&FIELDS, Fields::default());
    page(&tenant, &mut unit, query.into_inner(), sheet).await
}

async fn page(
    tenant: &Tenant,
    unit: &mut Unit,
    query: MembersQuery,
    sheet: Sheet,
) -> Result<HttpResponse, Problem> {
    let after = listing::cursor(&query.cursor)?;
    let search = listing::search(&query.q);
    let tx = &mut unit.tx;
    let found = organizations::members(tx, search.as_deref(), after.as_ref(), PER_PAGE).await?;
    let seats = organizations::seats(tx).await?;
    let may_manage = unit.grants.allows(OrganizationManageUsers);
    let (mut invitations, mut roles) = (Vec::new(), Vec::new());
    if may_manage {
        invitations = organizations::invitations(tx, None, INVITATIONS)
            .await?
            .rows;
        roles = organizations::roles(tx).await?;
    }
    let times = unit.times();
    let you = unit.membership.user_id.map_or(0, UserId::get);
    let ticked = forms::roles(sheet.typed()).unwrap_or_default();
    let refused = sheet.is_refused();
    Page(MembersPage {
        shell: tenant.shell(unit).under(MEMBERS),
        pager: Pager::of(
            MEMBERS,
            &[("q", &query.q)],
            &query.cursor,
            found.next.as_ref(),
        ),
        rows: found
            .rows
            .into_iter()
            .map(|member| MemberRow::of(member, you, &times))
            .collect(),
        seats: views::seats(seats, &unit.grants.allowance.tier_name),
        invitations: invitations
            .into_iter()
            .map(|invitation| InvitationRow::of(invitation, &times))
            .collect(),
        roles: RoleChoice::all(roles, &ticked, &unit.grants),
        query,
        sheet,
        may_manage,
        may_make_roles: unit.may(OrganizationManageRoles),
        is_owner: unit.membership.is_owner(),
    })
    .with_forms(refused)
}

pub(super) async fn invite(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::invitation(&fields) {
        Ok(new) => {
            let words = format!("{} is invited. The letter is on its way.", new.email);
            tenant
                .write(once, async |unit| {
                    let desk = &tenant.app().invitations;
                    organizations::invite(&mut unit.tx, &unit.grants, desk, new)
                        .await
                        .map_err(problem)?;
                    Ok(Answer::redirect(MEMBERS).flash(Flash::success(words)))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        // Who may give what is said beside the form, too.
        Err(problem) if tenant.shows_again(&problem) || is_escalation(&tenant, &problem) => {
            let mut unit = tenant.begin().await?;
            let sheet = Sheet::refused(&FIELDS, fields, problem);
            page(&tenant, &mut unit, MembersQuery::default(), sheet).await
        }
        done => done,
    }
}

pub(super) fn is_escalation(tenant: &Tenant, problem: &Problem) -> bool {
    problem.code() == "organizations.escalation" && !tenant.wants_json()
}

pub(super) async fn resend(
    tenant: Tenant,
    id: Path<InvitationId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            let desk = &tenant.app().invitations;
            organizations::resend(&mut unit.tx, &unit.grants, desk, *id)
                .await
                .map_err(problem)?;
            let words = "Sent again. The link of the former letter leads nowhere now.";
            Ok(Answer::redirect(MEMBERS).flash(Flash::success(words)))
        })
        .await;
    or_back(&tenant, done, MEMBERS)
}

pub(super) async fn withdraw(
    tenant: Tenant,
    id: Path<InvitationId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            organizations::withdraw(&mut unit.tx, &unit.grants, *id)
                .await
                .map_err(problem)?;
            let words = "Withdrawn. The link of the letter leads nowhere now.";
            Ok(Answer::redirect(MEMBERS).flash(Flash::success(words)))
        })
        .await;
    or_back(&tenant, done, MEMBERS)
}
