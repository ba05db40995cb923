use super::rules::{LETTERS_A_DAY, MOST_FOUNDED, MOST_LETTERS, MOST_ROLES, SeatsFull};
use crate::{
    identity::IdentityError,
    kernel::{Fault, Kind, StoreError},
    tiers::Permission,
};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    #[error("There is no such member.")]
    NoMember,
    #[error("There is no such role.")]
    NoRole,
    #[error("There is no such invitation.")]
    NoInvitation,
    #[error("There is no such organisation, or you don't belong to it.")]
    NoPlace,
    #[error("You don't belong to this organisation any more.")]
    NotAMember,
    #[error("Your roles don't let you {}.", .0.label())]
    MayNot(Permission),
    #[error("Only the owner of the organisation can do this.")]
    NotTheOwner,
    #[error("Nobody can do this to the owner. The owner hands the organisation over first.")]
    TheOwner,
    #[error("You can't do this to yourself. You may leave the organisation instead.")]
    Yourself,
    #[error("{name} may do more than you, so only somebody who may do as much can do this.")]
    Outranked { name: String },
    #[error("You can't give what you don't have yourself: {role} allows to {}.", .missing.label())]
    Escalation { role: String, missing: Permission },
    #[error("Choose at least one role.")]
    RoleNeeded,
    #[error(transparent)]
    SeatsFull(SeatsFull),
    #[error("{0} belongs to the organisation already.")]
    AlreadyMember(String),
    #[error("{0} belongs to the organisation, but is deactivated. Re-activate them instead.")]
    IsDeactivated(String),
    #[error("{0} is invited already. Send the invitation again, or withdraw it first.")]
    AlreadyInvited(String),
    #[error(
        "Invitations are switched off for this organisation. Ask whoever runs BatchTrack here."
    )]
    InvitationsOff,
    #[error("{LETTERS_A_DAY} invitations were sent within a day. Go on tomorrow.")]
    TooManyLetters,
    #[error("It was sent a minute ago. Wait a little before you send it again.")]
    SentJustNow,
    #[error("It was sent {MOST_LETTERS} times. Withdraw it, and ask them for another address.")]
    SentTooOften,
    #[error("This invitation isn't open any more: it was {0}.")]
    InvitationOver(&'static str),
    #[error("This invitation is for {0}.")]
    ForSomebodyElse(String),
    #[error("Follow the link in the letter to {0}: it shows that the address is yours.")]
    FollowTheLetter(String),
    #[error("There is an account with that address. Sign in to accept.")]
    HasAccount,
    #[error("{0} is suspended just now, so nobody can join it.")]
    Suspended(String),
    #[error("They are deactivated. Hand over to somebody who is active.")]
    NotActive,
    #[error("That isn't your password.")]
    WrongPassword,
    #[error("“{0}” comes with every organisation and can't be changed. Copy it as a new role.")]
    SystemRole(String),
    #[error("There is a role of that name already.")]
    RoleNameTaken,
    #[error("There are {MOST_ROLES} roles already. Delete one that nobody has.")]
    TooManyRoles,
    #[error("The role is given to {}. Give them another one first.", .0.join(", "))]
    RoleInUse(Vec<String>),
    #[error("You own {MOST_FOUNDED} organisations already.")]
    TooMany,
    #[error("New organisations can't be founded here just now. Ask whoever runs BatchTrack here.")]
    FoundingOff,
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for OrganizationError {
    fn from(error: diesel::result::Error) -> Self {
        let error = StoreError::from(error);
        match error.constraint() {
            Some("roles_name_key") => Self::RoleNameTaken,
            _ => Self::Store(error),
        }
    }
}

impl Fault for OrganizationError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoMember | Self::NoRole | Self::NoInvitation | Self::NoPlace => Kind::NotFound,
            Self::NotAMember
            | Self::MayNot(_)
            | Self::NotTheOwner
            | Self::Outranked { .. }
            | Self::Escalation { .. }
            | Self::InvitationsOff
            | Self::ForSomebodyElse(_)
            | Self::FoundingOff => Kind::Forbidden,
            Self::RoleNeeded | Self::WrongPassword => Kind::Invalid,
            Self::TheOwner
            | Self::Yourself
            | Self::SeatsFull(_)
            | Self::AlreadyMember(_)
            | Self::IsDeactivated(_)
            | Self::AlreadyInvited(_)
            | Self::SentTooOften
            | Self::InvitationOver(_)
            | Self::HasAccount
            | Self::FollowTheLetter(_)
            | Self::Suspended(_)
            | Self::NotActive
            | Self::SystemRole(_)
            | Self::RoleNameTaken
            | Self::TooManyRoles
            | Self::RoleInUse(_)
            | Self::TooManyLetters
            | Self::SentJustNow
            | Self::TooMany => Kind::Conflict,
            Self::Identity(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoMember => "organizations.no_member",
            Self::NoRole => "organizations.no_role",
            Self::NoInvitation => "organizations.no_invitation",
            Self::NoPlace => "organizations.no_place",
            Self::NotAMember => "organizations.not_a_member",
            Self::MayNot(_) => "access.denied",
            Self::NotTheOwner => "access.owners_only",
            Self::TheOwner => "organizations.the_owner",
            Self::Yourself => "organizations.yourself",
            Self::Outranked { .. } => "organizations.outranked",
            Self::Escalation { .. } => "organizations.escalation",
            Self::RoleNeeded => "organizations.role_needed",
            Self::SeatsFull(_) => "organizations.seats_full",
            Self::AlreadyMember(_) => "organizations.already_member",
            Self::IsDeactivated(_) => "organizations.is_deactivated",
            Self::AlreadyInvited(_) => "organizations.already_invited",
            Self::InvitationsOff => "organizations.invitations_off",
            Self::TooManyLetters => "organizations.too_many_letters",
            Self::SentJustNow => "organizations.sent_just_now",
            Self::SentTooOften => "organizations.sent_too_often",
            Self::InvitationOver(_) => "organizations.invitation_over",
            Self::ForSomebodyElse(_) => "organizations.for_somebody_else",
            Self::FollowTheLetter(_) => "organizations.follow_the_letter",
            Self::HasAccount => "organizations.has_account",
            Self::Suspended(_) => "organizations.suspended",
            Self::NotActive => "organizations.not_active",
            Self::WrongPassword => "organizations.wrong_password",
            Self::SystemRole(_) => "organizations.system_role",
            Self::RoleNameTaken => "organizations.role_name_taken",
            Self::TooManyRoles => "organizations.too_many_roles",
            Self::RoleInUse(_) => "organizations.role_in_use",
            Self::TooMany => "organizations.too_many",
            Self::FoundingOff => "organizations.founding_off",
            Self::Identity(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Store(error) => error.detail(),
            Self::Identity(error) => error.detail(),
            other => Cow::Owned(other.to_string()),
        }
    }

    fn field(&self) -> Option<Cow<'static, str>> {
        let field = match self {
            Self::RoleNeeded => "roles",
            Self::AlreadyMember(_) | Self::IsDeactivated(_) | Self::AlreadyInvited(_) => "email",
            Self::WrongPassword => "password",
            Self::RoleNameTaken => "name",
            Self::Escalation { .. } => "permissions",
            Self::Identity(error) => return error.field(),
            _ => return None,
        };
        Some(Cow::Borrowed(field))
    }
}
