//! `POST /inventory/adjust/{id}`: whatever changes the stock of one item.
use super::{pages, views::item_name};
use crate::{
    again::Again,
    extract::{AnyBody, Fields, Tenant, Unit},
    figures,
    page::Flash,
    page_api::{self, Done},
    problem::Problem,
    typed::Typed,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    inventory::{self, ActionKind, Adjustment, CostEntry, InventoryError, Item, Receipt, Recorded},
    kernel::{Quantity, ids::ItemId},
};
use serde_json::json;

const LONGEST_NOTE: usize = 4_000;
const LONGEST_LINE: usize = 128;

/// Reads `change_type`, `quantity`, `input_unit` (the item's own when left out) and `notes`. What
/// comes in may bring `cost_entry_type` (`no_change`, `per_unit` or `total`) with `cost_per_unit`,
/// `received_at`, `custom_expiration_date` and `supplier`; what goes out `customer`, `order_number`
/// and `sale_price`.
pub(super) async fn adjust(
    tenant: Tenant,
    id: Path<ItemId>,
    body: AnyBody,
) -> Result<HttpResponse, Problem> {
    let AnyBody { fields, once } = body;
    let done = page_api::carry_out(&tenant, once, async |unit| {
        let item = inventory::item(&mut unit.tx, *id)
            .await?
            .ok_or(InventoryError::NoItem)?;
        let (kind, recorded) = record(unit, &item, &fields).await?;
        let quantity = figures::stock(&item, recorded.quantity).whole();
        let message = format!("{}: {quantity} of {}.", kind.title(), item_name(&item));
        Ok(Done {
            json: json!({
                "success": true,
                "item_id": id.get(),
                "message": message,
                "action_id": recorded.action,
            }),
            to: format!("/inventory/view/{id}"),
            flash: Flash::success(message).with_undo(format!("/actions/{}/undo", recorded.action)),
        })
    })
    .await;
    match done {
        Err(problem) => {
            let problem = page_api::to_mend(&tenant, problem)?;
            let form = form_of(fields.text("change_type"));
            pages::again(&tenant, *id, Again::of(form, fields, problem)).await
        }
        done => done,
    }
}

/// The form of the item's page that sends such a change.
fn form_of(change: &str) -> &'static str {
    match change.parse::<ActionKind>() {
        Ok(ActionKind::Recount) => "recount",
        Ok(kind) if kind.is_addition() => "restock",
        _ => "take-out",
    }
}

async fn record(
    unit: &mut Unit,
    item: &Item,
    fields: &Fields,
) -> Result<(ActionKind, Recorded), Problem> {
    let mut typed = Typed::new(fields);
    let kind = if fields.filled("change_type").is_some() {
        typed.maybe::<ActionKind>("change_type")
    } else {
        typed.wrong("change_type", "Choose what happened");
        None
    };
    // Counting nothing at all is a count as well.
    let quantity = if kind == Some(ActionKind::Recount) {
        let counted = typed.maybe::<Quantity>("quantity");
        if fields.filled("quantity").is_none()
            || counted.is_some_and(|counted| counted < Quantity::ZERO)
        {
            typed.wrong("quantity", "Enter what you counted, or 0");
        }
        counted
    } else {
        typed.amount("quantity")
    };
    let written_in = match fields.filled("input_unit") {
        Some(_) => typed.unit("input_unit"),
        None => Some(item.unit()),
    };
    let note = typed.note("notes", LONGEST_NOTE);
    let parts = kind
        .zip(quantity)
        .zip(written_in)
        .map(|((kind, amount), unit)| (kind, amount, unit));
    let recorded = match kind {
        Some(kind) if kind.is_addition() => {
            let cost = cost(&mut typed, fields);
            let received_at = unit.times().that_has_begun(typed.day("received_at"));
            let expires_at = typed.day("custom_expiration_date");
            let supplier = typed.line("supplier", LONGEST_LINE);
            let (kind, amount, written_in) = typed.finish(parts)?;
            let receipt = Receipt {
                item: item.id,
                kind,
                amount,
                unit: written_in,
                cost,
                received_at,
                expires_at,
                supplier,
                note,
                import: None,
            };
            (kind, inventory::receive(&mut unit.tx, receipt).await?)
        }
        _ => {
            let customer = typed.line("customer", LONGEST_LINE);
            let order_number = typed.line("order_number", LONGEST_LINE);
            let price = typed.money("sale_price");
            let (kind, amount, written_in) = typed.finish(parts)?;
            let adjustment = Adjustment {
                item: item.id,
                kind,
                amount,
                unit: written_in,
                note,
                customer,
                order_number,
                price,
            };
            (kind, inventory::take_out(&mut unit.tx, adjustment).await?)
        }
    };
    Ok(recorded)
}

/// A cost that was typed in counts, also where nobody said of how much it is: then of one unit.
fn cost(typed: &mut Typed<'_>, fields: &Fields) -> CostEntry {
    let money = typed.money("cost_per_unit");
    match (fields.text("cost_entry_type"), money) {
        ("per_unit" | "", Some(each)) => CostEntry::PerUnit(each),
        ("total", Some(total)) => CostEntry::Total(total),
        ("no_change", _) | ("per_unit" | "" | "total", None) => CostEntry::AsBefore,
        _ => {
            typed.wrong(
                "cost_entry_type",
                "Must be one of: no_change, per_unit, total",
            );
            CostEntry::AsBefore
        }
    }
}
