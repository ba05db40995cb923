use crate::{
    extract::{Tenant, Unit},
    figures::{self, Figure},
    page::{Page, Shell},
    problem::Problem,
    recipes::views::{CostView, LineRow, ShortRow, is_counted},
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use batchtrack_core::{
    batches::{self, Shortage},
    kernel::{Money, Scale, ids::RecipeId},
    recipes::{self, RecipeError, RecipePage as Found, RecipeStatus},
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShowQuery {
    scale: String,
}

/// What somebody tried to start, shown again with the reason why it did not.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    pub(crate) scale: String,
    pub(crate) batch_type: String,
    pub(crate) notes: String,
    pub(crate) problem: String,
    pub(crate) short: Vec<Shortage>,
    pub(crate) is_refused: bool,
}

#[derive(askama::Template)]
#[template(path = "recipes/view.html")]
struct RecipePage {
    shell: Shell,
    id: RecipeId,
    name: String,
    prefix: String,
    category: String,
    state: &'static str,
    instructions: String,
    yields: Figure,
    yield_at_scale: Figure,
    cost: CostView,
    cost_at_scale: Figure,
    rows: Vec<LineRow>,
    scale: String,
    batch_type: String,
    notes: String,
    problem: String,
    short: Vec<ShortRow>,
    can_start: bool,
    missing: usize,
    without_density: usize,
}

pub(super) async fn show(
    tenant: Tenant,
    id: Path<RecipeId>,
    query: Query<ShowQuery>,
) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let attempt = Attempt {
        scale: query.into_inner().scale,
        ..Attempt::default()
    };
    page(&tenant, unit, *id, attempt).await
}

/// The recipe's page, as it is or with what went wrong at starting a batch.
pub(crate) async fn page(
    tenant: &Tenant,
    mut unit: Unit,
    id: RecipeId,
    attempt: Attempt,
) -> Result<HttpResponse, Problem> {
    let Found {
        recipe,
        prefix,
        category,
    } = recipes::recipe_page(&mut unit.tx, id)
        .await?
        .ok_or(RecipeError::NoRecipe)?;
    let stocked = recipes::stocked_lines(&mut unit.tx, id).await?;
    let money = unit.stock_costs();

    let (scale, problem) = match attempt.scale.parse::<Scale>() {
        Ok(scale) => (scale, attempt.problem),
        Err(_) if attempt.scale.is_empty() => (Scale::ONE, attempt.problem),
        Err(error) => (Scale::ONE, format!("The number of batches: {error}.")),
    };
    let shelf = batches::held_against_shelf(&stocked, scale);
    let lines: Vec<_> = stocked.iter().map(|stocked| stocked.line.clone()).collect();
    let items: BTreeMap<_, _> = stocked
        .iter()
        .map(|s| (s.item.id, s.item.clone()))
        .collect();
    let cost = recipes::cost(&recipe, &lines, &items);
    let at_scale = cost.total.times(scale.get()).unwrap_or(cost.total);
    let priced = cost.lines.iter();
    let priced: Vec<i64> = priced
        .map(|cost| cost.filter(|_| !money.hides_costs()).map_or(0, Money::get))
        .collect();
    let rows: Vec<LineRow> = stocked
        .iter()
        .zip(cost.lines.iter().zip(figures::shares(&priced)))
        .zip(&shelf)
        .map(|((line, (cost, share)), shelf)| {
            LineRow::of(line, *cost, share, (scale, shelf), &money)
        })
        .collect();
    let typed_scale = if attempt.scale.is_empty() {
        "1".to_owned()
    } else {
        attempt.scale
    };
    let refused = attempt.is_refused;
    Page(RecipePage {
        // Also where a batch could not be started from it.
        shell: tenant.shell(&unit).under("/recipes/"),
        id,
        prefix,
        category,
        state: match recipe.archived_at {
            Some(_) => "archived",
            None => recipe.status.as_str(),
        },
        yields: figures::written(recipe.yield_amount, &recipe.yield_unit),
        yield_at_scale: figures::written(
            scale
                .apply(recipe.yield_amount)
                .unwrap_or(recipe.yield_amount),
            &recipe.yield_unit,
        ),
        cost: CostView::of(&cost, &money),
        cost_at_scale: money.short(at_scale),
        scale: typed_scale,
        batch_type: match (attempt.batch_type.as_str(), is_counted(&recipe.yield_unit)) {
            ("", true) => "product".to_owned(),
            ("", false) => "ingredient".to_owned(),
            (chosen, _) => chosen.to_owned(),
        },
        notes: attempt.notes,
        problem,
        short: attempt.short.iter().map(ShortRow::of).collect(),
        can_start: recipe.archived_at.is_none()
            && recipe.status == RecipeStatus::Published
            && !rows.is_empty(),
        missing: rows.iter().filter(|row| row.fit == "short").count(),
        without_density: rows.iter().filter(|row| row.fit == "density").count(),
        rows,
        name: recipe.name,
        instructions: recipe.instructions,
    })
    .with_forms(refused)
}
