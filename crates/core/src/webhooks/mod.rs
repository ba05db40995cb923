//! Events on their way to other people's servers: endpoints of an organisation, what is sent to them
//! and what came of it, after the Standard Webhooks specification.
//!
//! The relay asks who is [interested](interests) and [plans](plan) deliveries; the dispatcher carries
//! each out as a job: it [begins](begin) an attempt, sends, and [settles](settle) it. What is sent and
//! when again is decided in `services/dispatcher/src/deliver`.
pub mod address;
mod desk;
mod error;
mod jobs;
mod model;
mod ops;
mod payload;
mod queries;
mod rules;
mod secret;

pub use self::{
    desk::Desk,
    error::WebhookError,
    jobs::{Deliver, SendAgain, TellOperator},
    model::{
        Attempt, Cause, Change, Delivery, DeliveryState, DisabledReason, Endpoint, EndpointState,
        Interest, NewDelivery, NewEndpoint, NewReplay, Recent, Replay, Wanted,
    },
    ops::{body_of, create, delete, replay_delivery, rotate_secret, start_replay, test, update},
    payload::{MOST_BYTES, TEST, body, operator_body, test_body},
    queries::{
        Outcome, RECENT, Ready, Settled, Started, attempts, begin, cancel, deliveries, delivery,
        endpoint, endpoints, forget_secrets, former_secret_until, interests, note_operator_failure,
        operator_was_told, plan, plan_again, recent, replay, send_again, settle,
    },
    rules::{MOST_ENDPOINTS, OVERLAP, PATIENCE},
    secret::{BadSecret, Safe, Secret, signatures},
};
