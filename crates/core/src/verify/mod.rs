//! Proof that the books are right: every balance recomputed from the movements that explain it.
mod queries;

use crate::{
    kernel::{StoreError, ids::OrganizationId},
    platform::{Db, SystemDb, SystemTx, db::Acting},
};
pub use queries::Discrepancy;

/// What was looked at, and what differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub items: i64,
    pub lots: i64,
    pub movements: i64,
    pub batches: i64,
    pub discrepancies: Vec<Discrepancy>,
}

/// Ids of all organisations, oldest first.
pub async fn organizations(system: &SystemDb) -> Result<Vec<OrganizationId>, StoreError> {
    let mut tx: SystemTx = system.begin().await?;
    queries::organizations(&mut tx).await
}

/// Recomputes one organisation's lots, items, pools and batches from its movements, as of one
/// moment. At most a hundred differences of each sort are listed.
pub async fn verify(db: &Db, organization: OrganizationId) -> Result<Report, StoreError> {
    let acting = Acting {
        organization,
        user: None,
        correlation: "verify".into(),
    };
    let mut tx = db.begin(acting).await?;
    queries::steady(&mut tx).await?;
    let (items, lots, movements, batches) = queries::counts(&mut tx).await?;
    let discrepancies = queries::discrepancies(&mut tx).await?;
    Ok(Report {
        items,
        lots,
        movements,
        batches,
        discrepancies,
    })
}
