//! The verbs of stock; each takes a unit of work and records one business action.
mod expiring;
mod items;
mod many;
mod receive;
mod reverse;
mod take_out;
mod tell_owners;

pub use self::{
    expiring::{AnnounceExpiring, announce_expiring},
    items::{
        ItemChange, NewItem, archive_item, create_item, find_or_create_item, restore_item,
        update_item, update_item_with,
    },
    many::{create_items, restore_items},
    receive::{Receipt, receive, receive_many},
    reverse::{reverse, reverse_many},
    take_out::{Adjustment, take_out},
    tell_owners::{
        TellOfExpiringLots, TellOfLowStock, Told, letter_after, tell_of_expiring_lots,
        tell_of_low_stock,
    },
};
pub(crate) use self::{
    many::archive_items,
    receive::{real_date, stock_quantity},
};
use crate::kernel::{
    Money, Quantity,
    ids::{ActionId, LotId},
};

/// What an action on stock amounted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub action: ActionId,
    /// The lots it brought, if any.
    pub lots: Vec<LotId>,
    /// Millionths of the item's base unit, and value; both positive, whichever way they went.
    pub quantity: Quantity,
    pub value: Money,
}
