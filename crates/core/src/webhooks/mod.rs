//! Events on their way to other people's servers: endpoints of an organisation, what is sent to them
//! and what came of it, after the Standard Webhooks specification.
//!
//! The relay asks who is [`interested`](interests) and [`plan`]s deliveries; the dispatcher carries
//! each out as a job. What is sent and when again is decided in `services/dispatcher/src/deliver`.
mod jobs;
mod model;
mod queries;

pub use self::{
    jobs::{Deliver, TellOperator},
    model::{Cause, DeliveryState, DisabledReason, EndpointState, Interest, NewDelivery},
    queries::{interests, plan},
};
