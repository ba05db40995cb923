use super::{
    super::{
        Grants, OrganizationError,
        audit::{self, Act, Line},
        model::{NewRole, Role, RoleChange, RoleInUse},
        queries::roles,
        rules::{MOST_ROLES, composed},
    },
    Steward,
};
use crate::{
    kernel::ids::RoleId,
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
    tiers::{Permission::OrganizationManageRoles, Permissions},
};
use serde_json::{Value, json};

/// Of those who have a role, so many are named.
const NAMED: i64 = 5;

/// Makes a role of what whoever asks may do themselves.
pub async fn create_role(
    tx: &mut OrgTx,
    by: &Grants,
    new: NewRole,
) -> Result<RoleId, OrganizationError> {
    let steward = Steward::hold(tx, by, OrganizationManageRoles).await?;
    if roles::count(tx).await? >= MOST_ROLES {
        return Err(OrganizationError::TooManyRoles);
    }
    let new = within(&steward, Permissions::NONE, new)?;
    let id = roles::insert(tx, &new).await?;
    let details = json!({ "permissions": new.permissions.words() });
    note(tx, Act::RoleCreated, id, &new.name, details).await?;
    emit(tx, Event::RoleCreated, id, new.name.as_str()).await?;
    Ok(id)
}

/// Changes a role; everybody who has it may do more or less from their next request on.
pub async fn change_role(
    tx: &mut OrgTx,
    by: &Grants,
    id: RoleId,
    change: RoleChange,
) -> Result<(), OrganizationError> {
    let steward = Steward::hold(tx, by, OrganizationManageRoles).await?;
    let old = own(tx, id).await?.role;
    let new = within(&steward, old.permissions, change.of(&old))?;
    roles::change(tx, id, &new).await?;
    note(tx, Act::RoleChanged, id, &new.name, changes(&old, &new)).await?;
    emit(tx, Event::RoleUpdated, id, new.name.as_str()).await
}

/// Deletes a role that nobody has.
pub async fn delete_role(tx: &mut OrgTx, by: &Grants, id: RoleId) -> Result<(), OrganizationError> {
    Steward::hold(tx, by, OrganizationManageRoles).await?;
    let found = own(tx, id).await?;
    let mut holders = roles::holders(tx, id, NAMED).await?;
    let all = found.members + found.open_invitations;
    if all > 0 {
        let more = all - i64::try_from(holders.len()).unwrap_or(all);
        if more > 0 {
            holders.push(format!("{more} more"));
        }
        return Err(OrganizationError::RoleInUse(holders));
    }
    roles::delete(tx, id).await?;
    let name = &found.role.name;
    let line = Line::new(Act::RoleDeleted, name.clone()).about(id.get());
    let details = json!({ "permissions": found.role.permissions.words() });
    audit::note(tx, line.with(details)).await?;
    emit(tx, Event::RoleDeleted, id, name).await
}

/// A role that the organisation made itself.
async fn own(tx: &mut OrgTx, id: RoleId) -> Result<RoleInUse, OrganizationError> {
    let found = roles::role(tx, id)
        .await?
        .ok_or(OrganizationError::NoRole)?;
    if found.role.system.is_some() {
        return Err(OrganizationError::SystemRole(found.role.name));
    }
    Ok(found)
}

fn within(steward: &Steward, old: Permissions, new: NewRole) -> Result<NewRole, OrganizationError> {
    let permissions = composed(old, new.permissions, steward.roles).map_err(|missing| {
        OrganizationError::Escalation {
            role: new.name.as_str().to_owned(),
            missing,
        }
    })?;
    Ok(NewRole { permissions, ..new })
}

/// From what to what.
fn changes(old: &Role, new: &NewRole) -> Value {
    let mut changes = json!({
        "given": new.permissions.minus(old.permissions).words(),
        "taken": old.permissions.minus(new.permissions).words(),
    });
    if old.name != new.name.as_str()
        && let Some(changes) = changes.as_object_mut()
    {
        changes.insert("former_name".to_owned(), json!(old.name));
    }
    changes
}

async fn note(
    tx: &mut OrgTx,
    act: Act,
    id: RoleId,
    name: &super::super::RoleName,
    details: Value,
) -> Result<(), OrganizationError> {
    let line = Line::new(act, name.as_str()).about(id.get());
    audit::note(tx, line.with(details)).await?;
    Ok(())
}

async fn emit(
    tx: &mut OrgTx,
    event: Event,
    id: RoleId,
    name: &str,
) -> Result<(), OrganizationError> {
    let event = NewEvent::new(event, id.get(), json!({ "name": name }));
    outbox::emit(tx, vec![event]).await?;
    Ok(())
}
