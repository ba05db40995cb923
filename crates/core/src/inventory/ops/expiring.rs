//! Telling the world that lots are about to expire.
use super::super::queries;
use crate::{
    jobs::{Job, Queue},
    kernel::{StoreError, ids::OrganizationId},
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// To announce what is about to expire in one organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnounceExpiring {
    pub organization: OrganizationId,
}

impl Job for AnnounceExpiring {
    const KIND: &'static str = "inventory.announce_expiring.v1";
    const QUEUE: Queue = Queue::Upkeep;
    fn unique_key(&self) -> Option<String> {
        Some(self.organization.to_string())
    }
}

/// Announces up to `most` lots with something in them that expire within `days`: once each, unless
/// their date is changed. Says how many; the statements are the same for any number.
pub async fn announce_expiring(tx: &mut OrgTx, days: u32, most: u32) -> Result<usize, StoreError> {
    let until = tx.now() + Duration::days(i64::from(days));
    let lots = queries::announce(tx, until, i64::from(most)).await?;
    if lots.is_empty() {
        return Ok(0);
    }
    let lots = queries::soonest_first(tx, lots).await?;
    let items = lots.iter().map(|lot| lot.item_id).collect();
    let items = queries::items_by_ids(tx, items).await?;
    let events: Vec<_> = lots
        .iter()
        .filter_map(|lot| {
            let item = items.get(&lot.item_id)?;
            let told = json!({
                "item_id": item.id,
                "item_name": item.name,
                "lot_code": lot.code,
                "quantity": item.written(lot.quantity),
                "unit": item.unit().name,
                "expires_at": lot.expires_at,
            });
            Some(NewEvent::new(Event::LotExpiring, lot.id.get(), told))
        })
        .collect();
    outbox::emit(tx, events).await?;
    Ok(lots.len())
}
