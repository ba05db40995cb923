use super::{
    IdentityError,
    model::{Candidate, NewAccount, NewPerson, Person, Profile},
};
use crate::{
    kernel::{
        StoreError,
        ids::{OrganizationId, UserId},
    },
    platform::{SystemTx, prepared::statements},
    schema::{memberships, organizations, users},
};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    sql_types::{BigInt, Bool, Int4, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

statements! {
    // A user name never looks like an address, so at most one row answers.
    FindCandidate -> (BigInt, Text, Bool, Int4, Nullable<BigInt>):
        "SELECT u.id, u.password_hash, u.last_login_at IS NULL, u.session_epoch, m.organization_id FROM users u \
         LEFT JOIN LATERAL (SELECT m.organization_id FROM memberships m \
            JOIN organizations o ON o.id = m.organization_id AND o.is_active \
            WHERE m.user_id = u.id AND m.is_active \
            ORDER BY m.created_at, m.organization_id LIMIT 1) m ON true \
         WHERE (lower(u.username) = lower($1) OR u.email = lower($1)) AND u.is_active LIMIT 1";
    // The hash is the fence: a password changed meanwhile lets nobody in any more.
    RecordSignIn:
        "UPDATE users SET last_login_at = $3 WHERE id = $1 AND password_hash = $2 AND is_active";
    EndSessions:
        "UPDATE users SET session_epoch = session_epoch + 1 WHERE id = $1";
    ChangeProfile:
        "UPDATE users SET first_name = $2, last_name = $3, timezone = $4 WHERE id = $1 AND is_active";
}

/// Somebody by user name or address, in any case.
pub(super) async fn candidate(
    tx: &mut SystemTx,
    name: &str,
) -> Result<Option<Candidate>, StoreError> {
    let found: Option<(UserId, String, bool, i32, Option<OrganizationId>)> =
        FindCandidate::prepared()
            .bind::<Text, _>(name.to_owned())
            .get_result(tx.conn())
            .await
            .optional()?;
    Ok(found.map(
        |(user, password_hash, is_first, session_epoch, organization)| Candidate {
            user,
            password_hash,
            is_first,
            session_epoch,
            organization,
        },
    ))
}

/// Somebody whose account is open.
pub async fn person(tx: &mut SystemTx, user: UserId) -> Result<Option<Person>, StoreError> {
    type Row = (String, String, String, String, String, bool, i32);
    let found: Option<Row> = users::table
        .filter(users::id.eq(user))
        .filter(users::is_active)
        .select((
            users::username,
            users::email,
            users::first_name,
            users::last_name,
            users::timezone,
            users::is_operator,
            users::session_epoch,
        ))
        .first(tx.conn())
        .await
        .optional()?;
    let person =
        |(username, email, first_name, last_name, timezone, is_operator, session_epoch)| Person {
            user,
            username,
            email,
            first_name,
            last_name,
            timezone,
            is_operator,
            session_epoch,
        };
    Ok(found.map(person))
}

/// Notes the sign-in; says whether the account still is as it was when the password was checked.
pub(super) async fn record_sign_in(
    tx: &mut SystemTx,
    candidate: &Candidate,
) -> Result<bool, StoreError> {
    let changed = RecordSignIn::prepared()
        .bind::<BigInt, _>(candidate.user)
        .bind::<Text, _>(candidate.password_hash.clone())
        .bind::<Timestamptz, _>(tx.now())
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

/// Gives the account another number: sessions of the former one are over.
pub(super) async fn end_sessions(tx: &mut SystemTx, user: UserId) -> Result<(), StoreError> {
    EndSessions::prepared()
        .bind::<BigInt, _>(user)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn insert_organization(
    tx: &mut SystemTx,
    new: &NewAccount,
) -> Result<OrganizationId, IdentityError> {
    let now = tx.now();
    Ok(diesel::insert_into(organizations::table)
        .values((
            organizations::name.eq(new.organization.as_str()),
            organizations::contact_email.eq(new.email.as_str()),
            organizations::created_at.eq(now),
        ))
        .returning(organizations::id)
        .get_result(tx.conn())
        .await?)
}

pub(super) async fn insert_user(
    tx: &mut SystemTx,
    new: &NewAccount,
    username: &str,
    password_hash: &str,
) -> Result<UserId, IdentityError> {
    let now = tx.now();
    Ok(diesel::insert_into(users::table)
        .values((
            users::username.eq(username),
            users::email.eq(new.email.as_str()),
            users::password_hash.eq(password_hash),
            users::first_name.eq(new.first_name.as_str()),
            users::last_name.eq(new.last_name.as_str()),
            users::timezone.eq(&new.timezone),
            users::created_at.eq(now),
            users::last_login_at.eq(now),
        ))
        .returning(users::id)
        .get_result(tx.conn())
        .await?)
}

/// None for a closed account.
pub(super) async fn password_hash(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Option<String>, StoreError> {
    Ok(users::table
        .filter(users::id.eq(user))
        .filter(users::is_active)
        .select(users::password_hash)
        .first(tx.conn())
        .await
        .optional()?)
}

pub(super) async fn insert_person(
    tx: &mut SystemTx,
    new: &NewPerson,
    username: &str,
    password_hash: &str,
) -> Result<UserId, IdentityError> {
    let now = tx.now();
    Ok(diesel::insert_into(users::table)
        .values((
            users::username.eq(username),
            users::email.eq(new.email.as_str()),
            users::password_hash.eq(password_hash),
            users::first_name.eq(new.first_name.as_str()),
            users::last_name.eq(new.last_name.as_str()),
            users::timezone.eq(&new.timezone),
            users::created_at.eq(now),
            users::last_login_at.eq(now),
        ))
        .returning(users::id)
        .get_result(tx.conn())
        .await?)
}

/// Says whether there is such a person.
pub(super) async fn change_profile(
    tx: &mut SystemTx,
    user: UserId,
    profile: &Profile,
) -> Result<bool, StoreError> {
    let changed = ChangeProfile::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(profile.first_name.as_str().to_owned())
        .bind::<Text, _>(profile.last_name.as_str().to_owned())
        .bind::<Text, _>(profile.timezone.clone())
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

pub(super) async fn insert_owner(
    tx: &mut SystemTx,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), IdentityError> {
    let now = tx.now();
    diesel::insert_into(memberships::table)
        .values((
            memberships::organization_id.eq(organization),
            memberships::user_id.eq(user),
            memberships::role.eq("owner"),
            memberships::created_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}
