pub(super) mod audit;
pub(super) mod doors;
pub(super) mod flags;
pub(super) mod invitations;
pub(super) mod members;
pub(super) mod offers;
pub(super) mod places;
pub(super) mod roles;

use super::{CostingMethod, Membership, Role, SystemRole, model::Here};
use crate::identity::Person;
use crate::{
    kernel::{
        StoreError,
        ids::{RoleId, UserId},
    },
    platform::OrgTx,
    schema::{member_roles, memberships, organizations, roles as role_table, tiers, users},
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
    let place: Option<Here> = organizations::table
        .inner_join(tiers::table.on(tiers::key.eq(organizations::tier)))
        .filter(organizations::id.eq(tx.organization()))
        .filter(organizations::is_active)
        .select(Here::as_select())
        .first(tx.conn())
        .await
        .optional()?;
    Ok(place.map(|place| Membership::of_program(name, place)))
}

/// The place of an operator who acts as the current organisation, open or not.
pub async fn stay_membership(
    tx: &mut OrgTx,
    operator: &Person,
) -> Result<Option<Membership>, StoreError> {
    let place: Option<Here> = organizations::table
        .inner_join(tiers::table.on(tiers::key.eq(organizations::tier)))
        .filter(organizations::id.eq(tx.organization()))
        .select(Here::as_select())
        .first(tx.conn())
        .await
        .optional()?;
    Ok(place.map(|place| Membership::of_operator(operator, place)))
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
pub async fn roles_of(tx: &mut OrgTx, user: UserId) -> Result<Vec<Role>, StoreError> {
    let organization = tx.organization();
    let rows: Vec<RoleRow> = member_roles::table
        .inner_join(
            role_table::table.on(role_table::organization_id
                .eq(member_roles::organization_id)
                .and(role_table::id.eq(member_roles::role_id))),
        )
        .filter(member_roles::organization_id.eq(organization))
        .filter(member_roles::user_id.eq(user))
        .order((role_table::name, role_table::id))
        .select((
            role_table::id,
            role_table::name,
            role_table::description,
            role_table::system_key,
            role_table::permissions,
        ))
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().map(role).collect())
}
