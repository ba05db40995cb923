//! What an organisation may do and how much of it: permissions, tiers and add-ons.
mod model;
mod permission;
mod queries;

pub(crate) use self::queries::change_tier;
pub use self::{
    model::{Addon, Allowance, Limits, MoreLimits, Tier, TierChange},
    permission::{Area, Permission, Permissions},
    queries::{addons, allowance, catalogue, catalogue_for_system},
};
