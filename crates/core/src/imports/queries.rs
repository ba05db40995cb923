use super::model::{Import, ImportKind};
use crate::{
    kernel::{
        Cursor, Page, StoreError,
        ids::{ImportId, ItemId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{imports, recipe_groups},
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
pub async fn list(tx: &mut OrgTx, before: Option<&Cursor>, limit: u16) -> Result<Page<Import>, StoreError> {
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
    Ok(Page::of(rows, usize::from(limit), |import: &Import| Cursor {
        key: String::new(),
        id: import.id.get(),
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
    /// Items of the import that hold nothing, that no recipe names, and that no lot but its own came to.
    ArchiveUnused:
        "UPDATE inventory_items i SET archived_at = $4
         WHERE i.organization_id = $1 AND i.id = ANY($2) AND i.quantity = 0 AND i.archived_at IS NULL
           AND NOT EXISTS (SELECT FROM recipe_lines r WHERE r.organization_id = $1 AND r.item_id = i.id)
           AND NOT EXISTS (
               SELECT FROM inventory_lots l
               JOIN inventory_actions a ON a.organization_id = $1 AND a.id = l.action_id
               WHERE l.organization_id = $1 AND l.item_id = i.id AND a.import_id IS DISTINCT FROM $3)";
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
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Which of `names` (in lower case) recipes bear already.
pub(super) async fn recipe_names_taken(tx: &mut OrgTx, names: Vec<String>) -> Result<Vec<String>, StoreError> {
    Ok(recipe_groups::table
        .filter(recipe_groups::organization_id.eq(tx.organization()))
        .filter(lower(recipe_groups::name).eq_any(names))
        .select(lower(recipe_groups::name))
        .load(tx.conn())
        .await?)
}
