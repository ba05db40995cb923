//! What an organisation may do and how much of it: permissions, tiers and add-ons.
mod model;
mod permission;
mod queries;

pub use self::{
    model::{Allowance, Limits},
    permission::{Area, Permission, Permissions},
    queries::allowance,
};
