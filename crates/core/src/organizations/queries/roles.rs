use super::super::{
    OrganizationError,
    model::{NewRole, Role, RoleInUse},
    role::SystemRole,
};
use crate::{
    kernel::{StoreError, ids::RoleId},
    platform::{OrgTx, prepared::statements},
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type RoleColumns = (
    BigInt,
    Text,
    Text,
    Nullable<Text>,
    Array<Text>,
    BigInt,
    BigInt,
);
type RoleRow = (
    RoleId,
    String,
    String,
    Option<SystemRole>,
    Vec<String>,
    i64,
    i64,
);

/// A role and who has it, as [`RoleRow`] reads them.
macro_rules! a_role {
    () => {
        "SELECT r.id, r.name, r.description, r.system_key, r.permissions, \
                (SELECT count(*) FROM member_roles g WHERE g.organization_id = r.organization_id AND g.role_id = r.id), \
                (SELECT count(*) FROM invitation_roles g JOIN invitations i ON i.organization_id = g.organization_id AND i.id = g.invitation_id \
                  WHERE g.organization_id = r.organization_id AND g.role_id = r.id AND i.state = 'open' AND i.expires_at > $2) \
           FROM roles r WHERE r.organization_id = $1"
    };
}

statements! {
    List -> RoleColumns:
        concat!(a_role!(), " ORDER BY r.system_key IS NULL, CASE WHEN r.system_key IS NOT NULL THEN r.id END, lower(r.name), r.id");
    Find -> RoleColumns:
        concat!(a_role!(), " AND r.id = $3");
    FindThese -> RoleColumns:
        concat!(a_role!(), " AND r.id = ANY ($3::bigint[]) ORDER BY lower(r.name), r.id");
    Count -> BigInt:
        "SELECT count(*) FROM roles WHERE organization_id = $1";
    Insert -> BigInt:
        "INSERT INTO roles (organization_id, name, description, permissions, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    Change:
        "UPDATE roles SET name = $3, description = $4, permissions = $5 WHERE organization_id = $1 AND id = $2 AND system_key IS NULL";
    Delete:
        "DELETE FROM roles WHERE organization_id = $1 AND id = $2 AND system_key IS NULL";
    Holders -> Text:
        "SELECT * FROM ( \
            (SELECT coalesce(nullif(btrim(concat(u.first_name, ' ', u.last_name)), ''), u.username) AS name \
               FROM member_roles g JOIN users u ON u.id = g.user_id \
              WHERE g.organization_id = $1 AND g.role_id = $2 ORDER BY g.user_id LIMIT $4) \
            UNION ALL \
            (SELECT i.email FROM invitation_roles g JOIN invitations i ON i.organization_id = g.organization_id AND i.id = g.invitation_id \
              WHERE g.organization_id = $1 AND g.role_id = $2 AND i.state = 'open' AND i.expires_at > $3 ORDER BY i.id LIMIT $4)) h LIMIT $4";
}

fn in_use((id, name, description, system, words, members, open_invitations): RoleRow) -> RoleInUse {
    RoleInUse {
        role: super::role((id, name, description, system, words)),
        members,
        open_invitations,
    }
}

/// All roles of the current organisation, those that came with it first.
pub async fn roles(tx: &mut OrgTx) -> Result<Vec<RoleInUse>, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let rows: Vec<RoleRow> = List::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().map(in_use).collect())
}

pub async fn role(tx: &mut OrgTx, id: RoleId) -> Result<Option<RoleInUse>, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let row: Option<RoleRow> = Find::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(id)
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(row.map(in_use))
}

/// Those of `ids` that there are.
pub(in super::super) async fn these(
    tx: &mut OrgTx,
    ids: Vec<RoleId>,
) -> Result<Vec<Role>, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let rows: Vec<RoleRow> = FindThese::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<BigInt>, _>(ids)
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|row| in_use(row).role).collect())
}

pub(in super::super) async fn count(tx: &mut OrgTx) -> Result<i64, StoreError> {
    let organization = tx.organization();
    Ok(Count::prepared()
        .bind::<BigInt, _>(organization)
        .get_result(tx.conn())
        .await?)
}

pub(in super::super) async fn insert(
    tx: &mut OrgTx,
    new: &NewRole,
) -> Result<RoleId, OrganizationError> {
    let (organization, now) = (tx.organization(), tx.now());
    Ok(Insert::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Text, _>(new.name.as_str().to_owned())
        .bind::<Text, _>(new.description.clone())
        .bind::<Array<Text>, _>(new.permissions.words())
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?)
}

pub(in super::super) async fn change(
    tx: &mut OrgTx,
    id: RoleId,
    new: &NewRole,
) -> Result<(), OrganizationError> {
    let organization = tx.organization();
    Change::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(new.name.as_str().to_owned())
        .bind::<Text, _>(new.description.clone())
        .bind::<Array<Text>, _>(new.permissions.words())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn delete(tx: &mut OrgTx, id: RoleId) -> Result<(), OrganizationError> {
    let organization = tx.organization();
    Delete::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Names of some who have the role, and addresses that it is offered to.
pub(in super::super) async fn holders(
    tx: &mut OrgTx,
    id: RoleId,
    most: i64,
) -> Result<Vec<String>, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    Ok(Holders::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(most)
        .load(tx.conn())
        .await?)
}
