//! What a handler may ask for. Each extractor is a fact already proved, and none holds a
//! connection: they run while the body is still arriving.
mod answer;
mod any;
pub(crate) mod body;
pub(crate) mod fields;
mod idempotency;
mod member;
mod meta;
mod tenant;
mod visitor;

pub use self::{
    answer::Answer,
    any::AnyBody,
    body::{FormBody, JsonBody, Upload},
    fields::Fields,
    idempotency::Idempotency,
    member::Member,
    meta::{Audience, Meta, MetaRef},
    tenant::{Tenant, Unit},
    visitor::Visitor,
};
