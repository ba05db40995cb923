//! Where somebody may act: organisations, who belongs to them, what they may do, and who did what.
pub mod audit;
mod costing;
mod doors;
mod error;
mod flags;
mod grants;
mod model;
mod ops;
mod queries;
mod role;
mod rules;
mod token;
mod why;

pub use self::{
    costing::CostingMethod,
    doors::{Doors, DoorsError, MOST_ORIGINS, SiteOrigin},
    error::OrganizationError,
    flags::{Flag, Flags},
    grants::{Grants, GrantsCache, grants},
    model::{
        Invitation, InvitationState, Member, Membership, Named, NewInvitation, NewRole, Offer,
        Place, Profile, Role, RoleChange, RoleInUse, RoleName, Seats, Standing,
    },
    ops::{
        Desk,
        found::found,
        invite::{invite, resend, withdraw},
        join::{NewMember, accept, accept_by_letter, decline, join},
        members::{deactivate, leave, reactivate, remove, set_roles, transfer},
        profile::change_profile,
        roles::{change_role, create_role, delete_role},
    },
    queries::{
        costing_method,
        doors::{allows_origin, doors, set_doors, wants_single_session},
        invitations::{invitation, invitations, seats},
        members::{member, members},
        membership,
        offers::{offer, offers_to},
        places::{places, profile, standing},
        roles::{role, roles},
        roles_of, stay_membership,
    },
    role::SystemRole,
    rules::{GOOD_FOR, SeatsFull},
    why::{Because, Subject, Verdict, explain},
};
