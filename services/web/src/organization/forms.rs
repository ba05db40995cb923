//! What arrives from the forms of the organisation.
use crate::{extract::Fields, problem::Problem, typed::Typed};
use batchtrack_core::{
    identity::{Own, check_password},
    kernel::{
        ids::{RoleId, UserId},
        text::{BadText, Email, Name},
    },
    organizations::{
        NewInvitation, NewMember, NewRole, RoleName,
        audit::{Act, Filter},
    },
    tiers::Permissions,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// What the list of who did what is asked for; in the address of the page and of the file.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct AuditQuery {
    pub(super) q: String,
    /// A member's number.
    pub(super) person: String,
    pub(super) act: String,
    /// Days, the last included.
    pub(super) from: String,
    pub(super) to: String,
    #[serde(skip_serializing)]
    pub(super) cursor: String,
}

impl AuditQuery {
    /// As links carry it on.
    pub(super) fn pairs(&self) -> [(&'static str, &str); 5] {
        [
            ("q", &self.q),
            ("person", &self.person),
            ("act", &self.act),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    pub(super) fn filter(&self) -> Result<Filter, Problem> {
        let fields = Fields::of(self.pairs().map(|(name, value)| (name, value.to_owned())));
        let mut typed = Typed::new(&fields);
        let filter = Filter {
            words: crate::listing::search(&self.q),
            person: typed.maybe::<i64>("person").map(UserId::new),
            act: typed.maybe::<Act>("act"),
            from: typed.day("from"),
            until: typed.day("to").map(|day| day + TimeDelta::days(1)),
        };
        typed.finish(Some(filter))
    }
}

/// The roles that are ticked.
pub(super) fn roles(fields: &Fields) -> Result<Vec<RoleId>, Problem> {
    let ids: Result<Vec<RoleId>, _> = fields.all("roles").map(str::parse).collect();
    ids.map_err(|_not_a_number| {
        Problem::invalid("form.invalid", "Some fields need another look.")
            .field("roles", "Choose from the list.")
    })
}

pub(super) fn invitation(fields: &Fields) -> Result<NewInvitation, Problem> {
    let roles = roles(fields)?;
    let mut typed = Typed::new(fields);
    let email = address(&mut typed, fields.text("email"));
    typed.finish(email.map(|email| NewInvitation { email, roles }))
}

fn address(typed: &mut Typed<'_>, text: &str) -> Option<Email> {
    let email = text.parse::<Email>().map_err(|error| match error {
        BadText::Empty | BadText::NotAnEmail => {
            "Enter an e-mail address such as ana@example.com".to_owned()
        }
        other => format!("The address {other}"),
    });
    typed.keep("email", email)
}

pub(super) fn role(fields: &Fields) -> Result<NewRole, Problem> {
    let mut typed = Typed::new(fields);
    let name = fields.text("name").parse::<RoleName>();
    let name = typed.keep(
        "name",
        name.map_err(|error| match error {
            BadText::Empty => "Give it a name".to_owned(),
            other => format!("The name {other}"),
        }),
    );
    let description = typed.line("description", 300).unwrap_or_default();
    let permissions = Permissions::of_words(fields.all("permissions"));
    typed.finish(name.map(|name| NewRole {
        name,
        description,
        permissions,
    }))
}

pub(super) struct Settings {
    pub(super) name: Name,
    pub(super) contact_email: Option<Email>,
}

pub(super) fn settings(fields: &Fields) -> Result<Settings, Problem> {
    let mut typed = Typed::new(fields);
    let name = typed.name("name");
    let contact_email = match fields.filled("email") {
        Some(text) => address(&mut typed, text),
        None => None,
    };
    typed.finish(name.map(|name| Settings {
        name,
        contact_email,
    }))
}

/// What somebody fills in who makes an account to join.
pub(super) fn new_member(fields: &Fields, email: &str) -> Result<NewMember, Problem> {
    let mut typed = Typed::new(fields);
    let mut name = |field: &'static str, what: &str| {
        let parsed = fields.text(field).parse::<Name>();
        typed.keep(field, parsed.map_err(|error| format!("{what} {error}")))
    };
    let names = name("first_name", "Your first name").zip(name("last_name", "Your last name"));
    let password = fields.get("password").unwrap_or_default();
    let own = Own {
        email,
        username: "",
        first_name: fields.text("first_name"),
        last_name: fields.text("last_name"),
    };
    let good = typed.keep("password", check_password(password, own));
    let values = names.zip(good);
    typed.finish(values.map(|((first_name, last_name), ())| NewMember {
        first_name,
        last_name,
        password: password.into(),
        timezone: crate::account::detected_zone(fields),
    }))
}
