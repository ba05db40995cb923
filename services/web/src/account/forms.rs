//! What arrives, and its one-way door into the domain.
use crate::{extract::Fields, problem::Problem, typed::Typed};
use batchtrack_core::{identity::Profile, kernel::text::Name};
use chrono_tz::Tz;

pub(super) fn profile(fields: &Fields) -> Result<Profile, Problem> {
    let mut typed = Typed::new(fields);
    let mut name = |field: &'static str, what: &str| {
        let parsed = fields.text(field).parse::<Name>();
        typed.keep(field, parsed.map_err(|error| format!("{what} {error}")))
    };
    let first_name = name("first_name", "Your first name");
    let last_name = name("last_name", "Your last name");
    let zone = fields.text("timezone").parse::<Tz>();
    let zone = typed.keep(
        "timezone",
        zone.map_err(|_unknown| "Choose the zone you live in"),
    );
    let values = first_name.zip(last_name).zip(zone);
    typed.finish(values.map(|((first_name, last_name), zone)| Profile {
        first_name,
        last_name,
        timezone: zone.name().to_owned(),
    }))
}

/// What a browser says of itself when somebody signs up. Nobody typed it, so nobody is asked to mend
/// it: an unknown zone is UTC.
pub(crate) fn detected_zone(fields: &Fields) -> String {
    let zone = fields.text("timezone").parse().unwrap_or(Tz::UTC);
    zone.name().to_owned()
}
