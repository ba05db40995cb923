//! Batches for scripts of pages, and the forms that move them a step.
use super::pages;
use crate::{
    again::Again,
    endpoint::{Access::May, Endpoint},
    extract::{AnyBody, Fields, Tenant},
    page::Flash,
    page_api::{self, Done, refused, worded},
    problem::Problem,
    typed::Typed,
    wire::{self, number},
};
use actix_web::{
    HttpResponse,
    web::{self, Json, Path, Query, ServiceConfig},
};
use batchtrack_core::{
    batches::{self, BatchError, BatchType, Shortage, Start},
    inventory,
    kernel::{
        Scale,
        ids::{BatchId, RecipeId},
    },
    tiers::Permission as P,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Other ingredients that are offered beside those of the recipe.
const OTHERS: u16 = 200;
const LONGEST_NOTE: usize = 4_000;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("/batches/api/start-batch", May(P::BatchesCreate), || {
        web::to(start)
    }),
    Endpoint::get(
        "/batches/api/available-ingredients/{recipe}",
        May(P::RecipesView),
        || web::to(available),
    ),
    Endpoint::post("/batches/cancel/{id}", May(P::BatchesCancel), || {
        web::to(cancel)
    }),
    Endpoint::post(
        "/batches/finish-batch/{id}/fail",
        May(P::BatchesFinish),
        || web::to(fail),
    ),
    Endpoint::post(
        "/batches/finish-batch/{id}/complete",
        May(P::BatchesFinish),
        || web::to(super::complete::complete),
    ),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// Starts a batch. What is short is answered 200, with what could be done about it.
async fn start(tenant: Tenant, body: AnyBody) -> Result<HttpResponse, Problem> {
    const BACK: &str = "/recipes/";
    let start = match wanted(&body.fields) {
        Ok(start) => start,
        Err(problem) => return refused(&tenant, problem, BACK),
    };
    let mut short = None;
    let done = page_api::carry_out(&tenant, body.once, async |unit| {
        let started = batches::start(&mut unit.tx, start)
            .await
            .inspect_err(|error| {
                if let BatchError::Short(shortages) = error {
                    short = Some(stock_issues(shortages, &error.to_string()));
                }
            })?;
        let message = format!("Batch {} is started.", started.label);
        Ok(Done {
            json: json!({ "success": true, "message": message, "batch_id": started.id }),
            to: format!("/batches/in-progress/{}", started.id),
            flash: Flash::success(message),
        })
    })
    .await;
    match short {
        Some(issues) if tenant.wants_json() => Ok(HttpResponse::Ok().json(issues)),
        _ => done.or_else(|problem| refused(&tenant, problem, BACK)),
    }
}

fn wanted(fields: &Fields) -> Result<Start, Problem> {
    let mut typed = Typed::new(fields);
    let recipe = if fields.filled("recipe_id").is_some() {
        typed.maybe("recipe_id").map(RecipeId::new)
    } else {
        typed.wrong("recipe_id", "Choose a recipe");
        None
    };
    let scale = typed.maybe("scale").unwrap_or(Scale::ONE);
    let batch_type = typed.maybe("batch_type").unwrap_or(BatchType::Ingredient);
    if fields.all("containers").next().is_some() {
        typed.wrong("containers", "Containers are lines of the recipe");
    }
    let notes = typed.note("notes", LONGEST_NOTE);
    typed.finish(recipe.map(|recipe| Start {
        recipe,
        scale,
        batch_type,
        notes,
        force: fields.is_ticked("force_start"),
    }))
}

fn stock_issues(shortages: &[Shortage], message: &str) -> Value {
    let issues: Vec<Value> = shortages
        .iter()
        .map(|short| {
            json!({
                "item_id": short.item,
                "name": short.name,
                "needed_quantity": number(short.needed),
                "available_quantity": number(short.available),
                "needed_unit": short.unit,
                "available_unit": short.unit,
                "status": if short.available.is_positive() { "LOW" } else { "NEEDED" },
                "category": short.kind,
            })
        })
        .collect();
    json!({ "success": false, "requires_override": true, "stock_issues": issues, "message": message })
}

#[derive(Deserialize)]
struct Times {
    scale: Option<String>,
}

/// The lines of a recipe against the shelf, then what else there is.
async fn available(
    tenant: Tenant,
    recipe: Path<RecipeId>,
    query: Query<Times>,
) -> Result<Json<Value>, Problem> {
    let scale = wire::filled(query.scale.as_deref()).unwrap_or("1");
    let scale = scale.parse::<Scale>().map_err(|error| {
        let detail = format!("The scale is not right: {error}.");
        worded(Problem::invalid("request.bad_query", detail.clone()).field("scale", detail))
    })?;
    let mut unit = tenant.begin().await?;
    let lines = batches::availability(&mut unit.tx, *recipe, scale)
        .await
        .map_err(|error| worded(error.into()))?;
    let others = inventory::ingredients(&mut unit.tx, false, OTHERS).await?;
    let in_recipe: BTreeSet<_> = lines.iter().map(|line| line.item.id).collect();
    let mut rows: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({
                "id": line.item.id,
                "name": line.item.name,
                "needed_amount": number(line.needed),
                "needed_unit": line.unit,
                "available_amount": number(line.available),
                "inventory_unit": line.item.unit,
                "status": match line.is_sufficient {
                    Some(true) => "sufficient",
                    Some(false) => "insufficient",
                    None => "error",
                },
                "category": "recipe_ingredient",
            })
        })
        .collect();
    rows.extend(
        others
            .iter()
            .filter(|item| !in_recipe.contains(&item.id))
            .map(|item| {
                json!({
                    "id": item.id,
                    "name": item.name,
                    "needed_amount": 0,
                    "needed_unit": item.unit,
                    "available_amount": number(item.written(item.quantity)),
                    "inventory_unit": item.unit,
                    "status": "available",
                    "category": "additional_ingredient",
                })
            }),
    );
    Ok(Json(json!({ "ingredients": rows })))
}

/// Calls a batch off; everything goes back.
async fn cancel(tenant: Tenant, id: Path<BatchId>, body: AnyBody) -> Result<HttpResponse, Problem> {
    let page = format!("/batches/in-progress/{id}");
    let done = page_api::carry_out(&tenant, body.once, async |unit| {
        let batch = batches::cancel(&mut unit.tx, *id).await?;
        let message = format!(
            "Batch {} is cancelled. Everything is back where it came from.",
            batch.label
        );
        Ok(Done {
            json: json!({ "success": true, "message": message }),
            to: "/batches/".to_owned(),
            flash: Flash::success(message),
        })
    })
    .await;
    done.or_else(|problem| refused(&tenant, problem, &page))
}

/// Gives a batch up; what went in is lost. Reads `reason`.
async fn fail(tenant: Tenant, id: Path<BatchId>, body: AnyBody) -> Result<HttpResponse, Problem> {
    let AnyBody { fields, once } = body;
    let mut typed = Typed::new(&fields);
    let reason = typed.note("reason", LONGEST_NOTE);
    let done = match typed.finish(Some(reason)) {
        Ok(reason) => {
            page_api::carry_out(&tenant, once, async |unit| {
                let batch = batches::fail(&mut unit.tx, *id, reason).await?;
                let undo = batches::last_step(&mut unit.tx, *id).await?;
                let message = format!("Batch {} has failed.", batch.label);
                let flash = Flash::success(message.clone());
                Ok(Done {
                    json: json!({ "success": true, "message": message }),
                    to: "/batches/".to_owned(),
                    flash: match undo {
                        Some(action) => flash.with_undo(format!("/actions/{}/undo", action.id)),
                        None => flash,
                    },
                })
            })
            .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) => {
            let problem = page_api::to_mend(&tenant, problem)?;
            pages::again(&tenant, *id, Again::of("fail", fields, problem)).await
        }
        done => done,
    }
}
