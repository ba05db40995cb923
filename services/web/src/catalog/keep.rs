use crate::{
    extract::{Answer, FormBody, Tenant, Unit},
    inventory::pages::or_back,
    page::Flash,
    problem::Problem,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    catalog::{self, CatalogError, GlobalItem},
    inventory::{self, InventoryError, ItemType, NewItem},
    kernel::{
        self,
        ids::{GlobalItemId, ItemId},
        text::Name,
    },
};

/// Puts an entry on the organisation's own list, or finds it there.
pub(super) async fn keep(
    tenant: Tenant,
    id: Path<GlobalItemId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let back = format!("/global-items/{id}");
    let done = tenant
        .write(form.once, async |unit| {
            let Kept {
                entry,
                item,
                is_new,
            } = put_on_list(unit, *id).await?;
            let text = if is_new {
                format!(
                    "{} is on your list now. Enter what you have of it.",
                    entry.name
                )
            } else {
                format!("{} was on your list already.", entry.name)
            };
            Ok(Answer::redirect(format!("/inventory/view/{item}")).flash(Flash::success(text)))
        })
        .await;
    or_back(&tenant, done, &back)
}

/// An entry of the library as an item of the organisation.
pub(crate) struct Kept {
    entry: GlobalItem,
    pub(crate) item: ItemId,
    is_new: bool,
}

/// The item that stands for an entry, or that bears its name, or a new one.
pub(crate) async fn put_on_list(unit: &mut Unit, id: GlobalItemId) -> Result<Kept, Problem> {
    let entry = catalog::item(&mut unit.tx, id)
        .await?
        .ok_or(CatalogError::NoEntry)?;
    let kept = catalog::kept_as(&mut unit.tx, id).await?;
    let item = if let Some(item) = kept {
        inventory::restore_item(&mut unit.tx, item).await?;
        item
    } else {
        inventory::find_or_create_item(&mut unit.tx, new_item(&entry)?)
            .await?
            .id
    };
    Ok(Kept {
        entry,
        item,
        is_new: kept.is_none(),
    })
}

fn new_item(entry: &GlobalItem) -> Result<NewItem, Problem> {
    let name: Name = entry.name.parse().map_err(|_unfit| CatalogError::NoEntry)?;
    let item_type: ItemType = entry
        .item_type
        .as_str()
        .parse()
        .map_err(|_unfit| CatalogError::NoEntry)?;
    let unit = kernel::Unit::find(&entry.default_unit)
        .ok_or_else(|| InventoryError::UnknownUnit(entry.default_unit.clone()))?;
    Ok(NewItem {
        density: entry.density,
        category_id: entry.category_id,
        global_item_id: Some(entry.id.get()),
        shelf_life_days: entry.shelf_life_days,
        ..NewItem::new(name, item_type, unit)
    })
}
