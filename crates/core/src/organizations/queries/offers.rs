//! Invitations as those see them who are invited: before they belong to the organisation.
use super::super::{
    model::{InvitationState, Offer},
    token,
};
use crate::{
    kernel::{
        StoreError,
        ids::{InvitationId, OrganizationId, RoleId, UserId},
    },
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type OfferColumns = (
    BigInt,
    BigInt,
    Text,
    Bool,
    Text,
    Text,
    Text,
    Timestamptz,
    Array<Text>,
    Bool,
);
type OfferRow = (
    InvitationId,
    OrganizationId,
    String,
    bool,
    String,
    String,
    InvitationState,
    DateTime<Utc>,
    Vec<String>,
    bool,
);

/// An offer, as [`OfferRow`] reads it.
macro_rules! an_offer {
    () => {
        "SELECT i.id, i.organization_id, o.name, NOT o.is_active, i.email, i.inviter, \
                CASE WHEN i.state = 'open' AND i.expires_at <= $1 THEN 'expired' ELSE i.state END, i.expires_at, \
                ARRAY(SELECT r.name FROM invitation_roles g JOIN roles r ON r.organization_id = g.organization_id AND r.id = g.role_id \
                       WHERE g.organization_id = i.organization_id AND g.invitation_id = i.id ORDER BY lower(r.name), r.id), \
                EXISTS (SELECT FROM users u WHERE u.email = i.email) \
           FROM invitations i JOIN organizations o ON o.id = i.organization_id"
    };
}

statements! {
    FindByToken -> OfferColumns:
        concat!(an_offer!(), " WHERE i.token_hash = $2");
    FindOpenTo -> OfferColumns:
        concat!(an_offer!(), " WHERE i.email = $2 AND i.state = 'open' AND i.expires_at > $1 ORDER BY i.id LIMIT 50");
    FindById -> OfferColumns:
        concat!(an_offer!(), " WHERE i.email = $2 AND i.id = $3");
    // See `members::Hold`: who belongs to an organisation is changed by one at a time.
    Hold -> (Text, Bool, Nullable<Integer>):
        "SELECT o.name, o.is_active, (SELECT t.user_limit FROM tiers t WHERE t.key = o.tier) \
           FROM organizations o WHERE o.id = $1 FOR NO KEY UPDATE";
    FindMembership -> Bool:
        "SELECT is_active FROM memberships WHERE organization_id = $1 AND user_id = $2";
    CountMembers -> BigInt:
        "SELECT count(*) FROM memberships WHERE organization_id = $1 AND is_active";
    Join:
        "INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ($1, $2, 'member', $3)";
    GiveRoles -> BigInt:
        "INSERT INTO member_roles (organization_id, user_id, role_id) \
         SELECT organization_id, $3, role_id FROM invitation_roles WHERE organization_id = $1 AND invitation_id = $2 \
         RETURNING role_id";
    End:
        "UPDATE invitations SET state = $3, ended_at = $4, accepted_by = $5 \
          WHERE organization_id = $1 AND id = $2 AND state = 'open' AND expires_at > $4";
}

fn offer_of(
    (
        id,
        organization,
        organization_name,
        is_suspended,
        email,
        inviter,
        state,
        expires_at,
        roles,
        has_account,
    ): OfferRow,
) -> Offer {
    Offer {
        id,
        organization,
        organization_name,
        is_suspended,
        email,
        inviter,
        state,
        expires_at,
        roles,
        has_account,
    }
}

/// The invitation that a link leads to, open or not.
pub async fn offer(tx: &mut SystemTx, token: &str) -> Result<Option<Offer>, StoreError> {
    let now = tx.now();
    let row: Option<OfferRow> = FindByToken::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<Binary, _>(token::hash(token).to_vec())
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(row.map(offer_of))
}

/// Open invitations to an address, the oldest first.
pub async fn offers_to(tx: &mut SystemTx, email: &str) -> Result<Vec<Offer>, StoreError> {
    let now = tx.now();
    let rows: Vec<OfferRow> = FindOpenTo::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(email.to_owned())
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().map(offer_of).collect())
}

pub(in super::super) async fn offer_by_id(
    tx: &mut SystemTx,
    email: &str,
    id: InvitationId,
) -> Result<Option<Offer>, StoreError> {
    let now = tx.now();
    let row: Option<OfferRow> = FindById::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(email.to_owned())
        .bind::<BigInt, _>(id)
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(row.map(offer_of))
}

/// An organisation while nobody else changes who belongs to it: its name, whether it is open, and how
/// many its tier has room for.
pub(in super::super) async fn hold(
    tx: &mut SystemTx,
    organization: OrganizationId,
) -> Result<(String, bool, Option<i32>), StoreError> {
    Ok(Hold::prepared()
        .bind::<BigInt, _>(organization)
        .get_result(tx.conn())
        .await?)
}

/// Whether somebody is an active member; none for somebody who is no member.
pub(in super::super) async fn membership(
    tx: &mut SystemTx,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<bool>, StoreError> {
    Ok(FindMembership::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await
        .optional()?)
}

pub(in super::super) async fn count_members(
    tx: &mut SystemTx,
    organization: OrganizationId,
) -> Result<i64, StoreError> {
    Ok(CountMembers::prepared()
        .bind::<BigInt, _>(organization)
        .get_result(tx.conn())
        .await?)
}

/// Makes somebody a member, with the roles of the invitation; says which.
pub(in super::super) async fn join(
    tx: &mut SystemTx,
    offer: &Offer,
    user: UserId,
) -> Result<Vec<RoleId>, StoreError> {
    let now = tx.now();
    Join::prepared()
        .bind::<BigInt, _>(offer.organization)
        .bind::<BigInt, _>(user)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(GiveRoles::prepared()
        .bind::<BigInt, _>(offer.organization)
        .bind::<BigInt, _>(offer.id)
        .bind::<BigInt, _>(user)
        .load(tx.conn())
        .await?)
}

/// Ends an open invitation; says whether it was open.
pub(in super::super) async fn end(
    tx: &mut SystemTx,
    offer: &Offer,
    state: InvitationState,
    accepted_by: Option<UserId>,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = End::prepared()
        .bind::<BigInt, _>(offer.organization)
        .bind::<BigInt, _>(offer.id)
        .bind::<Text, _>(state)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<BigInt>, _>(accepted_by)
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}
