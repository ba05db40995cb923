use crate::{extract::Person, problem::Problem};
use actix_web::{HttpResponse, http::header};
use batchtrack_core::identity;

/// A file with all that is held about whoever asks.
pub(super) async fn download(person: Person) -> Result<HttpResponse, Problem> {
    drop(person.known().await?);
    let held = identity::export_account(&person.app().system, person.caller.user).await?;
    let text = serde_json::to_string_pretty(&held)
        .map_err(|error| Problem::internal(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"batchtrack-account.json\"",
        ))
        .body(text))
}
