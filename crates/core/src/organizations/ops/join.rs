//! Answering an invitation: by somebody who has an account, or by somebody who makes one to join.
use super::{
    super::{
        OrganizationError,
        audit::{self, Act, By, Line},
        model::{InvitationState, Offer},
        queries::offers,
    },
    seat_for_system,
};
use crate::{
    identity::{self, AccountDesk, NewPerson, Person},
    kernel::{
        ids::{OrganizationId, UserId},
        text::Name,
    },
    outbox::{self, Event, NewEvent},
    platform::{SystemDb, SystemTx},
};
use secrecy::SecretString;
use serde_json::json;

/// Somebody without an account who follows the link of an invitation.
#[derive(Debug)]
pub struct NewMember {
    pub first_name: Name,
    pub last_name: Name,
    pub password: SecretString,
    /// By its name in the database of time zones.
    pub timezone: String,
}

/// Joins, in the name of `person`, whose address the invitation is for and who has shown that it is
/// theirs.
pub async fn accept(
    db: &SystemDb,
    offer: &Offer,
    person: &Person,
    by: &By,
) -> Result<OrganizationId, OrganizationError> {
    if !person.is_proved {
        return Err(OrganizationError::FollowTheLetter(offer.email.clone()));
    }
    join_as(db.begin().await?, offer, person, by).await
}

/// Joins by the link of the invitation's letter, which shows that the address is theirs.
pub async fn accept_by_letter(
    db: &SystemDb,
    offer: &Offer,
    person: &Person,
    by: &By,
) -> Result<OrganizationId, OrganizationError> {
    let mut tx = db.begin().await?;
    identity::know_address(&mut tx, person.user, &offer.email).await?;
    join_as(tx, offer, person, by).await
}

async fn join_as(
    mut tx: SystemTx,
    offer: &Offer,
    person: &Person,
    by: &By,
) -> Result<OrganizationId, OrganizationError> {
    if person.email != offer.email {
        return Err(OrganizationError::ForSomebodyElse(offer.email.clone()));
    }
    hold(&mut tx, offer).await?;
    let event = enter(&mut tx, offer, person.user, by).await?;
    outbox::emit_for_system(
        &mut tx,
        offer.organization,
        Some(person.user),
        &by.correlation,
        event.into_iter().collect(),
    )
    .await?;
    tx.commit().await?;
    Ok(offer.organization)
}

/// Says no. The link is enough to say so.
pub async fn decline(db: &SystemDb, offer: &Offer, by: &By) -> Result<(), OrganizationError> {
    let mut tx = db.begin().await?;
    if !offers::end(&mut tx, offer, InvitationState::Declined, None).await? {
        return Err(over(&mut tx, offer).await);
    }
    let line = Line::new(Act::InvitationDeclined, offer.email.clone()).about(offer.id.get());
    let by = By {
        name: Some(offer.email.clone()),
        ..by.clone()
    };
    audit::note_for_system(&mut tx, offer.organization, &by, line).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes an account and joins, whole or not at all. The link has proved the address; no organisation
/// of their own is made.
pub async fn join(
    db: &SystemDb,
    desk: &AccountDesk,
    offer: &Offer,
    new: NewMember,
    by: &By,
) -> Result<UserId, OrganizationError> {
    let email = offer
        .email
        .parse()
        .map_err(|_odd| OrganizationError::NoInvitation)?;
    let new = NewPerson {
        first_name: new.first_name,
        last_name: new.last_name,
        email,
        password: new.password,
        timezone: new.timezone,
    };
    // No connection is held while it is hashed.
    let hash = identity::hash_for(desk, &new).await?;
    let mut tx = db.begin().await?;
    hold(&mut tx, offer).await?;
    let user = identity::insert_person(&mut tx, &new, &hash).await?;
    let by = By {
        user: Some(user),
        ..by.clone()
    };
    let mut events: Vec<_> = enter(&mut tx, offer, user, &by)
        .await?
        .into_iter()
        .collect();
    let entered =
        json!({ "is_first_login": true, "login_method": "invitation", "destination_hint": null });
    events.push(NewEvent::new(
        Event::UserLoginSucceeded,
        user.get(),
        entered,
    ));
    outbox::emit_for_system(
        &mut tx,
        offer.organization,
        Some(user),
        &by.correlation,
        events,
    )
    .await?;
    tx.commit().await?;
    Ok(user)
}

/// Holds the organisation, which has to be open.
async fn hold(tx: &mut SystemTx, offer: &Offer) -> Result<(), OrganizationError> {
    let (name, is_active, limit) = offers::hold(tx, offer.organization).await?;
    if !is_active {
        return Err(OrganizationError::Suspended(name));
    }
    // The invitation has kept a seat, unless the tier has changed since.
    let used = offers::count_members(tx, offer.organization).await?;
    seat_for_system(tx, limit, used).await
}

/// Ends the invitation and makes somebody a member; says what there is to tell.
async fn enter(
    tx: &mut SystemTx,
    offer: &Offer,
    user: UserId,
    by: &By,
) -> Result<Option<NewEvent>, OrganizationError> {
    if !offers::end(tx, offer, InvitationState::Accepted, Some(user)).await? {
        return Err(over(tx, offer).await);
    }
    match offers::membership(tx, offer.organization, user).await? {
        None => {}
        // They were let in by another way meanwhile.
        Some(true) => return Ok(None),
        Some(false) => return Err(OrganizationError::NotAMember),
    }
    let roles = offers::join(tx, offer, user).await?;
    let line = Line::new(Act::MemberJoined, offer.email.clone()).about(user.get());
    let details = json!({ "roles": offer.roles, "invited_by": offer.inviter });
    audit::note_for_system(tx, offer.organization, by, line.with(details)).await?;
    let facts = json!({ "role_id": roles.first(), "role_ids": roles });
    Ok(Some(NewEvent::new(Event::UserJoined, user.get(), facts)))
}

/// Why an invitation can't be answered any more.
async fn over(tx: &mut SystemTx, offer: &Offer) -> OrganizationError {
    match offers::offer_by_id(tx, &offer.email, offer.id).await {
        Ok(Some(now)) => OrganizationError::InvitationOver(match now.state {
            InvitationState::Open => "changed",
            over => over.as_str(),
        }),
        Ok(None) => OrganizationError::NoInvitation,
        Err(error) => error.into(),
    }
}
