use super::{
    super::{
        AccountDesk, IdentityError, Token,
        codes::{self, CodePurpose},
        errand,
        errand::AccountErrand,
        model::{Admission, Halfway, Method, Wanted},
        queries,
    },
    enter,
};
use crate::{kernel::text::Email, platform::SystemDb};

/// Mails a code for signing in without a password. Whether there is such an account, only the letter
/// says.
pub async fn request_code(
    db: &SystemDb,
    desk: &AccountDesk,
    address: &Email,
    ticket: &Token,
    correlation: &str,
) -> Result<(), IdentityError> {
    let address = address.as_str().to_owned();
    let mut tx = db.begin().await?;
    if !codes::may_post(&mut tx, desk, &address).await? {
        return Err(IdentityError::TooManyLetters);
    }
    let ticket = hex::encode(ticket.hash());
    let wanted = AccountErrand::MailCode { address, ticket };
    errand::send(&mut tx, correlation, wanted).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets somebody in who has read the code that was mailed for this browser.
pub async fn sign_in_by_code(
    db: &SystemDb,
    desk: &AccountDesk,
    ticket: &Token,
    code: &str,
    correlation: &str,
) -> Result<Admission, IdentityError> {
    let mut tx = db.begin().await?;
    let Some(user) = codes::redeem(&mut tx, desk, ticket, CodePurpose::SignIn, code).await? else {
        tx.commit().await?;
        return Err(IdentityError::BadCode);
    };
    let candidate = queries::candidate_by_id(&mut tx, user).await?;
    let mut candidate = candidate.ok_or(IdentityError::BadCode)?;
    if !candidate.is_proved {
        let email = candidate.email.clone();
        candidate.is_proved = queries::know_address(&mut tx, user, &email).await?;
    }
    let by = Method::EmailCode;
    let admission = enter::admit(&mut tx, desk, &candidate, by, correlation).await?;
    tx.commit().await?;
    Ok(admission)
}

/// Mails the code of the second step, where the account asks for one; `false` where one was sent a
/// moment ago, or too many of late.
pub async fn mail_second_code(
    db: &SystemDb,
    desk: &AccountDesk,
    halfway: &Halfway,
    ticket: &Token,
    correlation: &str,
) -> Result<bool, IdentityError> {
    if halfway.wanted() != Wanted::EmailCode {
        return Ok(false);
    }
    let mut tx = db.begin().await?;
    let candidate = queries::candidate_by_id(&mut tx, halfway.user).await?;
    let candidate = candidate
        .filter(|found| found.session_epoch == halfway.session_epoch)
        .ok_or(IdentityError::HalfwayOver)?;
    let may = codes::may_post(&mut tx, desk, &candidate.email).await?;
    if may {
        let (to, user) = (errand::to(&candidate), candidate.user);
        let purpose = CodePurpose::SecondFactor;
        codes::post(&mut tx, desk, ticket.hash(), purpose, to, user, correlation).await?;
    }
    tx.commit().await?;
    Ok(may)
}
