//! What pages and rules ask of the ledger.
use super::{
    super::model::{Action, Category, HistoryRow, Item, ItemFilter, ItemType, Lot, Movement},
    reversal::joining_undo,
};
use crate::{
    kernel::{
        Cursor, Money, Page, Quantity, StoreError,
        ids::{ActionId, ItemId, LotId, MovementId, OrganizationId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{
        ingredient_categories, inventory_actions, inventory_items, inventory_lots,
        inventory_movements,
    },
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Integer, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

diesel::define_sql_function! { fn lower(text: Text) -> Text; }

#[diesel::dsl::auto_type]
fn our_items(organization: OrganizationId) -> _ {
    inventory_items::table.filter(inventory_items::organization_id.eq(organization))
}

#[diesel::dsl::auto_type]
pub(super) fn our_lots(organization: OrganizationId) -> _ {
    inventory_lots::table.filter(inventory_lots::organization_id.eq(organization))
}

#[diesel::dsl::auto_type]
pub(super) fn our_actions(organization: OrganizationId) -> _ {
    inventory_actions::table.filter(inventory_actions::organization_id.eq(organization))
}

#[diesel::dsl::auto_type]
pub(super) fn our_movements(organization: OrganizationId) -> _ {
    inventory_movements::table.filter(inventory_movements::organization_id.eq(organization))
}

pub async fn item(tx: &mut OrgTx, id: ItemId) -> Result<Option<Item>, StoreError> {
    Ok(our_items(tx.organization())
        .filter(inventory_items::id.eq(id))
        .select(Item::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// Finds an item by its name in any case, archived or not.
pub async fn item_by_name(tx: &mut OrgTx, name: &str) -> Result<Option<Item>, StoreError> {
    Ok(our_items(tx.organization())
        .filter(inventory_items::name_key.eq(lower(name)))
        .select(Item::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// The items among `ids` that exist, by id.
pub async fn items_by_ids(
    tx: &mut OrgTx,
    ids: Vec<ItemId>,
) -> Result<BTreeMap<ItemId, Item>, StoreError> {
    let items: Vec<Item> = our_items(tx.organization())
        .filter(inventory_items::id.eq_any(ids))
        .select(Item::as_select())
        .load(tx.conn())
        .await?;
    Ok(items.into_iter().map(|item| (item.id, item)).collect())
}

/// The items that bear one of `names`, by name in lower case.
pub async fn items_by_names(
    tx: &mut OrgTx,
    names: impl IntoIterator<Item = &str>,
) -> Result<BTreeMap<String, Item>, StoreError> {
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let items: Vec<Item> = our_items(tx.organization())
        .filter(
            sql::<Bool>("inventory_items.name_key = ANY(ARRAY(SELECT lower(n) FROM unnest(")
                .bind::<Array<Text>, _>(names)
                .sql(") n))"),
        )
        .select(Item::as_select())
        .load(tx.conn())
        .await?;
    Ok(items
        .into_iter()
        .map(|item| (item.name.to_lowercase(), item))
        .collect())
}

/// Items by name, a page at a time.
pub async fn items(
    tx: &mut OrgTx,
    filter: &ItemFilter,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Item>, StoreError> {
    let mut query = our_items(tx.organization()).into_boxed();
    query = if filter.archived {
        query.filter(inventory_items::archived_at.is_not_null())
    } else {
        query.filter(inventory_items::archived_at.is_null())
    };
    query = match filter.item_type {
        Some(item_type) => query.filter(inventory_items::type_.eq(item_type)),
        None => query.filter(inventory_items::type_.ne(ItemType::Product)),
    };
    if let Some(category) = filter.category_id {
        query = query.filter(inventory_items::category_id.eq(category));
    }
    if filter.hide_empty {
        query = query.filter(inventory_items::has_stock);
    }
    if filter.low_only {
        query = query.filter(inventory_items::is_low);
    }
    if let Some(text) = &filter.search {
        let types = filter.item_type.map_or_else(
            || {
                ItemType::ALL
                    .iter()
                    .copied()
                    .filter(|t| *t != ItemType::Product)
                    .collect()
            },
            |only| vec![only],
        );
        query = query.filter(
            sql::<Bool>("inventory_items.id = ANY(ARRAY(SELECT search_inventory_items(")
                .bind::<Text, _>(text.clone())
                .sql(", ")
                .bind::<Array<Text>, _>(types)
                .sql(", ")
                .bind::<Bool, _>(filter.archived)
                .sql(", 300)))"),
        );
    }
    if let Some(after) = after {
        let at = (after.key.clone(), after.id);
        query = query.filter(
            sql::<Bool>("(inventory_items.name_key, inventory_items.id) > (lower(")
                .bind::<Text, _>(at.0)
                .sql("), ")
                .bind::<BigInt, _>(at.1)
                .sql(")"),
        );
    }
    let rows = query
        .order((inventory_items::name_key, inventory_items::id))
        .limit(i64::from(limit) + 1)
        .select(Item::as_select())
        .load(tx.conn())
        .await?;
    Ok(Page::of(rows, usize::from(limit), |item: &Item| Cursor {
        key: item.name.clone(),
        id: item.id.get(),
    }))
}

/// The items that run low, the emptiest first.
pub async fn low_stock(tx: &mut OrgTx, limit: u16) -> Result<Vec<Item>, StoreError> {
    Ok(our_items(tx.organization())
        .filter(inventory_items::archived_at.is_null())
        .filter(inventory_items::is_low)
        .order((inventory_items::percent_left, inventory_items::id))
        .limit(i64::from(limit))
        .select(Item::as_select())
        .load(tx.conn())
        .await?)
}

statements! {
    Search -> (BigInt,): "SELECT search_inventory_items($1, $2, false, $3)";
    Expired -> (BigInt, BigInt):
        "SELECT item_id, sum(quantity)::bigint FROM inventory_lots
         WHERE organization_id = $1 AND item_id = ANY($2) AND has_stock AND expires_at <= $3
         GROUP BY item_id";
    LastUnitValue -> (BigInt, BigInt):
        "SELECT received_value, received_quantity FROM inventory_lots
         WHERE organization_id = $1 AND item_id = $2 ORDER BY received_at DESC, id DESC LIMIT 1";
}

/// Items whose name contains `text`, shortest names first.
pub async fn search(
    tx: &mut OrgTx,
    text: &str,
    item_type: Option<ItemType>,
    most: i32,
) -> Result<Vec<Item>, StoreError> {
    let ids: Vec<(ItemId,)> = Search::prepared()
        .bind::<Text, _>(text.to_owned())
        .bind::<Array<Text>, _>(item_type.map_or_else(|| ItemType::ALL.to_vec(), |only| vec![only]))
        .bind::<Integer, _>(most)
        .load(tx.conn())
        .await?;
    let ids: Vec<ItemId> = ids.into_iter().map(|(id,)| id).collect();
    let mut found = items_by_ids(tx, ids.clone()).await?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// How much of each item has expired and is still on the shelf; items with none are left out.
pub async fn expired_quantities(
    tx: &mut OrgTx,
    items: Vec<ItemId>,
) -> Result<BTreeMap<ItemId, Quantity>, StoreError> {
    let rows: Vec<(ItemId, Quantity)> = Expired::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(items)
        .bind::<Timestamptz, _>(tx.now())
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().collect())
}

/// The lots of an item in the order they came; those used up only when `with_empty`.
pub async fn lots(
    tx: &mut OrgTx,
    item: ItemId,
    with_empty: bool,
    after: Option<LotId>,
    limit: u16,
) -> Result<Vec<Lot>, StoreError> {
    let mut query = our_lots(tx.organization())
        .filter(inventory_lots::item_id.eq(item))
        .into_boxed();
    if !with_empty {
        query = query.filter(inventory_lots::has_stock);
    }
    if let Some(after) = after {
        query = query.filter(
            sql::<Bool>("(received_at, id) > (SELECT received_at, id FROM inventory_lots o WHERE o.organization_id = ")
                .bind::<BigInt, _>(tx.organization())
                .sql(" AND o.id = ")
                .bind::<BigInt, _>(after)
                .sql(")"),
        );
    }
    Ok(query
        .order((inventory_lots::received_at, inventory_lots::id))
        .limit(i64::from(limit))
        .select(Lot::as_select())
        .load(tx.conn())
        .await?)
}

/// The movements of an item, newest first, with their causes.
pub async fn history(
    tx: &mut OrgTx,
    item: ItemId,
    before: Option<MovementId>,
    limit: u16,
) -> Result<Page<HistoryRow>, StoreError> {
    let undo = diesel::alias!(inventory_actions as undo);
    let mut query = our_movements(tx.organization())
        .inner_join(
            inventory_actions::table.on(inventory_actions::organization_id
                .eq(inventory_movements::organization_id)
                .and(inventory_actions::id.eq(inventory_movements::action_id))),
        )
        .inner_join(
            inventory_lots::table.on(inventory_lots::organization_id
                .eq(inventory_movements::organization_id)
                .and(inventory_lots::id.eq(inventory_movements::lot_id))),
        )
        .left_join(joining_undo!(undo))
        .filter(inventory_movements::item_id.eq(item))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(inventory_movements::id.lt(before));
    }
    let rows: Vec<(Movement, Action, String, Option<ActionId>)> = query
        .order(inventory_movements::id.desc())
        .limit(i64::from(limit) + 1)
        .select((
            Movement::as_select(),
            Action::as_select(),
            inventory_lots::code,
            undo.field(inventory_actions::id).nullable(),
        ))
        .load(tx.conn())
        .await?;
    let page = Page::of(rows, usize::from(limit), |(movement, ..)| Cursor {
        key: String::new(),
        id: movement.id.get(),
    });
    Ok(
        page.map(|(movement, action, lot_code, undone_by)| HistoryRow {
            movement,
            action,
            lot_code,
            undone_by,
        }),
    )
}

pub async fn categories(tx: &mut OrgTx) -> Result<Vec<Category>, StoreError> {
    Ok(ingredient_categories::table
        .order(ingredient_categories::name)
        .select(Category::as_select())
        .load(tx.conn())
        .await?)
}

/// The first `most` ingredients by name; the archived ones too if `with_archived`.
pub async fn ingredients(
    tx: &mut OrgTx,
    with_archived: bool,
    most: u16,
) -> Result<Vec<Item>, StoreError> {
    let mut query = our_items(tx.organization())
        .filter(inventory_items::type_.eq(ItemType::Ingredient))
        .into_boxed();
    if !with_archived {
        query = query.filter(inventory_items::archived_at.is_null());
    }
    Ok(query
        .order((inventory_items::name_key, inventory_items::id))
        .limit(i64::from(most))
        .select(Item::as_select())
        .load(tx.conn())
        .await?)
}

/// What one action did to which lots, in the order it was recorded.
pub async fn movements(tx: &mut OrgTx, action: ActionId) -> Result<Vec<Movement>, StoreError> {
    super::reversal::movements_of(tx, vec![action]).await
}

/// The action that took this one back.
pub async fn undone_by(tx: &mut OrgTx, action: ActionId) -> Result<Option<ActionId>, StoreError> {
    Ok(our_actions(tx.organization())
        .filter(inventory_actions::reverses_id.eq(action))
        .select(inventory_actions::id)
        .first(tx.conn())
        .await
        .optional()?)
}

pub async fn action(tx: &mut OrgTx, id: ActionId) -> Result<Option<Action>, StoreError> {
    Ok(our_actions(tx.organization())
        .filter(inventory_actions::id.eq(id))
        .select(Action::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// Value and quantity of the newest lot of an item.
pub(in super::super) async fn last_unit_value(
    tx: &mut OrgTx,
    item: ItemId,
) -> Result<Option<(Money, Quantity)>, StoreError> {
    Ok(LastUnitValue::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(item)
        .get_result(tx.conn())
        .await
        .optional()?)
}
