use crate::{
    again::Again,
    extract::{Tenant, Unit},
    figures::{self, Figure},
    inventory::views::{self, HistoryView, LotRow},
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use batchtrack_core::{
    inventory::{self, InventoryError, Item, ItemType, Lot},
    kernel::{
        Quantity,
        ids::{ItemId, MovementId},
    },
};
use serde::Deserialize;

const LOTS: u16 = 100;
const HISTORY: u16 = 20;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShowQuery {
    /// `true` shows lots that are used up, too.
    fifo: String,
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "inventory/view.html")]
struct ItemPage {
    shell: Shell,
    id: ItemId,
    item: Item,
    name: String,
    unit_name: &'static str,
    sign: String,
    crumb: (&'static str, &'static str),
    kind: &'static str,
    icon: &'static str,
    category: String,
    state: &'static str,
    on_hand: Figure,
    usable: Figure,
    expired: Option<Figure>,
    value: Figure,
    unit_cost: Option<Figure>,
    threshold: Option<Figure>,
    lots: Vec<LotRow>,
    more_lots: bool,
    with_empty: bool,
    history: Vec<HistoryView>,
    pager: Pager,
    units: Vec<(&'static str, &'static str)>,
    again: Again,
}

pub(super) async fn show(
    tenant: Tenant,
    id: Path<ItemId>,
    query: Query<ShowQuery>,
) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    page(&tenant, unit, *id, &query, Again::default()).await
}

/// The page of the item whose stock could not be changed like this.
pub(in crate::inventory) async fn again(
    tenant: &Tenant,
    id: ItemId,
    again: Again,
) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    page(tenant, unit, id, &ShowQuery::default(), again).await
}

async fn page(
    tenant: &Tenant,
    mut unit: Unit,
    id: ItemId,
    query: &ShowQuery,
    again: Again,
) -> Result<HttpResponse, Problem> {
    let with_empty = query.fifo == "true";
    let before = listing::cursor(&query.cursor)?.map(|cursor| MovementId::new(cursor.id));
    let (item, lots) = inventory::item_with_lots(&mut unit.tx, id, with_empty, LOTS)
        .await?
        .ok_or(InventoryError::NoItem)?;
    let history = inventory::history(&mut unit.tx, id, before, HISTORY).await?;
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let times = unit.times();
    let money = unit.stock_costs();
    let more_lots = lots.len() == usize::from(LOTS);
    let expired = if more_lots {
        // Any lot may have expired, also one that is not shown.
        let expired = inventory::expired_quantities(&mut unit.tx, vec![id]).await?;
        expired.get(&id).copied().unwrap_or_default()
    } else {
        expired_of(&lots, times.now())
    };
    let usable = item.quantity.checked_sub(expired).unwrap_or_default();
    let path = format!("/inventory/view/{id}");
    let flag = if with_empty { "true" } else { "" };
    let crumb = match item.item_type {
        ItemType::Product => ("/products/", "Products"),
        _ => ("/inventory/", "Stock"),
    };
    let refused = again.is_any();
    let name = views::item_name(&item);
    let again = again.calling(&item.name, &name);
    Page(ItemPage {
        shell: tenant.shell(&unit).under(crumb.0),
        id: item.id,
        name,
        unit_name: item.unit().name,
        sign: money.sign().to_owned(),
        crumb,
        kind: views::type_title(item.item_type),
        icon: views::type_icon(item.item_type),
        category: categories.ingredient(item.category_id).to_owned(),
        state: views::state(&item, expired),
        on_hand: figures::stock(&item, item.quantity),
        usable: figures::stock(&item, usable),
        expired: expired
            .is_positive()
            .then(|| figures::stock(&item, expired)),
        value: money.exact(item.value),
        unit_cost: item.unit_cost().map(|cost| money.exact(cost)),
        threshold: item
            .low_stock_threshold
            .map(|stock| figures::stock(&item, stock)),
        more_lots,
        lots: lots
            .iter()
            .map(|lot| LotRow::of(lot, &item, &money, &times))
            .collect(),
        with_empty,
        history: HistoryView::list(&history.rows, &item, (&money, &times), |row| {
            // A lot that is not among those shown is used up, or one of too many to show.
            lots.iter()
                .find(|lot| lot.code == row.lot_code)
                .map_or(more_lots, |lot| lot.quantity == lot.received_quantity)
        }),
        pager: Pager::of(
            &path,
            &[("fifo", flag)],
            &query.cursor,
            history.next.as_ref(),
        ),
        units: figures::units_of(&item),
        item,
        again,
    })
    .with_forms(refused)
}

/// What of the lots has expired; `lots` are all that there are.
fn expired_of(lots: &[Lot], now: chrono::DateTime<chrono::Utc>) -> Quantity {
    lots.iter()
        .filter(|lot| lot.is_expired(now))
        .filter_map(|lot| lot.quantity.is_positive().then_some(lot.quantity))
        .fold(Quantity::ZERO, |sum, quantity| {
            sum.checked_add(quantity).unwrap_or(sum)
        })
}
