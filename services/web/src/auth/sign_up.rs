use super::{DASHBOARD, forms, is_trapped, onward};
use crate::{
    extract::{Caller, Fields, FormBody, Visitor},
    middleware::flash,
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::HttpResponse;
use batchtrack_core::{identity, kernel::Kind};

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
    match sign_up(&visitor, &form.fields).await {
        Ok(caller) => {
            visitor.enter(caller).await?;
            let mut response = onward(DASHBOARD);
            let welcome =
                Flash::success("Welcome to BatchTrack. Begin with what is on your shelves.");
            if let Some(cookie) = flash::cookie(&welcome, &visitor.app, &visitor.meta) {
                response
                    .add_cookie(&cookie)
                    .map_err(|error| Problem::internal(error.to_string()))?;
            }
            Ok(response)
        }
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::Conflict) => {
            page(&visitor, &form.fields, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

async fn sign_up(visitor: &Visitor, fields: &Fields) -> Result<Caller, Problem> {
    let new = forms::new_account(fields)?;
    let app = &visitor.app;
    let account = identity::sign_up(&app.system, &app.passwords, new, &visitor.meta.id).await?;
    Ok(Caller {
        user: account.user,
        organization: Some(account.organization),
        epoch: 0,
    })
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
