pub(super) mod doors;

use super::{CostingMethod, Membership, Place, Role, SystemRole, model::Standing};
use crate::{
    kernel::{
        StoreError,
        ids::{OrganizationId, RoleId, UserId},
    },
    platform::{OrgTx, SystemTx},
    schema::{member_roles, memberships, organizations, roles, tiers, users},
    tiers::Permissions,
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl;

/// The place of whoever is at work in the organisation: a person, or a program by a token of the
/// organisation itself. None for somebody who was removed.
pub async fn membership(tx: &mut OrgTx) -> Result<Option<Membership>, StoreError> {
    let organization = tx.organization();
    let Some(user) = tx.user() else {
        return membership_of_program(tx).await;
    };
    Ok(memberships::table
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .inner_join(organizations::table.on(organizations::id.eq(memberships::organization_id)))
        .inner_join(tiers::table.on(tiers::key.eq(organizations::tier)))
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq(user))
        .filter(memberships::is_active)
        .filter(users::is_active)
        .filter(organizations::is_active)
        .select(Membership::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

async fn membership_of_program(tx: &mut OrgTx) -> Result<Option<Membership>, StoreError> {
    let Some(program) = tx.program() else {
        return Ok(None);
    };
    let name = program.name.to_string();
    let place: Option<Standing> = organizations::table
        .inner_join(tiers::table.on(tiers::key.eq(organizations::tier)))
        .filter(organizations::id.eq(tx.organization()))
        .filter(organizations::is_active)
        .select(Standing::as_select())
        .first(tx.conn())
        .await
        .optional()?;
    Ok(place.map(|place| Membership::of_program(name, place)))
}

/// The method of the current organisation.
pub async fn costing_method(tx: &mut OrgTx) -> Result<CostingMethod, StoreError> {
    Ok(organizations::table
        .filter(organizations::id.eq(tx.organization()))
        .select(organizations::costing_method)
        .first(tx.conn())
        .await?)
}

/// As a table keeps it: id, name, description, whether it came with the organisation, permissions.
type RoleRow = (RoleId, String, String, Option<SystemRole>, Vec<String>);

fn role((id, name, description, system, words): RoleRow) -> Role {
    let permissions = match system {
        Some(system) => system.permissions(),
        None => Permissions::of_words(words.iter().map(String::as_str)),
    };
    Role {
        id,
        name,
        description,
        system,
        permissions,
    }
}

/// The roles that somebody has in the current organisation, by name.
pub(super) async fn roles_of(tx: &mut OrgTx, user: UserId) -> Result<Vec<Role>, StoreError> {
    let organization = tx.organization();
    let rows: Vec<RoleRow> = member_roles::table
        .inner_join(
            roles::table.on(roles::organization_id
                .eq(member_roles::organization_id)
                .and(roles::id.eq(member_roles::role_id))),
        )
        .filter(member_roles::organization_id.eq(organization))
        .filter(member_roles::user_id.eq(user))
        .order((roles::name, roles::id))
        .select((
            roles::id,
            roles::name,
            roles::description,
            roles::system_key,
            roles::permissions,
        ))
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().map(role).collect())
}

/// Where somebody may act, by name.
pub async fn places(tx: &mut SystemTx, user: UserId) -> Result<Vec<Place>, StoreError> {
    let rows: Vec<(OrganizationId, String, String)> = memberships::table
        .inner_join(organizations::table.on(organizations::id.eq(memberships::organization_id)))
        .filter(memberships::user_id.eq(user))
        .filter(memberships::is_active)
        .filter(organizations::is_active)
        .order((organizations::name, organizations::id))
        .select((organizations::id, organizations::name, memberships::role))
        .load(tx.conn())
        .await?;
    let place = |(organization, name, role): (_, _, String)| Place {
        organization,
        name,
        is_owner: role == "owner",
    };
    Ok(rows.into_iter().map(place).collect())
}
