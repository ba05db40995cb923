use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    figures,
    inventory::views::item_name,
    page::{Flash, Page, Shell},
    problem::Problem,
    products::{
        forms,
        views::{LotRow, SkuRow},
    },
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    inventory,
    kernel::ids::ProductId,
    products::{self, ProductError},
};

const SKUS: u16 = 200;
const LOTS: u16 = 100;
const FIELDS: [&str; 12] = [
    "sku_id",
    "quantity",
    "unit",
    "price",
    "customer",
    "order_number",
    "note",
    "variant",
    "size_label",
    "retail_price",
    "low_stock_threshold",
    "name",
];

/// Which of the page's forms was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    None,
    Sell,
    Sku,
    Price,
}

#[derive(askama::Template)]
#[template(path = "products/view.html")]
struct ProductPage {
    shell: Shell,
    sign: String,
    id: ProductId,
    name: String,
    category: String,
    skus: Vec<SkuRow>,
    choices: Vec<(i64, String)>,
    lots: Vec<LotRow>,
    units: Vec<(&'static str, &'static str)>,
    form: Form,
    typed: Fields,
    problem: Option<Problem>,
}

impl ProductPage {
    fn at(&self, form: Form, field: &str) -> &str {
        let problem = self.problem.as_ref().filter(|_| self.form == form);
        problem.map_or("", |problem| problem.at(field))
    }

    fn above(&self, form: Form) -> String {
        let problem = self.problem.as_ref().filter(|_| self.form == form);
        problem.map_or_else(String::new, |problem| problem.above(&FIELDS))
    }

    /// What was typed into that form.
    fn value(&self, form: Form, field: &str) -> &str {
        if self.form == form {
            self.typed.text(field)
        } else {
            ""
        }
    }
}

pub(super) async fn show(tenant: Tenant, id: Path<ProductId>) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    page(&tenant, unit, *id, Form::None, Fields::default(), None).await
}

pub(super) async fn sell(
    tenant: Tenant,
    id: Path<ProductId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::sale(&fields) {
        Ok(sale) => {
            tenant
                .write(once, async |unit| {
                    let stock = products::sku(&mut unit.tx, sale.sku)
                        .await?
                        .filter(|stock| stock.sku.product_id == *id)
                        .ok_or(ProductError::NoSku)?;
                    let recorded = products::sell(&mut unit.tx, sale.of(stock.item.unit())).await?;
                    let sold = figures::stock(&stock.item, recorded.quantity).whole();
                    let costs = unit.stock_costs();
                    let told = if costs.hides_costs() {
                        format!("Sold {sold}.")
                    } else {
                        let cost = costs.short(recorded.value).text;
                        format!("Sold {sold}, which cost you {cost}.")
                    };
                    let flash = Flash::success(told)
                        .with_undo(format!("/actions/{}/undo", recorded.action));
                    Ok(Answer::redirect(format!("/products/{id}")).flash(flash))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    again(&tenant, *id, Form::Sell, fields, done).await
}

pub(super) async fn add_sku(
    tenant: Tenant,
    id: Path<ProductId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::new_sku(&fields) {
        Ok(new) => {
            tenant
                .write(once, async |unit| {
                    products::create_sku(&mut unit.tx, *id, new.clone()).await?;
                    let flash =
                        Flash::success(format!("{} is a size of its own now.", new.size_label));
                    Ok(Answer::redirect(format!("/products/{id}")).flash(flash))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    again(&tenant, *id, Form::Sku, fields, done).await
}

pub(super) async fn set_price(
    tenant: Tenant,
    id: Path<ProductId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::price(&fields) {
        Ok((sku, price)) => {
            tenant
                .write(once, async |unit| {
                    products::sku(&mut unit.tx, sku)
                        .await?
                        .filter(|stock| stock.sku.product_id == *id)
                        .ok_or(ProductError::NoSku)?;
                    products::set_price(&mut unit.tx, sku, price).await?;
                    Ok(Answer::redirect(format!("/products/{id}"))
                        .flash(Flash::success("The price is saved.")))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    again(&tenant, *id, Form::Price, fields, done).await
}

/// The page again with what was typed, when the person can mend it.
async fn again(
    tenant: &Tenant,
    id: ProductId,
    form: Form,
    fields: Fields,
    done: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let unit = tenant.begin().await?;
            page(tenant, unit, id, form, fields, Some(problem)).await
        }
        other => other,
    }
}

async fn page(
    tenant: &Tenant,
    mut unit: Unit,
    id: ProductId,
    form: Form,
    typed: Fields,
    problem: Option<Problem>,
) -> Result<HttpResponse, Problem> {
    let (product, stocks) = products::product_page(&mut unit.tx, id, SKUS)
        .await?
        .ok_or(ProductError::NoProduct)?;
    let items = stocks.iter().map(|stock| stock.item.id).collect();
    let lots = inventory::lots_of_items(&mut unit.tx, items, LOTS).await?;
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let money = unit.stock_costs();
    let times = unit.times();
    let problem = stocks.iter().fold(problem, |problem, stock| {
        problem.map(|problem| problem.calling(&stock.item.name, &item_name(&stock.item)))
    });
    let skus: Vec<SkuRow> = stocks
        .iter()
        .map(|stock| SkuRow::of(stock, &money))
        .collect();
    Page(ProductPage {
        shell: tenant.shell(&unit),
        sign: money.sign().to_owned(),
        id,
        category: categories.product(product.category_id).to_owned(),
        name: product.name,
        choices: skus
            .iter()
            .map(|sku| {
                (
                    sku.id,
                    format!("{} ({} there)", sku.name, sku.on_hand.whole()),
                )
            })
            .collect(),
        lots: lots
            .iter()
            .filter_map(|lot| LotRow::of(lot, &stocks, &times))
            .collect(),
        skus,
        units: figures::unit_choices(),
        form,
        typed,
        problem,
    })
    .with_forms(form != Form::None)
}
