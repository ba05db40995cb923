//! Stock for scripts of pages, and the form that changes it.
use super::adjust;
use crate::{
    endpoint::{Access::May, Endpoint},
    extract::{AnyBody, Tenant},
    page::Flash,
    page_api::{self, Done, refused},
    problem::Problem,
    typed::Typed,
    wire::{self, number},
};
use actix_web::{
    HttpResponse,
    web::{self, Json, Path, Query, ServiceConfig},
};
use batchtrack_core::{
    inventory::{self, InventoryError, Item, ItemType, NewItem},
    kernel::{Unit, ids::ItemId},
    organizations::Grants,
    tiers::Permission as P,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// More than a page could offer to choose from.
const MOST: u16 = 1_000;
const FOUND: usize = 20;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/ingredients", May(P::InventoryView), || {
        web::to(ingredients)
    }),
    Endpoint::get("/api/ingredients/categories", May(P::InventoryView), || {
        web::to(categories)
    }),
    Endpoint::get(
        "/api/ingredients/ingredients/search",
        May(P::InventoryView),
        || web::to(search_ingredients),
    ),
    Endpoint::post(
        "/api/ingredients/ingredients/create-or-link",
        May(P::InventoryEdit),
        || web::to(create_or_link),
    ),
    Endpoint::get("/api/inventory/item/{id}", May(P::InventoryView), || {
        web::to(item)
    }),
    Endpoint::get("/inventory/api/search", May(P::InventoryView), || {
        web::to(search)
    }),
    Endpoint::post("/inventory/adjust/{id}", May(P::InventoryAdjust), || {
        web::to(adjust::adjust)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

async fn ingredients(tenant: Tenant) -> Result<Json<Vec<Value>>, Problem> {
    let mut unit = tenant.begin().await?;
    let items = inventory::ingredients(&mut unit.tx, true, MOST).await?;
    let rows = items.iter().map(|item| {
        json!({
            "id": item.id,
            "name": item.name,
            "density": item.density.map(number),
            "type": item.item_type,
            "unit": item.unit,
        })
    });
    Ok(Json(rows.collect()))
}

async fn categories(tenant: Tenant) -> Result<Json<Vec<Value>>, Problem> {
    let mut unit = tenant.begin().await?;
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let rows = categories.ingredients.iter().map(|category| {
        json!({
            "id": category.id,
            "name": category.name,
            "default_density": category.default_density.map(number),
        })
    });
    Ok(Json(rows.collect()))
}

#[derive(Deserialize)]
struct Search {
    q: Option<String>,
    r#type: Option<String>,
}

/// Ingredients by a part of their name, the shortest first.
async fn search_ingredients(tenant: Tenant, query: Query<Search>) -> Result<Json<Value>, Problem> {
    let mut unit = tenant.begin().await?;
    let Some(text) = wire::search(query.q.as_deref()) else {
        return Ok(Json(json!({ "results": [] })));
    };
    let found = inventory::search(&mut unit.tx, &text, Some(ItemType::Ingredient), most(1)).await?;
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let rows: Vec<Value> = found
        .iter()
        .map(|item| {
            let category =
                Some(categories.ingredient(item.category_id)).filter(|name| !name.is_empty());
            json!({
                "id": item.id,
                "text": item.name,
                "category": category,
                "unit": item.unit,
                "density": item.density.map(number),
                "type": item.item_type,
                "global_item_id": item.global_item_id,
                // Definitions, variations and forms are the library's; an item of one's own has none.
                "ingredient_id": null,
                "ingredient_name": null,
                "variation_id": null,
                "variation_name": null,
                "physical_form_id": null,
                "physical_form_name": null,
                "cost_per_unit": cost_of(&unit.grants, item),
                "inci_name": null,
                "cas_number": null,
            })
        })
        .collect();
    Ok(Json(json!({ "results": rows })))
}

/// Anything in stock but products, by a part of its name.
async fn search(tenant: Tenant, query: Query<Search>) -> Result<Json<Value>, Problem> {
    const LEAST: usize = 2;
    let mut unit = tenant.begin().await?;
    let text = wire::search(query.q.as_deref()).filter(|text| text.chars().count() >= LEAST);
    let Some(text) = text else {
        return Ok(Json(json!({ "results": [] })));
    };
    let item_type = wire::filled(query.r#type.as_deref())
        .map(str::parse::<ItemType>)
        .transpose()
        .map_err(|error| {
            let detail = format!("The type {error}.");
            page_api::worded(
                Problem::invalid("request.bad_query", detail.clone()).field("type", detail),
            )
        })?;
    // Products are left out, so more are asked for than are shown.
    let found = inventory::search(&mut unit.tx, &text, item_type, most(3)).await?;
    let rows: Vec<Value> = found
        .iter()
        .filter(|item| item.item_type != ItemType::Product)
        .take(FOUND)
        .map(found_row)
        .collect();
    Ok(Json(json!({ "results": rows })))
}

fn most(times: usize) -> i32 {
    i32::try_from(FOUND * times).unwrap_or(i32::MAX)
}

fn found_row(item: &Item) -> Value {
    let mut row = json!({
        "id": item.id,
        "text": item.name,
        "type": item.item_type,
        "source": "inventory",
        "unit": item.unit,
        "default_unit": item.unit,
        "global_item_id": item.global_item_id,
        "default_is_perishable": item.shelf_life_days.is_some(),
        "density": item.density.map(number),
        "ingredient_id": null,
        "ingredient_name": null,
        "variation_id": null,
        "variation_name": null,
        "physical_form_id": null,
        "physical_form_name": null,
    });
    if item.item_type == ItemType::Container
        && let Some(row) = row.as_object_mut()
    {
        row.insert("capacity".to_owned(), item.capacity.map(number).into());
        row.insert(
            "capacity_unit".to_owned(),
            item.capacity_unit.clone().into(),
        );
    }
    row
}

/// Of one of its unit, for whoever may see it.
fn cost_of(grants: &Grants, item: &Item) -> Option<Value> {
    let is_shown = grants.allows(P::InventoryViewCosts);
    item.unit_cost().filter(|_| is_shown).map(number)
}

async fn item(tenant: Tenant, id: Path<ItemId>) -> Result<Json<Value>, Problem> {
    let mut unit = tenant.begin().await?;
    let item = inventory::item(&mut unit.tx, *id)
        .await?
        .ok_or(InventoryError::NoItem)?;
    Ok(Json(json!({
        "id": item.id,
        "name": item.name,
        "quantity": number(item.written(item.quantity)),
        "unit": item.unit,
        "type": item.item_type,
        "cost_per_unit": cost_of(&unit.grants, &item),
        "notes": item.notes,
        "density": item.density.map(number),
        "category_id": item.category_id,
        "global_item_id": item.global_item_id,
        "is_perishable": item.shelf_life_days.is_some(),
        "shelf_life_days": item.shelf_life_days,
        "capacity": item.capacity.map(number),
        "capacity_unit": item.capacity_unit,
    })))
}

/// The item of that name, or a new one.
async fn create_or_link(tenant: Tenant, body: AnyBody) -> Result<HttpResponse, Problem> {
    const BACK: &str = "/inventory/";
    let new = match new_item(&body) {
        Ok(new) => new,
        Err(problem) => return refused(&tenant, problem, BACK),
    };
    let done = page_api::carry_out(&tenant, body.once, async |unit| {
        let item = inventory::find_or_create_item(&mut unit.tx, new).await?;
        Ok(Done {
            json: json!({
                "success": true,
                "item": {
                    "id": item.id,
                    "name": item.name,
                    "unit": item.unit,
                    "type": item.item_type,
                    "global_item_id": item.global_item_id,
                },
            }),
            to: format!("/inventory/view/{}", item.id),
            flash: Flash::success(format!("{} is in your inventory.", item.name)),
        })
    })
    .await;
    done.or_else(|problem| refused(&tenant, problem, BACK))
}

fn new_item(body: &AnyBody) -> Result<NewItem, Problem> {
    let mut typed = Typed::new(&body.fields);
    let name = typed.name("name");
    let item_type = match typed.maybe("type").unwrap_or(ItemType::Ingredient) {
        ItemType::Product => {
            typed.wrong("type", "Products are made on their own page");
            None
        }
        other => Some(other),
    };
    let unit = match body.fields.filled("unit") {
        Some(_) => typed.unit("unit"),
        None => Unit::find("gram"),
    };
    let global_item_id = typed.maybe("global_item_id");
    let new = name
        .zip(item_type)
        .zip(unit)
        .map(|((name, item_type), unit)| NewItem {
            global_item_id,
            ..NewItem::new(name, item_type, unit)
        });
    typed.finish(new)
}
