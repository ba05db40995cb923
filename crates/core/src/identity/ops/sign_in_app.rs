use super::{
    super::{
        AccountDesk, IdentityError, Token,
        model::{Admission, SignedIn},
    },
    second_step::second_step,
    sign_in::sign_in,
};
use crate::platform::SystemDb;
use secrecy::SecretString;

/// All that an app sends at once to sign somebody in.
#[derive(Debug)]
pub struct AppSignIn<'a> {
    pub name: &'a str,
    pub password: SecretString,
    /// Of an authenticator app, or a recovery code; where the account asks for it.
    pub code: Option<SecretString>,
}

/// Lets somebody in by an app, in one go. A code that would be mailed has no browser to go to: who asks
/// for those signs in to an app with a recovery code.
pub async fn sign_in_app(
    db: &SystemDb,
    desk: &AccountDesk,
    proof: AppSignIn<'_>,
    correlation: &str,
) -> Result<SignedIn, IdentityError> {
    match sign_in(db, desk, proof.name, proof.password, correlation).await? {
        Admission::Entered(who) => Ok(who),
        Admission::AddressUnproved { .. } => Err(IdentityError::AddressUnproved),
        Admission::SecondFactor(halfway) => {
            let code = proof.code.ok_or(IdentityError::SecondFactorNeeded)?;
            second_step(db, desk, &halfway, &Token::new()?, code, correlation).await
        }
    }
}
