use super::super::{BatchError, model::Availability};
use crate::{
    inventory,
    kernel::{Quantity, Scale, Unit, ids::RecipeId},
    platform::OrgTx,
    recipes::{self, RecipeError, StockedLine},
};
use std::collections::BTreeMap;

/// Holds the lines of a recipe against the shelf, without locking anything.
pub async fn availability(
    tx: &mut OrgTx,
    recipe: RecipeId,
    scale: Scale,
) -> Result<Vec<Availability>, BatchError> {
    recipes::recipe(tx, recipe)
        .await?
        .ok_or(RecipeError::NoRecipe)?;
    Ok(held_against_shelf(
        &recipes::stocked_lines(tx, recipe).await?,
        scale,
    ))
}

/// What `scale` times these lines take, beside what there is of each that has not expired.
pub fn held_against_shelf(lines: &[StockedLine], scale: Scale) -> Vec<Availability> {
    // Two lines of one item share what there is of it.
    let mut left: BTreeMap<_, Quantity> = lines
        .iter()
        .map(|StockedLine { item, expired, .. }| {
            (
                item.id,
                item.quantity.checked_sub(*expired).unwrap_or_default(),
            )
        })
        .collect();
    lines
        .iter()
        .map(|StockedLine { line, item, .. }| {
            let needed = Unit::find(&line.unit)
                .and_then(|unit| inventory::stock_quantity(item, line.amount, unit, scale).ok());
            let shelf = left.entry(item.id).or_default();
            let available = item.written(*shelf);
            let is_sufficient = needed.map(|needed| needed <= *shelf);
            if let Some(rest) = needed.and_then(|needed| shelf.checked_sub(needed)) {
                *shelf = rest.max(Quantity::ZERO);
            }
            Availability {
                kind: line.kind,
                needed: scale.apply(line.amount).unwrap_or(line.amount),
                unit: line.unit.clone(),
                available,
                is_sufficient,
                item: item.clone(),
            }
        })
        .collect()
}
