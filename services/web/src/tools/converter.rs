//! The unit converter: what was typed, and what comes of it. Pure.
use crate::figures::{self, Figure};
use batchtrack_core::{
    catalog::GlobalItem,
    kernel::{Density, Dimension, Quantity, Unit, units::ConversionError},
};
use serde::Deserialize;

/// As typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) amount: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) density: String,
    /// A name in the library, whose density is used where none is typed.
    pub(super) ingredient: String,
}

/// A form that was looked at.
#[derive(Debug, Default)]
pub(super) struct Converter {
    pub(super) asked: Asked,
    pub(super) units: Vec<(&'static str, &'static str)>,
    pub(super) wrong: Vec<(&'static str, String)>,
    pub(super) answer: Option<Answer>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) from: Figure,
    pub(super) to: Figure,
    /// The density that was needed, and whose it is.
    pub(super) density: Option<(String, String)>,
    /// The same amount in other units of both kinds.
    pub(super) others: Vec<Figure>,
}

impl Asked {
    pub(super) fn is_blank(&self) -> bool {
        self.amount.trim().is_empty() && self.ingredient.trim().is_empty()
    }

    /// What to look up, if it matters.
    pub(super) fn wanted_ingredient(&self) -> Option<&str> {
        let name = self.ingredient.trim();
        (!name.is_empty() && self.density.trim().is_empty()).then_some(name)
    }
}

impl Converter {
    pub(super) fn blank() -> Self {
        Self {
            asked: Asked {
                from: "cup".to_owned(),
                to: "gram".to_owned(),
                ..Asked::default()
            },
            units: choices(),
            ..Self::default()
        }
    }

    /// `found` is what the library has of the ingredient that was typed.
    pub(super) fn of(asked: Asked, found: Option<&GlobalItem>) -> Self {
        let mut wrong = Vec::new();
        let amount = match asked.amount.trim().parse::<Quantity>() {
            Ok(amount) if amount.is_positive() => Some(amount),
            Ok(_) => None.or_note(&mut wrong, "amount", "Enter more than zero."),
            Err(error) => None.or_note(&mut wrong, "amount", &sentence(&error.to_string())),
        };
        let from = Unit::find(&asked.from).or_note(&mut wrong, "from", "Choose a unit.");
        let to = Unit::find(&asked.to).or_note(&mut wrong, "to", "Choose a unit.");
        let density = density(&asked, found, &mut wrong);
        let answer = match (amount, from, to) {
            (Some(amount), Some(from), Some(to)) if wrong.is_empty() => {
                convert(amount, from, to, density.as_ref())
                    .map_err(|problem| wrong.push(problem))
                    .ok()
            }
            _ => None,
        };
        Self {
            asked,
            units: choices(),
            wrong,
            answer,
        }
    }

    pub(super) fn at(&self, field: &str) -> &str {
        self.wrong
            .iter()
            .find(|(name, _)| *name == field)
            .map_or("", |(_, text)| text)
    }
}

fn choices() -> Vec<(&'static str, &'static str)> {
    [
        Dimension::Volume,
        Dimension::Mass,
        Dimension::Length,
        Dimension::Area,
        Dimension::Count,
    ]
    .into_iter()
    .flat_map(|dimension| {
        Unit::all()
            .iter()
            .filter(move |unit| unit.dimension == dimension)
    })
    .map(|unit| (unit.name, unit.name))
    .collect()
}

struct Dense {
    value: Density,
    of: String,
}

fn density(
    asked: &Asked,
    found: Option<&GlobalItem>,
    wrong: &mut Vec<(&'static str, String)>,
) -> Option<Dense> {
    let typed = asked.density.trim();
    if !typed.is_empty() {
        return match typed.parse() {
            Ok(value) => Some(Dense {
                value,
                of: String::new(),
            }),
            Err(error) => {
                let error: batchtrack_core::kernel::units::BadDensity = error;
                wrong.push(("density", sentence(&error.to_string())));
                None
            }
        };
    }
    let name = asked.wanted_ingredient()?;
    let dense = found.and_then(|item| {
        Some(Dense {
            value: item.density?,
            of: item.name.clone(),
        })
    });
    if dense.is_none() {
        wrong.push((
            "ingredient",
            format!("The library has no density for “{name}”. Enter it below."),
        ));
    }
    dense
}

fn convert(
    amount: Quantity,
    from: &'static Unit,
    to: &'static Unit,
    dense: Option<&Dense>,
) -> Result<Answer, (&'static str, String)> {
    let density = dense.map(|dense| dense.value);
    let result = from
        .convert(amount, to, density)
        .map_err(|error| match error {
            ConversionError::MissingDensity => (
                "density",
                "Volume and weight meet here: enter a density, or the name of an ingredient."
                    .to_owned(),
            ),
            ConversionError::Unsupported { .. } => (
                "to",
                format!(
                    "{} can't become {}. Choose units of one kind.",
                    capital(from.dimension.as_str()),
                    to.dimension
                ),
            ),
            ConversionError::TooLarge => (
                "amount",
                "That is more than can be counted here.".to_owned(),
            ),
        })?;
    let crossed = from.dimension != to.dimension;
    let same_kind = |unit: &&&Unit| {
        unit.dimension == from.dimension || (density.is_some() && unit.dimension == to.dimension)
    };
    let everyday = |unit: &&&Unit| {
        EVERYDAY.contains(&unit.name) && unit.name != from.name && unit.name != to.name
    };
    Ok(Answer {
        from: named(amount, from),
        to: named(result, to),
        density: dense
            .filter(|_| crossed)
            .map(|dense| (dense.value.to_string(), dense.of.clone())),
        others: Unit::all()
            .iter()
            .collect::<Vec<_>>()
            .iter()
            .filter(same_kind)
            .filter(everyday)
            .filter_map(|unit| Some(named(from.convert(amount, unit, density).ok()?, unit)))
            .filter(|figure| figure.text != "0")
            .collect(),
    })
}

/// What people have spoons, scales and rulers for.
const EVERYDAY: &[&str] = &[
    "gram",
    "kilogram",
    "ounce",
    "pound",
    "milliliter",
    "teaspoon",
    "tablespoon",
    "fluid ounce",
    "cup",
    "pint",
    "quart",
    "liter",
    "gallon",
    "centimeter",
    "inch",
    "foot",
    "meter",
    "square centimeter",
    "square inch",
    "square foot",
    "square meter",
    "piece",
    "pair",
    "dozen",
];

fn named(amount: Quantity, unit: &'static Unit) -> Figure {
    Figure {
        unit: unit.name,
        ..figures::quantity(amount, unit)
    }
}

fn sentence(text: &str) -> String {
    format!("{}.", capital(text))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

trait OrNote<T> {
    fn or_note(
        self,
        wrong: &mut Vec<(&'static str, String)>,
        field: &'static str,
        text: &str,
    ) -> Option<T>;
}

impl<T> OrNote<T> for Option<T> {
    fn or_note(
        self,
        wrong: &mut Vec<(&'static str, String)>,
        field: &'static str,
        text: &str,
    ) -> Self {
        if self.is_none() {
            wrong.push((field, text.to_owned()));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(amount: &str, from: &str, to: &str, density: &str) -> Converter {
        let asked = Asked {
            amount: amount.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            density: density.to_owned(),
            ingredient: String::new(),
        };
        Converter::of(asked, None)
    }

    #[test]
    fn a_cup_of_honey_is_weighed() {
        let converter = asked("2", "cup", "g", "1.42");
        let answer = converter.answer.unwrap();
        assert_eq!(
            (answer.to.whole().as_str(), answer.to.exact.as_str()),
            ("671.91 gram", "671.90992")
        );
        assert_eq!(answer.density, Some(("1.42".to_owned(), String::new())));
        assert!(answer.others.iter().any(|figure| figure.unit == "pound"));
        assert!(
            answer
                .others
                .iter()
                .all(|figure| figure.unit != "cup" && figure.unit != "gram")
        );
    }

    #[test]
    fn what_is_missing_is_said_at_its_field() {
        assert!(
            asked("1", "cup", "g", "")
                .at("density")
                .contains("enter a density")
        );
        assert!(
            asked("1", "cup", "inch", "1")
                .at("to")
                .contains("can't become")
        );
        assert!(
            asked("1e400", "cup", "g", "1")
                .at("amount")
                .starts_with("Enter a number")
        );
        assert!(
            asked("-1", "cup", "ml", "")
                .at("amount")
                .contains("more than zero")
        );
        assert!(
            asked("1", "furlong", "ml", "")
                .at("from")
                .contains("Choose")
        );
        assert!(
            asked("1", "cup", "g", "51")
                .at("density")
                .contains("at most 50")
        );
        assert!(
            asked("9223372036854", "sqmile", "sqmm", "")
                .at("amount")
                .contains("more than")
        );
        assert!(asked("1", "cup", "ml", "").wrong.is_empty());
    }
}
