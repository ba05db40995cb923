use super::model::{Import, ImportKind};
use crate::{
    inventory::{Item, Lot},
    kernel::{
        Cursor, Page, StoreError,
        ids::{ImportId, ItemId, RecipeId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{imports, inventory_actions, inventory_items, inventory_lots, recipe_groups, recipes},
};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

diesel::define_sql_function! { fn lower(text: Text) -> Text; }

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
    /// Items of the import that hold nothing, that no recipe names, and to which nothing else has
    /// come since that still counts.
    ArchiveUnused:
        "UPDATE inventory_items i SET archived_at = $4
         WHERE i.organization_id = $1 AND i.id = ANY($2) AND i.quantity = 0 AND i.archived_at IS NULL
           AND NOT EXISTS (SELECT FROM recipe_lines r WHERE r.organization_id = $1 AND r.item_id = i.id)
           AND NOT EXISTS (
               SELECT FROM inventory_lots l
               JOIN inventory_actions a ON a.organization_id = $1 AND a.id = l.action_id
               LEFT JOIN inventory_actions u ON u.organization_id = $1 AND u.reverses_id = a.id
               WHERE l.organization_id = $1 AND l.item_id = i.id AND a.import_id IS DISTINCT FROM $3
                 AND a.recorded_at >= $5 AND u.id IS NULL)";
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

pub(super) async fn archive_unused(tx: &mut OrgTx, import: &Import) -> Result<(), StoreError> {
    let items: Vec<i64> = import.created_item_ids.clone();
    ArchiveUnused::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(items)
        .bind::<BigInt, _>(import.id)
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Timestamptz, _>(import.created_at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Which of `names` (in lower case) recipes bear already.
pub(super) async fn recipe_names_taken(
    tx: &mut OrgTx,
    names: Vec<String>,
) -> Result<Vec<String>, StoreError> {
    Ok(recipe_groups::table
        .filter(recipe_groups::organization_id.eq(tx.organization()))
        .filter(lower(recipe_groups::name).eq_any(names))
        .select(lower(recipe_groups::name))
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
