//! What a handler may ask for. Each extractor is a fact already proved, and none holds a
//! connection: they run while the body is still arriving.
mod answer;
mod any;
pub(crate) mod bearer;
pub(crate) mod body;
mod caller;
pub(crate) mod fields;
mod idempotency;
mod meta;
mod person;
mod tenant;
mod visitor;

pub use self::{
    answer::Answer,
    any::AnyBody,
    body::{FormBody, JsonBody, Upload},
    caller::{Caller, Member},
    fields::Fields,
    idempotency::Idempotency,
    meta::{Audience, Meta, MetaRef},
    person::{Known, Person},
    tenant::{Tenant, Unit},
    visitor::Visitor,
};
