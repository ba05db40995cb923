//! How an organisation takes stock and where value lives.
use crate::{
    kernel::{StoreError, words::words},
    platform::OrgTx,
    schema::organizations,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

words! {
    /// Which lot is taken first, and where value lives.
    pub enum CostingMethod {
        Fifo = "fifo",
        /// First expired, first out; costs are the lot's own.
        Fefo = "fefo",
        /// Lots hold quantity only; the item's pool holds the value.
        Average = "average",
    }
}

/// The method of the current organisation.
pub async fn costing_method(tx: &mut OrgTx) -> Result<CostingMethod, StoreError> {
    Ok(organizations::table
        .filter(organizations::id.eq(tx.organization()))
        .select(organizations::costing_method)
        .first(tx.conn())
        .await?)
}
