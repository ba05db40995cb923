//! What arrives, and its one-way door into the domain.
use crate::{account, extract::Fields, problem::Problem};
use batchtrack_core::{
    identity::{IdentityError, NewAccount, Own, Username, check_password},
    kernel::text::{BadText, Name},
};

/// Takes a sign-up form apart; every field that is wrong is named.
pub(super) fn new_account(fields: &Fields) -> Result<NewAccount, Problem> {
    let first_name = fields.text("first_name").parse::<Name>();
    let organization = match fields.filled("organization_name") {
        Some(name) => name.parse(),
        None => fields
            .filled("first_name")
            .map_or(Ok("My workspace".to_owned()), |first| {
                Ok(format!("{first}'s workspace"))
            })
            .and_then(|name: String| name.parse::<Name>()),
    };
    let last_name = fields.text("last_name").parse::<Name>();
    let email = fields.text("email").parse();
    let username = fields
        .filled("username")
        .map(str::parse::<Username>)
        .transpose();
    let password = fields.get("password").unwrap_or_default();
    let own = Own {
        email: fields.text("email"),
        username: fields.text("username"),
        first_name: fields.text("first_name"),
        last_name: fields.text("last_name"),
    };
    let checked = check_password(password, own);
    let is_fine = checked.is_ok();

    let mut problem = Problem::invalid("identity.bad_form", "Some fields need another look.");
    let mut wrong = |field: &'static str, detail: Option<String>| {
        if let Some(detail) = detail {
            problem = std::mem::replace(&mut problem, Problem::not_found()).field(field, detail);
        }
    };
    wrong(
        "first_name",
        first_name
            .as_ref()
            .err()
            .map(|e| says("Your first name", e)),
    );
    wrong(
        "last_name",
        last_name.as_ref().err().map(|e| says("Your last name", e)),
    );
    if first_name.is_ok() {
        wrong(
            "organization_name",
            organization.as_ref().err().map(|e| says("The name", e)),
        );
    }
    wrong(
        "email",
        email.as_ref().err().map(|e| match e {
            BadText::NotAnEmail | BadText::Empty => {
                "Enter an e-mail address such as ana@example.com.".to_owned()
            }
            other => says("The address", other),
        }),
    );
    wrong(
        "username",
        username.as_ref().err().map(IdentityError::to_string),
    );
    wrong("password", checked.err().map(|error| error.to_string()));
    match (organization, first_name, last_name, email, username) {
        (Ok(organization), Ok(first_name), Ok(last_name), Ok(email), Ok(username)) if is_fine => {
            Ok(NewAccount {
                organization,
                first_name,
                last_name,
                email,
                username,
                password: password.into(),
                timezone: account::detected_zone(fields),
            })
        }
        _ => Err(problem),
    }
}

fn says(what: &str, error: &BadText) -> String {
    format!("{what} {error}.")
}
