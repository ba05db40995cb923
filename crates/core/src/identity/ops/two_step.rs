//! Switching two-step sign-in on and off.
use super::{
    super::{
        AccountDesk, IdentityError, Token, codes,
        codes::CodePurpose,
        errand, limits,
        model::{Candidate, SecondFactor},
        notice, queries,
        token::{recovery_codes, typed_code},
        totp,
        totp::TotpSecret,
    },
    confirm::confirm,
    second_step::{is_right, place, take_totp},
};
use crate::{
    kernel::ids::UserId,
    mail::AccountChange,
    platform::{SystemDb, SystemTx},
};
use secrecy::{ExposeSecret as _, SecretString};

/// How somebody's second step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoStep {
    pub factor: Option<SecondFactor>,
    pub recovery_codes_left: i64,
}

pub async fn two_step(db: &SystemDb, user: UserId) -> Result<TwoStep, IdentityError> {
    let mut tx = db.begin().await?;
    let candidate = someone(&mut tx, user).await?;
    Ok(TwoStep {
        factor: candidate.second_factor,
        recovery_codes_left: queries::factors::count_recovery(&mut tx, user).await?,
    })
}

/// Makes a secret for an app. It is asked for only once a code of it has been shown.
pub async fn begin_totp(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
) -> Result<TotpSecret, IdentityError> {
    let mut tx = db.begin().await?;
    let candidate = without_factor(&mut tx, user).await?;
    let secret = totp::new_secret()?;
    let sealed = desk.seal(&secret, &place(user));
    queries::factors::put_totp(&mut tx, user, sealed).await?;
    tx.commit().await?;
    totp::shown(&secret, &candidate.email)
}

/// The secret that was made last, for a page that is shown again.
pub async fn pending_totp(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
) -> Result<TotpSecret, IdentityError> {
    let mut tx = db.begin().await?;
    let candidate = without_factor(&mut tx, user).await?;
    let sealed = queries::factors::totp(&mut tx, user).await?;
    let sealed = sealed.ok_or(IdentityError::SecondFactorOff)?;
    totp::shown(&desk.open(&sealed, &place(user))?, &candidate.email)
}

/// Switches it on for somebody whose app shows the right code. The recovery codes are told this once.
pub async fn confirm_totp(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    code: &str,
    correlation: &str,
) -> Result<Vec<SecretString>, IdentityError> {
    let mut tx = db.begin().await?;
    let candidate = without_factor(&mut tx, user).await?;
    if !take_totp(&mut tx, desk, user, &typed_code(code)).await? {
        return Err(IdentityError::BadCode);
    }
    switch_on(tx, desk, &candidate, SecondFactor::Totp, correlation).await
}

/// Mails a code to somebody who wants their second step by e-mail.
pub async fn begin_email_codes(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    ticket: &Token,
    correlation: &str,
) -> Result<(), IdentityError> {
    let mut tx = db.begin().await?;
    let candidate = without_factor(&mut tx, user).await?;
    if !codes::may_post(&mut tx, desk, &candidate.email).await? {
        return Err(IdentityError::TooManyLetters);
    }
    let (to, purpose) = (errand::to(&candidate), CodePurpose::SecondFactor);
    codes::post(&mut tx, desk, ticket.hash(), purpose, to, user, correlation).await?;
    tx.commit().await?;
    Ok(())
}

/// Switches it on for somebody who has read that code.
pub async fn confirm_email_codes(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    ticket: &Token,
    code: &str,
    correlation: &str,
) -> Result<Vec<SecretString>, IdentityError> {
    let mut tx = db.begin().await?;
    let candidate = without_factor(&mut tx, user).await?;
    let purpose = CodePurpose::SecondFactor;
    if codes::redeem(&mut tx, desk, ticket, purpose, code).await? != Some(user) {
        tx.commit().await?;
        return Err(IdentityError::BadCode);
    }
    queries::know_address(&mut tx, user, &candidate.email).await?;
    switch_on(tx, desk, &candidate, SecondFactor::Email, correlation).await
}

async fn switch_on(
    mut tx: SystemTx,
    desk: &AccountDesk,
    candidate: &Candidate,
    factor: SecondFactor,
    correlation: &str,
) -> Result<Vec<SecretString>, IdentityError> {
    queries::set_second_factor(&mut tx, candidate.user, Some(factor)).await?;
    let codes = new_codes(&mut tx, desk, candidate.user).await?;
    let what = AccountChange::SecondFactorOn;
    notice::tell(&mut tx, errand::to(candidate), what, correlation).await?;
    tx.commit().await?;
    Ok(codes)
}

/// What proves that it is still its owner who sits before an open session.
#[derive(Debug)]
pub enum Proof {
    Password(SecretString),
    /// Of the app, or a recovery code.
    Code(String),
}

/// Switches it off.
pub async fn switch_off_second_factor(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    proof: Proof,
    correlation: &str,
) -> Result<(), IdentityError> {
    let (mut tx, candidate) = proved(db, desk, user, proof, correlation).await?;
    queries::set_second_factor(&mut tx, user, None).await?;
    queries::factors::drop_all(&mut tx, user).await?;
    let what = AccountChange::SecondFactorOff;
    notice::tell(&mut tx, errand::to(&candidate), what, correlation).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes new recovery codes; the old ones are worth nothing.
pub async fn renew_recovery_codes(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    proof: Proof,
    correlation: &str,
) -> Result<Vec<SecretString>, IdentityError> {
    let (mut tx, candidate) = proved(db, desk, user, proof, correlation).await?;
    let codes = new_codes(&mut tx, desk, user).await?;
    let what = AccountChange::RecoveryCodesMade;
    notice::tell(&mut tx, errand::to(&candidate), what, correlation).await?;
    tx.commit().await?;
    Ok(codes)
}

/// A unit of work of somebody with a second factor who has shown once more who they are.
async fn proved(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    proof: Proof,
    correlation: &str,
) -> Result<(SystemTx, Candidate), IdentityError> {
    let mut tx = db.begin().await?;
    let candidate = someone(&mut tx, user).await?;
    if candidate.second_factor.is_none() {
        return Err(IdentityError::SecondFactorOff);
    }
    match proof {
        Proof::Password(password) => {
            drop(tx);
            let candidate = confirm(db, desk, user, &password).await?;
            let mut tx = db.begin().await?;
            limits::guessed(&mut tx, desk, limits::PASSWORDS, user).await?;
            Ok((tx, candidate))
        }
        Proof::Code(code) => {
            limits::guess(&mut tx, desk, limits::SECOND_STEPS, user).await?;
            if !is_right(&mut tx, desk, &candidate, None, &code, correlation).await? {
                tx.commit().await?;
                return Err(IdentityError::BadCode);
            }
            limits::guessed(&mut tx, desk, limits::SECOND_STEPS, user).await?;
            Ok((tx, candidate))
        }
    }
}

async fn new_codes(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    user: UserId,
) -> Result<Vec<SecretString>, IdentityError> {
    let codes = recovery_codes()?;
    let hash = |code: &SecretString| {
        let typed = typed_code(code.expose_secret());
        desk.recovery_hash(user.get(), &typed).to_vec()
    };
    let hashes = codes.iter().map(hash).collect();
    queries::factors::put_recovery(tx, user, hashes).await?;
    Ok(codes)
}

async fn someone(tx: &mut SystemTx, user: UserId) -> Result<Candidate, IdentityError> {
    let found = queries::candidate_by_id(tx, user).await?;
    found.ok_or(IdentityError::BadCredentials)
}

/// Nothing is begun, nor asked for in a letter, while a factor is on.
async fn without_factor(tx: &mut SystemTx, user: UserId) -> Result<Candidate, IdentityError> {
    let candidate = someone(tx, user).await?;
    match candidate.second_factor {
        None => Ok(candidate),
        Some(_) => Err(IdentityError::SecondFactorOn),
    }
}
