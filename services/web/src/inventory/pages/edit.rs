use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    figures::{self, Currency},
    inventory::forms,
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use batchtrack_core::{
    inventory::{self, InventoryError, Item, ItemType},
    kernel::ids::ItemId,
};
use serde::Deserialize;

const FIELDS: [&str; 12] = [
    "name",
    "type",
    "unit",
    "category_id",
    "density",
    "shelf_life_days",
    "low_stock_threshold",
    "notes",
    "quantity",
    "total_cost",
    "supplier",
    "expires_at",
];

/// What another page knows already of the item to be made.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Known {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(askama::Template)]
#[template(path = "inventory/edit.html")]
struct EditPage {
    shell: Shell,
    sign: String,
    /// None while it is to be made.
    item: Option<Item>,
    sheet: Sheet,
    /// A product's stock stays a product's.
    has_kinds: bool,
    types: Vec<(&'static str, &'static str)>,
    units: Vec<(&'static str, &'static str)>,
    categories: Vec<(i64, String)>,
}

pub(super) async fn blank(tenant: Tenant, known: Query<Known>) -> Result<HttpResponse, Problem> {
    let item_type = known.kind.parse().unwrap_or(ItemType::Ingredient);
    let typed = Fields::of([
        ("name", known.name.clone()),
        ("type", item_type.to_string()),
    ]);
    let unit = tenant.begin().await?;
    page(&tenant, unit, None, Sheet::of(&FIELDS, typed)).await
}

pub(super) async fn create(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::new_item(&fields) {
        Ok(new) => {
            tenant
                .write(once, async |unit| {
                    let item = inventory::create_item(&mut unit.tx, new.item.clone()).await?;
                    let mut flash = Flash::success(format!("{} is on your list.", new.item.name));
                    if let Some(receipt) = new.receipt(item) {
                        let recorded = inventory::receive(&mut unit.tx, receipt).await?;
                        flash = flash.with_undo(format!("/actions/{}/undo", recorded.action));
                    }
                    Ok(Answer::redirect(format!("/inventory/view/{item}")).flash(flash))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let unit = tenant.begin().await?;
            page(
                &tenant,
                unit,
                None,
                Sheet::refused(&FIELDS, fields, problem),
            )
            .await
        }
        other => other,
    }
}

pub(super) async fn show(tenant: Tenant, id: Path<ItemId>) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let item = inventory::item(&mut unit.tx, *id)
        .await?
        .ok_or(InventoryError::NoItem)?;
    let typed = forms::of_item(&item);
    page(&tenant, unit, Some(item), Sheet::of(&FIELDS, typed)).await
}

pub(super) async fn save(
    tenant: Tenant,
    id: Path<ItemId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = tenant
        .write(once, async |unit| {
            let change = |item: &Item| forms::change(&fields, item);
            inventory::update_item_with(&mut unit.tx, *id, change).await?;
            Ok(Answer::redirect(format!("/inventory/view/{id}")).flash(Flash::success("Saved.")))
        })
        .await;
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let mut unit = tenant.begin().await?;
            let item = inventory::item(&mut unit.tx, *id)
                .await?
                .ok_or(InventoryError::NoItem)?;
            let sheet = Sheet::refused(&FIELDS, fields, problem);
            page(&tenant, unit, Some(item), sheet).await
        }
        other => other,
    }
}

async fn page(
    tenant: &Tenant,
    mut unit: Unit,
    item: Option<Item>,
    sheet: Sheet,
) -> Result<HttpResponse, Problem> {
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let refused = sheet.is_refused();
    Page(EditPage {
        shell: tenant.shell(&unit),
        sign: Currency::of(&unit.membership.currency).sign().to_owned(),
        sheet,
        has_kinds: item
            .as_ref()
            .is_none_or(|item| item.item_type != ItemType::Product),
        types: vec![
            ("ingredient", "Ingredient"),
            ("container", "Container"),
            ("packaging", "Packaging"),
            ("consumable", "Consumable"),
        ],
        // What an item is measured in never changes, only how it is written.
        units: match &item {
            Some(item) => figures::units_in(item.dimension).collect(),
            None => figures::unit_choices(),
        },
        item,
        categories: categories.ingredient_options(),
    })
    .with_forms(refused)
}

pub(super) async fn archive(
    tenant: Tenant,
    id: Path<ItemId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            inventory::archive_item(&mut unit.tx, *id).await?;
            let flash = Flash::success("Archived. Its history stays.")
                .with_undo(format!("/inventory/restore/{id}"));
            Ok(Answer::redirect("/inventory/").flash(flash))
        })
        .await;
    super::undo::or_back(&tenant, done, &format!("/inventory/view/{id}"))
}

pub(super) async fn restore(
    tenant: Tenant,
    id: Path<ItemId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(form.once, async |unit| {
            inventory::restore_item(&mut unit.tx, *id).await?;
            let back = format!("/inventory/view/{id}");
            Ok(Answer::redirect(back).flash(Flash::success("Back on your list.")))
        })
        .await
}
