use super::super::{forms, problem};
use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::organizations;

const FIELDS: [&str; 2] = ["name", "email"];

#[derive(askama::Template)]
#[template(path = "organization/settings.html")]
struct SettingsPage {
    shell: Shell,
    sheet: Sheet,
    tier: String,
    currency: String,
    costing_method: String,
    is_owner: bool,
}

pub(super) async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let profile = organizations::profile(&mut unit.tx).await?;
    let typed = Fields::of([
        ("name", profile.name),
        ("email", profile.contact_email.unwrap_or_default()),
    ]);
    page(&tenant, &unit, Sheet::of(&FIELDS, typed))
}

pub(super) async fn save(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::settings(&fields) {
        Ok(wanted) => {
            tenant
                .write(once, async |unit| {
                    let (tx, by) = (&mut unit.tx, &unit.grants);
                    let contact = wanted.contact_email.as_ref();
                    organizations::change_profile(tx, by, &wanted.name, contact)
                        .await
                        .map_err(problem)?;
                    Ok(Answer::redirect("/organization").flash(Flash::success("Saved.")))
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

fn page(tenant: &Tenant, unit: &Unit, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(SettingsPage {
        shell: tenant.shell(unit),
        sheet,
        tier: unit.grants.allowance.tier_name.clone(),
        currency: unit.membership.currency.clone(),
        costing_method: unit.membership.costing_method.clone(),
        is_owner: unit.membership.is_owner(),
    })
    .with_forms(refused)
}
