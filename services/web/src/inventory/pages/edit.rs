use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    figures::{self, Currency},
    inventory::forms,
    page::{Flash, Page, Shell},
    problem::Problem,
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
    typed: Fields,
    problem: Option<Problem>,
    /// A product's stock stays a product's.
    has_kinds: bool,
    types: Vec<(&'static str, &'static str)>,
    units: Vec<(&'static str, &'static str)>,
    categories: Vec<(i64, String)>,
}

impl EditPage {
    fn at(&self, field: &str) -> &str {
        let problem = self.problem.as_ref();
        // The ledger speaks of costs, whoever entered them.
        let other = if field == "total_cost" { "cost" } else { field };
        let at = |field| problem.map_or("", |problem| problem.at(field));
        if at(field).is_empty() {
            at(other)
        } else {
            at(field)
        }
    }

    fn above(&self) -> String {
        self.problem
            .as_ref()
            .map_or_else(String::new, |problem| problem.above(&FIELDS))
    }
}

pub(super) async fn blank(tenant: Tenant, known: Query<Known>) -> Result<HttpResponse, Problem> {
    let item_type = known.kind.parse().unwrap_or(ItemType::Ingredient);
    let typed = Fields::of([
        ("name", known.name.clone()),
        ("type", item_type.to_string()),
    ]);
    let unit = tenant.begin().await?;
    page(&tenant, unit, None, typed, None).await
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
        Err(problem) if problem.is_mendable() && !tenant.wants_json() => {
            let unit = tenant.begin().await?;
            page(&tenant, unit, None, fields, Some(problem)).await
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
    page(&tenant, unit, Some(item), typed, None).await
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
        Err(problem) if problem.is_mendable() && !tenant.wants_json() => {
            let mut unit = tenant.begin().await?;
            let item = inventory::item(&mut unit.tx, *id)
                .await?
                .ok_or(InventoryError::NoItem)?;
            page(&tenant, unit, Some(item), fields, Some(problem)).await
        }
        other => other,
    }
}

async fn page(
    tenant: &Tenant,
    mut unit: Unit,
    item: Option<Item>,
    typed: Fields,
    problem: Option<Problem>,
) -> Result<HttpResponse, Problem> {
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let refused = problem.is_some();
    Page(EditPage {
        shell: tenant.shell(&unit),
        sign: Currency::of(&unit.membership.currency).sign().to_owned(),
        typed,
        problem,
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
