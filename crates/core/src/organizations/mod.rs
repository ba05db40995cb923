//! Where somebody may act: organisations and who belongs to them.
mod costing;
mod doors;
mod grants;
mod model;
mod queries;
mod role;

pub use self::{
    costing::CostingMethod,
    doors::{Doors, DoorsError, MOST_ORIGINS, SiteOrigin},
    grants::{Grants, GrantsCache, grants},
    model::{Membership, Place, Role},
    queries::{
        costing_method,
        doors::{allows_origin, doors, set_doors, wants_single_session},
        membership, places,
    },
    role::SystemRole,
};
