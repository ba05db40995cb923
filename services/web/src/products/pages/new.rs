use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    figures::{self, Currency},
    page::{Flash, Page, Shell},
    problem::Problem,
    products::forms,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::products;

const FIELDS: [&str; 7] = [
    "name",
    "category_id",
    "variant",
    "size_label",
    "unit",
    "retail_price",
    "low_stock_threshold",
];

#[derive(askama::Template)]
#[template(path = "products/new.html")]
struct NewPage {
    shell: Shell,
    sign: String,
    sheet: Sheet,
    units: Vec<(&'static str, &'static str)>,
    categories: Vec<(i64, String)>,
}

pub(super) async fn blank(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let typed = Fields::of([("unit", "count".to_owned())]);
    page(&tenant, unit, Sheet::of(&FIELDS, typed)).await
}

pub(super) async fn create(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::new_product(&fields) {
        Ok(new) => {
            tenant
                .write(once, async |unit| {
                    let (id, _) = products::create(&mut unit.tx, new.clone()).await?;
                    let flash = Flash::success(format!(
                        "{} is on your list. A batch puts stock on its shelf.",
                        new.name
                    ));
                    Ok(Answer::redirect(format!("/products/{id}")).flash(flash))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let unit = tenant.begin().await?;
            page(&tenant, unit, Sheet::refused(&FIELDS, fields, problem)).await
        }
        other => other,
    }
}

async fn page(tenant: &Tenant, mut unit: Unit, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let refused = sheet.is_refused();
    Page(NewPage {
        shell: tenant.shell(&unit),
        sign: Currency::of(&unit.membership.currency).sign().to_owned(),
        sheet,
        units: figures::unit_choices(),
        categories: categories.product_options(),
    })
    .with_forms(refused)
}
