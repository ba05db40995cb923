use super::{DASHBOARD, forms, is_trapped, onward, second_step::with_flash, to};
use crate::{
    extract::{Caller, Fields, FormBody, Visitor},
    page::{Flash, Page, Shell},
    problem::Problem,
    session::{Between, Step},
};
use actix_web::HttpResponse;
use batchtrack_core::{identity, kernel::Kind};
use secrecy::ExposeSecret as _;

const FIELDS: [&str; 6] = [
    "first_name",
    "last_name",
    "organization_name",
    "email",
    "username",
    "password",
];

#[derive(askama::Template)]
#[template(path = "auth/signup.html")]
struct SignUpPage<'a> {
    shell: Shell,
    typed: &'a Fields,
    above: String,
    problem: Option<&'a Problem>,
}

impl SignUpPage<'_> {
    fn at(&self, field: &str) -> &str {
        self.problem.map_or("", |problem| problem.at(field))
    }
}

pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if visitor.caller.is_some() {
        return Ok(onward(DASHBOARD));
    }
    page(&visitor, &Fields::default(), None)
}

pub(super) async fn submit(visitor: Visitor, form: FormBody) -> Result<HttpResponse, Problem> {
    if is_trapped(&form.fields) {
        return Ok(onward("/auth/login"));
    }
    let next = form.fields.text("next").to_owned();
    match sign_up(&visitor, &form.fields).await {
        Ok(Some(caller)) => {
            visitor.enter(caller).await?;
            let welcome =
                Flash::success("Welcome to BatchTrack. Begin with what is on your shelves.");
            Ok(with_flash(&visitor, onward(&next), &welcome))
        }
        Ok(None) => Ok(to("/auth/check-mail")),
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::Conflict) => {
            page(&visitor, &form.fields, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

/// Who is in, where nobody asks for proof of an address. Where it is asked for, the answer is the same
/// whether or not there was an account.
async fn sign_up(visitor: &Visitor, fields: &Fields) -> Result<Option<Caller>, Problem> {
    let new = forms::new_account(fields)?;
    let (app, id) = (&visitor.app, &visitor.meta.id);
    app.breached.refuse(new.password.expose_secret()).await?;
    if app.accounts.asks_for_proof() {
        let email = new.email.as_str().to_owned();
        identity::request_sign_up(&app.system, &app.accounts, new, id).await?;
        visitor.visit.put_between(&Between {
            step: Step::Letter { email },
            next: String::new(),
        })?;
        return Ok(None);
    }
    let passwords = app.accounts.passwords();
    let account = identity::sign_up(&app.system, passwords, new, id).await?;
    Ok(Some(Caller {
        user: account.user,
        organization: Some(account.organization),
        epoch: 0,
    }))
}

fn page(
    visitor: &Visitor,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<HttpResponse, Problem> {
    Page(SignUpPage {
        shell: visitor.shell_with_form()?,
        typed,
        above: problem.map_or_else(String::new, |problem| problem.above(&FIELDS)),
        problem,
    })
    .with_forms(problem.is_some())
}
