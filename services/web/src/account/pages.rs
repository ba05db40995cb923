use super::{
    forms,
    zones::{self, Region},
};
use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use batchtrack_core::identity;

const FIELDS: [&str; 3] = ["first_name", "last_name", "timezone"];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/account")
            .route(web::get().to(show))
            .route(web::post().to(save)),
    );
}

#[derive(askama::Template)]
#[template(path = "account/account.html")]
struct AccountPage {
    shell: Shell,
    email: String,
    username: String,
    organization: String,
    role: &'static str,
    hint: String,
    sheet: Sheet,
    regions: Vec<Region>,
}

async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let typed = Fields::of([
        ("first_name", unit.membership.first_name.clone()),
        ("last_name", unit.membership.last_name.clone()),
        ("timezone", unit.membership.timezone.clone()),
    ]);
    page(&tenant, &unit, Sheet::of(&FIELDS, typed))
}

async fn save(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::profile(&fields) {
        Ok(profile) => {
            tenant
                .write(once, async |_| {
                    let system = &tenant.app().system;
                    identity::change_profile(system, tenant.member.user, &profile).await?;
                    Ok(Answer::redirect("/account").flash(Flash::success("Saved.")))
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
        other => other,
    }
}

fn page(tenant: &Tenant, unit: &Unit, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let member = &unit.membership;
    let times = unit.times();
    let refused = sheet.is_refused();
    Page(AccountPage {
        shell: tenant.shell(unit),
        email: member.email.clone(),
        username: member.username.clone(),
        organization: member.organization_name.clone(),
        role: if member.role == "owner" {
            "Owner"
        } else {
            "Member"
        },
        hint: format!(
            "Every time is shown in it. By the saved one it is {}.",
            times.moment(times.now()).text
        ),
        regions: zones::regions(sheet.text("timezone"), times.now()),
        sheet,
    })
    .with_forms(refused)
}
