//! Letters to the owners about their stock: at most one of each kind a day, and of each thing once.
use super::super::{model::Item, queries};
use crate::{
    jobs::{self, Job, NewJob, Queue},
    kernel::{
        Quantity, StoreError,
        ids::{ItemId, OrganizationId},
    },
    mail::{self, ExpiringLot, Letter, LetterKind, LowItem},
    platform::OrgTx,
};
use chrono::{DateTime, Days, Duration, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// To look whether the owners should hear that something runs low.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellOfLowStock {
    pub organization: OrganizationId,
}

impl Job for TellOfLowStock {
    const KIND: &'static str = "mail.low_stock.v1";
    const QUEUE: Queue = Queue::Mail;
    fn unique_key(&self) -> Option<String> {
        Some(self.organization.to_string())
    }
}

/// To look whether the owners should hear that lots are about to expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellOfExpiringLots {
    pub organization: OrganizationId,
}

impl Job for TellOfExpiringLots {
    const KIND: &'static str = "mail.lots_expiring.v1";
    const QUEUE: Queue = Queue::Mail;
    fn unique_key(&self) -> Option<String> {
        Some(self.organization.to_string())
    }
}

/// What happens together is told together: a delivery is unpacked, a day's batches are started.
const GATHER: Duration = Duration::minutes(10);

/// The letter that an event may be a reason for, as a job that waits for more of the same.
pub fn letter_after(
    event: &str,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Option<NewJob> {
    let job = match event {
        "lot_expiring" => NewJob::of(&TellOfExpiringLots { organization }),
        // Stock that rises counts too: what runs low no longer may be told of again.
        "inventory_adjusted"
        | "inventory_item_created"
        | "inventory_action_reversed"
        | "batch_started"
        | "batch_completed"
        | "batch_cancelled"
        | "batch_failed"
        | "sku_sold"
        | "import_completed"
        | "import_undone" => NewJob::of(&TellOfLowStock { organization }),
        _ => return None,
    };
    Some(job.for_organization(organization).at(now + GATHER))
}

/// What one letter lists; the rest it counts.
const LISTED: usize = 50;
/// What is marked as told at once.
const MOST: i64 = 10_000;

/// What became of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Nothing,
    /// So many owners are written to.
    Owners(usize),
    /// There was a letter today; the next is due tomorrow.
    Tomorrow,
}

pub async fn tell_of_low_stock(tx: &mut OrgTx) -> Result<Told, StoreError> {
    let low = queries::newly_low(tx, MOST).await?;
    if low.is_empty() {
        return Ok(Told::Nothing);
    }
    if !mail::claim_digest(tx, LetterKind::LowStock).await? {
        let organization = tx.organization();
        return put_off(tx, NewJob::of(&TellOfLowStock { organization })).await;
    }
    let subjects = low.iter().map(|item| item.get()).collect();
    queries::note_told(tx, LetterKind::LowStock, subjects).await?;
    let listed: Vec<ItemId> = low.iter().copied().take(LISTED).collect();
    let mut known = queries::items_by_ids(tx, listed.clone()).await?;
    let items: Vec<_> = listed
        .iter()
        .filter_map(|id| known.remove(id))
        .map(|item| LowItem {
            item: item.id,
            on_hand: in_words(&item, item.quantity),
            threshold: in_words(&item, item.low_stock_threshold.unwrap_or_default()),
            name: item.name,
        })
        .collect();
    let letter = Letter::LowStock {
        organization: queries::our_name(tx).await?,
        more: rest(low.len(), items.len()),
        items,
    };
    mail::send_to_owners(tx, letter).await.map(Told::Owners)
}

/// Of lots that expire within `days`.
pub async fn tell_of_expiring_lots(tx: &mut OrgTx, days: u32) -> Result<Told, StoreError> {
    let until = tx.now() + Duration::days(i64::from(days));
    let expiring = queries::newly_expiring(tx, until, MOST).await?;
    if expiring.is_empty() {
        return Ok(Told::Nothing);
    }
    if !mail::claim_digest(tx, LetterKind::LotsExpiring).await? {
        let organization = tx.organization();
        return put_off(tx, NewJob::of(&TellOfExpiringLots { organization })).await;
    }
    let subjects = expiring.iter().map(|lot| lot.get()).collect();
    queries::note_told(tx, LetterKind::LotsExpiring, subjects).await?;
    let listed = expiring.iter().copied().take(LISTED).collect();
    let lots = queries::soonest_first(tx, listed).await?;
    let ids = lots.iter().map(|lot| lot.item_id).collect();
    let items = queries::items_by_ids(tx, ids).await?;
    let lots: Vec<_> = lots
        .into_iter()
        .filter_map(|lot| {
            let item = items.get(&lot.item_id)?;
            Some(ExpiringLot {
                item: item.id,
                lot: lot.id,
                name: item.name.clone(),
                on_hand: in_words(item, lot.quantity),
                expires_on: lot.expires_at?.date_naive(),
                code: lot.code,
            })
        })
        .collect();
    let letter = Letter::LotsExpiring {
        organization: queries::our_name(tx).await?,
        more: rest(expiring.len(), lots.len()),
        lots,
    };
    mail::send_to_owners(tx, letter).await.map(Told::Owners)
}

async fn put_off(tx: &mut OrgTx, job: NewJob) -> Result<Told, StoreError> {
    let tomorrow = tx
        .now()
        .date_naive()
        .checked_add_days(Days::new(1))
        .map(|day| day.and_time(NaiveTime::MIN).and_utc());
    // The calendar ends in the year 262142.
    if let Some(tomorrow) = tomorrow {
        jobs::enqueue(tx, vec![job.at(tomorrow)]).await?;
    }
    Ok(Told::Tomorrow)
}

fn in_words(item: &Item, stock: Quantity) -> String {
    format!("{} {}", item.written(stock), item.unit().symbol)
}

fn rest(all: usize, listed: usize) -> u64 {
    u64::try_from(all.saturating_sub(listed)).unwrap_or(u64::MAX)
}
