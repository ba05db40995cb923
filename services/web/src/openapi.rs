//! The document of `/api/v1`: OpenAPI 3.1, made from the handlers and their types.
use crate::{
    batches, dashboard,
    endpoint::{Access, Endpoint},
    imports, inventory, products, recipes, units, webhooks,
};
use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};
use std::sync::LazyLock;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        Content, Ref, RefOr, Response,
        path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};

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
        units::api::list, units::api::convert,
        document,
    ),
    components(schemas(Problem)),
    modifiers(&Common),
)]
struct Document;

/// What all operations have in common, said once.
struct Common;

const SESSION: &str = "session";
const CSRF: &str = "csrf";

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        let session = ApiKeyValue::with_description(
            "batchtrack",
            "Of POST /auth/login. Over https it is called __Host-batchtrack.",
        );
        components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        let csrf = ApiKeyValue::with_description(
            "X-CSRFToken",
            "The csrf_token of any page's form, for unsafe methods.",
        );
        components.add_security_scheme(CSRF, SecurityScheme::ApiKey(ApiKey::Header(csrf)));
        for (path, item) in &mut document.paths.paths {
            let has_id = path.contains('{');
            let operations = [
                (HttpMethod::Get, &mut item.get),
                (HttpMethod::Post, &mut item.post),
                (HttpMethod::Patch, &mut item.patch),
                (HttpMethod::Delete, &mut item.delete),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                name(operation);
                if path == "/api/v1/openapi.json" {
                    continue;
                }
                let is_safe = method == HttpMethod::Get;
                describe(operation, is_safe, has_id);
            }
        }
    }
}

/// `inventory_list` rather than `list`, of which every room has one.
fn name(operation: &mut Operation) {
    let room = operation.tags.as_ref().and_then(|tags| tags.first());
    if let (Some(room), Some(name)) = (room, &operation.operation_id) {
        operation.operation_id = Some(format!("{room}_{name}"));
    }
}

fn describe(operation: &mut Operation, is_safe: bool, has_id: bool) {
    let mut needs = SecurityRequirement::new(SESSION, Vec::<String>::new());
    if !is_safe {
        needs = needs.add(CSRF, Vec::<String>::new());
        operation
            .parameters
            .get_or_insert_default()
            .push(RefOr::T(idempotency_key()));
    }
    operation.security = Some(vec![needs]);
    let mut problems = vec![
        ("400", "Not understood"),
        ("401", "Sign in first"),
        ("429", "Too many requests; `Retry-After` says when to go on"),
        ("503", "Back in a moment; nothing was changed"),
    ];
    if has_id {
        problems.push((
            "404",
            "There is no such thing, or it belongs to somebody else",
        ));
    }
    if !is_safe {
        problems.push(("409", "Understood, but not as things stand"));
        problems.push(("413", "More than 1 MB"));
        problems.push(("415", "Not JSON"));
        problems.push(("422", "Against a rule; `errors` names the fields"));
    }
    for (status, description) in problems {
        let mut response = Response::new(description);
        let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
        response.content.insert(
            "application/problem+json".to_owned(),
            RefOr::T(Content::new(Some(schema))),
        );
        operation
            .responses
            .responses
            .insert(status.to_owned(), RefOr::T(response));
    }
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(utoipa::openapi::Required::True)
        .description(Some(
            "A text of your own for this one action, such as a UUID. Sent again with the same key within a day, the first answer is replayed and nothing is done twice.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(255)).build()))
        .example(Some("0191f3a2-7c1e-7b52-9d55-4a1f6d3c2b10".into()))
        .build()
}
