use super::{
    super::{
        Grants, OrganizationError,
        audit::{self, Act, Line},
        model::Member,
        queries::{self, members},
    },
    Steward, ids, names, seat,
};
use crate::{
    kernel::ids::{RoleId, UserId},
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
    tiers::Permission::OrganizationManageUsers,
};
use serde_json::json;

/// Gives a member exactly these roles.
pub async fn set_roles(
    tx: &mut OrgTx,
    by: &Grants,
    user: UserId,
    wanted: Vec<RoleId>,
) -> Result<(), OrganizationError> {
    let steward = Steward::hold(tx, by, OrganizationManageUsers).await?;
    let member = steward.subject(tx, user).await?;
    let roles = steward.roles_to_give(tx, wanted).await?;
    let (before, after) = (role_ids(&member), ids(&roles));
    // Both are by name.
    if before == after {
        return Ok(());
    }
    let former: Vec<_> = member.roles.iter().map(|role| &role.name).collect();
    let details = json!({ "from": former, "to": names(&roles) });
    note(tx, Act::MemberRolesChanged, &member, details).await?;
    members::set_roles(tx, user, after.clone()).await?;
    let facts = json!({
        "role_id": after.first(),
        "previous_role_id": before.first(),
        "role_ids": after,
        "previous_role_ids": before,
    });
    emit(tx, Event::UserRoleChanged, user, facts).await
}

/// Shuts a member out until they are re-activated; their seat is free.
pub async fn deactivate(
    tx: &mut OrgTx,
    by: &Grants,
    user: UserId,
) -> Result<(), OrganizationError> {
    let steward = Steward::hold(tx, by, OrganizationManageUsers).await?;
    let member = steward.subject(tx, user).await?;
    if !member.is_active {
        return Ok(());
    }
    note(tx, Act::MemberDeactivated, &member, json!({})).await?;
    members::set_active(tx, user, false).await?;
    let facts = json!({ "reason": null });
    emit(tx, Event::UserDeactivated, user, facts).await
}

/// Lets a member in again, where there is a seat.
pub async fn reactivate(
    tx: &mut OrgTx,
    by: &Grants,
    user: UserId,
) -> Result<(), OrganizationError> {
    let steward = Steward::hold(tx, by, OrganizationManageUsers).await?;
    let member = steward.subject(tx, user).await?;
    if member.is_active {
        return Ok(());
    }
    seat(tx).await?;
    note(tx, Act::MemberReactivated, &member, json!({})).await?;
    members::set_active(tx, user, true).await?;
    emit(tx, Event::UserReactivated, user, json!({})).await
}

/// Ends somebody's membership. What they did stays.
pub async fn remove(tx: &mut OrgTx, by: &Grants, user: UserId) -> Result<(), OrganizationError> {
    let steward = Steward::hold(tx, by, OrganizationManageUsers).await?;
    let member = steward.subject(tx, user).await?;
    note(tx, Act::MemberRemoved, &member, json!({})).await?;
    members::remove(tx, user).await?;
    emit(tx, Event::UserRemoved, user, json!({})).await
}

/// Ends the membership of whoever this unit of work belongs to, active or not.
pub async fn leave(tx: &mut OrgTx) -> Result<(), OrganizationError> {
    members::hold(tx).await?;
    let user = tx.user().ok_or(OrganizationError::NoPlace)?;
    let member = members::member(tx, user)
        .await?
        .ok_or(OrganizationError::NoPlace)?;
    if member.is_owner {
        return Err(OrganizationError::TheOwner);
    }
    note(tx, Act::MemberLeft, &member, json!({})).await?;
    members::remove(tx, user).await?;
    emit(tx, Event::UserRemoved, user, json!({})).await
}

/// Hands the organisation over to an active member. Whoever owned it becomes a manager. That it is
/// really them who ask was checked before.
pub async fn transfer(tx: &mut OrgTx, to: UserId) -> Result<(), OrganizationError> {
    let steward = Steward::hold_for_owner(tx).await?;
    let from = steward.user.ok_or(OrganizationError::NotTheOwner)?;
    let heir = members::member(tx, to)
        .await?
        .ok_or(OrganizationError::NoMember)?;
    if heir.is_owner {
        return Err(OrganizationError::Yourself);
    }
    if !heir.is_active {
        return Err(OrganizationError::NotActive);
    }
    let manager = queries::roles::roles(tx)
        .await?
        .into_iter()
        .find(|found| found.role.system == Some(super::super::SystemRole::Manager))
        .ok_or(OrganizationError::NoRole)?;
    let details = json!({ "from": steward.name, "to": heir.name });
    note(tx, Act::OwnershipTransferred, &heir, details).await?;
    members::set_owner(tx, from, false).await?;
    members::set_roles(tx, from, vec![manager.role.id]).await?;
    members::set_owner(tx, to, true).await?;
    members::set_roles(tx, to, Vec::new()).await?;
    let facts = json!({ "changed": ["owner"] });
    emit(tx, Event::OrganizationUpdated, to, facts).await
}

fn role_ids(member: &Member) -> Vec<RoleId> {
    member.roles.iter().map(|role| role.id).collect()
}

async fn note(
    tx: &mut OrgTx,
    act: Act,
    member: &Member,
    details: serde_json::Value,
) -> Result<(), OrganizationError> {
    let line = Line::new(act, member.name.clone()).about(member.user.get());
    audit::note(tx, line.with(details)).await?;
    Ok(())
}

async fn emit(
    tx: &mut OrgTx,
    event: Event,
    user: UserId,
    facts: serde_json::Value,
) -> Result<(), OrganizationError> {
    let entity = match event {
        Event::OrganizationUpdated => tx.organization().get(),
        _ => user.get(),
    };
    outbox::emit(tx, vec![NewEvent::new(event, entity, facts)]).await?;
    Ok(())
}
