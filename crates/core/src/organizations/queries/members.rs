use super::super::model::{Member, Named};
use crate::{
    identity::display_name,
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
        ids::{RoleId, UserId},
        text::containing,
    },
    platform::{OrgTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type MemberColumns = (
    BigInt,
    Bool,
    Bool,
    Timestamptz,
    Text,
    Text,
    Text,
    Text,
    Nullable<Timestamptz>,
    Array<BigInt>,
    Array<Text>,
);

type MemberRow = (
    UserId,
    bool,
    bool,
    DateTime<Utc>,
    String,
    String,
    String,
    String,
    Option<DateTime<Utc>>,
    Vec<RoleId>,
    Vec<String>,
);

/// A member and their roles, as [`MemberRow`] reads them.
macro_rules! a_member {
    () => {
        "SELECT m.user_id, m.role = 'owner', m.is_active, m.created_at, u.username, u.email, u.first_name, u.last_name, \
                u.last_login_at, \
                ARRAY(SELECT g.role_id FROM member_roles g JOIN roles r ON r.organization_id = g.organization_id AND r.id = g.role_id \
                       WHERE g.organization_id = m.organization_id AND g.user_id = m.user_id ORDER BY lower(r.name), r.id), \
                ARRAY(SELECT r.name FROM member_roles g JOIN roles r ON r.organization_id = g.organization_id AND r.id = g.role_id \
                       WHERE g.organization_id = m.organization_id AND g.user_id = m.user_id ORDER BY lower(r.name), r.id) \
           FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1"
    };
}

statements! {
    List -> MemberColumns:
        concat!(a_member!(), " AND m.user_id > $2 \
            AND ($3::text IS NULL OR lower(concat_ws(' ', u.first_name, u.last_name, u.username, u.email)) LIKE $3) \
          ORDER BY m.user_id LIMIT $4");
    Find -> MemberColumns:
        concat!(a_member!(), " AND m.user_id = $2");
    FindByEmail -> MemberColumns:
        concat!(a_member!(), " AND u.email = $2");
    // Whoever changes who belongs, or what they may do, goes through here one at a time: so what was
    // read after it is true until the end of the unit of work.
    Hold -> (Bool,):
        "SELECT is_active FROM organizations WHERE id = $1 FOR NO KEY UPDATE";
    SetActive:
        "UPDATE memberships SET is_active = $3 WHERE organization_id = $1 AND user_id = $2";
    Remove:
        "DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2";
    SetRank:
        "UPDATE memberships SET role = $3 WHERE organization_id = $1 AND user_id = $2";
    TakeRoles:
        "DELETE FROM member_roles WHERE organization_id = $1 AND user_id = $2";
    GiveRoles:
        "INSERT INTO member_roles (organization_id, user_id, role_id) SELECT $1, $2, unnest($3::bigint[])";
}

fn member_of(
    (
        user,
        is_owner,
        is_active,
        joined_at,
        username,
        email,
        first,
        last,
        last_login_at,
        ids,
        names,
    ): MemberRow,
) -> Member {
    Member {
        user,
        name: display_name(&first, &last, &username),
        username,
        email,
        is_owner,
        is_active,
        joined_at,
        last_login_at,
        roles: named(ids, names),
    }
}

/// Two columns of the same roles.
pub(super) fn named(ids: Vec<RoleId>, names: Vec<String>) -> Vec<Named> {
    let pairs = ids.into_iter().zip(names);
    pairs.map(|(id, name)| Named { id, name }).collect()
}

/// Who belongs to the current organisation, active or not, in the order of their accounts.
pub async fn members(
    tx: &mut OrgTx,
    search: Option<&str>,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Member>, StoreError> {
    let organization = tx.organization();
    let rows: Vec<MemberRow> = List::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(after.map_or(0, |cursor| cursor.id))
        .bind::<Nullable<Text>, _>(search.map(containing))
        .bind::<BigInt, _>(i64::from(limit) + 1)
        .load(tx.conn())
        .await?;
    let page = Page::of(rows, usize::from(limit), |row| Cursor {
        key: String::new(),
        id: row.0.get(),
    });
    Ok(page.map(member_of))
}

pub async fn member(tx: &mut OrgTx, user: UserId) -> Result<Option<Member>, StoreError> {
    let organization = tx.organization();
    let row: Option<MemberRow> = Find::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(row.map(member_of))
}

pub(in super::super) async fn member_by_email(
    tx: &mut OrgTx,
    email: &str,
) -> Result<Option<Member>, StoreError> {
    let organization = tx.organization();
    let row: Option<MemberRow> = FindByEmail::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Text, _>(email.to_owned())
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(row.map(member_of))
}

/// Waits for whoever else changes who belongs to the current organisation.
pub(in super::super) async fn hold(tx: &mut OrgTx) -> Result<(), StoreError> {
    let organization = tx.organization();
    let _: (bool,) = Hold::prepared()
        .bind::<BigInt, _>(organization)
        .get_result(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn set_active(
    tx: &mut OrgTx,
    user: UserId,
    is_active: bool,
) -> Result<(), StoreError> {
    let organization = tx.organization();
    SetActive::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .bind::<Bool, _>(is_active)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn remove(tx: &mut OrgTx, user: UserId) -> Result<(), StoreError> {
    let organization = tx.organization();
    Remove::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Makes somebody the owner, or a member like the others. There is never more than one owner.
pub(in super::super) async fn set_owner(
    tx: &mut OrgTx,
    user: UserId,
    is_owner: bool,
) -> Result<(), StoreError> {
    let organization = tx.organization();
    SetRank::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(if is_owner { "owner" } else { "member" }.to_owned())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Gives somebody exactly these roles.
pub(in super::super) async fn set_roles(
    tx: &mut OrgTx,
    user: UserId,
    roles: Vec<RoleId>,
) -> Result<(), StoreError> {
    let organization = tx.organization();
    TakeRoles::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .execute(tx.conn())
        .await?;
    GiveRoles::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .bind::<Array<BigInt>, _>(roles)
        .execute(tx.conn())
        .await?;
    Ok(())
}
