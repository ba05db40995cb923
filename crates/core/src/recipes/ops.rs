use super::{
    RecipeError,
    model::{LineKind, Recipe, RecipeLine, RecipeStatus},
    queries::{self, NewVersion, ProductCategory},
    rules,
};
use crate::{
    inventory::{self, Item, ItemType},
    kernel::{
        Money, Quantity, Scale, StoreError, Unit,
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

/// Creates a recipe: the first version of its name, or the next after one that is archived.
pub async fn create(tx: &mut OrgTx, new: NewRecipe) -> Result<RecipeId, RecipeError> {
    let ids = create_many(tx, vec![new])
        .await
        .map_err(|(_, error)| error)?;
    ids.into_iter().next().ok_or(RecipeError::NoRecipe)
}

/// Creates several recipes in a constant number of statements; an error says which it concerns,
/// counted from zero.
#[tracing::instrument(name = "core.recipes.create", skip_all, fields(recipes = new.len()))]
pub async fn create_many(
    tx: &mut OrgTx,
    new: Vec<NewRecipe>,
) -> Result<Vec<RecipeId>, (usize, RecipeError)> {
    let first = |error: StoreError| (0, error.into());
    let wanted = new
        .iter()
        .flat_map(|r| r.lines.iter().map(|line| line.item))
        .collect();
    let items = inventory::items_by_ids(tx, wanted).await.map_err(first)?;
    let categories = queries::product_categories(tx).await.map_err(first)?;
    for (at, recipe) in new.iter().enumerate() {
        check(recipe, &items).map_err(|error| (at, error))?;
    }
    queries::lock_groups(tx).await.map_err(first)?;
    let names = new.iter().map(|r| r.name.as_str().to_owned()).collect();
    let namesakes = queries::namesakes(tx, names).await.map_err(first)?;
    let mut prefixes = Prefixes::new(tx, &new).await.map_err(first)?;
    let (mut rows, mut succeeded) = (Vec::with_capacity(new.len()), Vec::new());
    let mut given = BTreeSet::new();
    for (at, recipe) in new.iter().enumerate() {
        let name = recipe.name.as_str();
        let taken = || {
            let name = name.to_owned();
            (at, RecipeError::NameTaken { name })
        };
        let before = namesakes.get(&at);
        if before.is_some_and(|before| before.is_in_use) || !given.insert(name.to_lowercase()) {
            return Err(taken());
        }
        let category = match recipe.category_id {
            Some(id) => categories.iter().find(|c| c.id == id),
            None => categories
                .iter()
                .find(|c| c.name == ProductCategory::DEFAULT),
        };
        let prefix = match before {
            Some(_) => None,
            None => Some(prefixes.next(name).ok_or_else(taken)?),
        };
        succeeded.extend(before.map(|before| before.group));
        rows.push(NewVersion {
            name: name.to_owned(),
            prefix,
            group: before.map(|before| before.group),
            version: before.map_or(0, |before| before.last_version) + 1,
            status: recipe.status,
            instructions: recipe.instructions.clone(),
            category_id: category.ok_or((at, RecipeError::NoCategory))?.id,
            yield_amount: recipe.yield_amount,
            yield_unit: recipe.yield_unit.name,
            import: recipe.import,
        });
    }
    if !succeeded.is_empty() {
        queries::replace_archived(tx, succeeded)
            .await
            .map_err(first)?;
    }
    let inserted = queries::insert(tx, &rows).await.map_err(first)?;
    let (mut ids, mut lines, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for (at, recipe) in new.iter().enumerate() {
        let (id, group) = *inserted
            .get(recipe.name.as_str())
            .ok_or((at, RecipeError::NoRecipe))?;
        lines.extend((1..).zip(&recipe.lines).map(|(position, line)| {
            let unit = line.unit.name;
            (id, position, line.kind, line.item, line.amount, unit)
        }));
        events.push(created(id, group, recipe));
        ids.push(id);
    }
    queries::insert_lines(tx, lines).await.map_err(first)?;
    outbox::emit(tx, events).await.map_err(first)?;
    Ok(ids)
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

/// Hands out prefixes that are free, also among the recipes of one go. No other is handed out
/// meanwhile: the groups are locked.
struct Prefixes {
    taken: BTreeSet<String>,
}

impl Prefixes {
    async fn new(tx: &mut OrgTx, new: &[NewRecipe]) -> Result<Self, StoreError> {
        // One recipe looks at the first candidates alone; a thousand recipes of an organisation
        // need not be read for it.
        let candidates: Vec<String> = match new {
            [one] => rules::prefixes(one.name.as_str()).take(64).collect(),
            _ => Vec::new(),
        };
        let mut taken = queries::prefixes_taken(tx, candidates.clone()).await?;
        if taken.len() == candidates.len() {
            taken = queries::all_prefixes(tx).await?;
        }
        Ok(Self {
            taken: taken.into_iter().collect(),
        })
    }

    /// The best that is not taken; none twice.
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

/// Takes recipes back as if nobody had written them: those that were never made are deleted, those
/// whose batches were all cancelled are archived, since the batches' records show them. Refuses all
/// of them while a batch of one stands.
pub async fn withdraw(tx: &mut OrgTx, recipes: &[Recipe]) -> Result<(), RecipeError> {
    let ids = recipes.iter().map(|r| r.id).collect();
    let mut archived = Vec::new();
    for used in queries::lock_with_use(tx, ids).await? {
        if used.is_held
            && let Some(recipe) = recipes.iter().find(|r| r.id == used.id)
        {
            let name = recipe.name.clone();
            return Err(RecipeError::InUse { name });
        }
        if used.was_started {
            archived.push(used.id);
        }
    }
    let (kept, gone): (Vec<&Recipe>, Vec<&Recipe>) =
        recipes.iter().partition(|r| archived.contains(&r.id));
    let deleted =
        |r: &&Recipe| NewEvent::new(Event::RecipeDeleted, r.id.get(), json!({ "name": r.name }));
    let put_away = |r: &&Recipe| {
        let said = json!({ "recipe_id": r.id, "is_archived": true });
        NewEvent::new(Event::RecipeUpdated, r.id.get(), said)
    };
    let events = gone
        .iter()
        .map(deleted)
        .chain(kept.iter().map(put_away))
        .collect();
    let now = tx.now();
    queries::set_archived(tx, archived, now).await?;
    queries::delete(tx, &gone).await?;
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
