use super::{CostingMethod, Membership};
use crate::{
    kernel::StoreError,
    platform::OrgTx,
    schema::{memberships, organizations, users},
};
use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl;

/// The place of the unit of work's user in its organisation; none for somebody who was removed.
pub async fn membership(tx: &mut OrgTx) -> Result<Option<Membership>, StoreError> {
    let organization = tx.organization();
    let Some(user) = tx.user() else {
        return Ok(None);
    };
    Ok(memberships::table
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .inner_join(organizations::table.on(organizations::id.eq(memberships::organization_id)))
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq(user))
        .filter(memberships::is_active)
        .filter(users::is_active)
        .filter(organizations::is_active)
        .select(Membership::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// The method of the current organisation.
pub async fn costing_method(tx: &mut OrgTx) -> Result<CostingMethod, StoreError> {
    Ok(organizations::table
        .filter(organizations::id.eq(tx.organization()))
        .select(organizations::costing_method)
        .first(tx.conn())
        .await?)
}
