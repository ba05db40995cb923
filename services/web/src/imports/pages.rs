//! The pages of imports: choose a file, look at what would come of it, take it in, take it back.
use super::{
    forms, problem, samples,
    views::{self, Column, ImportRow, Looked, Receipt},
};
use crate::endpoint::{
    Access::{self, May},
    Endpoint,
};
use crate::{
    extract::{Answer, FormBody, Tenant, Unit},
    inventory::pages::or_back,
    listing::{self, Pager},
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    web::{self, Path, Query, ServiceConfig},
};
use batchtrack_core::tiers::Permission as P;
use batchtrack_core::{
    imports::{self, ImportError, ImportKind, Upload},
    kernel::ids::ImportId,
};
use serde::Deserialize;

const PER_PAGE: u16 = 50;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/imports/", May(P::InventoryView), || web::to(list)),
    Endpoint::get("/imports/new", May(P::InventoryEdit), || web::to(choose)),
    Endpoint::post("/imports/preview", May(P::InventoryEdit), || {
        web::to(preview)
    }),
    Endpoint::post("/imports/run", May(P::InventoryEdit), || web::to(run)),
    Endpoint::get("/imports/sample/{name}", Access::Public, || {
        web::to(samples::download)
    }),
    Endpoint::get("/imports/{id}", May(P::InventoryView), || web::to(show)),
    Endpoint::post("/imports/{id}/undo", May(P::InventoryEdit), || {
        web::to(undo)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/imports", "/imports/"));
    Endpoint::register(ENDPOINTS, cfg);
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CursorQuery {
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "imports/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<ImportRow>,
    pager: Pager,
}

async fn list(tenant: Tenant, query: Query<CursorQuery>) -> Result<HttpResponse, Problem> {
    let before = listing::cursor(&query.cursor)?;
    let mut unit = tenant.begin().await?;
    let page = imports::list(&mut unit.tx, before.as_ref(), PER_PAGE).await?;
    Page(ListPage {
        shell: tenant.shell(&unit),
        pager: Pager::of("/imports/", &[], &query.cursor, page.next.as_ref()),
        rows: page
            .rows
            .iter()
            .map(|import| ImportRow::of(import, &unit.times()))
            .collect(),
    })
    .into_response()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KindQuery {
    kind: String,
}

#[derive(askama::Template)]
#[template(path = "imports/new.html")]
struct NewPage<'a> {
    shell: Shell,
    kind: ImportKind,
    title: &'static str,
    columns: Vec<Column>,
    sample: &'static str,
    /// Pasted rows, when they are shown again.
    content: &'a str,
    problem: Option<&'a Problem>,
}

impl NewPage<'_> {
    fn at(&self, field: &str) -> &str {
        self.problem.map_or("", |problem| problem.at(field))
    }
    fn above(&self) -> String {
        self.problem
            .map_or_else(String::new, |problem| problem.above(&["file"]))
    }
}

async fn choose(tenant: Tenant, query: Query<KindQuery>) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let kind = query.kind.parse().unwrap_or(ImportKind::Purchases);
    new_page(&tenant, &unit, kind, "", None)
}

fn new_page(
    tenant: &Tenant,
    unit: &Unit,
    kind: ImportKind,
    content: &str,
    problem: Option<&Problem>,
) -> Result<HttpResponse, Problem> {
    Page(NewPage {
        shell: tenant.shell(unit),
        kind,
        title: views::title(kind),
        columns: views::columns(kind),
        sample: samples::text(kind),
        content,
        problem,
    })
    .with_forms(problem.is_some())
}

#[derive(askama::Template)]
#[template(path = "imports/preview.html")]
struct PreviewPage {
    shell: Shell,
    view: Looked,
    above: String,
}

/// Looks, and changes nothing; so it needs no key.
async fn preview(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    look(&tenant, &form, None).await
}

/// The page of a file, or the form again when it can't even be read.
async fn look(
    tenant: &Tenant,
    form: &FormBody,
    refused: Option<Problem>,
) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let (upload, looked) = match forms::upload(&form.fields) {
        Ok(upload) => {
            let looked = imports::preview(&mut unit.tx, &upload)
                .await
                .map_err(problem);
            (Some(upload), looked)
        }
        Err(problem) => (None, Err(problem)),
    };
    match (upload, looked) {
        (Some(upload), Ok(preview)) => {
            // What is wrong with the file is listed line by line anyway.
            let is_refused = refused.is_some();
            let above = refused
                .filter(|_| !preview.has_errors())
                .map(|problem| problem.advice());
            Page(PreviewPage {
                shell: tenant.shell(&unit),
                view: Looked::of(&upload, preview),
                above: above.unwrap_or_default(),
            })
            .with_forms(is_refused)
        }
        (_, Err(problem)) if tenant.shows_again(&problem) => {
            let kind = form
                .fields
                .text("kind")
                .parse()
                .unwrap_or(ImportKind::Purchases);
            let pasted = form.fields.get("content").unwrap_or_default();
            new_page(tenant, &unit, kind, pasted, Some(&problem))
        }
        (_, Err(problem)) => Err(problem),
        (None, Ok(_)) => Err(Problem::internal("a preview of nothing")),
    }
}

async fn run(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let done = match forms::upload(&form.fields) {
        Ok(upload) => {
            tenant
                .write(form.once.clone(), async |unit| take_in(unit, &upload).await)
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if tenant.shows_again(&problem) => look(&tenant, &form, Some(problem)).await,
        other => other,
    }
}

async fn take_in(unit: &mut Unit, upload: &Upload) -> Result<Answer, Problem> {
    let imported = imports::run(&mut unit.tx, upload).await.map_err(problem)?;
    let what = match upload.kind {
        ImportKind::Purchases => counted(imported.actions.len(), "receipt"),
        ImportKind::Recipes => counted(imported.recipes.len(), "recipe"),
    };
    let flash = Flash::success(format!("{what} imported."))
        .with_undo(format!("/imports/{}/undo", imported.id));
    Ok(Answer::redirect(format!("/imports/{}", imported.id)).flash(flash))
}

fn counted(n: usize, noun: &str) -> String {
    let figure = crate::figures::count(i64::try_from(n).unwrap_or(i64::MAX));
    let s = if n == 1 { "" } else { "s" };
    format!("{figure} {noun}{s}")
}

#[derive(askama::Template)]
#[template(path = "imports/show.html")]
struct ShowPage {
    shell: Shell,
    import: ImportRow,
    receipts: Vec<Receipt>,
    recipes: Vec<(i64, String)>,
    pager: Pager,
}

async fn show(
    tenant: Tenant,
    id: Path<ImportId>,
    query: Query<CursorQuery>,
) -> Result<HttpResponse, Problem> {
    let after = listing::cursor(&query.cursor)?;
    let mut unit = tenant.begin().await?;
    let import = imports::import(&mut unit.tx, *id)
        .await?
        .ok_or(ImportError::NoImport)?;
    let currency = unit.stock_costs();
    let (mut receipts, mut recipes) = (Vec::new(), Vec::new());
    let next = match import.kind {
        ImportKind::Purchases => {
            let page = imports::receipts(&mut unit.tx, *id, after.as_ref(), PER_PAGE).await?;
            receipts.extend(
                page.rows
                    .iter()
                    .map(|(item, lot)| Receipt::of(item, lot, &currency, &unit.times())),
            );
            page.next
        }
        ImportKind::Recipes => {
            let page =
                imports::brought_recipes(&mut unit.tx, *id, after.as_ref(), PER_PAGE).await?;
            recipes.extend(page.rows.into_iter().map(|(id, name)| (id.get(), name)));
            page.next
        }
    };
    Page(ShowPage {
        shell: tenant.shell(&unit),
        pager: Pager::of(&format!("/imports/{id}"), &[], &query.cursor, next.as_ref()),
        import: ImportRow::of(&import, &unit.times()),
        receipts,
        recipes,
    })
    .into_response()
}

async fn undo(tenant: Tenant, id: Path<ImportId>, form: FormBody) -> Result<HttpResponse, Problem> {
    let page = format!("/imports/{id}");
    let done = tenant
        .write(form.once, async |unit| {
            let import = imports::undo(&mut unit.tx, *id).await?;
            let text = format!(
                "{} is undone: everything is as it was before.",
                import.file_name
            );
            Ok(Answer::redirect(page.clone()).flash(Flash::success(text)))
        })
        .await;
    or_back(&tenant, done, &page)
}
