//! What somebody may change about themselves.
mod forms;
mod pages;
mod zones;

pub(crate) use self::{
    forms::detected_zone,
    pages::{ENDPOINTS, routes},
};
