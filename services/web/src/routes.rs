//! The whole site map on one page.
use crate::{
    account, assets, auth, batches, catalog, dashboard, endpoint::Endpoint, extract::Visitor, home,
    imports, inventory, mail, openapi, operator, organization, page_api, problem::Problem,
    products, recipes, session, tokens, tools, webhooks,
};
use actix_web::web::{self, ServiceConfig};

/// Every endpoint there is.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    let pages = [
        assets::ENDPOINTS,
        home::ENDPOINTS,
        auth::ENDPOINTS,
        account::ENDPOINTS,
        session::ENDPOINTS,
        tokens::pages::ENDPOINTS,
        tokens::doors::ENDPOINTS,
        mail::ENDPOINTS,
        inventory::pages::ENDPOINTS,
        recipes::pages::ENDPOINTS,
        batches::pages::ENDPOINTS,
        products::pages::ENDPOINTS,
        dashboard::pages::ENDPOINTS,
        catalog::ENDPOINTS,
        imports::pages::ENDPOINTS,
        webhooks::pages::ENDPOINTS,
        organization::pages::ENDPOINTS,
        operator::ENDPOINTS,
        tools::ENDPOINTS,
    ];
    openapi::endpoints()
        .chain(page_api::endpoints())
        .chain(pages.into_iter().flatten())
}

pub fn site(cfg: &mut ServiceConfig) {
    cfg.configure(assets::routes)
        .configure(home::routes)
        .configure(auth::routes)
        .configure(account::routes)
        .configure(session::routes)
        .configure(tokens::pages::routes)
        .configure(tokens::doors::routes)
        .configure(mail::routes)
        .configure(openapi::routes)
        .configure(page_api::routes)
        .configure(inventory::pages::routes)
        .configure(recipes::pages::routes)
        .configure(batches::pages::routes)
        .configure(products::pages::routes)
        .configure(dashboard::pages::routes)
        .configure(catalog::routes)
        .configure(imports::pages::routes)
        .configure(webhooks::pages::routes)
        .configure(organization::pages::routes)
        .configure(operator::routes)
        .configure(tools::routes)
        .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found().into()))
        .app_data(web::QueryConfig::default().error_handler(|error, _| bad_query(&error).into()))
        .default_service(web::to(nothing_here));
}

/// Asks who it is, so that the page says it to somebody signed in.
async fn nothing_here(_: Visitor) -> Result<&'static str, Problem> {
    Err(Problem::not_found())
}

fn bad_query(error: &actix_web::error::QueryPayloadError) -> Problem {
    let detail = match error {
        actix_web::error::QueryPayloadError::Deserialize(error) => {
            format!("The address is not understood: {error}.")
        }
        _ => "The address is not understood.".to_owned(),
    };
    Problem::malformed("request.bad_query", detail)
}
