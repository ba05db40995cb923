//! Webhooks: pages for the owner, and `/api/v1/webhook-…`.
pub(crate) mod api;
mod forms;
pub(crate) mod pages;
mod views;
pub mod wire;

use crate::{extract::Unit, problem::Problem};
use batchtrack_core::webhooks::WebhookError;

/// Until there are finer roles, endpoints are the owner's: whoever reads them all knows everything.
fn owners_only(unit: &Unit) -> Result<(), Problem> {
    if unit.membership.role == "owner" {
        Ok(())
    } else {
        Err(WebhookError::OwnersOnly.into())
    }
}
