use super::{
    for_strangers, is_plain,
    views::{Detail, List, ListQuery},
};
use crate::{
    extract::{Tenant, Visitor},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    http::header,
    web::{Path, Query},
};
use batchtrack_core::{
    catalog::{self, CatalogError},
    kernel::ids::GlobalItemId,
};

#[derive(askama::Template)]
#[template(path = "catalog/list_public.html")]
struct PublicList {
    shell: Shell,
    view: List,
}

/// The same inside the frame of a workspace.
#[derive(askama::Template)]
#[template(path = "catalog/list_member.html")]
struct MemberList {
    shell: Shell,
    view: List,
}

#[derive(askama::Template)]
#[template(path = "catalog/entry_public.html")]
struct PublicEntry {
    shell: Shell,
    view: Detail,
}

#[derive(askama::Template)]
#[template(path = "catalog/entry_member.html")]
struct MemberEntry {
    shell: Shell,
    view: Detail,
}

pub(super) async fn list(
    visitor: Visitor,
    tenant: Option<Tenant>,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    if let Some(tenant) = tenant {
        let mut unit = tenant.begin().await?;
        let view = List::read(&mut unit.tx, &query).await?;
        let shell = tenant.shell(&unit);
        return Page(MemberList { shell, view }).into_response();
    }
    let mut tx = visitor.app.system.begin().await?;
    let view = List::read(&mut tx, &query).await?;
    let shell = visitor.shell();
    let plain = is_plain(&shell);
    let page = Page(PublicList { shell, view }).into_response()?;
    Ok(for_strangers(page, &visitor, plain))
}

/// `12`, or `12-olive-oil` for people who read addresses.
pub(super) async fn show(
    visitor: Visitor,
    tenant: Option<Tenant>,
    name: Path<String>,
) -> Result<HttpResponse, Problem> {
    let number = name
        .split_once('-')
        .map_or(name.as_str(), |(number, _)| number);
    let id: GlobalItemId = number
        .parse()
        .map_err(|_not_a_number| CatalogError::NoEntry)?;
    if let Some(tenant) = tenant {
        let mut unit = tenant.begin().await?;
        let entry = catalog::item(&mut unit.tx, id)
            .await?
            .ok_or(CatalogError::NoEntry)?;
        let kept = catalog::kept_as(&mut unit.tx, id).await?;
        let view = Detail::of(&entry, kept.map(batchtrack_core::kernel::ids::ItemId::get));
        let shell = tenant.shell(&unit);
        return Page(MemberEntry { shell, view }).into_response();
    }
    let mut tx = visitor.app.system.begin().await?;
    let entry = catalog::item(&mut tx, id)
        .await?
        .ok_or(CatalogError::NoEntry)?;
    let view = Detail::of(&entry, None);
    // One address per entry, for search engines.
    if number != name.as_str() && !view.path.ends_with(name.as_str()) {
        return Ok(HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, view.path))
            .finish());
    }
    let shell = visitor.shell();
    let plain = is_plain(&shell);
    let page = Page(PublicEntry { shell, view }).into_response()?;
    Ok(for_strangers(page, &visitor, plain))
}
