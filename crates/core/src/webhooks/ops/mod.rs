//! What an organisation does about its endpoints.
mod again;
mod endpoints;

pub use self::{
    again::{body_of, replay_delivery, start_replay, test},
    endpoints::{create, delete, rotate_secret, update},
};

pub(super) use self::endpoints::site_of_url;
