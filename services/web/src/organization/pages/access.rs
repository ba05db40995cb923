//! Why somebody may do something or may not.
use super::{
    super::views::{self, AreaWhy},
    members::MEMBERS,
};
use crate::{
    extract::{Tenant, Unit},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::UserId,
    organizations::{self, OrganizationError, Subject},
    tiers,
};

#[derive(askama::Template)]
#[template(path = "organization/access.html")]
struct AccessPage {
    shell: Shell,
    /// Whose it is; none for one's own.
    id: Option<UserId>,
    name: String,
    /// What they are here.
    rank: String,
    organization: String,
    tier: String,
    areas: Vec<AreaWhy>,
    may: usize,
    all: usize,
}

pub(super) async fn of_member(tenant: Tenant, id: Path<UserId>) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    page(&tenant, &mut unit, *id, Some(*id)).await
}

pub(super) async fn own(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let you = unit.membership.user_id.ok_or(OrganizationError::NoMember)?;
    page(&tenant, &mut unit, you, None).await
}

async fn page(
    tenant: &Tenant,
    unit: &mut Unit,
    user: UserId,
    id: Option<UserId>,
) -> Result<HttpResponse, Problem> {
    let tx = &mut unit.tx;
    let is_stay = id.is_none() && unit.membership.is_stay();
    let member = organizations::member(tx, user).await?;
    let (name, is_owner, is_active) = match member {
        // An operator who acts as the organisation may what its tier allows.
        _ if is_stay => (unit.membership.display_name(), true, true),
        Some(member) => (member.name, member.is_owner, member.is_active),
        None => return Err(OrganizationError::NoMember.into()),
    };
    let roles = organizations::roles_of(tx, user).await?;
    let tiers = tiers::catalogue(tx).await?;
    let allowance = &unit.grants.allowance;
    let subject = Subject {
        is_owner,
        is_active,
        roles: &roles,
    };
    let verdicts = organizations::explain(&subject, allowance, &tiers);
    let under = if id.is_some() { MEMBERS } else { "/account" };
    Page(AccessPage {
        id,
        name,
        rank: match (is_stay, is_owner, roles.is_empty()) {
            (true, ..) => "Operator".to_owned(),
            (_, true, _) => "Owner".to_owned(),
            (_, false, true) => "No role".to_owned(),
            (_, false, false) => views::role_names(&roles),
        },
        organization: unit.membership.organization_name.clone(),
        tier: allowance.tier_name.clone(),
        may: verdicts.iter().filter(|verdict| verdict.may()).count(),
        all: verdicts.len(),
        areas: views::reasons(&verdicts, &allowance.tier_name),
        shell: tenant.shell(unit).under(under),
    })
    .into_response()
}
