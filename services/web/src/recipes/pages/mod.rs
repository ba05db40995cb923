//! The pages of recipes.
mod list;
mod new;
pub(crate) mod show;

use actix_web::web::{self, ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/recipes", "/recipes/"))
        .service(web::resource("/recipes/").route(web::get().to(list::show)))
        .service(
            web::resource("/recipes/new")
                .route(web::get().to(new::blank))
                .route(web::post().to(new::create)),
        )
        .service(web::resource("/recipes/{id}/view").route(web::get().to(show::show)));
}
