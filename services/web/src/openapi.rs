//! The document of `/api/v1`: OpenAPI 3.1, made from the handlers and their types.
mod common;

use self::common::Common;
use crate::{
    batches, dashboard,
    endpoint::{Access, Endpoint},
    imports, inventory, organization, products, recipes, tokens, units, webhooks,
};
use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};
use std::sync::LazyLock;
use utoipa::{OpenApi, ToSchema};

/// Every operation of the token API, room by room.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    [
        dashboard::api::ENDPOINTS,
        inventory::api::ENDPOINTS,
        recipes::api::ENDPOINTS,
        batches::api::ENDPOINTS,
        products::api::ENDPOINTS,
        imports::api::ENDPOINTS,
        webhooks::api::ENDPOINTS,
        tokens::api::ENDPOINTS,
        tokens::devices::ENDPOINTS,
        organization::api::ENDPOINTS,
        units::api::ENDPOINTS,
        ENDPOINTS,
    ]
    .into_iter()
    .flatten()
}

const ENDPOINTS: &[Endpoint] = &[Endpoint::get(
    "/api/v1/openapi.json",
    Access::Public,
    || web::to(document),
)];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(dashboard::api::routes)
        .configure(inventory::api::routes)
        .configure(recipes::api::routes)
        .configure(batches::api::routes)
        .configure(products::api::routes)
        .configure(imports::api::routes)
        .configure(webhooks::api::routes)
        .configure(tokens::api::routes)
        .configure(tokens::devices::routes)
        .configure(organization::api::routes)
        .configure(units::api::routes);
    Endpoint::register(ENDPOINTS, cfg);
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "about", security(()),
    responses((status = 200, content_type = "application/json", body = Object)))]
pub(crate) async fn document() -> HttpResponse {
    static JSON: LazyLock<String> = LazyLock::new(json);
    HttpResponse::Ok()
        .content_type(header::ContentType::json())
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(JSON.as_str())
}

/// The document as it is kept in `docs/openapi.json`.
pub fn json() -> String {
    let mut json = Document::openapi().to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
}

/// RFC 9457. Switch on `code`; `detail` is for people and says what to do.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    #[schema(example = "/problems/inventory.short")]
    type_: String,
    #[schema(example = "Not as things stand")]
    title: String,
    #[schema(example = 409)]
    status: u16,
    /// Stable; `docs/problems.md` lists them all.
    #[schema(example = "inventory.short")]
    code: String,
    #[schema(example = "Only 3 gram of Olive Oil can be taken; 5 gram are needed.")]
    detail: String,
    /// The first field at fault.
    field: Option<String>,
    /// Tell it to your administrator.
    request_id: Option<String>,
    errors: Option<Vec<FieldProblem>>,
    /// Of `batches.short`: the lines for which there is not enough.
    shortages: Option<Vec<batches::wire::ShortageOut>>,
    /// Of `access.denied` and its like: what would be needed.
    #[schema(example = "inventory.adjust")]
    permission: Option<String>,
    /// Of `limit.quota`: the quotas that are used up.
    #[serde(rename = "violated-policies")]
    violated_policies: Option<Vec<String>>,
}

/// What is wrong with one field of what was sent.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct FieldProblem {
    #[schema(example = "lines[2].unit")]
    field: String,
    detail: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "BatchTrack",
        description = "Stock, recipes, batches and products of a small maker, exact to the millionth. Quantities and money are decimal strings; ids are numbers; times are RFC 3339 in UTC. docs/API.md tells the story.",
    ),
    servers((url = "/", description = "Where this document came from")),
    paths(
        dashboard::api::show,
        inventory::api::items::list, inventory::api::items::create, inventory::api::items::show,
        inventory::api::items::change, inventory::api::items::archive, inventory::api::items::restore,
        inventory::api::items::categories,
        inventory::api::stock::lots, inventory::api::stock::history, inventory::api::stock::receive,
        inventory::api::stock::adjust, inventory::api::stock::action, inventory::api::stock::undo,
        recipes::api::list, recipes::api::create, recipes::api::show, recipes::api::availability,
        batches::api::list, batches::api::start, batches::api::show, batches::api::complete,
        batches::api::fail, batches::api::cancel,
        products::api::list, products::api::create, products::api::show, products::api::add_sku,
        products::api::sku, products::api::sell, products::api::categories,
        imports::api::list, imports::api::run, imports::api::show, imports::api::undo,
        webhooks::api::endpoints::events, webhooks::api::endpoints::list, webhooks::api::endpoints::create,
        webhooks::api::endpoints::show, webhooks::api::endpoints::change, webhooks::api::endpoints::delete,
        webhooks::api::endpoints::rotate_secret, webhooks::api::endpoints::test,
        webhooks::api::log::list, webhooks::api::log::show, webhooks::api::log::replay_delivery,
        webhooks::api::log::start_replay, webhooks::api::log::show_replay,
        tokens::api::list, tokens::api::create, tokens::api::revoke,
        tokens::api::list_all, tokens::api::create_for_organization, tokens::api::revoke_any,
        tokens::devices::sign_in, tokens::devices::refresh, tokens::devices::revoke,
        organization::api::members::list, organization::api::members::show, organization::api::members::change,
        organization::api::members::remove,
        organization::api::invitations::list, organization::api::invitations::create, organization::api::invitations::show,
        organization::api::invitations::resend, organization::api::invitations::withdraw,
        organization::api::roles::list, organization::api::roles::create, organization::api::roles::show,
        organization::api::roles::change, organization::api::roles::delete,
        organization::api::audit::list,
        units::api::list, units::api::convert,
        document,
    ),
    components(schemas(Problem)),
    modifiers(&Common),
)]
struct Document;
