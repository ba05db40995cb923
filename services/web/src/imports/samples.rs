//! Files to start from.
use crate::problem::Problem;
use actix_web::{
    HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web::Path,
};
use batchtrack_core::imports::ImportKind;

const PURCHASES: &str = "\
received_at,supplier,item,category,quantity,unit,total_cost,density_g_per_ml,expires_at
2026-03-02,Northwind Oils,Olive Oil,Oils (Carrier & Fixed),35,lb,148.75,0.915,2027-09-01
2026-05-11,Harbor Botanicals,Shea Butter,Butters & Solid Fats,5,kg,61.70,0.91,
2026-04-01,Paper & Twine,Soap Box,Packaging,250,count,87.51,,
";

const RECIPES: &str = "\
recipe,category,yield_quantity,yield_unit,item,quantity,unit
Plain Bar,Soaps,18,count,Olive Oil,900,g
Plain Bar,Soaps,18,count,Shea Butter,2.5,oz
Plain Bar,Soaps,18,count,Soap Box,18,count
";

pub(super) const fn text(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Purchases => PURCHASES,
        ImportKind::Recipes => RECIPES,
    }
}

/// `GET /imports/sample/purchases.csv`
pub(super) async fn download(name: Path<String>) -> Result<HttpResponse, Problem> {
    let kind: Option<ImportKind> = name.strip_suffix(".csv").and_then(|kind| kind.parse().ok());
    let kind = kind.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(format!("{kind}-sample.csv"))],
        })
        .body(text(kind)))
}
