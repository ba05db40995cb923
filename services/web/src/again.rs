//! A form of a page that was refused, shown again where it stands: what was typed, and what is wrong.
use crate::{extract::Fields, problem::Problem};

/// What the domain calls a field, where a form has another name for it.
const ALSO: &[(&str, &[&str])] = &[
    ("input_unit", &["unit"]),
    ("output_unit", &["unit"]),
    ("final_quantity", &["quantity"]),
    ("cost_per_unit", &["cost"]),
    ("custom_expiration_date", &["expires_at"]),
    ("expiration_date", &["expires_at", "shelf_life_days"]),
    ("sku_id", &["variant_id"]),
    ("product_name", &["product_id", "name"]),
    // The ledger speaks of costs, whoever entered them.
    ("total_cost", &["cost"]),
    ("predicted_yield", &["yield_amount"]),
    ("predicted_yield_unit", &["yield_unit"]),
];

/// Of the page's forms, the one that was refused; or none of them.
#[derive(Debug, Default)]
pub(crate) struct Again {
    form: &'static str,
    typed: Fields,
    problem: Option<Problem>,
}

impl Again {
    pub(crate) fn of(form: &'static str, typed: Fields, problem: Problem) -> Self {
        Self {
            form,
            typed,
            problem: Some(problem),
        }
    }

    pub(crate) fn is_any(&self) -> bool {
        self.problem.is_some()
    }

    pub(crate) fn is(&self, form: &str) -> bool {
        self.is_any() && self.form == form
    }

    /// The same with a thing called as the page calls it.
    #[must_use]
    pub(crate) fn calling(self, stored: &str, shown: &str) -> Self {
        Self {
            problem: self.problem.map(|problem| problem.calling(stored, shown)),
            ..self
        }
    }

    pub(crate) fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    pub(crate) fn into_problem(self) -> Option<Problem> {
        self.problem
    }

    /// What was typed into that form, or what it holds when it is first shown.
    pub(crate) fn value<'a>(&'a self, form: &str, field: &str, first: &'a str) -> &'a str {
        if self.is(form) {
            self.typed.text(field)
        } else {
            first
        }
    }

    /// What to show beside a field of that form.
    pub(crate) fn at(&self, form: &str, field: &str) -> &str {
        names(field)
            .map(|name| self.said(form, name))
            .find(|words| !words.is_empty())
            .unwrap_or_default()
    }

    /// The same for two fields that stand beside each other, such as an amount and its unit.
    pub(crate) fn at_either(&self, form: &str, field: &str, other: &str) -> &str {
        match self.at(form, field) {
            "" => self.at(form, other),
            words => words,
        }
    }

    /// What to show above that form, whose fields are `fields`.
    pub(crate) fn above(&self, form: &str, fields: &[&'static str]) -> String {
        let names: Vec<&str> = fields.iter().flat_map(|field| names(field)).collect();
        let problem = self.problem.as_ref().filter(|_| self.is(form));
        problem.map_or_else(String::new, |problem| problem.above(&names))
    }

    fn said(&self, form: &str, name: &str) -> &str {
        let problem = self.problem.as_ref().filter(|_| self.is(form));
        problem.map_or("", |problem| problem.at(name))
    }
}

/// A field by all its names.
pub(crate) fn names(field: &str) -> impl Iterator<Item = &str> {
    let also = ALSO.iter().find(|(name, _)| *name == field);
    std::iter::once(field).chain(also.into_iter().flat_map(|(_, also)| also.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_finds_its_field_by_either_name() {
        let typed = Fields::of([("quantity", "3 ".to_owned())]);
        let problem = Problem::invalid("x", "No.").field("unit", "Not that one.");
        let again = Again::of("restock", typed, problem);
        assert_eq!(again.value("restock", "quantity", "1"), "3");
        assert_eq!(again.value("take-out", "quantity", "1"), "1");
        assert_eq!(
            again.at_either("restock", "quantity", "input_unit"),
            "Not that one."
        );
        assert_eq!(again.at("take-out", "input_unit"), "");
        assert_eq!(again.above("restock", &["quantity", "input_unit"]), "");
        assert_eq!(again.above("restock", &["quantity"]), "No.");
        assert!(!Again::default().is(""));
    }
}
