use super::{
    super::{
        AccountDesk, IdentityError, Token, codes,
        codes::CodePurpose,
        errand, limits,
        model::{Candidate, Halfway, SecondFactor, SignedIn, Wanted},
        notice, queries,
        token::typed_code,
        totp,
    },
    enter,
};
use crate::{
    kernel::ids::UserId,
    mail::AccountChange,
    platform::{SystemDb, SystemTx},
};
use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};

/// How long somebody may take between the steps.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);
/// As long as a code of an app or of a letter; recovery codes are longer.
const SHORT: usize = 6;

/// The second step of signing in: what was asked for, or a recovery code.
pub async fn second_step(
    db: &SystemDb,
    desk: &AccountDesk,
    halfway: &Halfway,
    ticket: &Token,
    typed: SecretString,
    correlation: &str,
) -> Result<SignedIn, IdentityError> {
    let mut tx = db.begin().await?;
    if tx.now() - halfway.since > PATIENCE {
        return Err(IdentityError::HalfwayOver);
    }
    let candidate = queries::candidate_by_id(&mut tx, halfway.user).await?;
    let candidate = candidate
        .filter(|found| found.session_epoch == halfway.session_epoch)
        .filter(|found| found.second_factor == Some(halfway.second))
        .ok_or(IdentityError::HalfwayOver)?;
    limits::guess(&mut tx, desk, limits::SECOND_STEPS, candidate.user).await?;
    let right = if halfway.wanted() == Wanted::Password {
        // A connection is not held while a password waits its turn.
        tx.commit().await?;
        let hash = Some(candidate.password_hash.clone());
        let right = desk.matches(&typed, hash).await?;
        tx = db.begin().await?;
        right
            || recovery(
                &mut tx,
                desk,
                &candidate,
                typed.expose_secret(),
                correlation,
            )
            .await?
    } else {
        let typed = typed.expose_secret();
        is_right(&mut tx, desk, &candidate, Some(ticket), typed, correlation).await?
    };
    if !right {
        tx.commit().await?;
        return Err(match halfway.wanted() {
            Wanted::Password => IdentityError::WrongPassword,
            Wanted::Totp | Wanted::EmailCode => IdentityError::BadCode,
        });
    }
    limits::guessed(&mut tx, desk, limits::SECOND_STEPS, candidate.user).await?;
    let entered = enter::enter(&mut tx, &candidate, halfway.by, correlation).await?;
    tx.commit().await?;
    Ok(entered)
}

/// Whether it is the code that the account's second factor asks for, or one of its recovery codes;
/// which it then uses up.
pub(in super::super) async fn is_right(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    candidate: &Candidate,
    ticket: Option<&Token>,
    typed: &str,
    correlation: &str,
) -> Result<bool, IdentityError> {
    let code = typed_code(typed);
    if code.len() > SHORT {
        return recovery(tx, desk, candidate, &code, correlation).await;
    }
    match (candidate.second_factor, ticket) {
        (Some(SecondFactor::Totp), _) => take_totp(tx, desk, candidate.user, &code).await,
        (Some(SecondFactor::Email), Some(ticket)) => {
            let purpose = CodePurpose::SecondFactor;
            let whose = codes::redeem(tx, desk, ticket, purpose, &code).await?;
            Ok(whose == Some(candidate.user))
        }
        _ => Ok(false),
    }
}

/// Takes the code of an app: each once, and none older than the last.
pub(in super::super) async fn take_totp(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    user: UserId,
    code: &str,
) -> Result<bool, IdentityError> {
    let Some(sealed) = queries::factors::totp(tx, user).await? else {
        return Ok(false);
    };
    let secret = desk.open(&sealed, &place(user))?;
    match totp::step_of(&secret, code, tx.now())? {
        Some(step) => Ok(queries::factors::take_step(tx, user, step).await?),
        None => Ok(false),
    }
}

/// Where the secret of an app lies: moved to somebody else, it won't open.
pub(in super::super) fn place(user: UserId) -> String {
    format!("totp {user}")
}

async fn recovery(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    candidate: &Candidate,
    typed: &str,
    correlation: &str,
) -> Result<bool, IdentityError> {
    let hash = desk.recovery_hash(candidate.user.get(), &typed_code(typed));
    if !queries::factors::take_recovery(tx, candidate.user, hash).await? {
        return Ok(false);
    }
    let left = queries::factors::count_recovery(tx, candidate.user).await?;
    let what = AccountChange::RecoveryCodeUsed { left };
    notice::tell(tx, errand::to(candidate), what, correlation).await?;
    Ok(true)
}
