//! What is typed into the form of a token.
use super::wire::{LONGEST_NAME, scopes};
use crate::{extract::Fields, problem::Problem, typed::Typed};
use batchtrack_core::{
    kernel::text::Name,
    tiers::{Area, Permission, Permissions},
    tokens::{Lifetime, NewToken, Sort},
};

pub(super) const FIELDS: [&str; 3] = ["name", "scopes", "expires_in_days"];

/// What people choose from. "" is until it is revoked.
pub(super) const LIFETIMES: [(&str, &str); 4] = [
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "A year"),
    ("", "Until it is revoked"),
];

pub(super) fn token(fields: &Fields, sort: Sort) -> Result<NewToken, Problem> {
    let mut typed = Typed::new(fields);
    let name = typed.name("name").filter(|name| {
        let fits = name.as_str().chars().count() <= LONGEST_NAME;
        if !fits {
            typed.wrong(
                "name",
                format!("The name may be at most {LONGEST_NAME} characters long"),
            );
        }
        fits
    });
    let chosen = scopes(fields.all("scopes")).map_err(|problem| problem.detail().into_owned());
    let chosen = typed.keep("scopes", chosen);
    if chosen == Some(Permissions::NONE) {
        typed.wrong("scopes", "Tick at least one thing that it may do");
    }
    let days = typed.maybe::<u32>("expires_in_days");
    let value = name.zip(chosen).map(|(name, scopes): (Name, _)| NewToken {
        sort,
        name,
        scopes,
        lifetime: days.map_or(Lifetime::Unlimited, Lifetime::Days),
    });
    typed.finish(value)
}

/// What somebody may choose from, by area.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) scopes: Vec<Scope>,
}

pub(super) struct Scope {
    pub(super) word: &'static str,
    pub(super) label: String,
    pub(super) is_ticked: bool,
}

/// Only what they may do themselves.
pub(super) fn groups(may: Permissions, ticked: &[&str]) -> Vec<Group> {
    let scope = |permission: Permission| Scope {
        word: permission.as_str(),
        label: capital(permission.label()),
        is_ticked: ticked.contains(&permission.as_str()),
    };
    let group = |area: &Area| Group {
        title: area.label(),
        scopes: area
            .permissions()
            .filter(|permission| may.contains(*permission))
            .map(scope)
            .collect(),
    };
    let groups = Area::ALL.iter().map(group);
    groups.filter(|group| !group.scopes.is_empty()).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
