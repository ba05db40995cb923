//! The only Diesel of this room. Every read starts from the organisation of its unit of work, so
//! forgetting the tenant filter is not an available mistake.
mod read;
mod write;

pub use self::read::{
    categories, expired_quantities, history, item, item_by_name, items, items_by_ids, items_by_names, lots,
    low_stock, search, totals,
};
pub(crate) use self::{
    read::{action, actions_of_import},
};
pub(super) use self::{
    read::{last_unit_value, lots_by_ids, movements_of, reversed_already, used_since},
    write::{
        ItemRow, LotRows, MovementRows, apply_to_items, apply_to_lots, insert_actions, insert_item,
        insert_lots, insert_movements, lock_items, lock_lots_to_take, set_archived, update_item,
    },
};
