//! The only Diesel of this room. Every read starts from the organisation of its unit of work, so
//! forgetting the tenant filter is not an available mistake.
mod bulk;
mod expiring;
mod locks;
mod notices;
mod pages;
mod read;
mod reversal;
mod sums;
mod write;

pub use self::expiring::organizations_with_expiring_lots;
pub use self::pages::{item_with_lots, lots_of_items, overview};
pub use self::read::{
    action, categories, expired_quantities, history, ingredients, item, item_by_name, items,
    items_by_ids, items_by_names, lots, low_stock, movements, search, undone_by,
};
pub(crate) use self::reversal::{actions_of_import, joining_undo, reversed_already};
pub use self::sums::totals;
pub(super) use self::{
    bulk::insert_items,
    expiring::announce,
    locks::{lock_items, lock_lots_to_take},
    notices::{newly_expiring, newly_low, note_told, our_name, soonest_first},
    read::last_unit_value,
    reversal::{lots_by_ids, movements_of, takings_since, used_since},
    write::{
        LotRows, MovementRows, apply_to_items, apply_to_lots, insert_actions, insert_lots,
        insert_movements, set_archived, update_item,
    },
};
