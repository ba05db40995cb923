//! What arrives from the form that starts a batch, and its one-way door into the domain.
use crate::{extract::Fields, problem::Problem, typed::Typed};
use batchtrack_core::{
    batches::{BatchType, Start},
    kernel::{Scale, ids::RecipeId},
};

const LONGEST_NOTE: usize = 4_000;

/// Without a recipe there is no page to show the form on again.
pub(super) fn recipe(fields: &Fields) -> Result<RecipeId, Problem> {
    fields.text("recipe_id").parse().map_err(|_not_an_id| {
        Problem::invalid("form.invalid", "Choose a recipe.").field("recipe_id", "Choose a recipe.")
    })
}

pub(super) fn start(fields: &Fields, recipe: RecipeId) -> Result<Start, Problem> {
    let mut typed = Typed::new(fields);
    let scale = match fields.filled("scale") {
        Some(_) => typed.maybe::<Scale>("scale"),
        None => Some(Scale::ONE),
    };
    let batch_type = typed.maybe("batch_type").unwrap_or(BatchType::Ingredient);
    let notes = typed.note("notes", LONGEST_NOTE);
    typed.finish(scale.map(|scale| Start {
        recipe,
        scale,
        batch_type,
        notes,
        force: fields.is_ticked("force"),
    }))
}
