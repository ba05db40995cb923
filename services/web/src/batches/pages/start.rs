use crate::{
    batches::forms,
    extract::{Answer, Fields, FormBody, Tenant},
    page::Flash,
    problem::Problem,
    recipes::pages::show::{self, Attempt},
};
use actix_web::{HttpResponse, http::header};
use batchtrack_core::{
    batches::{self, BatchError},
    kernel::ids::RecipeId,
};

/// Starts a batch, or shows the recipe again with what is short.
pub(super) async fn start(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let recipe = match forms::recipe(&fields) {
        Ok(recipe) => recipe,
        // Who may not start batches learns nothing about forms.
        Err(problem) => {
            drop(tenant.begin().await?);
            return Err(problem);
        }
    };
    if fields.filled("check").is_some() {
        return Ok(look(&fields, recipe));
    }
    let mut short = Vec::new();
    let done = match forms::start(&fields, recipe) {
        Ok(start) => {
            tenant
                .write(once, async |unit| {
                    let started = batches::start(&mut unit.tx, start.clone())
                        .await
                        .inspect_err(|error| {
                            if let BatchError::Short(shortages) = error {
                                short.clone_from(shortages);
                            }
                        })?;
                    let flash = Flash::success(format!(
                        "Batch {} is under way. Its ingredients left the shelf.",
                        started.label
                    ));
                    Ok(
                        Answer::redirect(format!("/batches/in-progress/{}", started.id))
                            .flash(flash),
                    )
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let attempt = Attempt {
                scale: fields.text("scale").to_owned(),
                batch_type: fields.text("batch_type").to_owned(),
                notes: fields.text("notes").to_owned(),
                problem: if short.is_empty() {
                    words(&problem)
                } else {
                    String::new()
                },
                short,
                is_refused: true,
            };
            let unit = tenant.begin().await?;
            show::page(&tenant, unit, recipe, attempt).await
        }
        other => other,
    }
}

/// The recipe at the size that was typed; nothing is started.
fn look(fields: &Fields, recipe: RecipeId) -> HttpResponse {
    let scale: String =
        url::form_urlencoded::byte_serialize(fields.text("scale").as_bytes()).collect();
    HttpResponse::SeeOther()
        .insert_header((
            header::LOCATION,
            format!("/recipes/{recipe}/view?scale={scale}#make"),
        ))
        .finish()
}

/// What is wrong with the fields, or else with the whole.
fn words(problem: &Problem) -> String {
    let fields: Vec<&str> = ["scale", "batch_type", "notes"]
        .into_iter()
        .map(|field| problem.at(field))
        .filter(|words| !words.is_empty())
        .collect();
    if fields.is_empty() {
        problem.detail().into_owned()
    } else {
        fields.join(" ")
    }
}
