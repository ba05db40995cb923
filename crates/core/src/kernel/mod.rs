//! Values and pure rules that every room shares. No I/O, no clock but the one it is handed.
pub mod clock;
pub mod cursor;
pub mod decimal;
pub mod fault;
pub mod ids;
pub mod money;
pub mod quantity;
pub mod share;
pub mod text;
pub mod units;
pub mod words;

pub use self::{
    clock::Clock,
    cursor::{Cursor, Page},
    fault::{Fault, Kind, StoreError},
    money::Money,
    quantity::{Quantity, Scale},
    units::{Density, Dimension, Unit},
};
