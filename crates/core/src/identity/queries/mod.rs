//! People and what they sign in with.
mod candidates;
pub(super) mod close;
pub(super) mod codes;
pub(super) mod export;
pub(super) mod factors;
pub(super) mod limits;
pub(super) mod links;
pub(super) mod passkeys;

pub(super) use self::candidates::{
    candidate, candidate_by_address, candidate_by_id, record_sign_in,
};
use super::{
    IdentityError, SecondFactor,
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
use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    sql_types::{BigInt, Bool, Int4, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

statements! {
    EndSessions:
        "UPDATE users SET session_epoch = session_epoch + 1 WHERE id = $1";
    ChangeProfile:
        "UPDATE users SET first_name = $2, last_name = $3, timezone = $4 WHERE id = $1 AND is_active";
    KnowAddress:
        "UPDATE users SET email_verified_at = coalesce(email_verified_at, $3) \
          WHERE id = $1 AND email = $2 AND is_active";
    // Whoever has a session goes on with another number; see `session_epoch`.
    ChangePassword:
        "UPDATE users SET password_hash = $3, session_epoch = session_epoch + 1 \
          WHERE id = $1 AND session_epoch = $2 AND is_active";
    ChangeAddress:
        "UPDATE users SET email = $2, email_verified_at = $3 WHERE id = $1 AND is_active";
    HoldAccount -> BigInt:
        "SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE";
    // Nobody has ever been in: whoever has the address decides, and it was asked for again.
    SignUpAgain:
        "UPDATE users SET password_hash = $2, first_name = $3, last_name = $4, timezone = $5 \
          WHERE id = $1 AND email_verified_at IS NULL AND last_login_at IS NULL AND is_active";
    SetSecondFactor:
        "UPDATE users SET second_factor = $2 WHERE id = $1 AND is_active";
    UsernameExists -> Bool:
        "SELECT EXISTS (SELECT FROM users WHERE lower(username) = lower($1))";
    OrganizationsOf -> BigInt:
        "SELECT m.organization_id FROM memberships m \
           JOIN organizations o ON o.id = m.organization_id AND o.is_active \
          WHERE m.user_id = $1 AND m.is_active ORDER BY m.organization_id";
}

/// Somebody whose account is open.
pub async fn person(tx: &mut SystemTx, user: UserId) -> Result<Option<Person>, StoreError> {
    type Row = (
        String,
        String,
        Option<DateTime<Utc>>,
        Option<SecondFactor>,
        String,
        String,
        String,
        bool,
        i32,
    );
    let found: Option<Row> = users::table
        .filter(users::id.eq(user))
        .filter(users::is_active)
        .select((
            users::username,
            users::email,
            users::email_verified_at,
            users::second_factor,
            users::first_name,
            users::last_name,
            users::timezone,
            users::is_operator,
            users::session_epoch,
        ))
        .first(tx.conn())
        .await
        .optional()?;
    let person = |row: Row| {
        let (
            username,
            email,
            verified_at,
            second_factor,
            first_name,
            last_name,
            timezone,
            is_operator,
            session_epoch,
        ) = row;
        Person {
            user,
            username,
            email,
            is_proved: verified_at.is_some(),
            second_factor,
            first_name,
            last_name,
            timezone,
            is_operator,
            session_epoch,
        }
    };
    Ok(found.map(person))
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
    is_in: bool,
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
            users::last_login_at.eq(is_in.then_some(now)),
        ))
        .returning(users::id)
        .get_result(tx.conn())
        .await?)
}

/// Somebody whose address is proved, and who is in.
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
            users::email_verified_at.eq(now),
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

/// Nobody else changes the account until this unit of work ends.
pub(super) async fn hold(tx: &mut SystemTx, user: UserId) -> Result<(), StoreError> {
    HoldAccount::prepared()
        .bind::<BigInt, _>(user)
        .get_result::<UserId>(tx.conn())
        .await?;
    Ok(())
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

/// Notes that the address is theirs; `false` where the account has another by now.
/// Says whether the open account still has that address.
pub(crate) async fn know_address(
    tx: &mut SystemTx,
    user: UserId,
    email: &str,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = KnowAddress::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(email.to_owned())
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

/// Gives a new password and ends all sessions; `false` where the account was changed meanwhile.
pub(super) async fn change_password(
    tx: &mut SystemTx,
    candidate: &Candidate,
    hash: String,
) -> Result<bool, StoreError> {
    let changed = ChangePassword::prepared()
        .bind::<BigInt, _>(candidate.user)
        .bind::<Int4, _>(candidate.session_epoch)
        .bind::<Text, _>(hash)
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

pub(super) async fn change_address(
    tx: &mut SystemTx,
    user: UserId,
    email: &str,
) -> Result<bool, IdentityError> {
    let now = tx.now();
    let changed = ChangeAddress::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(email.to_owned())
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

/// Takes what was given last for an account that nobody has ever been in.
pub(super) async fn sign_up_again(
    tx: &mut SystemTx,
    user: UserId,
    new: &NewAccount,
    hash: &str,
) -> Result<(), StoreError> {
    SignUpAgain::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(hash.to_owned())
        .bind::<Text, _>(new.first_name.as_str().to_owned())
        .bind::<Text, _>(new.last_name.as_str().to_owned())
        .bind::<Text, _>(new.timezone.clone())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn set_second_factor(
    tx: &mut SystemTx,
    user: UserId,
    second: Option<SecondFactor>,
) -> Result<(), StoreError> {
    SetSecondFactor::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Nullable<Text>, _>(second)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn username_exists(tx: &mut SystemTx, username: &str) -> Result<bool, StoreError> {
    Ok(UsernameExists::prepared()
        .bind::<Text, _>(username.to_owned())
        .get_result(tx.conn())
        .await?)
}

/// Where somebody may act.
pub(super) async fn organizations_of(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Vec<OrganizationId>, StoreError> {
    Ok(OrganizationsOf::prepared()
        .bind::<BigInt, _>(user)
        .load(tx.conn())
        .await?)
}
