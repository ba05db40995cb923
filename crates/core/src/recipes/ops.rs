use super::{
    RecipeError,
    model::{LineKind, Recipe, RecipeLine, RecipeStatus},
    queries::{self, RecipeRow},
    rules,
};
use crate::{
    inventory::{self, Item, ItemType},
    kernel::{
        Money, Quantity, Scale, Unit,
        ids::{ImportId, ItemId, RecipeGroupId, RecipeId},
        quantity,
        text::Name,
    },
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// No real recipe comes near; a batch of it must still be one transaction.
const MOST_LINES: usize = 500;

#[derive(Debug, Clone)]
pub struct NewRecipe {
    pub name: Name,
    pub instructions: String,
    /// `None` is the category for what has none.
    pub category_id: Option<i64>,
    /// Millionths of `yield_unit`.
    pub yield_amount: Quantity,
    pub yield_unit: &'static Unit,
    pub status: RecipeStatus,
    pub lines: Vec<NewLine>,
    pub import: Option<ImportId>,
}

#[derive(Debug, Clone)]
pub struct NewLine {
    pub kind: LineKind,
    pub item: ItemId,
    /// Millionths of `unit`.
    pub amount: Quantity,
    pub unit: &'static Unit,
}

/// Creates the first version of a recipe.
pub async fn create(tx: &mut OrgTx, new: NewRecipe) -> Result<RecipeId, RecipeError> {
    let ids = create_many(tx, vec![new])
        .await
        .map_err(|(_, error)| error)?;
    ids.into_iter().next().ok_or(RecipeError::NoRecipe)
}

/// Creates several recipes; an error says which it concerns, counted from zero.
#[tracing::instrument(name = "core.recipes.create", skip_all, fields(recipes = new.len()))]
pub async fn create_many(
    tx: &mut OrgTx,
    new: Vec<NewRecipe>,
) -> Result<Vec<RecipeId>, (usize, RecipeError)> {
    let first = |error: RecipeError| (0, error);
    let wanted = new
        .iter()
        .flat_map(|r| r.lines.iter().map(|line| line.item))
        .collect();
    let items = inventory::items_by_ids(tx, wanted)
        .await
        .map_err(|e| first(e.into()))?;
    let categories = queries::product_categories(tx)
        .await
        .map_err(|e| first(e.into()))?;
    let mut prefixes = Prefixes::new(tx, &new).await.map_err(first)?;
    let (mut ids, mut lines, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for (at, recipe) in new.into_iter().enumerate() {
        let here = |error: RecipeError| (at, error);
        check(&recipe, &items).map_err(here)?;
        let category = match recipe.category_id {
            Some(id) => categories.iter().find(|c| c.id == id),
            None => categories.iter().find(|c| c.name == "Uncategorized"),
        };
        let category = category.ok_or_else(|| here(RecipeError::NoCategory))?;
        let group = insert_group(tx, recipe.name.as_str(), &mut prefixes)
            .await
            .map_err(here)?;
        let row = RecipeRow {
            organization_id: tx.organization(),
            group_id: group,
            version_number: 1,
            name: recipe.name.as_str(),
            status: recipe.status,
            instructions: &recipe.instructions,
            category_id: category.id,
            yield_amount: recipe.yield_amount,
            yield_unit: recipe.yield_unit.name,
            import_id: recipe.import,
            created_at: tx.now(),
            created_by: tx.user(),
        };
        let id = queries::insert_recipe(tx, &row)
            .await
            .map_err(|e| here(e.into()))?;
        lines.extend((1..).zip(&recipe.lines).map(|(position, line)| {
            (
                id,
                position,
                line.kind,
                line.item,
                line.amount,
                line.unit.name,
            )
        }));
        events.push(created(id, group, &recipe));
        ids.push(id);
    }
    queries::insert_lines(tx, lines)
        .await
        .map_err(|e| first(e.into()))?;
    outbox::emit(tx, events)
        .await
        .map_err(|e| first(e.into()))?;
    Ok(ids)
}

/// Inserts the group under the first prefix that is free, also of those that others are just taking.
async fn insert_group(
    tx: &mut OrgTx,
    name: &str,
    prefixes: &mut Prefixes,
) -> Result<RecipeGroupId, RecipeError> {
    let taken = || RecipeError::NameTaken {
        name: name.to_owned(),
    };
    loop {
        let prefix = prefixes.next(name).ok_or_else(taken)?;
        let inserted =
            queries::insert_group(tx, name, &prefix)
                .await
                .map_err(|error| match error.constraint() {
                    Some("recipe_groups_name_key") => taken(),
                    _ => error.into(),
                })?;
        if let Some(group) = inserted {
            return Ok(group);
        }
    }
}

fn check(recipe: &NewRecipe, items: &BTreeMap<ItemId, Item>) -> Result<(), RecipeError> {
    if !recipe.yield_amount.is_positive() {
        return Err(RecipeError::NoYield);
    }
    if recipe.lines.len() > MOST_LINES {
        return Err(RecipeError::TooManyLines { most: MOST_LINES });
    }
    let has_ingredient = recipe
        .lines
        .iter()
        .any(|line| line.kind == LineKind::Ingredient);
    if recipe.status == RecipeStatus::Published && !has_ingredient {
        return Err(RecipeError::NoIngredients);
    }
    let mut seen = BTreeSet::new();
    for (line, new) in (1..).zip(&recipe.lines) {
        let here = |source| RecipeError::Line { line, source };
        let item = items
            .get(&new.item)
            .ok_or_else(|| here(inventory::InventoryError::NoItem))?;
        if item.archived_at.is_some() {
            let name = item.name.clone();
            return Err(here(inventory::InventoryError::Archived { name }));
        }
        if item.item_type == ItemType::Product {
            return Err(RecipeError::WrongType {
                line,
                item: item.name.clone(),
                item_type: item.item_type.as_str(),
                kind: new.kind.as_str(),
            });
        }
        if !seen.insert((new.kind, new.item)) {
            let item = item.name.clone();
            return Err(RecipeError::Twice { line, item });
        }
        inventory::stock_quantity(item, new.amount, new.unit, Scale::ONE).map_err(here)?;
    }
    Ok(())
}

/// Hands out prefixes that are free, also among the recipes of one go.
struct Prefixes {
    taken: BTreeSet<String>,
}

impl Prefixes {
    async fn new(tx: &mut OrgTx, new: &[NewRecipe]) -> Result<Self, RecipeError> {
        // One recipe looks at the first candidates alone; a thousand recipes of an organisation
        // need not be read for it.
        let candidates: Vec<String> = new
            .iter()
            .flat_map(|recipe| rules::prefixes(recipe.name.as_str()).take(64))
            .collect();
        let mut taken: BTreeSet<String> = queries::prefixes_taken(tx, candidates.clone())
            .await?
            .into_iter()
            .collect();
        if candidates.iter().all(|candidate| taken.contains(candidate)) {
            taken = queries::taken(tx)
                .await?
                .into_iter()
                .map(|(prefix, _)| prefix)
                .collect();
        }
        Ok(Self { taken })
    }

    /// The best that is not known to be taken; none twice.
    fn next(&mut self, name: &str) -> Option<String> {
        let prefix = rules::prefixes(name).find(|prefix| !self.taken.contains(prefix))?;
        self.taken.insert(prefix.clone());
        Some(prefix)
    }
}

fn created(id: RecipeId, group: RecipeGroupId, recipe: &NewRecipe) -> NewEvent {
    let properties = json!({
        "name": recipe.name.as_str(),
        "yield_amount": recipe.yield_amount,
        "yield_unit": recipe.yield_unit.name,
        "status": recipe.status,
        "is_test": false,
        "is_variation": false,
        "is_master": true,
        "parent_recipe_id": null,
        "parent_master_id": null,
        "cloned_from_id": null,
        "recipe_group_id": group,
        "test_sequence": null,
    });
    NewEvent::new(Event::RecipeCreated, id.get(), properties)
}

/// Deletes recipes that were never made; refuses all of them when one was.
pub async fn delete_unused(tx: &mut OrgTx, recipes: &[Recipe]) -> Result<(), RecipeError> {
    let ids = recipes.iter().map(|r| r.id).collect();
    for (id, used_by) in queries::lock_with_use(tx, ids).await? {
        if used_by.is_some()
            && let Some(recipe) = recipes.iter().find(|r| r.id == id)
        {
            let name = recipe.name.clone();
            return Err(RecipeError::InUse { name });
        }
    }
    let events = recipes
        .iter()
        .map(|r| NewEvent::new(Event::RecipeDeleted, r.id.get(), json!({ "name": r.name })))
        .collect();
    queries::delete(tx, recipes).await?;
    Ok(outbox::emit(tx, events).await?)
}

/// What a recipe would cost at today's average costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeCost {
    /// Per line, in order; `None` where the item has no stock to tell, or can't be converted.
    pub lines: Vec<Option<Money>>,
    pub total: Money,
    /// Per one of the yield's unit.
    pub per_unit: Option<Money>,
    /// Whether every line is in the total.
    pub is_complete: bool,
}

/// Prices the lines by the average cost of what is on hand. An estimate: what a batch really costs
/// is known when it takes its lots.
pub fn cost(recipe: &Recipe, lines: &[RecipeLine], items: &BTreeMap<ItemId, Item>) -> RecipeCost {
    let priced: Vec<Option<Money>> = lines
        .iter()
        .map(|line| {
            let item = items.get(&line.item_id)?;
            let unit = Unit::find(&line.unit)?;
            let stock = inventory::stock_quantity(item, line.amount, unit, Scale::ONE).ok()?;
            item.cost_of(stock)
        })
        .collect();
    let total = priced
        .iter()
        .flatten()
        .fold(0_i64, |sum, money| sum.saturating_add(money.get()));
    RecipeCost {
        is_complete: priced.iter().all(Option::is_some),
        per_unit: quantity::mul_div_half_up(total, 1_000_000, recipe.yield_amount.get())
            .map(Money::micros),
        total: Money::micros(total),
        lines: priced,
    }
}
