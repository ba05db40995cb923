//! Where somebody may act: organisations and who belongs to them.
mod costing;
mod grants;
mod model;
mod queries;
mod role;

pub use self::{
    costing::CostingMethod,
    grants::{Grants, GrantsCache, grants},
    model::{Membership, Place, Role},
    queries::{costing_method, membership, places},
    role::SystemRole,
};
