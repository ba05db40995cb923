//! What is written about recipes: one statement each, however many there are.
use super::super::model::{LineKind, Recipe, RecipeStatus};
use crate::{
    kernel::{
        Quantity, StoreError,
        ids::{ImportId, ItemId, RecipeGroupId, RecipeId},
    },
    platform::{OrgTx, prepared::statements},
    schema::recipe_groups,
};
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

statements! {
    LockGroups: "SELECT pg_advisory_xact_lock(7301004, hashint8($1))";
    Namesakes -> (BigInt, BigInt, Integer, Bool):
        "SELECT n.at, g.id, coalesce(max(r.version_number), 0), coalesce(bool_or(r.is_current AND r.archived_at IS NULL), false)
         FROM unnest($2) WITH ORDINALITY AS n (name, at)
         JOIN recipe_groups g ON g.organization_id = $1 AND g.name_key = lower(n.name)
         LEFT JOIN recipes r ON r.organization_id = $1 AND r.group_id = g.id
         GROUP BY n.at, g.id";
    ReplaceArchived:
        "UPDATE recipes SET is_current = false WHERE organization_id = $1 AND group_id = ANY($2) AND is_current";
    /// Groups where there is none yet, then a version of each.
    Insert -> (BigInt, BigInt, Text):
        "WITH wanted AS (
             SELECT * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11) WITH ORDINALITY AS w (name, prefix, group_id,
                 version, status, instructions, category_id, yield_amount, yield_unit, import_id, at)),
         opened AS (
             INSERT INTO recipe_groups (organization_id, name, prefix, created_at)
             SELECT $1, name, prefix, $12 FROM wanted WHERE group_id IS NULL
             RETURNING id, prefix)
         INSERT INTO recipes (organization_id, group_id, version_number, name, status, instructions, category_id,
             yield_amount, yield_unit, import_id, created_at, created_by)
         SELECT $1, coalesce(w.group_id, o.id), w.version, w.name, w.status, w.instructions, w.category_id,
             w.yield_amount, w.yield_unit, w.import_id, $12, $13
         FROM wanted w LEFT JOIN opened o ON w.group_id IS NULL AND o.prefix = w.prefix
         ORDER BY w.at
         RETURNING id, group_id, name";
    InsertLines:
        "INSERT INTO recipe_lines (organization_id, recipe_id, position, kind, item_id, amount, unit)
         SELECT $1, l.* FROM unnest($2, $3, $4, $5, $6, $7) AS l";
    DeleteLines: "DELETE FROM recipe_lines WHERE organization_id = $1 AND recipe_id = ANY($2)";
    DeleteRecipes: "DELETE FROM recipes WHERE organization_id = $1 AND id = ANY($2)";
    DeleteGroups:
        "DELETE FROM recipe_groups g WHERE g.organization_id = $1 AND g.id = ANY($2)
           AND NOT EXISTS (SELECT FROM recipes r WHERE r.organization_id = $1 AND r.group_id = g.id)";
    /// Where the current version is gone, the last that is left stands for the group.
    Succeed:
        "UPDATE recipes r SET is_current = true
         FROM (SELECT group_id, max(version_number) AS version FROM recipes
               WHERE organization_id = $1 AND group_id = ANY($2)
               GROUP BY group_id HAVING NOT bool_or(is_current)) last
         WHERE r.organization_id = $1 AND r.group_id = last.group_id AND r.version_number = last.version";
    SetArchived: "UPDATE recipes SET archived_at = $3 WHERE organization_id = $1 AND id = ANY($2)";
    /// Of each, whether a batch was ever started, and one that stands.
    LockRecipes -> (BigInt, Bool, Nullable<Text>):
        "SELECT r.id,
             EXISTS (SELECT FROM batches b WHERE b.organization_id = $1 AND b.recipe_id = r.id),
             (SELECT b.label FROM batches b
              WHERE b.organization_id = $1 AND b.recipe_id = r.id AND b.status <> 'cancelled' LIMIT 1)
         FROM recipes r WHERE r.organization_id = $1 AND r.id = ANY($2) ORDER BY r.id FOR UPDATE OF r";
}

/// Names and prefixes are given by one at a time in an organisation: two lists of recipes that want
/// the same ones in another order would wait for each other in a ring.
pub(in super::super) async fn lock_groups(tx: &mut OrgTx) -> Result<(), StoreError> {
    LockGroups::prepared()
        .bind::<BigInt, _>(tx.organization())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A group that bears the name of a recipe to come.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Namesake {
    pub(in super::super) group: RecipeGroupId,
    pub(in super::super) last_version: i32,
    pub(in super::super) is_in_use: bool,
}

/// The groups that bear one of `names`, by the name's place in the list.
pub(in super::super) async fn namesakes(
    tx: &mut OrgTx,
    names: Vec<String>,
) -> Result<BTreeMap<usize, Namesake>, StoreError> {
    let rows: Vec<(i64, RecipeGroupId, i32, bool)> = Namesakes::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<Text>, _>(names)
        .load(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(at, group, last_version, is_in_use)| {
            let at = usize::try_from(at).ok()?.checked_sub(1)?;
            let namesake = Namesake {
                group,
                last_version,
                is_in_use,
            };
            Some((at, namesake))
        })
        .collect())
}

/// Makes room for new versions in groups whose last one is archived.
pub(in super::super) async fn replace_archived(
    tx: &mut OrgTx,
    groups: Vec<RecipeGroupId>,
) -> Result<(), StoreError> {
    ReplaceArchived::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(groups)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Prefixes of all groups.
pub(in super::super) async fn all_prefixes(tx: &mut OrgTx) -> Result<Vec<String>, StoreError> {
    Ok(recipe_groups::table
        .filter(recipe_groups::organization_id.eq(tx.organization()))
        .select(recipe_groups::prefix)
        .load(tx.conn())
        .await?)
}

/// Which of `prefixes` are in use.
pub(in super::super) async fn prefixes_taken(
    tx: &mut OrgTx,
    prefixes: Vec<String>,
) -> Result<Vec<String>, StoreError> {
    Ok(recipe_groups::table
        .filter(recipe_groups::organization_id.eq(tx.organization()))
        .filter(recipe_groups::prefix.eq_any(prefixes))
        .select(recipe_groups::prefix)
        .load(tx.conn())
        .await?)
}

pub(in super::super) struct NewVersion {
    pub(in super::super) name: String,
    /// Of a new group, and of no other.
    pub(in super::super) prefix: Option<String>,
    /// `None` for a new one.
    pub(in super::super) group: Option<RecipeGroupId>,
    pub(in super::super) version: i32,
    pub(in super::super) status: RecipeStatus,
    pub(in super::super) instructions: String,
    pub(in super::super) category_id: i64,
    pub(in super::super) yield_amount: Quantity,
    pub(in super::super) yield_unit: &'static str,
    pub(in super::super) import: Option<ImportId>,
}

/// Ids and groups by name.
pub(in super::super) async fn insert(
    tx: &mut OrgTx,
    rows: &[NewVersion],
) -> Result<BTreeMap<String, (RecipeId, RecipeGroupId)>, StoreError> {
    fn column<T>(rows: &[NewVersion], of: impl Fn(&NewVersion) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    let inserted: Vec<(RecipeId, RecipeGroupId, String)> = Insert::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<Text>, _>(column(rows, |r| r.name.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |r| r.prefix.clone()))
        .bind::<Array<Nullable<BigInt>>, _>(column(rows, |r| r.group))
        .bind::<Array<Integer>, _>(column(rows, |r| r.version))
        .bind::<Array<Text>, _>(column(rows, |r| r.status))
        .bind::<Array<Text>, _>(column(rows, |r| r.instructions.clone()))
        .bind::<Array<BigInt>, _>(column(rows, |r| r.category_id))
        .bind::<Array<BigInt>, _>(column(rows, |r| r.yield_amount))
        .bind::<Array<Text>, _>(column(rows, |r| r.yield_unit))
        .bind::<Array<Nullable<BigInt>>, _>(column(rows, |r| r.import))
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Nullable<BigInt>, _>(tx.user())
        .load(tx.conn())
        .await?;
    Ok(inserted
        .into_iter()
        .map(|(id, group, name)| (name, (id, group)))
        .collect())
}

/// Lines of any number of recipes at once: (recipe, position, kind, item, amount, unit).
pub(in super::super) async fn insert_lines(
    tx: &mut OrgTx,
    rows: Vec<(RecipeId, i32, LineKind, ItemId, Quantity, &'static str)>,
) -> Result<(), StoreError> {
    let mut columns = (vec![], vec![], vec![], vec![], vec![], vec![]);
    for (recipe, position, kind, item, amount, unit) in rows {
        columns.0.push(recipe);
        columns.1.push(position);
        columns.2.push(kind);
        columns.3.push(item);
        columns.4.push(amount);
        columns.5.push(unit.to_owned());
    }
    InsertLines::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(columns.0)
        .bind::<Array<Integer>, _>(columns.1)
        .bind::<Array<Text>, _>(columns.2)
        .bind::<Array<BigInt>, _>(columns.3)
        .bind::<Array<BigInt>, _>(columns.4)
        .bind::<Array<Text>, _>(columns.5)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How far a recipe has been used.
pub(in super::super) struct Use {
    pub(in super::super) id: RecipeId,
    pub(in super::super) was_started: bool,
    /// Whether a batch of it stands: in progress, completed or failed.
    pub(in super::super) is_held: bool,
}

/// Holds recipes so that no batch can start, and says of each how far it has been used.
pub(in super::super) async fn lock_with_use(
    tx: &mut OrgTx,
    ids: Vec<RecipeId>,
) -> Result<Vec<Use>, StoreError> {
    let rows: Vec<(RecipeId, bool, Option<String>)> = LockRecipes::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(ids)
        .load(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, was_started, standing)| Use {
            id,
            was_started,
            is_held: standing.is_some(),
        })
        .collect())
}

pub(in super::super) async fn set_archived(
    tx: &mut OrgTx,
    ids: Vec<RecipeId>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    SetArchived::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Timestamptz, _>(at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Deletes recipes that no batch was made from, and groups that are left empty.
pub(in super::super) async fn delete(
    tx: &mut OrgTx,
    recipes: &[&Recipe],
) -> Result<(), StoreError> {
    let ids: Vec<RecipeId> = recipes.iter().map(|r| r.id).collect();
    let groups: Vec<RecipeGroupId> = recipes.iter().map(|r| r.group_id).collect();
    let organization = tx.organization();
    DeleteLines::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Array<BigInt>, _>(ids.clone())
        .execute(tx.conn())
        .await?;
    DeleteRecipes::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Array<BigInt>, _>(ids)
        .execute(tx.conn())
        .await?;
    DeleteGroups::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Array<BigInt>, _>(groups.clone())
        .execute(tx.conn())
        .await?;
    Succeed::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Array<BigInt>, _>(groups)
        .execute(tx.conn())
        .await?;
    Ok(())
}
