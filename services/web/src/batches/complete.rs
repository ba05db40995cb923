//! `POST /batches/finish-batch/{id}/complete`: what came of a batch.
use super::pages;
use crate::{
    again::Again,
    extract::{AnyBody, Fields, Tenant, Unit},
    figures,
    inventory::views::item_name,
    page::Flash,
    page_api::{self, Done},
    problem::Problem,
    typed::Typed,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    batches::BatchError,
    inventory::{self, InventoryError},
    kernel::ids::{BatchId, ProductId, SkuId, VariantId},
    products::{self, Finish, Into as Output, ProductError},
};
use chrono::{DateTime, Days, Utc};
use serde_json::json;

const MOST_SKUS: u16 = 500;

/// Reads `output_type` (`ingredient` or `product`), `final_quantity` and `output_unit`. A product
/// is the SKU of `sku_id`, that of `product_id` (and `variant_id`), or that of `product_name`, which
/// is created when there is none. `expiration_date` says when it spoils, or `is_perishable` with
/// `shelf_life_days`.
pub(super) async fn complete(
    tenant: Tenant,
    id: Path<BatchId>,
    body: AnyBody,
) -> Result<HttpResponse, Problem> {
    let AnyBody { fields, once } = body;
    let done = page_api::carry_out(&tenant, once, async |unit| {
        let batch = batchtrack_core::batches::batch(&mut unit.tx, *id)
            .await?
            .ok_or(BatchError::NoBatch)?;
        let finish = wanted(unit, *id, &fields).await?;
        let finished = products::finish(&mut unit.tx, finish).await?;
        let item = inventory::item(&mut unit.tx, finished.item)
            .await?
            .ok_or(InventoryError::NoItem)?;
        let action = finished.recorded.action;
        let message = format!(
            "Batch {} is completed: {} of {}.",
            batch.label,
            figures::stock(&item, finished.recorded.quantity).whole(),
            item_name(&item)
        );
        Ok(Done {
            json: json!({
                "success": true,
                "message": message,
                "batch_id": id.get(),
                "item_id": finished.item,
                "action_id": action,
            }),
            to: "/batches/".to_owned(),
            flash: Flash::success(message).with_undo(format!("/actions/{action}/undo")),
        })
    })
    .await;
    match done {
        Err(problem) => {
            let problem = page_api::to_mend(&tenant, problem)?;
            pages::again(&tenant, *id, Again::of("complete", fields, problem)).await
        }
        done => done,
    }
}

async fn wanted(unit: &mut Unit, batch: BatchId, fields: &Fields) -> Result<Finish, Problem> {
    let mut typed = Typed::new(fields);
    let amount = typed.amount("final_quantity");
    let written_in = typed.unit("output_unit");
    let expires_at = expiry(&mut typed, fields, unit.tx.now());
    let into = match fields.text("output_type") {
        "" | "ingredient" => Some(Output::Intermediate),
        "product" => product(&mut typed, fields, unit).await?,
        _ => {
            typed.wrong("output_type", "Must be one of: ingredient, product");
            None
        }
    };
    let finish = into
        .zip(amount)
        .zip(written_in)
        .map(|((into, amount), unit)| Finish {
            batch,
            into,
            amount,
            unit,
            expires_at,
        });
    typed.finish(finish)
}

fn expiry(typed: &mut Typed<'_>, fields: &Fields, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Some(day) = typed.day("expiration_date") {
        return Some(day);
    }
    let days = typed.maybe::<u16>("shelf_life_days")?;
    fields
        .is_ticked("is_perishable")
        .then(|| now.checked_add_days(Days::new(u64::from(days))))
        .flatten()
}

async fn product(
    typed: &mut Typed<'_>,
    fields: &Fields,
    unit: &mut Unit,
) -> Result<Option<Output>, Problem> {
    if fields.filled("sku_id").is_some() {
        return Ok(typed.maybe("sku_id").map(|id| Output::Sku(SkuId::new(id))));
    }
    if fields.filled("product_id").is_some() {
        let variant = typed.maybe("variant_id").map(VariantId::new);
        let Some(product) = typed.maybe("product_id").map(ProductId::new) else {
            return Ok(None);
        };
        let skus = products::skus(&mut unit.tx, Some(product), MOST_SKUS).await?;
        let sku = skus
            .iter()
            .find(|stock| variant.is_none_or(|variant| stock.sku.variant_id == variant))
            .ok_or(ProductError::NoSku)?;
        return Ok(Some(Output::Sku(sku.sku.id)));
    }
    if fields.filled("product_name").is_some() {
        return Ok(typed.name("product_name").map(Output::Product));
    }
    typed.wrong("product_id", "Choose a product, or name a new one");
    Ok(None)
}
