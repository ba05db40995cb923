//! How the organisation wants its doors kept.
use crate::{
    endpoint::{Access::May, Endpoint},
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use batchtrack_core::{
    organizations::{self, Doors, SiteOrigin},
    tiers::Permission as P,
};

const HERE: &str = "/organization/doors";
const FIELDS: [&str; 2] = ["single_session", "api_origins"];

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get(HERE, May(P::OrganizationEdit), || web::to(show)),
    Endpoint::post(HERE, May(P::OrganizationEdit), || web::to(save)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

#[derive(askama::Template)]
#[template(path = "tokens/doors.html")]
struct DoorsPage {
    shell: Shell,
    sheet: Sheet,
    single_session: bool,
}

async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let doors = organizations::doors(&mut unit.tx).await?;
    let origins: Vec<&str> = doors.api_origins.iter().map(SiteOrigin::as_str).collect();
    let typed = Fields::of([
        ("single_session", doors.single_session.to_string()),
        ("api_origins", origins.join("\n")),
    ]);
    page(&tenant, &unit, Sheet::of(&FIELDS, typed))
}

async fn save(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match typed(&fields) {
        Ok(doors) => {
            tenant
                .write(once, async |unit| {
                    organizations::set_doors(&mut unit.tx, &doors).await?;
                    Ok(Answer::redirect(HERE).flash(Flash::success("Saved.")))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let unit = tenant.begin().await?;
            page(&tenant, &unit, Sheet::refused(&FIELDS, fields, problem))
        }
        done => done,
    }
}

fn typed(fields: &Fields) -> Result<Doors, Problem> {
    Ok(Doors {
        single_session: fields.is_ticked("single_session"),
        api_origins: Doors::origins(fields.text("api_origins"))?,
    })
}

fn page(tenant: &Tenant, unit: &Unit, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(DoorsPage {
        shell: tenant.shell(unit),
        single_session: sheet.typed().is_ticked("single_session"),
        sheet,
    })
    .with_forms(refused)
}
