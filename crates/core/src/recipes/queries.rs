mod pages;
mod write;

pub use self::pages::{recipe_page, stocked_lines};
pub(super) use self::write::{
    NewVersion, all_prefixes, delete, insert, insert_lines, lock_groups, lock_with_use, namesakes,
    prefixes_taken, replace_archived, set_archived,
};
use super::model::{Recipe, RecipeFilter, RecipeLine, RecipeStatus, RecipeSummary};
use crate::{
    kernel::{
        Cursor, Page, StoreError,
        ids::{ImportId, OrganizationId, RecipeId},
    },
    platform::OrgTx,
    schema::{product_categories, recipe_groups, recipe_lines, recipes},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool, Text},
};
use diesel_async::RunQueryDsl;

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

impl ProductCategory {
    /// The category of what has none.
    pub const DEFAULT: &str = "Uncategorized";
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
        query = query.filter(
            sql::<Bool>("recipes.id = ANY(ARRAY(SELECT search_recipes(")
                .bind::<Text, _>(wanted.clone())
                .sql(", ")
                .bind::<Bool, _>(filter.archived)
                .sql(", 300)))"),
        );
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
