//! Stock: items, the lots they came in, and the ledger of movements that explains every balance.
//!
//! The ledger is append-only. Quantities and values change by recorded actions alone, and an
//! action is undone by another that takes back exactly its movements.
mod error;
mod ledger;
mod model;
mod ops;
mod overview;
mod queries;
mod rules;

pub use self::{
    error::InventoryError,
    model::{
        Action, ActionKind, Category, CostEntry, HistoryRow, Item, ItemFilter, ItemType, Lot,
        Movement, Totals,
    },
    ops::{
        Adjustment, AnnounceExpiring, ItemChange, NewItem, Receipt, Recorded, TellOfExpiringLots,
        TellOfLowStock, Told, announce_expiring, archive_item, create_item, create_items,
        find_or_create_item, letter_after, receive, receive_many, restore_item, restore_items,
        reverse, reverse_many, take_out, tell_of_expiring_lots, tell_of_low_stock, update_item,
        update_item_with,
    },
    queries::{
        action, categories, expired_quantities, history, ingredients, item, item_by_name, items,
        items_by_ids, items_by_names, lots, low_stock, movements, organizations_with_expiring_lots,
        search, totals, undone_by,
    },
};
pub(crate) use self::{
    ledger::{Draft, Ledger, NewLot},
    ops::{archive_items, real_date, stock_quantity},
    queries::{actions_of_import, joining_undo, reversed_already},
};
pub use self::{
    overview::{Activity, ItemBrief, Overview, TypeTotals},
    queries::{item_with_lots, lots_of_items, overview},
};
