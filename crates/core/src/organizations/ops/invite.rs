use super::{
    super::{
        Flag, Grants, OrganizationError,
        audit::{self, Act, Line},
        model::{Invitation, InvitationState, NewInvitation},
        queries::{self, invitations},
        rules::{GOOD_FOR, LETTERS_A_DAY, MOST_LETTERS, PAUSE},
        token::Token,
    },
    Desk, Steward, ids, names, seat,
};
use crate::{
    kernel::{ids::InvitationId, text::Email},
    mail::{self, Letter, To},
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
    tiers::Permission::OrganizationManageUsers,
};
use chrono::TimeDelta;
use serde_json::json;

/// Asks somebody to join, by a letter that goes out when this unit of work commits.
pub async fn invite(
    tx: &mut OrgTx,
    by: &Grants,
    desk: &Desk,
    new: NewInvitation,
) -> Result<InvitationId, OrganizationError> {
    let steward = Steward::hold(tx, by, OrganizationManageUsers).await?;
    may_write(tx, desk).await?;
    invitations::expire(tx).await?;
    let email = new.email.as_str();
    must_be_new(tx, email).await?;
    let roles = steward.roles_to_give(tx, new.roles).await?;
    seat(tx).await?;
    let token = Token::make();
    let expires_at = tx.now() + GOOD_FOR;
    let id = invitations::insert(
        tx,
        email,
        token.hash,
        &steward.name,
        expires_at,
        ids(&roles),
    )
    .await?;
    let line = Line::new(Act::InvitationSent, email).about(id.get());
    audit::note(tx, line.with(json!({ "roles": names(&roles) }))).await?;
    write(tx, desk, &steward, &new.email, &token).await?;
    let given = ids(&roles);
    let event = NewEvent::new(
        Event::UserInvited,
        id.get(),
        json!({ "role_id": given.first(), "role_ids": given }),
    );
    outbox::emit(tx, vec![event]).await?;
    Ok(id)
}

/// Writes to somebody again. The former letter's link leads nowhere from now on, and time begins anew.
pub async fn resend(
    tx: &mut OrgTx,
    by: &Grants,
    desk: &Desk,
    id: InvitationId,
) -> Result<(), OrganizationError> {
    let steward = Steward::hold(tx, by, OrganizationManageUsers).await?;
    may_write(tx, desk).await?;
    let invitation = unanswered(tx, id).await?;
    if invitation.letters >= MOST_LETTERS {
        return Err(OrganizationError::SentTooOften);
    }
    if tx.now() - invitation.sent_at < PAUSE {
        return Err(OrganizationError::SentJustNow);
    }
    // What it gives is given by whoever sends it.
    let wanted = invitation.roles.iter().map(|role| role.id).collect();
    steward.roles_to_give(tx, wanted).await?;
    // Nobody has kept the place of one whose time was up.
    if invitation.state == InvitationState::Expired {
        invitations::expire(tx).await?;
        must_be_new(tx, &invitation.email).await?;
        seat(tx).await?;
    }
    let token = Token::make();
    let expires_at = tx.now() + GOOD_FOR;
    if !invitations::resend(tx, id, token.hash, expires_at).await? {
        return Err(OrganizationError::InvitationOver("expired"));
    }
    let line = Line::new(Act::InvitationResent, invitation.email.clone()).about(id.get());
    audit::note(tx, line).await?;
    let email: Email = invitation
        .email
        .parse()
        .map_err(|_odd| OrganizationError::NoInvitation)?;
    write(tx, desk, &steward, &email, &token).await
}

/// Takes an invitation back: its link leads nowhere from now on.
pub async fn withdraw(
    tx: &mut OrgTx,
    by: &Grants,
    id: InvitationId,
) -> Result<(), OrganizationError> {
    Steward::hold(tx, by, OrganizationManageUsers).await?;
    let invitation = unanswered(tx, id).await?;
    if !invitations::withdraw(tx, id).await? {
        return Err(OrganizationError::InvitationOver("expired"));
    }
    let line = Line::new(Act::InvitationWithdrawn, invitation.email).about(id.get());
    audit::note(tx, line).await?;
    Ok(())
}

/// Refuses an address that belongs to the organisation or is invited to it.
async fn must_be_new(tx: &mut OrgTx, email: &str) -> Result<(), OrganizationError> {
    if let Some(member) = queries::members::member_by_email(tx, email).await? {
        return Err(if member.is_active {
            OrganizationError::AlreadyMember(member.name)
        } else {
            OrganizationError::IsDeactivated(member.name)
        });
    }
    if invitations::open_to(tx, email).await?.is_some() {
        return Err(OrganizationError::AlreadyInvited(email.to_owned()));
    }
    Ok(())
}

/// An invitation that nobody has answered or taken back.
async fn unanswered(tx: &mut OrgTx, id: InvitationId) -> Result<Invitation, OrganizationError> {
    let invitation = invitations::invitation(tx, id)
        .await?
        .ok_or(OrganizationError::NoInvitation)?;
    match invitation.state {
        InvitationState::Open | InvitationState::Expired => Ok(invitation),
        over => Err(OrganizationError::InvitationOver(over.as_str())),
    }
}

/// Whether the organisation may send letters just now.
async fn may_write(tx: &mut OrgTx, desk: &Desk) -> Result<(), OrganizationError> {
    if !desk.flags.is_on(tx, Flag::Invitations).await? {
        return Err(OrganizationError::InvitationsOff);
    }
    let since = tx.now() - TimeDelta::days(1);
    if invitations::count_letters(tx, since).await? >= LETTERS_A_DAY {
        return Err(OrganizationError::TooManyLetters);
    }
    Ok(())
}

async fn write(
    tx: &mut OrgTx,
    desk: &Desk,
    steward: &Steward,
    email: &Email,
    token: &Token,
) -> Result<(), OrganizationError> {
    let letter = Letter::Invitation {
        organization: steward.organization.clone(),
        invited_by: steward.name.clone(),
        token: desk.letters.seal(&token.text),
        expires_at: tx.now() + GOOD_FOR,
    };
    mail::send(tx, To::new(email, "", None), letter).await?;
    Ok(())
}
