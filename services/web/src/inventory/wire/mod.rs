//! What `/api/v1` says and hears about stock.
mod items;
mod stock;

pub use self::{
    items::{CategoryOut, ItemOut, ItemPatchIn, ItemsQuery, NewItemIn},
    stock::{
        ActionDetailOut, ActionOut, AdjustmentIn, HistoryOut, LotOut, LotsQuery, MovementOut,
        PageQuery, ReceiptIn, UndoneOut,
    },
};
