use crate::{
    again::Again,
    batches::views::{BatchView, LineRow, OutputRow, StepRow},
    extract::{Tenant, Unit},
    figures::{self, Currency},
    page::{Page, Shell},
    page_api,
    problem::Problem,
};
use actix_web::{HttpResponse, http::header, web::Path};
use batchtrack_core::{
    batches::{self, BatchError, BatchKey, BatchPage, BatchStatus},
    kernel::{Money, Unit as Measure, ids::BatchId},
    products,
};

/// SKUs to choose from; any product can be named as well.
const OFFERED: u16 = 200;

#[derive(askama::Template)]
#[template(path = "batches/in_progress.html")]
struct InProgressPage {
    shell: Shell,
    batch: BatchView,
    lines: Vec<LineRow>,
    skipped: usize,
    skus: Vec<(i64, String)>,
    /// The product of the recipe's name, if there is one.
    sku: String,
    units: Vec<(&'static str, &'static str)>,
    final_quantity: String,
    final_unit: String,
    again: Again,
}

#[derive(askama::Template)]
#[template(path = "batches/record.html")]
struct RecordPage {
    shell: Shell,
    batch: BatchView,
    lines: Vec<LineRow>,
    skipped: usize,
    outputs: Vec<OutputRow>,
    steps: Vec<StepRow>,
}

/// What is being made now; a batch that has ended has a record instead.
pub(super) async fn in_progress(
    tenant: Tenant,
    key: Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let found = find(&mut unit, &key).await?;
    if found.batch.status != BatchStatus::InProgress {
        return Ok(onward(&format!("/batches/{}", found.batch.id)));
    }
    working_page(&tenant, unit, &found, Again::default()).await
}

/// The page of a batch that could not be moved on like this. Where it has ended meanwhile, that is
/// said at its record.
pub(in crate::batches) async fn again(
    tenant: &Tenant,
    id: BatchId,
    again: Again,
) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let found = batches::batch_page(&mut unit.tx, &BatchKey::Id(id))
        .await?
        .ok_or(BatchError::NoBatch)?;
    if found.batch.status == BatchStatus::InProgress {
        return working_page(tenant, unit, &found, again).await;
    }
    let problem = again.into_problem().unwrap_or_else(Problem::not_found);
    page_api::refused(tenant, problem, &format!("/batches/{id}"))
}

async fn working_page(
    tenant: &Tenant,
    mut unit: Unit,
    found: &BatchPage,
    again: Again,
) -> Result<HttpResponse, Problem> {
    let skus = products::skus(&mut unit.tx, None, OFFERED).await?;
    let money = unit.batch_costs();
    let batch = &found.batch;
    let lines = lines(found, &money);
    let refused = again.is_any();
    Page(InProgressPage {
        shell: tenant.shell(&unit),
        skipped: lines.iter().filter(|line| line.taken.is_none()).count(),
        lines,
        skus: skus
            .iter()
            .map(|stock| (stock.sku.id.get(), sku_name(stock)))
            .collect(),
        sku: skus
            .iter()
            .find(|stock| stock.product.eq_ignore_ascii_case(&batch.recipe_name))
            .map_or_else(String::new, |stock| stock.sku.id.to_string()),
        units: figures::unit_choices(),
        final_quantity: batch.projected_yield.to_string(),
        final_unit: Measure::find(&batch.yield_unit)
            .map_or_else(String::new, |unit| unit.name.to_owned()),
        batch: BatchView::of(batch, &money, &unit.times()),
        again,
    })
    .with_forms(refused)
}

/// What came of a batch; one in progress has a working page instead.
pub(super) async fn record(tenant: Tenant, key: Path<String>) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let found = find(&mut unit, &key).await?;
    if found.batch.status == BatchStatus::InProgress {
        return Ok(onward(&format!("/batches/in-progress/{}", found.batch.id)));
    }
    let steps = batches::steps(&mut unit.tx, found.batch.id).await?;
    let money = unit.batch_costs();
    let times = unit.times();
    let lines = lines(&found, &money);
    Page(RecordPage {
        shell: tenant.shell(&unit),
        skipped: lines.iter().filter(|line| line.taken.is_none()).count(),
        lines,
        outputs: steps
            .iter()
            .flat_map(|step| {
                step.made
                    .iter()
                    .map(|made| OutputRow::of(made, &money, &times))
            })
            .collect(),
        steps: steps
            .iter()
            .rev()
            .map(|step| StepRow::of(step, found.last_step, &times))
            .collect(),
        batch: BatchView::of(&found.batch, &money, &times),
    })
    .into_response()
}

async fn find(unit: &mut Unit, key: &str) -> Result<BatchPage, Problem> {
    let key: BatchKey = key.parse().unwrap_or_else(|never| match never {});
    if matches!(&key, BatchKey::Label(label) if label.contains('\0')) {
        return Err(BatchError::NoBatch.into());
    }
    Ok(batches::batch_page(&mut unit.tx, &key)
        .await?
        .ok_or(BatchError::NoBatch)?)
}

fn lines(found: &BatchPage, money: &Currency) -> Vec<LineRow> {
    // A batch that was cancelled has given its value back; its lines still say what it was.
    let values = found.lines.iter().map(|(line, _)| line.value);
    let values: Vec<i64> = values.map(Money::get).collect();
    found
        .lines
        .iter()
        .zip(figures::shares(&values))
        .map(|((line, item), share)| LineRow::of(line, item, found.batch.scale, share, money))
        .collect()
}

/// `Lavender Bar, Base, Each`: what is the same for every product is left out.
fn sku_name(stock: &products::SkuStock) -> String {
    match (stock.variant.as_str(), stock.sku.size_label.as_str()) {
        ("Base", "Each") => stock.product.clone(),
        ("Base", size) => format!("{}, {size}", stock.product),
        (variant, "Each") => format!("{}, {variant}", stock.product),
        (variant, size) => format!("{}, {variant}, {size}", stock.product),
    }
}

fn onward(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}
