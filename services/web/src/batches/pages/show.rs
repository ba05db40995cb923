use crate::{
    batches::views::{BatchView, LineRow, OutputRow, StepRow},
    extract::{Tenant, Unit},
    figures::{self, Currency},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, http::header, web::Path};
use batchtrack_core::{
    batches::{self, BatchError, BatchKey, BatchPage, BatchStatus},
    kernel::Unit as Measure,
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
    let skus = products::skus(&mut unit.tx, None, OFFERED).await?;
    let money = Currency::of(&unit.membership.currency);
    let batch = &found.batch;
    let lines = lines(&found, &money);
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
        batch: BatchView::of(batch, &money, unit.tx.now()),
    })
    .into_response()
}

/// What came of a batch; one in progress has a working page instead.
pub(super) async fn record(tenant: Tenant, key: Path<String>) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let found = find(&mut unit, &key).await?;
    if found.batch.status == BatchStatus::InProgress {
        return Ok(onward(&format!("/batches/in-progress/{}", found.batch.id)));
    }
    let steps = batches::steps(&mut unit.tx, found.batch.id).await?;
    let money = Currency::of(&unit.membership.currency);
    let lines = lines(&found, &money);
    Page(RecordPage {
        shell: tenant.shell(&unit),
        skipped: lines.iter().filter(|line| line.taken.is_none()).count(),
        lines,
        outputs: steps
            .iter()
            .flat_map(|step| step.made.iter().map(|made| OutputRow::of(made, &money)))
            .collect(),
        steps: steps
            .iter()
            .rev()
            .map(|step| StepRow::of(step, found.last_step))
            .collect(),
        batch: BatchView::of(&found.batch, &money, unit.tx.now()),
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
    let batch = &found.batch;
    // A batch that was cancelled has given its value back; its lines still say what it was.
    let total = found
        .lines
        .iter()
        .fold(0_i64, |sum, (line, _)| sum.saturating_add(line.value.get()));
    let total = batchtrack_core::kernel::Money::micros(total);
    found
        .lines
        .iter()
        .map(|(line, item)| LineRow::of(line, item, batch.scale, total, money))
        .collect()
}

/// `Lavender Bar, Base, Each`: what is the same for every product is left out.
fn sku_name(stock: &products::SkuStock) -> String {
    match (stock.variant.as_str(), stock.sku.size_label.as_str()) {
        ("Base", "Each") => stock.product.clone(),
        ("Base", size) => format!("{}, {size}", stock.product),
        (variant, size) => format!("{}, {variant}, {size}", stock.product),
    }
}

fn onward(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}
