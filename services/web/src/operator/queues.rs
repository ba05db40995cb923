use super::board::Board;
use crate::{
    extract::Tenant,
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, web::Query};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QueuesQuery {
    /// `off` for who wants to read in peace.
    refresh: String,
}

#[derive(askama::Template)]
#[template(path = "operator/queues.html")]
struct QueuesPage {
    shell: Shell,
    board: Board,
    refreshes: bool,
}

#[derive(askama::Template)]
#[template(path = "operator/board.html")]
struct BoardPart {
    board: Board,
}

pub(super) async fn show(
    req: HttpRequest,
    tenant: Tenant,
    query: Query<QueuesQuery>,
) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let board = Board::read(&tenant.app().system, &unit).await?;
    if req.headers().contains_key("HX-Request") {
        return Page(BoardPart { board }).into_response();
    }
    Page(QueuesPage {
        shell: tenant.shell(&unit),
        board,
        refreshes: query.refresh != "off",
    })
    .into_response()
}
