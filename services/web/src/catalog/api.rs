use super::wire::{Entry, grouped};
use crate::{app::App, extract::Tenant, problem::Problem, wire};
use actix_web::{
    HttpResponse,
    http::header,
    web::{Data, Query},
};
use batchtrack_core::catalog::{self, LibraryType, Reader};
use serde::Deserialize;
use serde_json::{Value, json};

const MOST_FOR_ANYONE: u16 = 25;
const MOST_FOR_MEMBERS: u16 = 20;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SearchQuery {
    q: String,
    r#type: String,
    /// `ingredient` puts the forms of one ingredient together.
    group: String,
}

/// The library, for anyone.
pub(super) async fn anyone(
    app: Data<App>,
    query: Query<SearchQuery>,
) -> Result<HttpResponse, Problem> {
    let item_type = query.item_type()?;
    let results = match wire::search(Some(&query.q)) {
        Some(text) => {
            let mut tx = app.system.begin().await?;
            query
                .results(&mut tx, &text, item_type, MOST_FOR_ANYONE)
                .await?
        }
        None => json!([]),
    };
    // The same for everybody, and it changes with a release.
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=120"))
        .json(json!({ "success": true, "results": results })))
}

/// The library, for forms of members.
pub(super) async fn member(
    tenant: Tenant,
    query: Query<SearchQuery>,
) -> Result<HttpResponse, Problem> {
    let item_type = query.item_type()?;
    let mut unit = tenant.begin().await?;
    let Some(text) = wire::search(Some(&query.q)) else {
        return Ok(HttpResponse::Ok().json(json!({ "results": [] })));
    };
    let results = query
        .results(&mut unit.tx, &text, item_type, MOST_FOR_MEMBERS)
        .await?;
    Ok(HttpResponse::Ok().json(json!({ "success": true, "results": results })))
}

impl SearchQuery {
    fn item_type(&self) -> Result<Option<LibraryType>, Problem> {
        wire::filled(Some(&self.r#type))
            .map(|word| {
                word.parse().map_err(|error| {
                    Problem::malformed("request.bad_type", format!("“type” {error}."))
                        .field("type", format!("It {error}."))
                })
            })
            .transpose()
    }

    async fn results(
        &self,
        tx: &mut impl Reader,
        text: &str,
        item_type: Option<LibraryType>,
        most: u16,
    ) -> Result<Value, Problem> {
        let found = catalog::search(tx, text, item_type, most).await?;
        Ok(if self.group == "ingredient" {
            json!(grouped(&found))
        } else {
            json!(found.iter().map(Entry::of).collect::<Vec<_>>())
        })
    }
}
