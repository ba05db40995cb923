use super::model::{Import, ImportKind};
use crate::{
    inventory::{Item, Lot},
    kernel::{
        Cursor, Page, StoreError,
        ids::{ImportId, ItemId, RecipeId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{imports, inventory_actions, inventory_items, inventory_lots, recipes},
};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Timestamptz},
};
use diesel_async::RunQueryDsl;

pub async fn import(tx: &mut OrgTx, id: ImportId) -> Result<Option<Import>, StoreError> {
    Ok(imports::table
        .filter(imports::organization_id.eq(tx.organization()))
        .filter(imports::id.eq(id))
        .select(Import::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// Imports, the newest first, a page at a time.
pub async fn list(
    tx: &mut OrgTx,
    before: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Import>, StoreError> {
    let mut query = imports::table
        .filter(imports::organization_id.eq(tx.organization()))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(imports::id.lt(before.id));
    }
    let rows = query
        .order(imports::id.desc())
        .limit(i64::from(limit) + 1)
        .select(Import::as_select())
        .load(tx.conn())
        .await?;
    Ok(Page::of(rows, usize::from(limit), |import: &Import| {
        Cursor {
            key: String::new(),
            id: import.id.get(),
        }
    }))
}

pub(super) async fn lock(tx: &mut OrgTx, id: ImportId) -> Result<Option<Import>, StoreError> {
    Ok(imports::table
        .filter(imports::organization_id.eq(tx.organization()))
        .filter(imports::id.eq(id))
        .select(Import::as_select())
        .for_no_key_update()
        .first(tx.conn())
        .await
        .optional()?)
}

pub(super) async fn insert(
    tx: &mut OrgTx,
    kind: ImportKind,
    file_name: &str,
    rows: usize,
    created: &[ItemId],
) -> Result<ImportId, StoreError> {
    let row = (
        imports::organization_id.eq(tx.organization()),
        imports::kind.eq(kind),
        imports::file_name.eq(file_name),
        imports::row_count.eq(i32::try_from(rows).unwrap_or(i32::MAX)),
        imports::created_item_ids.eq(created.iter().map(|id| id.get()).collect::<Vec<_>>()),
        imports::created_at.eq(tx.now()),
        imports::created_by.eq(tx.user()),
    );
    Ok(diesel::insert_into(imports::table)
        .values(row)
        .returning(imports::id)
        .get_result(tx.conn())
        .await?)
}

statements! {
    SetUndone: "UPDATE imports SET undone_at = $3 WHERE organization_id = $1 AND id = $2";
    /// Items of the import that hold nothing, that no recipe in use names, and to which nothing else
    /// has come since that still counts; held, so that nothing comes to them now.
    Unused -> (BigInt,):
        "SELECT i.id FROM inventory_items i
         WHERE i.organization_id = $1 AND i.id = ANY($2) AND i.quantity = 0 AND i.archived_at IS NULL
           AND NOT EXISTS (
               SELECT FROM recipe_lines l JOIN recipes r ON r.organization_id = $1 AND r.id = l.recipe_id
               WHERE l.organization_id = $1 AND l.item_id = i.id AND r.archived_at IS NULL)
           AND NOT EXISTS (
               SELECT FROM inventory_lots l
               JOIN inventory_actions a ON a.organization_id = $1 AND a.id = l.action_id
               LEFT JOIN inventory_actions u ON u.organization_id = $1 AND u.reverses_id = a.id
               WHERE l.organization_id = $1 AND l.item_id = i.id AND a.import_id IS DISTINCT FROM $3
                 AND a.recorded_at >= $4 AND u.id IS NULL)
         ORDER BY i.id FOR NO KEY UPDATE";
}

pub(super) async fn set_undone(tx: &mut OrgTx, id: ImportId) -> Result<(), StoreError> {
    SetUndone::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(tx.now())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Items that an import brought and nothing needs any more.
pub(super) async fn unused(tx: &mut OrgTx, import: &Import) -> Result<Vec<ItemId>, StoreError> {
    let items: Vec<i64> = import.created_item_ids.clone();
    let unused: Vec<(ItemId,)> = Unused::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(items)
        .bind::<BigInt, _>(import.id)
        .bind::<Timestamptz, _>(import.created_at)
        .load(tx.conn())
        .await?;
    Ok(unused.into_iter().map(|(id,)| id).collect())
}

/// Which of `names` (in lower case) recipes bear that are not archived.
pub(super) async fn recipe_names_taken(
    tx: &mut OrgTx,
    names: Vec<String>,
) -> Result<Vec<String>, StoreError> {
    Ok(recipes::table
        .filter(recipes::organization_id.eq(tx.organization()))
        .filter(recipes::is_current)
        .filter(recipes::archived_at.is_null())
        .filter(recipes::name_key.eq_any(names))
        .select(recipes::name_key)
        .load(tx.conn())
        .await?)
}

/// The lots that an import brought, taken back or not, with their items, a page at a time.
pub async fn receipts(
    tx: &mut OrgTx,
    import: ImportId,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<(Item, Lot)>, StoreError> {
    let mut query = inventory_lots::table
        .inner_join(
            inventory_actions::table.on(inventory_actions::organization_id
                .eq(inventory_lots::organization_id)
                .and(inventory_actions::id.eq(inventory_lots::action_id))),
        )
        .inner_join(
            inventory_items::table.on(inventory_items::organization_id
                .eq(inventory_lots::organization_id)
                .and(inventory_items::id.eq(inventory_lots::item_id))),
        )
        .filter(inventory_actions::organization_id.eq(tx.organization()))
        .filter(inventory_actions::import_id.eq(import))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(inventory_lots::id.gt(after.id));
    }
    let rows = query
        .order(inventory_lots::id)
        .limit(i64::from(limit) + 1)
        .select((Item::as_select(), Lot::as_select()))
        .load(tx.conn())
        .await?;
    Ok(Page::of(
        rows,
        usize::from(limit),
        |(_, lot): &(Item, Lot)| Cursor {
            key: String::new(),
            id: lot.id.get(),
        },
    ))
}

/// The recipes that an import brought and that are still there, a page at a time.
pub async fn recipes(
    tx: &mut OrgTx,
    import: ImportId,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<(RecipeId, String)>, StoreError> {
    let mut query = recipes::table
        .filter(recipes::organization_id.eq(tx.organization()))
        .filter(recipes::import_id.eq(import))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(recipes::id.gt(after.id));
    }
    let rows = query
        .order(recipes::id)
        .limit(i64::from(limit) + 1)
        .select((recipes::id, recipes::name))
        .load(tx.conn())
        .await?;
    Ok(Page::of(
        rows,
        usize::from(limit),
        |(id, _): &(RecipeId, String)| Cursor {
            key: String::new(),
            id: id.get(),
        },
    ))
}
