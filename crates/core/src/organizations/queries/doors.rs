use super::super::doors::{Doors, SiteOrigin};
use crate::{
    kernel::{StoreError, ids::UserId},
    platform::{OrgTx, SystemTx, prepared::statements},
    schema::organizations,
};
use diesel::{
    ExpressionMethods as _, QueryDsl as _,
    sql_types::{Array, BigInt, Bool, Text},
};
use diesel_async::RunQueryDsl;

statements! {
    Change:
        "UPDATE organizations SET single_session = $2, api_origins = $3 WHERE id = $1";
    AllowsOrigin -> (Bool,):
        "SELECT $2 = ANY (api_origins) FROM organizations WHERE id = $1";
    WantsSingleSession -> (Bool,):
        "SELECT EXISTS (SELECT 1 FROM memberships m \
            JOIN organizations o ON o.id = m.organization_id AND o.is_active AND o.single_session \
            WHERE m.user_id = $1 AND m.is_active)";
}

/// What the current organisation has decided.
pub async fn doors(tx: &mut OrgTx) -> Result<Doors, StoreError> {
    let (single_session, origins): (bool, Vec<String>) = organizations::table
        .filter(organizations::id.eq(tx.organization()))
        .select((organizations::single_session, organizations::api_origins))
        .first(tx.conn())
        .await?;
    Ok(Doors {
        single_session,
        api_origins: origins.into_iter().map(SiteOrigin::kept).collect(),
    })
}

pub async fn set_doors(tx: &mut OrgTx, doors: &Doors) -> Result<(), StoreError> {
    let origins: Vec<String> = doors.api_origins.iter().map(ToString::to_string).collect();
    Change::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Bool, _>(doors.single_session)
        .bind::<Array<Text>, _>(origins)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Whether pages of a site may call the API of the current organisation.
pub async fn allows_origin(tx: &mut OrgTx, origin: &str) -> Result<bool, StoreError> {
    let (allows,): (bool,) = AllowsOrigin::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Text, _>(origin.to_owned())
        .get_result(tx.conn())
        .await?;
    Ok(allows)
}

/// Whether an organisation that somebody belongs to wants them in one place at a time.
pub async fn wants_single_session(tx: &mut SystemTx, user: UserId) -> Result<bool, StoreError> {
    let (wants,): (bool,) = WantsSingleSession::prepared()
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await?;
    Ok(wants)
}
