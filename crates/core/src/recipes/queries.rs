mod pages;

pub use self::pages::{recipe_page, stocked_lines};
use super::model::{LineKind, Recipe, RecipeFilter, RecipeLine, RecipeStatus, RecipeSummary};
use crate::{
    kernel::{
        Cursor, Page, Quantity, StoreError,
        ids::{ImportId, ItemId, OrganizationId, RecipeGroupId, RecipeId, UserId},
        text,
    },
    platform::{OrgTx, prepared::statements},
    schema::{product_categories, recipe_groups, recipe_lines, recipes},
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text},
    upsert::on_constraint,
};
use diesel_async::RunQueryDsl;

diesel::define_sql_function! { fn lower(text: Text) -> Text; }

#[diesel::dsl::auto_type]
fn ours(organization: OrganizationId) -> _ {
    recipes::table.filter(recipes::organization_id.eq(organization))
}

/// What kind of thing is made; batches of a portioned one come out in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = product_categories, check_for_backend(diesel::pg::Pg))]
pub struct ProductCategory {
    pub id: i64,
    pub name: String,
    pub is_typically_portioned: bool,
}

pub async fn product_categories(tx: &mut OrgTx) -> Result<Vec<ProductCategory>, StoreError> {
    Ok(product_categories::table
        .order(product_categories::name)
        .select(ProductCategory::as_select())
        .load(tx.conn())
        .await?)
}

pub async fn recipe(tx: &mut OrgTx, id: RecipeId) -> Result<Option<Recipe>, StoreError> {
    Ok(ours(tx.organization())
        .filter(recipes::id.eq(id))
        .select(Recipe::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// The recipe and its group's prefix, kept from being archived or deleted until the commit. Others
/// may start the same recipe at the same time.
pub(crate) async fn lock_to_start(
    tx: &mut OrgTx,
    id: RecipeId,
) -> Result<Option<(Recipe, String)>, StoreError> {
    let Some(recipe) = ours(tx.organization())
        .filter(recipes::id.eq(id))
        .select(Recipe::as_select())
        .for_share()
        .first::<Recipe>(tx.conn())
        .await
        .optional()?
    else {
        return Ok(None);
    };
    let prefix = recipe_groups::table
        .filter(recipe_groups::organization_id.eq(tx.organization()))
        .filter(recipe_groups::id.eq(recipe.group_id))
        .select(recipe_groups::prefix)
        .first(tx.conn())
        .await?;
    Ok(Some((recipe, prefix)))
}

/// The lines in the order they were written.
pub async fn lines(tx: &mut OrgTx, recipe: RecipeId) -> Result<Vec<RecipeLine>, StoreError> {
    Ok(recipe_lines::table
        .filter(recipe_lines::organization_id.eq(tx.organization()))
        .filter(recipe_lines::recipe_id.eq(recipe))
        .order(recipe_lines::position)
        .select(RecipeLine::as_select())
        .load(tx.conn())
        .await?)
}

/// Current versions by name, a page at a time.
pub async fn list(
    tx: &mut OrgTx,
    filter: &RecipeFilter,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<RecipeSummary>, StoreError> {
    let mut query = ours(tx.organization())
        .inner_join(
            recipe_groups::table.on(recipe_groups::organization_id
                .eq(recipes::organization_id)
                .and(recipe_groups::id.eq(recipes::group_id))),
        )
        .inner_join(product_categories::table.on(product_categories::id.eq(recipes::category_id)))
        .filter(recipes::is_current)
        .into_boxed();
    query = if filter.archived {
        query.filter(recipes::archived_at.is_not_null())
    } else {
        query.filter(recipes::archived_at.is_null())
    };
    if let Some(wanted) = &filter.search {
        query = query.filter(recipes::name_key.like(text::containing(wanted)));
    }
    if let Some(after) = after {
        query = query.filter(
            sql::<Bool>("(recipes.name_key, recipes.id) > (lower(")
                .bind::<Text, _>(after.key.clone())
                .sql("), ")
                .bind::<BigInt, _>(after.id)
                .sql(")"),
        );
    }
    let rows: Vec<(Recipe, String, String, i64, i64)> = query
        .order((recipes::name_key, recipes::id))
        .limit(i64::from(limit) + 1)
        .select((
            Recipe::as_select(),
            recipe_groups::prefix,
            product_categories::name,
            sql::<BigInt>(
                "(SELECT count(*) FROM recipe_lines l WHERE l.organization_id = recipes.organization_id AND l.recipe_id = recipes.id)",
            ),
            // Counting stops where nobody counts on.
            sql::<BigInt>(
                "(SELECT count(*) FROM (SELECT 1 FROM batches b WHERE b.organization_id = recipes.organization_id AND b.recipe_id = recipes.id LIMIT 1000) b)",
            ),
        ))
        .load(tx.conn())
        .await?;
    let page = Page::of(rows, usize::from(limit), |(recipe, ..)| Cursor {
        key: recipe.name.clone(),
        id: recipe.id.get(),
    });
    Ok(
        page.map(|(recipe, prefix, category, lines, batches)| RecipeSummary {
            recipe,
            prefix,
            category,
            lines,
            batches,
        }),
    )
}

/// What can be made: id, name and prefix of current published versions, by name.
pub async fn published(
    tx: &mut OrgTx,
    most: u16,
) -> Result<Vec<(RecipeId, String, String)>, StoreError> {
    Ok(ours(tx.organization())
        .inner_join(
            recipe_groups::table.on(recipe_groups::organization_id
                .eq(recipes::organization_id)
                .and(recipe_groups::id.eq(recipes::group_id))),
        )
        .filter(recipes::is_current)
        .filter(recipes::archived_at.is_null())
        .filter(recipes::status.eq(RecipeStatus::Published))
        .order((recipes::name_key, recipes::id))
        .limit(i64::from(most))
        .select((recipes::id, recipes::name, recipe_groups::prefix))
        .load(tx.conn())
        .await?)
}

/// Recipes that an import brought.
pub(crate) async fn of_import(tx: &mut OrgTx, import: ImportId) -> Result<Vec<Recipe>, StoreError> {
    Ok(ours(tx.organization())
        .filter(recipes::import_id.eq(import))
        .order(recipes::id)
        .select(Recipe::as_select())
        .load(tx.conn())
        .await?)
}

/// Prefixes and names (in lower case) of all groups.
pub(super) async fn taken(tx: &mut OrgTx) -> Result<Vec<(String, String)>, StoreError> {
    Ok(recipe_groups::table
        .filter(recipe_groups::organization_id.eq(tx.organization()))
        .select((recipe_groups::prefix, lower(recipe_groups::name)))
        .load(tx.conn())
        .await?)
}

/// Which of `prefixes` are in use.
pub(super) async fn prefixes_taken(
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

#[derive(Insertable)]
#[diesel(table_name = recipes)]
pub(super) struct RecipeRow<'a> {
    pub(super) organization_id: OrganizationId,
    pub(super) group_id: RecipeGroupId,
    pub(super) version_number: i32,
    pub(super) name: &'a str,
    pub(super) status: RecipeStatus,
    pub(super) instructions: &'a str,
    pub(super) category_id: i64,
    pub(super) yield_amount: Quantity,
    pub(super) yield_unit: &'a str,
    pub(super) import_id: Option<ImportId>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) created_by: Option<UserId>,
}

/// `None` when the prefix is taken; a transaction that is just taking it is waited for.
pub(super) async fn insert_group(
    tx: &mut OrgTx,
    name: &str,
    prefix: &str,
) -> Result<Option<RecipeGroupId>, StoreError> {
    let row = (
        recipe_groups::organization_id.eq(tx.organization()),
        recipe_groups::name.eq(name),
        recipe_groups::prefix.eq(prefix),
        recipe_groups::created_at.eq(tx.now()),
    );
    Ok(diesel::insert_into(recipe_groups::table)
        .values(row)
        .on_conflict(on_constraint("recipe_groups_prefix_key"))
        .do_nothing()
        .returning(recipe_groups::id)
        .get_result(tx.conn())
        .await
        .optional()?)
}

pub(super) async fn insert_recipe(
    tx: &mut OrgTx,
    row: &RecipeRow<'_>,
) -> Result<RecipeId, StoreError> {
    Ok(diesel::insert_into(recipes::table)
        .values(row)
        .returning(recipes::id)
        .get_result(tx.conn())
        .await?)
}

statements! {
    InsertLines:
        "INSERT INTO recipe_lines (organization_id, recipe_id, position, kind, item_id, amount, unit)
         SELECT $1, l.* FROM unnest($2, $3, $4, $5, $6, $7) AS l";
    DeleteLines: "DELETE FROM recipe_lines WHERE organization_id = $1 AND recipe_id = ANY($2)";
    DeleteRecipes: "DELETE FROM recipes WHERE organization_id = $1 AND id = ANY($2)";
    DeleteGroups:
        "DELETE FROM recipe_groups g WHERE g.organization_id = $1 AND g.id = ANY($2)
           AND NOT EXISTS (SELECT FROM recipes r WHERE r.organization_id = $1 AND r.group_id = g.id)";
    LockRecipes -> (BigInt, Nullable<Text>):
        "SELECT r.id, (SELECT b.label FROM batches b WHERE b.organization_id = $1 AND b.recipe_id = r.id LIMIT 1)
         FROM recipes r WHERE r.organization_id = $1 AND r.id = ANY($2) ORDER BY r.id FOR UPDATE OF r";
}

/// Lines of any number of recipes at once: (recipe, position, kind, item, amount, unit).
pub(super) async fn insert_lines(
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

/// Holds recipes so that no batch can start, and says of each whether one was ever started.
pub(super) async fn lock_with_use(
    tx: &mut OrgTx,
    ids: Vec<RecipeId>,
) -> Result<Vec<(RecipeId, Option<String>)>, StoreError> {
    Ok(LockRecipes::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(ids)
        .load(tx.conn())
        .await?)
}

/// Deletes recipes that no batch was made from, and groups that are left empty.
pub(super) async fn delete(tx: &mut OrgTx, recipes: &[Recipe]) -> Result<(), StoreError> {
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
        .bind::<Array<BigInt>, _>(groups)
        .execute(tx.conn())
        .await?;
    Ok(())
}
