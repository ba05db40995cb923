//! The organisation itself: who belongs to it, what they may do, who did what; and joining one.
pub(crate) mod api;
mod csv;
mod forms;
pub(crate) mod pages;
mod views;
pub mod wire;

use crate::problem::Problem;
use batchtrack_core::organizations::OrganizationError;

/// An error with what programs can go by.
fn problem(error: OrganizationError) -> Problem {
    let seats = match &error {
        OrganizationError::SeatsFull(seats) => Some(seats.clone()),
        _ => None,
    };
    let problem = Problem::from(error);
    match seats {
        Some(seats) => problem
            .with("limit", seats.limit)
            .with("used", seats.used)
            .with("tiers", seats.tiers),
        None => problem,
    }
}
