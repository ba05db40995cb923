use super::converter::{Asked, Converter};
use crate::{
    catalog::{for_strangers, is_plain},
    extract::{Tenant, Visitor},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::catalog::{self, GlobalItem, Reader};

#[derive(askama::Template)]
#[template(path = "tools/landing_public.html")]
struct PublicLanding {
    shell: Shell,
    converter: Converter,
}

#[derive(askama::Template)]
#[template(path = "tools/landing_member.html")]
struct MemberLanding {
    shell: Shell,
    converter: Converter,
}

#[derive(askama::Template)]
#[template(path = "tools/converter_public.html")]
struct PublicConverter {
    shell: Shell,
    converter: Converter,
}

#[derive(askama::Template)]
#[template(path = "tools/converter_member.html")]
struct MemberConverter {
    shell: Shell,
    converter: Converter,
}

pub(super) async fn landing(
    visitor: Visitor,
    tenant: Option<Tenant>,
) -> Result<HttpResponse, Problem> {
    let converter = Converter::blank();
    if let Some(tenant) = tenant {
        let unit = tenant.begin().await?;
        let shell = tenant.shell(&unit);
        return Page(MemberLanding { shell, converter }).into_response();
    }
    let shell = visitor.shell();
    let plain = is_plain(&shell);
    let page = Page(PublicLanding { shell, converter }).into_response()?;
    Ok(for_strangers(page, &visitor, plain))
}

pub(super) async fn converter(
    visitor: Visitor,
    tenant: Option<Tenant>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.into_inner();
    if let Some(tenant) = tenant {
        let mut unit = tenant.begin().await?;
        let found = find(&mut unit.tx, &asked).await?;
        let shell = tenant.shell(&unit);
        let converter = read(asked, found.as_ref());
        return Page(MemberConverter { shell, converter }).into_response();
    }
    // Only an ingredient needs the database.
    let found = if asked.wanted_ingredient().is_some() {
        let mut tx = visitor.app.system.begin().await?;
        find(&mut tx, &asked).await?
    } else {
        None
    };
    let shell = visitor.shell();
    let plain = is_plain(&shell);
    let converter = read(asked, found.as_ref());
    let page = Page(PublicConverter { shell, converter }).into_response()?;
    Ok(for_strangers(page, &visitor, plain))
}

fn read(asked: Asked, found: Option<&GlobalItem>) -> Converter {
    if asked.is_blank() {
        return Converter::blank();
    }
    Converter::of(asked, found)
}

/// The entry that is called so, or else the shortest one with it in its name that has a density.
async fn find(tx: &mut impl Reader, asked: &Asked) -> Result<Option<GlobalItem>, Problem> {
    let Some(text) = asked.wanted_ingredient().and_then(crate::listing::search) else {
        return Ok(None);
    };
    let found = catalog::search(tx, &text, None, 25).await?;
    Ok(found.into_iter().find(|item| item.density.is_some()))
}
