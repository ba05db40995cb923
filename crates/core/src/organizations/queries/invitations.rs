//! Invitations as the organisation sees them that sent them.
use super::{
    super::model::{Invitation, InvitationState, Seats},
    members::named,
};
use crate::{
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
        ids::{InvitationId, RoleId},
    },
    platform::{OrgTx, prepared::statements},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{Array, BigInt, Binary, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type InvitationColumns = (
    BigInt,
    Text,
    Text,
    Text,
    Timestamptz,
    Timestamptz,
    Integer,
    Timestamptz,
    Array<BigInt>,
    Array<Text>,
);
type InvitationRow = (
    InvitationId,
    String,
    InvitationState,
    String,
    DateTime<Utc>,
    DateTime<Utc>,
    i32,
    DateTime<Utc>,
    Vec<RoleId>,
    Vec<String>,
);

/// An invitation and what it gives, as [`InvitationRow`] reads them.
macro_rules! an_invitation {
    () => {
        "SELECT i.id, i.email, CASE WHEN i.state = 'open' AND i.expires_at <= $2 THEN 'expired' ELSE i.state END, i.inviter, \
                i.created_at, i.sent_at, i.letters, i.expires_at, \
                ARRAY(SELECT g.role_id FROM invitation_roles g JOIN roles r ON r.organization_id = g.organization_id AND r.id = g.role_id \
                       WHERE g.organization_id = i.organization_id AND g.invitation_id = i.id ORDER BY lower(r.name), r.id), \
                ARRAY(SELECT r.name FROM invitation_roles g JOIN roles r ON r.organization_id = g.organization_id AND r.id = g.role_id \
                       WHERE g.organization_id = i.organization_id AND g.invitation_id = i.id ORDER BY lower(r.name), r.id) \
           FROM invitations i WHERE i.organization_id = $1"
    };
}

statements! {
    // Of those that are not open, the ones that ended long ago are nobody's business any more.
    List -> InvitationColumns:
        concat!(an_invitation!(), " AND i.id < $3 AND (i.state = 'open' OR i.ended_at > $4) ORDER BY i.id DESC LIMIT $5");
    Find -> InvitationColumns:
        concat!(an_invitation!(), " AND i.id = $3");
    FindOpen -> InvitationColumns:
        concat!(an_invitation!(), " AND i.email = $3 AND i.state = 'open'");
    CountSeats -> (Nullable<Integer>, BigInt):
        "SELECT t.user_limit, \
                (SELECT count(*) FROM memberships WHERE organization_id = $1 AND is_active) \
                + (SELECT count(*) FROM invitations WHERE organization_id = $1 AND state = 'open' AND expires_at > $2) \
           FROM organizations o JOIN tiers t ON t.key = o.tier WHERE o.id = $1";
    CountLetters -> BigInt:
        "SELECT count(*) FROM invitations WHERE organization_id = $1 AND sent_at > $2";
    Expire:
        "UPDATE invitations SET state = 'expired', ended_at = expires_at \
          WHERE organization_id = $1 AND state = 'open' AND expires_at <= $2";
    Insert -> BigInt:
        "INSERT INTO invitations (organization_id, email, token_hash, invited_by, inviter, created_at, sent_at, expires_at) \
         VALUES ($1, $2, $3, $4, left($5, 200), $6, $6, $7) RETURNING id";
    Give:
        "INSERT INTO invitation_roles (organization_id, invitation_id, role_id) SELECT $1, $2, unnest($3::bigint[])";
    Resend:
        "UPDATE invitations SET token_hash = $3, sent_at = $4, expires_at = $5, letters = letters + 1, \
                state = 'open', ended_at = NULL \
          WHERE organization_id = $1 AND id = $2 AND state IN ('open', 'expired')";
    Withdraw:
        "UPDATE invitations SET state = 'withdrawn', ended_at = $3 WHERE organization_id = $1 AND id = $2 AND state = 'open'";
}

/// How long invitations are listed that came to an end.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

fn invitation_of(
    (id, email, state, inviter, created_at, sent_at, letters, expires_at, ids, names): InvitationRow,
) -> Invitation {
    Invitation {
        id,
        email,
        state,
        inviter,
        created_at,
        sent_at,
        letters,
        expires_at,
        roles: named(ids, names),
    }
}

/// Invitations of the current organisation, the latest first: those that are open, and those that ended
/// within a month.
pub async fn invitations(
    tx: &mut OrgTx,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Invitation>, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let rows: Vec<InvitationRow> = List::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(after.map_or(i64::MAX, |cursor| cursor.id))
        .bind::<Timestamptz, _>(now - REMEMBERED)
        .bind::<BigInt, _>(i64::from(limit) + 1)
        .load(tx.conn())
        .await?;
    let page = Page::of(rows, usize::from(limit), |row| Cursor {
        key: String::new(),
        id: row.0.get(),
    });
    Ok(page.map(invitation_of))
}

pub async fn invitation(
    tx: &mut OrgTx,
    id: InvitationId,
) -> Result<Option<Invitation>, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let row: Option<InvitationRow> = Find::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(id)
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(row.map(invitation_of))
}

/// The open one to an address, if there is one.
pub(in super::super) async fn open_to(
    tx: &mut OrgTx,
    email: &str,
) -> Result<Option<Invitation>, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let row: Option<InvitationRow> = FindOpen::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(email.to_owned())
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(row.map(invitation_of))
}

/// How many belong to the current organisation or are invited to it, and how many its tier has room for.
pub async fn seats(tx: &mut OrgTx) -> Result<Seats, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let (limit, used) = CountSeats::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?;
    Ok(Seats { used, limit })
}

/// Invitations that a letter was sent for since `since`.
pub(in super::super) async fn count_letters(
    tx: &mut OrgTx,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let organization = tx.organization();
    Ok(CountLetters::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(since)
        .get_result(tx.conn())
        .await?)
}

/// Writes down that the time of some is up, so that their addresses may be invited again.
pub(in super::super) async fn expire(tx: &mut OrgTx) -> Result<(), StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    Expire::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn insert(
    tx: &mut OrgTx,
    email: &str,
    token_hash: [u8; 32],
    inviter: &str,
    expires_at: DateTime<Utc>,
    roles: Vec<RoleId>,
) -> Result<InvitationId, StoreError> {
    let (organization, now, user) = (tx.organization(), tx.now(), tx.user());
    let id: InvitationId = Insert::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Text, _>(email.to_owned())
        .bind::<Binary, _>(token_hash.to_vec())
        .bind::<Nullable<BigInt>, _>(user)
        .bind::<Text, _>(inviter.to_owned())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(expires_at)
        .get_result(tx.conn())
        .await?;
    Give::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .bind::<Array<BigInt>, _>(roles)
        .execute(tx.conn())
        .await?;
    Ok(id)
}

/// Notes another letter, whose link takes the place of the former one. One whose time was up is open
/// again. Says whether it is.
pub(in super::super) async fn resend(
    tx: &mut OrgTx,
    id: InvitationId,
    token_hash: [u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let changed = Resend::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .bind::<Binary, _>(token_hash.to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(expires_at)
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

/// Says whether it was open.
pub(in super::super) async fn withdraw(
    tx: &mut OrgTx,
    id: InvitationId,
) -> Result<bool, StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    let changed = Withdraw::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}
