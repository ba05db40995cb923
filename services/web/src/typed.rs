//! The one-way door from what people typed into a form to the domain: every field that is wrong is
//! named, all at once.
use crate::{extract::Fields, problem::Problem};
use batchtrack_core::kernel::{
    Money, Quantity, Unit,
    decimal::BadDecimal,
    text::{self, BadText, Name},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::{borrow::Cow, fmt::Display, str::FromStr};

/// Takes the fields of a form apart, and remembers what was wrong with each.
pub(crate) struct Typed<'a> {
    fields: &'a Fields,
    wrong: Vec<(Cow<'static, str>, String)>,
}

impl<'a> Typed<'a> {
    pub(crate) fn new(fields: &'a Fields) -> Self {
        Self {
            fields,
            wrong: Vec::new(),
        }
    }

    pub(crate) fn wrong(&mut self, field: impl Into<Cow<'static, str>>, detail: impl Display) {
        self.wrong
            .push((field.into(), sentence(&detail.to_string())));
    }

    /// Keeps a result, or what is wrong with its field.
    pub(crate) fn keep<T, E: Display>(
        &mut self,
        field: &'static str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|error| self.wrong(field, error)).ok()
    }

    pub(crate) fn name(&mut self, field: &'static str) -> Option<Name> {
        let parsed = self
            .fields
            .text(field)
            .parse::<Name>()
            .map_err(|error| match error {
                BadText::Empty => "Give it a name".to_owned(),
                other => format!("The name {other}"),
            });
        self.keep(field, parsed)
    }

    /// Text of several lines that may be left out.
    pub(crate) fn note(&mut self, field: &'static str, most: usize) -> String {
        let note =
            text::note(self.fields.text(field), most).map_err(|error| format!("The text {error}"));
        self.keep(field, note).unwrap_or_default()
    }

    /// One line that may be left out.
    pub(crate) fn line(&mut self, field: &'static str, most: usize) -> Option<String> {
        let line = text::line(self.fields.filled(field)?, most)
            .map_err(|error| format!("The text {error}"));
        self.keep(field, line)
    }

    /// A value that may be left out.
    pub(crate) fn maybe<T: FromStr<Err: Display>>(&mut self, field: &'static str) -> Option<T> {
        let parsed = self.fields.filled(field)?.parse();
        self.keep(field, parsed)
    }

    /// An amount above zero.
    pub(crate) fn amount(&mut self, field: &'static str) -> Option<Quantity> {
        let text = self.fields.filled(field);
        let Some(text) = text else {
            self.wrong(field, "Enter how much");
            return None;
        };
        let amount = text
            .parse::<Quantity>()
            .map_err(|error| error.to_string())
            .and_then(|amount| {
                amount
                    .is_positive()
                    .then_some(amount)
                    .ok_or_else(|| "Enter more than zero".to_owned())
            });
        self.keep(field, amount)
    }

    /// Money that may be left out; a currency sign in front is no mistake.
    pub(crate) fn money(&mut self, field: &'static str) -> Option<Money> {
        let text = self.fields.filled(field)?;
        let plain = text.trim_start_matches(['$', '€', '£', ' ']);
        let money = plain
            .parse::<Money>()
            .map_err(|error: BadDecimal| error.to_string())
            .and_then(|money| {
                (!money.is_negative())
                    .then_some(money)
                    .ok_or_else(|| "Must not be negative".to_owned())
            });
        self.keep(field, money)
    }

    pub(crate) fn unit(&mut self, field: &'static str) -> Option<&'static Unit> {
        let name = self.fields.text(field);
        let unit = Unit::find(name).ok_or_else(|| match name {
            "" => "Choose a unit".to_owned(),
            name => format!("The unit “{name}” is not known"),
        });
        self.keep(field, unit)
    }

    /// The start of a day, in UTC.
    pub(crate) fn day(&mut self, field: &'static str) -> Option<DateTime<Utc>> {
        let day = NaiveDate::parse_from_str(self.fields.filled(field)?, "%Y-%m-%d")
            .map_err(|_not_a_date| "Enter a date such as 2026-03-31");
        self.keep(field, day)
            .map(|day| day.and_time(NaiveTime::MIN).and_utc())
    }

    /// All that was wrong, or the values.
    pub(crate) fn finish<T>(self, values: Option<T>) -> Result<T, Problem> {
        match values {
            Some(values) if self.wrong.is_empty() => Ok(values),
            _ => Err(self.into_problem()),
        }
    }

    fn into_problem(self) -> Problem {
        let start = Problem::invalid("form.invalid", "Some fields need another look.");
        self.wrong
            .into_iter()
            .fold(start, |problem, (field, detail)| {
                problem.field(field, detail)
            })
    }
}

/// With a capital at its start and a full stop at its end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{stop}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let fields = Fields::from_urlencoded(
            b"name=&quantity=-3&unit=furlong&cost=%241%2C234.5&day=31.3.2026",
        )
        .unwrap();
        let mut typed = Typed::new(&fields);
        assert_eq!(typed.money("cost"), Some(Money::micros(1_234_500_000)));
        assert_eq!(typed.maybe::<i64>("missing"), None);
        let values = (
            typed.name("name"),
            typed.amount("quantity"),
            typed.unit("unit"),
            typed.day("day"),
        );
        assert!(matches!(values, (None, None, None, None)));
        let problem = typed.finish::<()>(None).unwrap_err();
        assert_eq!(problem.at("name"), "Give it a name.");
        assert_eq!(problem.at("quantity"), "Enter more than zero.");
        assert_eq!(problem.at("unit"), "The unit “furlong” is not known.");
        assert_eq!(problem.at("day"), "Enter a date such as 2026-03-31.");
    }
}
