//! The pages of products.
mod alerts;
mod list;
mod new;
mod show;

use actix_web::web::{self, ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/products", "/products/"))
        .service(web::redirect("/products/list", "/products/"))
        .service(web::resource("/products/").route(web::get().to(list::show)))
        .service(
            web::resource("/products/new")
                .route(web::get().to(new::blank))
                .route(web::post().to(new::create)),
        )
        .service(web::resource("/products/alerts").route(web::get().to(alerts::show)))
        .service(web::resource("/products/{id}").route(web::get().to(show::show)))
        .service(web::resource("/products/{id}/sell").route(web::post().to(show::sell)))
        .service(web::resource("/products/{id}/price").route(web::post().to(show::set_price)))
        .service(web::resource("/products/{id}/skus").route(web::post().to(show::add_sku)));
}
