use super::{admission, attempt, onward};
use crate::{
    extract::{FormBody, Visitor},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::{identity, kernel::Kind};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    pub(super) next: String,
}

#[derive(askama::Template)]
#[template(path = "auth/login.html")]
struct SignInPage {
    shell: Shell,
    username: String,
    next: String,
    problem: String,
    has_mail: bool,
    has_passkeys: bool,
}

pub(super) async fn show(visitor: Visitor, query: Query<Next>) -> Result<HttpResponse, Problem> {
    if visitor.caller.is_some() {
        return Ok(onward(&query.next));
    }
    page(&visitor, "", &query.next, String::new())
}

/// A wrong password is an everyday thing: the form again, with status 200 and the name kept.
pub(super) async fn submit(
    visitor: Visitor,
    query: Query<Next>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let fields = &form.fields;
    let next = fields.filled("next").unwrap_or(&query.next);
    let name = fields.text("username");
    let password = fields.get("password").unwrap_or_default();
    if name.is_empty() || password.is_empty() {
        return page(
            &visitor,
            name,
            next,
            "Enter your user name or e-mail address, and your password.".to_owned(),
        );
    }
    let app = &visitor.app;
    let attempt = match attempt(app, &visitor.meta, name).await {
        Ok(attempt) => attempt,
        Err(problem) if visitor.meta.wants_json() => return Err(problem),
        Err(problem) => return again_later(&visitor, name, next, &problem),
    };
    let admitted = identity::sign_in(
        &app.system,
        &app.accounts,
        name,
        password.into(),
        &visitor.meta.id,
    )
    .await
    .map_err(Problem::from);
    match admitted {
        Ok(admitted) => {
            attempt.succeeded().await;
            admission::follow(&visitor, admitted, next).await
        }
        Err(problem) if problem.kind() == Kind::Unauthenticated => {
            page(&visitor, name, next, problem.detail().into_owned())
        }
        Err(problem) => Err(problem),
    }
}

/// The form with the name kept, and how long to wait.
fn again_later(
    visitor: &Visitor,
    name: &str,
    next: &str,
    problem: &Problem,
) -> Result<HttpResponse, Problem> {
    let mut response = page(visitor, name, next, problem.detail().into_owned())?;
    problem.set_head(&mut response);
    Ok(response)
}

fn page(
    visitor: &Visitor,
    username: &str,
    next: &str,
    problem: String,
) -> Result<HttpResponse, Problem> {
    Page(SignInPage {
        shell: visitor.shell_with_form()?,
        username: username.to_owned(),
        next: next.to_owned(),
        problem,
        has_mail: visitor.app.settings.sends_mail(),
        has_passkeys: visitor.app.accounts.has_passkeys(),
    })
    .into_response()
}
