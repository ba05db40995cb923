//! The one way in, whatever was shown first.
use super::super::{
    AccountDesk, IdentityError,
    model::{Admission, Candidate, Halfway, Method, SignedIn},
    queries,
    rules::{Missing, missing},
};
use crate::{
    outbox::{self, Event, NewEvent},
    platform::SystemTx,
};
use serde_json::json;

/// Somebody has shown `by` that they are `candidate`: in, or what is still needed. The caller commits
/// either way.
pub(in super::super) async fn admit(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    candidate: &Candidate,
    by: Method,
    correlation: &str,
) -> Result<Admission, IdentityError> {
    match (
        missing(candidate, by, desk.asks_for_proof()),
        candidate.second_factor,
    ) {
        (Some(Missing::Address), _) => Ok(Admission::AddressUnproved {
            email: candidate.email.clone(),
        }),
        (Some(Missing::SecondFactor), Some(second)) => Ok(Admission::SecondFactor(Halfway {
            user: candidate.user,
            by,
            second,
            session_epoch: candidate.session_epoch,
            since: tx.now(),
        })),
        _ => enter(tx, candidate, by, correlation)
            .await
            .map(Admission::Entered),
    }
}

/// Nothing is missing any more.
pub(in super::super) async fn enter(
    tx: &mut SystemTx,
    candidate: &Candidate,
    by: Method,
    correlation: &str,
) -> Result<SignedIn, IdentityError> {
    if !queries::record_sign_in(tx, candidate).await? {
        return Err(IdentityError::BadCredentials);
    }
    let user = candidate.user;
    let event = NewEvent::new(
        Event::UserLoginSucceeded,
        user.get(),
        json!({
            "is_first_login": candidate.is_first,
            "login_method": by,
            "destination_hint": null,
        }),
    );
    if let Some(organization) = candidate.organization {
        outbox::emit_for_system(tx, organization, Some(user), correlation, vec![event]).await?;
    }
    Ok(SignedIn {
        user,
        organization: candidate.organization,
        session_epoch: candidate.session_epoch,
    })
}
