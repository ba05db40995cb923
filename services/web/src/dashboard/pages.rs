//! The page after signing in: how things stand, and what to do next.
use super::views::{self, ActivityRow, Chart, LowRow, Todo, TypeBar};
use crate::endpoint::{Access, Endpoint};
use crate::{
    batches::views::Card,
    extract::Tenant,
    figures::{self, Figure},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use batchtrack_core::{batches, inventory, tiers::Permission};

const MOST: i64 = 6;

pub(crate) const ENDPOINTS: &[Endpoint] =
    &[Endpoint::get("/user_dashboard", Access::Member, || {
        web::to(show)
    })];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/dashboard", "/user_dashboard"))
        .service(web::redirect("/user_dashboard/", "/user_dashboard"));
    Endpoint::register(ENDPOINTS, cfg);
}

#[derive(askama::Template)]
#[template(path = "dashboard/dashboard.html")]
struct Dashboard {
    shell: Shell,
    greeting: String,
    stock_value: Figure,
    items: String,
    low_count: String,
    in_progress: String,
    tied_up: String,
    todo: Vec<Todo>,
    todo_done: usize,
    /// Of `todo`, counted from zero.
    next_step: usize,
    /// Nothing was ever done: the figures would all be zero.
    is_new: bool,
    chart: Chart,
    types: Vec<TypeBar>,
    low: Vec<LowRow>,
    cards: Vec<Card>,
    recent: Vec<ActivityRow>,
}

impl Dashboard {
    fn low_tone(&self) -> &'static str {
        if self.low.is_empty() {
            "success"
        } else {
            "warning"
        }
    }
}

/// For whoever sees no figures: everybody can open the dashboard, whatever their roles and the tier.
#[derive(askama::Template)]
#[template(path = "dashboard/welcome.html")]
struct Welcome {
    shell: Shell,
    greeting: String,
    organization: String,
}

async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    if !unit.may(Permission::DashboardView) {
        return Page(Welcome {
            shell: tenant.shell(&unit),
            greeting: greeting(&unit.membership.first_name),
            organization: unit.membership.organization_name.clone(),
        })
        .into_response();
    }
    let now = unit.tx.now();
    let times = unit.times();
    let stock = inventory::overview(&mut unit.tx, MOST).await?;
    let making = batches::overview(&mut unit.tx, views::first_week(now), MOST).await?;
    let (money, making_costs) = (unit.stock_costs(), unit.batch_costs());
    let todo = Todo::list(&stock, &making);
    Page(Dashboard {
        shell: tenant.shell(&unit),
        greeting: greeting(&unit.membership.first_name),
        stock_value: money.short(stock.value()),
        items: figures::count(stock.items()),
        low_count: figures::count(stock.running_low()),
        in_progress: figures::count(making.in_progress),
        tied_up: format!("{} tied up", making_costs.short(making.tied_up).text),
        next_step: todo
            .iter()
            .position(|step| !step.is_done)
            .unwrap_or_default(),
        is_new: todo.iter().all(|step| !step.is_done) && !todo.is_empty(),
        todo_done: todo.iter().filter(|step| step.is_done).count(),
        todo,
        chart: Chart::of(&making.weeks, now, &making_costs),
        types: TypeBar::list(&stock, &money),
        low: stock.low.iter().map(LowRow::of).collect(),
        cards: making
            .current
            .iter()
            .map(|batch| views::card(batch, &making_costs, &times))
            .collect(),
        recent: stock
            .recent
            .iter()
            .map(|done| ActivityRow::of(done, &money, &times))
            .collect(),
    })
    .into_response()
}

fn greeting(name: &str) -> String {
    match name {
        "" => "Welcome back".to_owned(),
        name => format!("Hello, {name}"),
    }
}
