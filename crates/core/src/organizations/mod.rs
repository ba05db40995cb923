//! Where somebody may act: organisations and who belongs to them.
mod costing;
mod model;
mod queries;

pub use self::{
    costing::CostingMethod,
    model::Membership,
    queries::{costing_method, membership},
};
