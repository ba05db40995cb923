//! What all operations have in common, said once: who may ask, and how they are refused.
use super::endpoints;
use crate::endpoint::Access;
use utoipa::{
    Modify,
    openapi::{
        Content, OpenApi, Ref, RefOr, Response,
        extensions::ExtensionsBuilder,
        path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
        security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
        },
    },
};

pub(super) struct Common;

const TOKEN: &str = "token";
const APP: &str = "app";
const SESSION: &str = "session";
const CSRF: &str = "csrf";

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        add_schemes(document);
        for (path, item) in &mut document.paths.paths {
            let operations = [
                (HttpMethod::Get, "GET", &mut item.get),
                (HttpMethod::Post, "POST", &mut item.post),
                (HttpMethod::Put, "PUT", &mut item.put),
                (HttpMethod::Patch, "PATCH", &mut item.patch),
                (HttpMethod::Delete, "DELETE", &mut item.delete),
            ];
            for (method, word, operation) in operations {
                let Some(operation) = operation else { continue };
                name(operation);
                let endpoint =
                    endpoints().find(|one| one.path == path && one.method.as_str() == word);
                let asked = Asked {
                    access: endpoint.map_or(Access::Public, |endpoint| endpoint.access),
                    is_safe: method == HttpMethod::Get,
                    has_id: path.contains('{'),
                };
                if path != "/api/v1/openapi.json" {
                    asked.describe(operation);
                }
            }
        }
    }
}

fn add_schemes(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Default::default);
    let bearer = |format: &str, about: &str| {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format(format)
            .description(Some(about));
        SecurityScheme::Http(scheme.build())
    };
    let token = bearer(
        "bt_pat_… or bt_org_…",
        "A token that people make for a program: POST /api/v1/tokens, or the page /account/tokens. It does what its scopes say and its maker may.",
    );
    components.add_security_scheme(TOKEN, token);
    let app = bearer(
        "JWT",
        "The access token of an app that signed somebody in: POST /api/v1/auth/token. Good for ten minutes.",
    );
    components.add_security_scheme(APP, app);
    let session = ApiKeyValue::with_description(
        "batchtrack",
        "Of POST /auth/login, for pages of this site. Over https it is called __Host-batchtrack.",
    );
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    let csrf = ApiKeyValue::with_description(
        "X-CSRFToken",
        "The csrf_token of any page's form, for unsafe methods of a session.",
    );
    components.add_security_scheme(CSRF, SecurityScheme::ApiKey(ApiKey::Header(csrf)));
}

/// `inventory_list` rather than `list`, of which every room has one.
fn name(operation: &mut Operation) {
    let room = operation.tags.as_ref().and_then(|tags| tags.first());
    if let (Some(room), Some(name)) = (room, &operation.operation_id) {
        operation.operation_id = Some(format!("{room}_{name}"));
    }
}

struct Asked {
    access: Access,
    is_safe: bool,
    has_id: bool,
}

impl Asked {
    fn describe(&self, operation: &mut Operation) {
        operation.security = Some(self.security());
        if !self.is_public() && !self.is_safe {
            operation
                .parameters
                .get_or_insert_default()
                .push(RefOr::T(idempotency_key()));
        }
        if let Access::May(permission) = self.access {
            let words = format!(
                "Needs the permission `{permission}`: to {}.",
                permission.label()
            );
            let about = operation.description.get_or_insert_default();
            if !about.is_empty() {
                about.push_str("\n\n");
            }
            about.push_str(&words);
            let extension = ExtensionsBuilder::new().add("x-permission", permission.as_str());
            operation.extensions = Some(extension.build());
        }
        for (status, description) in self.problems() {
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

    fn is_public(&self) -> bool {
        self.access == Access::Public
    }

    /// Any of these.
    fn security(&self) -> Vec<SecurityRequirement> {
        if self.is_public() {
            return vec![SecurityRequirement::default()];
        }
        let none = Vec::<String>::new;
        let mut session = SecurityRequirement::new(SESSION, none());
        if !self.is_safe {
            session = session.add(CSRF, none());
        }
        vec![
            SecurityRequirement::new(TOKEN, none()),
            SecurityRequirement::new(APP, none()),
            session,
        ]
    }

    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = vec![
            ("400", "Not understood"),
            ("401", "Nobody is signed in, or the token is not good"),
            (
                "429",
                "Too many requests; `Retry-After` says when to go on, `RateLimit` what is left",
            ),
            ("503", "Back in a moment; nothing was changed"),
        ];
        if self.is_public() {
            problems.push(("403", "Understood, but not theirs"));
        } else {
            problems.push((
                "403",
                "Their roles, their token's scopes or their organisation's plan don't allow it",
            ));
        }
        if self.has_id {
            problems.push((
                "404",
                "There is no such thing, or it belongs to somebody else",
            ));
        }
        if !self.is_safe {
            problems.push(("409", "Understood, but not as things stand"));
            problems.push(("413", "More than 1 MB"));
            problems.push(("415", "Not JSON"));
            problems.push(("422", "Against a rule; `errors` names the fields"));
        }
        problems
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
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(255))
                .build(),
        ))
        .example(Some("0191f3a2-7c1e-7b52-9d55-4a1f6d3c2b10".into()))
        .build()
}
