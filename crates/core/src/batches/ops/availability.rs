use super::super::{BatchError, model::Availability};
use crate::{
    inventory,
    kernel::{Quantity, Scale, Unit, ids::RecipeId},
    platform::OrgTx,
    recipes::{self, RecipeError},
};
use std::collections::BTreeMap;

/// Holds the lines of a recipe against the shelf, without locking anything.
pub async fn availability(
    tx: &mut OrgTx,
    recipe: RecipeId,
    scale: Scale,
) -> Result<Vec<Availability>, BatchError> {
    recipes::recipe(tx, recipe).await?.ok_or(RecipeError::NoRecipe)?;
    let lines = recipes::lines(tx, recipe).await?;
    let ids: Vec<_> = lines.iter().map(|line| line.item_id).collect();
    let items = inventory::items_by_ids(tx, ids.clone()).await?;
    let expired = inventory::expired_quantities(tx, ids).await?;
    // Two lines of one item share what there is of it.
    let mut left: BTreeMap<_, Quantity> = items
        .iter()
        .map(|(id, item)| {
            let gone = expired.get(id).copied().unwrap_or_default();
            (*id, item.quantity.checked_sub(gone).unwrap_or_default())
        })
        .collect();
    Ok(lines
        .into_iter()
        .filter_map(|line| {
            let item = items.get(&line.item_id)?.clone();
            let needed = Unit::find(&line.unit)
                .and_then(|unit| inventory::stock_quantity(&item, line.amount, unit, scale).ok());
            let shelf = left.entry(item.id).or_default();
            let available = item.written(*shelf);
            let is_sufficient = needed.map(|needed| needed <= *shelf);
            if let Some(rest) = needed.and_then(|needed| shelf.checked_sub(needed)) {
                *shelf = rest.max(Quantity::ZERO);
            }
            Some(Availability {
                kind: line.kind,
                needed: scale.apply(line.amount).unwrap_or(line.amount),
                unit: line.unit,
                available,
                is_sufficient,
                item,
            })
        })
        .collect())
}
