//! Units for scripts of pages.
use crate::{
    endpoint::{Access, Endpoint},
    extract::{AnyBody, Fields, Tenant},
    problem::Problem,
    wire::number,
};
use actix_web::{
    HttpResponse,
    web::{self, Json, ServiceConfig},
};
use batchtrack_core::{
    inventory::{self, Item},
    kernel::{Quantity, Unit, units::ConversionError},
};
use serde_json::{Value, json};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/public/units", Access::Public, || web::to(list)),
    Endpoint::post("/api/unit-converter", Access::Member, || web::to(convert)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// All units, for anyone.
async fn list() -> Json<Value> {
    let units: Vec<Value> = Unit::all()
        .iter()
        .map(|unit| {
            json!({
                "id": unit.id,
                "name": unit.name,
                "symbol": unit.symbol,
                "unit_type": unit.dimension.as_str(),
            })
        })
        .collect();
    Json(json!({ "success": true, "data": units }))
}

/// Why an amount was not converted, in the words that scripts switch on.
struct Refused {
    code: &'static str,
    words: String,
    /// Where it can be mended.
    mend_at: Option<String>,
}

impl Refused {
    fn new(code: &'static str, words: impl Into<String>) -> Self {
        Self {
            code,
            words: words.into(),
            mend_at: None,
        }
    }
}

/// Converts an amount. Its answer is always 200; `success` says whether it could.
async fn convert(tenant: Tenant, body: AnyBody) -> Result<HttpResponse, Problem> {
    let item = match body.fields.filled("ingredient_id").map(str::parse) {
        Some(Ok(id)) => {
            let mut unit = tenant.begin().await?;
            inventory::item(&mut unit.tx, id).await?
        }
        _ => None,
    };
    Ok(HttpResponse::Ok().json(
        answer(&body.fields, item.as_ref()).unwrap_or_else(|refused| {
            let drawer = refused.mend_at.map(|place| {
                json!({
                    "version": "1.0",
                    "redirect_url": place,
                    "error_type": "conversion",
                    "error_code": refused.code,
                    "error_message": refused.words,
                    "retry": { "mode": "frontend_callback", "operation": "unit_converter" },
                })
            });
            json!({
                "success": false,
                "error": refused.words,
                "error_code": refused.code,
                "requires_drawer": drawer.is_some(),
                "drawer_payload": drawer,
            })
        }),
    ))
}

fn answer(fields: &Fields, item: Option<&Item>) -> Result<Value, Refused> {
    // Zero counts as missing.
    let amount = fields
        .text("from_amount")
        .parse::<Quantity>()
        .ok()
        .filter(|amount| amount.is_positive())
        .ok_or_else(|| {
            Refused::new(
                "INVALID_AMOUNT",
                "Enter an amount above zero, such as 12 or 12.5.",
            )
        })?;
    let unit = |field, missing, unknown| match fields.text(field) {
        "" => Err(Refused::new(missing, "Choose both units.")),
        name => Unit::find(name)
            .ok_or_else(|| Refused::new(unknown, format!("The unit “{name}” is not known."))),
    };
    let from = unit("from_unit", "INVALID_FROM_UNIT", "UNKNOWN_SOURCE_UNIT")?;
    let to = unit("to_unit", "INVALID_TO_UNIT", "UNKNOWN_TARGET_UNIT")?;
    let result = from
        .convert(amount, to, item.and_then(|item| item.density))
        .map_err(|error| why_not(error, from, to, item))?;
    Ok(json!({
        "success": true,
        "result": number(result),
        "from_amount": number(amount),
        "from_unit": fields.text("from_unit"),
        "to_unit": fields.text("to_unit"),
        "conversion_type": if from.dimension == to.dimension { "direct" } else { "density" },
        "requires_attention": false,
    }))
}

fn why_not(error: ConversionError, from: &Unit, to: &Unit, item: Option<&Item>) -> Refused {
    match error {
        ConversionError::MissingDensity => Refused {
            mend_at: item.map(|item| format!("/inventory/edit/{}", item.id)),
            ..Refused::new(
                "MISSING_DENSITY",
                "Between weight and volume a density is needed. Add it to the ingredient.",
            )
        },
        ConversionError::Unsupported { .. } => Refused::new(
            "UNSUPPORTED_CONVERSION",
            format!(
                "{} can't be converted into {}. Choose units of the same kind.",
                from.name, to.name
            ),
        ),
        ConversionError::TooLarge => Refused::new("INVALID_AMOUNT", "The amount is too large."),
    }
}
