//! Handing the organisation over.
use super::{super::problem, members::MEMBERS};
use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::{
    identity::{self, IdentityError},
    kernel::ids::UserId,
    organizations::{self, OrganizationError},
};

const FIELDS: [&str; 2] = ["member", "password"];
/// To choose from.
const HEIRS: u16 = 200;

#[derive(askama::Template)]
#[template(path = "organization/transfer.html")]
struct TransferPage {
    shell: Shell,
    sheet: Sheet,
    heirs: Vec<(String, String)>,
    organization: String,
}

pub(super) async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    page(&tenant, &mut unit, Sheet::of(&FIELDS, Fields::default())).await
}

async fn page(tenant: &Tenant, unit: &mut Unit, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let members = organizations::members(&mut unit.tx, None, None, HEIRS).await?;
    let heirs = members
        .rows
        .into_iter()
        .filter(|member| !member.is_owner && member.is_active);
    let refused = sheet.is_refused();
    Page(TransferPage {
        heirs: heirs
            .map(|member| {
                let words = format!("{} ({})", member.name, member.email);
                (member.user.to_string(), words)
            })
            .collect(),
        organization: unit.membership.organization_name.clone(),
        shell: tenant.shell(unit).under(MEMBERS),
        sheet,
    })
    .with_forms(refused)
}

pub(super) async fn submit(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match asked(&tenant, &fields).await {
        Ok(to) => {
            tenant
                .write(once, async |unit| {
                    organizations::transfer(&mut unit.tx, to)
                        .await
                        .map_err(problem)?;
                    let words = "Handed over. You are a manager now.";
                    Ok(Answer::redirect(MEMBERS).flash(Flash::success(words)))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let mut unit = tenant.begin().await?;
            page(&tenant, &mut unit, Sheet::refused(&FIELDS, fields, problem)).await
        }
        done => done,
    }
}

/// To whom; once it is certain that it is the owner who asks.
async fn asked(tenant: &Tenant, fields: &Fields) -> Result<UserId, Problem> {
    let user = tenant.begin().await?.membership.user_id;
    let user = user.ok_or(OrganizationError::NotTheOwner)?;
    let app = tenant.app();
    let password = fields.get("password").unwrap_or_default();
    match identity::confirm_password(&app.system, &app.accounts, user, &password.into()).await {
        Err(IdentityError::WrongPassword) => return Err(OrganizationError::WrongPassword.into()),
        other => other?,
    }
    fields.text("member").parse().map_err(|_nobody| {
        Problem::invalid("form.invalid", "Some fields need another look.")
            .field("member", "Choose somebody.")
    })
}
