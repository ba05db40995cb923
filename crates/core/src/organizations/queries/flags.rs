use crate::{
    kernel::StoreError,
    platform::{OrgTx, SystemTx, prepared::statements},
};
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::RunQueryDsl as _;

statements! {
    Switches -> (Text, Bool):
        "SELECT f.key, coalesce(o.is_on, f.is_on) FROM feature_flags f \
           LEFT JOIN organization_flags o ON o.flag = f.key AND o.organization_id = $1";
    SwitchesOfAll -> (Text, Bool):
        "SELECT key, is_on FROM feature_flags";
}

/// All flags, as they are for the current organisation.
pub(in super::super) async fn switches(tx: &mut OrgTx) -> Result<Vec<(String, bool)>, StoreError> {
    let organization = tx.organization();
    Ok(Switches::prepared()
        .bind::<BigInt, _>(organization)
        .load(tx.conn())
        .await?)
}

/// All flags, as they are where nothing else is said.
pub(in super::super) async fn switches_of_all(
    tx: &mut SystemTx,
) -> Result<Vec<(String, bool)>, StoreError> {
    Ok(SwitchesOfAll::prepared().load(tx.conn()).await?)
}
