use crate::{
    batches::views::{BatchRow, Card},
    extract::Tenant,
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::{
    batches::{self, Batch, BatchFilter, BatchStatus},
    kernel::{self, ids::RecipeId},
};
use serde::Deserialize;

const CARDS: u16 = 12;
const PER_PAGE: u16 = 25;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    status: String,
    recipe: String,
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "batches/list.html")]
struct ListPage {
    shell: Shell,
    tabs: Vec<(String, &'static str, bool)>,
    /// Shown on the first page of everything alone.
    cards: Vec<Card>,
    more_cards: bool,
    rows: Vec<BatchRow>,
    pager: Pager,
    of_recipe: Option<String>,
    is_filtered: bool,
}

pub(super) async fn show(tenant: Tenant, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let cursor = listing::cursor(&query.cursor)?;
    let status: Option<BatchStatus> = query.status.parse().ok();
    let recipe: Option<RecipeId> = query.recipe.parse().ok();
    let mut unit = tenant.begin().await?;
    let here = cursor.as_ref();
    let (current, past) = if status.is_some() {
        let filter = BatchFilter { status, recipe };
        (
            none(),
            batches::list(&mut unit.tx, &filter, here, PER_PAGE).await?,
        )
    } else {
        let status = Some(BatchStatus::InProgress);
        let filter = BatchFilter { status, recipe };
        let current = if here.is_none() {
            batches::list(&mut unit.tx, &filter, None, CARDS).await?
        } else {
            none()
        };
        (
            current,
            batches::finished(&mut unit.tx, recipe, here, PER_PAGE).await?,
        )
    };
    let money = unit.batch_costs();
    let times = unit.times();
    let filters = [
        ("status", query.status.as_str()),
        ("recipe", query.recipe.as_str()),
    ];
    let named = current
        .rows
        .iter()
        .chain(&past.rows)
        .find(|_| recipe.is_some());
    Page(ListPage {
        shell: tenant.shell(&unit),
        tabs: tabs(status, &query.recipe),
        of_recipe: recipe.map(|_| {
            named.map_or_else(
                || "one recipe".to_owned(),
                |batch| batch.recipe_name.clone(),
            )
        }),
        is_filtered: status.is_some() || recipe.is_some(),
        more_cards: current.next.is_some(),
        cards: current
            .rows
            .iter()
            .map(|batch| Card::of(batch, &money, &times))
            .collect(),
        pager: Pager::of("/batches/", &filters, &query.cursor, past.next.as_ref()),
        rows: past
            .rows
            .iter()
            .map(|batch| BatchRow::of(batch, &money, &times))
            .collect(),
    })
    .into_response()
}

const fn none() -> kernel::Page<Batch> {
    kernel::Page {
        rows: Vec::new(),
        next: None,
    }
}

fn tabs(status: Option<BatchStatus>, recipe: &str) -> Vec<(String, &'static str, bool)> {
    let link = |status: &str| {
        let filters = [("status", status), ("recipe", recipe)];
        Pager::of("/batches/", &filters, "here", None)
            .first
            .unwrap_or_default()
    };
    let all = (link(""), "All", status.is_none());
    let each = BatchStatus::ALL
        .iter()
        .map(|each| (link(each.as_str()), each.title(), status == Some(*each)));
    std::iter::once(all).chain(each).collect()
}
