//! Somebody who is about to sign in.
use crate::{
    identity::{SecondFactor, model::Candidate},
    kernel::{
        StoreError,
        ids::{OrganizationId, UserId},
    },
    platform::{SystemTx, prepared::statements},
};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Bool, Int4, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type CandidateColumns = (
    BigInt,
    Text,
    Text,
    Text,
    Bool,
    Bool,
    Nullable<Text>,
    Int4,
    Nullable<BigInt>,
);

/// What is asked of somebody who is about to sign in, but for who it is.
macro_rules! candidates {
    ($who:literal) => {
        concat!(
            "SELECT u.id, u.username, u.email, u.password_hash, u.last_login_at IS NULL, \
                u.email_verified_at IS NOT NULL, u.second_factor, u.session_epoch, m.organization_id FROM users u \
             LEFT JOIN LATERAL (SELECT m.organization_id FROM memberships m \
                JOIN organizations o ON o.id = m.organization_id AND o.is_active \
                WHERE m.user_id = u.id AND m.is_active \
                ORDER BY m.created_at, m.organization_id LIMIT 1) m ON true \
             WHERE ", $who, " AND u.is_active LIMIT 1"
        )
    };
}

statements! {
    // A user name never looks like an address, so at most one row answers.
    FindCandidate -> CandidateColumns:
        candidates!("(lower(u.username) = lower($1) OR u.email = lower($1))");
    FindCandidateByAddress -> CandidateColumns:
        candidates!("u.email = lower($1)");
    FindCandidateById -> CandidateColumns:
        candidates!("u.id = $1");
    // Hash and number are the fence: an account that was changed meanwhile lets nobody in any more.
    RecordSignIn:
        "UPDATE users SET last_login_at = $4 \
          WHERE id = $1 AND password_hash = $2 AND session_epoch = $3 AND is_active";
}

type CandidateRow = (
    UserId,
    String,
    String,
    String,
    bool,
    bool,
    Option<SecondFactor>,
    i32,
    Option<OrganizationId>,
);

fn candidate_of(row: CandidateRow) -> Candidate {
    let (
        user,
        username,
        email,
        password_hash,
        is_first,
        is_proved,
        second_factor,
        session_epoch,
        organization,
    ) = row;
    Candidate {
        user,
        username,
        email,
        password_hash,
        is_first,
        is_proved,
        second_factor,
        session_epoch,
        organization,
    }
}

/// Somebody by user name or address, in any case.
pub(in super::super) async fn candidate(
    tx: &mut SystemTx,
    name: &str,
) -> Result<Option<Candidate>, StoreError> {
    let found: Option<CandidateRow> = FindCandidate::prepared()
        .bind::<Text, _>(name.to_owned())
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(found.map(candidate_of))
}

pub(in super::super) async fn candidate_by_address(
    tx: &mut SystemTx,
    email: &str,
) -> Result<Option<Candidate>, StoreError> {
    let found: Option<CandidateRow> = FindCandidateByAddress::prepared()
        .bind::<Text, _>(email.to_owned())
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(found.map(candidate_of))
}

pub(in super::super) async fn candidate_by_id(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Option<Candidate>, StoreError> {
    let found: Option<CandidateRow> = FindCandidateById::prepared()
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(found.map(candidate_of))
}

/// Notes the sign-in; says whether the account still is as it was when the password was checked.
pub(in super::super) async fn record_sign_in(
    tx: &mut SystemTx,
    candidate: &Candidate,
) -> Result<bool, StoreError> {
    let changed = RecordSignIn::prepared()
        .bind::<BigInt, _>(candidate.user)
        .bind::<Text, _>(candidate.password_hash.clone())
        .bind::<Int4, _>(candidate.session_epoch)
        .bind::<Timestamptz, _>(tx.now())
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}
