//! Purchases and recipes from CSV files, as pages and as `/api/v1/imports`.
pub(crate) mod api;
mod body;
mod forms;
pub(crate) mod pages;
mod samples;
mod views;
pub mod wire;

use crate::problem::Problem;
use batchtrack_core::imports::{ImportError, Note};
use serde_json::{Value, json};

/// A refused file, with every note for programs to go by.
fn problem(error: ImportError) -> Problem {
    let notes = match &error {
        ImportError::Problems(notes) => Some(Value::Array(notes.iter().map(note).collect())),
        _ => None,
    };
    let problem = Problem::from(error);
    match notes {
        Some(notes) => problem.with("notes", notes),
        None => problem,
    }
}

fn note(note: &Note) -> Value {
    json!(wire::NoteOut::of(note))
}
