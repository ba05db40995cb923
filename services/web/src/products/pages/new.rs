use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    figures::{self, Currency},
    page::{Flash, Page, Shell},
    problem::Problem,
    products::forms,
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
    typed: Fields,
    problem: Option<Problem>,
    units: Vec<(&'static str, &'static str)>,
    categories: Vec<(i64, String)>,
}

impl NewPage {
    fn at(&self, field: &str) -> &str {
        self.problem
            .as_ref()
            .map_or("", |problem| problem.at(field))
    }

    fn above(&self) -> String {
        self.problem
            .as_ref()
            .map_or_else(String::new, |problem| problem.above(&FIELDS))
    }
}

pub(super) async fn blank(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    page(
        &tenant,
        unit,
        Fields::of([("unit", "count".to_owned())]),
        None,
    )
    .await
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
        Err(problem) if problem.is_mendable() && !tenant.wants_json() => {
            let unit = tenant.begin().await?;
            page(&tenant, unit, fields, Some(problem)).await
        }
        other => other,
    }
}

async fn page(
    tenant: &Tenant,
    mut unit: Unit,
    typed: Fields,
    problem: Option<Problem>,
) -> Result<HttpResponse, Problem> {
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let refused = problem.is_some();
    Page(NewPage {
        shell: tenant.shell(&unit),
        sign: Currency::of(&unit.membership.currency).sign().to_owned(),
        typed,
        problem,
        units: figures::unit_choices(),
        categories: categories.product_options(),
    })
    .with_forms(refused)
}
