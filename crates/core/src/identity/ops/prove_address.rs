use super::{
    super::{
        AccountDesk, IdentityError, Token, errand,
        errand::AccountErrand,
        limits,
        links::{self, LinkPurpose},
        model::{Admission, Method},
        queries,
    },
    enter,
};
use crate::{
    kernel::text::Email,
    platform::{SystemDb, SystemTx},
};
use secrecy::SecretString;

/// Sends the link that proves an address once more; whether there is such an account, only the letter
/// says.
pub async fn request_proof(
    db: &SystemDb,
    desk: &AccountDesk,
    address: &Email,
    correlation: &str,
) -> Result<(), IdentityError> {
    let address = address.as_str().to_owned();
    let mut tx = db.begin().await?;
    if !limits::may_write(&mut tx, desk, limits::PROOFS, &address).await? {
        return Err(IdentityError::TooManyLetters);
    }
    let wanted = AccountErrand::ProveAddress { address };
    errand::send(&mut tx, correlation, wanted).await?;
    tx.commit().await?;
    Ok(())
}

/// Follows the link that proves an address, and signs in. The password is asked for because anybody
/// can sign up with somebody else's address: who has the letter and not the password may choose a new
/// one, and by that shut the other out.
pub async fn prove_address(
    db: &SystemDb,
    desk: &AccountDesk,
    token: &Token,
    password: SecretString,
    correlation: &str,
) -> Result<Admission, IdentityError> {
    let purpose = LinkPurpose::VerifyAddress;
    let mut tx = db.begin().await?;
    let (user, _) = links::find(&mut tx, token.hash(), purpose).await?;
    limits::guess(&mut tx, desk, limits::PASSWORDS, user).await?;
    let candidate = queries::candidate_by_id(&mut tx, user).await?;
    tx.commit().await?;
    let hash = candidate.as_ref().map(|found| found.password_hash.clone());
    if !desk.matches(&password, hash).await? {
        return Err(IdentityError::WrongPassword);
    }

    let mut tx = db.begin().await?;
    let (user, email) = links::consume(&mut tx, token.hash(), purpose).await?;
    prove(&mut tx, user, &email).await?;
    limits::guessed(&mut tx, desk, limits::PASSWORDS, user).await?;
    let mut candidate = candidate.ok_or(IdentityError::BadLink)?;
    candidate.is_proved = true;
    let admission = enter::admit(&mut tx, desk, &candidate, Method::Password, correlation).await?;
    tx.commit().await?;
    Ok(admission)
}

/// Notes that the address is theirs, and makes other links that would say so worthless.
async fn prove(
    tx: &mut SystemTx,
    user: crate::kernel::ids::UserId,
    email: &str,
) -> Result<(), IdentityError> {
    if !queries::know_address(tx, user, email).await? {
        return Err(IdentityError::BadLink);
    }
    queries::links::drop_for(tx, user, LinkPurpose::VerifyAddress).await?;
    Ok(())
}
