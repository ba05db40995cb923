use super::{Device, IDLE, Kept, NewDevice};
use crate::{
    identity::SignedIn,
    kernel::{
        StoreError,
        ids::{DeviceSignInId, OrganizationId, UserId},
    },
    platform::{SystemTx, prepared::statements},
    schema::device_sign_ins,
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
    sql_types::{BigInt, Integer, Nullable, Timestamptz},
};
use diesel_async::RunQueryDsl;

/// How long one can look up what has ended.
const KEPT: TimeDelta = TimeDelta::days(30);

statements! {
    End:
        "UPDATE device_sign_ins SET ended_at = $3 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL";
    EndAll:
        "UPDATE device_sign_ins SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL";
    Renew:
        "UPDATE device_sign_ins SET generation = $2, renewed_at = $3, expires_at = $4, organization_id = $5 \
         WHERE id = $1";
    Forget:
        "DELETE FROM device_sign_ins WHERE user_id = $1 AND (ended_at < $2 OR expires_at < $2)";
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = device_sign_ins)]
struct Row {
    id: DeviceSignInId,
    user_id: UserId,
    organization_id: Option<OrganizationId>,
    session_epoch: i32,
    device: String,
    address: String,
    begun_at: DateTime<Utc>,
    renewed_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    nonce: Vec<u8>,
    generation: i32,
}

fn kept(row: Row) -> Kept {
    Kept {
        device: Device {
            id: row.id,
            user: row.user_id,
            organization: row.organization_id,
            session_epoch: row.session_epoch,
            name: row.device,
            address: row.address,
            begun_at: row.begun_at,
            renewed_at: row.renewed_at,
            expires_at: row.expires_at,
        },
        nonce: row.nonce,
        generation: row.generation,
    }
}

pub(super) async fn insert(
    tx: &mut SystemTx,
    who: &SignedIn,
    organization: Option<OrganizationId>,
    new: &NewDevice,
    nonce: Vec<u8>,
) -> Result<Kept, StoreError> {
    let now = tx.now();
    let row: Row = diesel::insert_into(device_sign_ins::table)
        .values((
            device_sign_ins::user_id.eq(who.user),
            device_sign_ins::organization_id.eq(organization),
            device_sign_ins::nonce.eq(nonce),
            device_sign_ins::session_epoch.eq(who.session_epoch),
            device_sign_ins::device.eq(&new.name),
            device_sign_ins::address.eq(&new.address),
            device_sign_ins::begun_at.eq(now),
            device_sign_ins::renewed_at.eq(now),
            device_sign_ins::expires_at.eq(now + IDLE),
        ))
        .returning(Row::as_returning())
        .get_result(tx.conn())
        .await?;
    Ok(kept(row))
}

/// A sign-in that is live at this moment; nobody else touches it until the transaction ends.
pub(super) async fn hold(
    tx: &mut SystemTx,
    id: DeviceSignInId,
) -> Result<Option<Kept>, StoreError> {
    let now = tx.now();
    let row: Option<Row> = device_sign_ins::table
        .filter(device_sign_ins::id.eq(id))
        .filter(device_sign_ins::ended_at.is_null())
        .filter(device_sign_ins::expires_at.gt(now))
        .select(Row::as_select())
        .for_update()
        .first(tx.conn())
        .await
        .optional()?;
    Ok(row.map(kept))
}

pub(super) async fn renew(tx: &mut SystemTx, kept: &Kept) -> Result<(), StoreError> {
    Renew::prepared()
        .bind::<BigInt, _>(kept.device.id)
        .bind::<Integer, _>(kept.generation)
        .bind::<Timestamptz, _>(kept.device.renewed_at)
        .bind::<Timestamptz, _>(kept.device.expires_at)
        .bind::<Nullable<BigInt>, _>(kept.device.organization)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn end(
    tx: &mut SystemTx,
    user: UserId,
    id: DeviceSignInId,
) -> Result<(), StoreError> {
    End::prepared()
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(user)
        .bind::<Timestamptz, _>(tx.now())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn end_all(tx: &mut SystemTx, user: UserId) -> Result<(), StoreError> {
    EndAll::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Timestamptz, _>(tx.now())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Clears away what somebody's devices left behind.
pub(super) async fn forget(tx: &mut SystemTx, user: UserId) -> Result<(), StoreError> {
    Forget::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Timestamptz, _>(tx.now() - KEPT)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Live sign-ins of somebody whose account has this number, the latest first.
pub async fn list(tx: &mut SystemTx, user: UserId, epoch: i32) -> Result<Vec<Device>, StoreError> {
    let now = tx.now();
    let rows: Vec<Row> = device_sign_ins::table
        .filter(device_sign_ins::user_id.eq(user))
        .filter(device_sign_ins::session_epoch.eq(epoch))
        .filter(device_sign_ins::ended_at.is_null())
        .filter(device_sign_ins::expires_at.gt(now))
        .order(device_sign_ins::renewed_at.desc())
        .select(Row::as_select())
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|row| kept(row).device).collect())
}
