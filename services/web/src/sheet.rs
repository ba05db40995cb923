//! The one form of a page: what it holds, and what is wrong with it. Pages with several have `again.rs`.
use crate::{again::names, extract::Fields, problem::Problem};

/// What a template asks: `sheet.text("name")`, `sheet.at("name")`, `sheet.above()`.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// The names of its fields; words about anything else stand above it.
    fields: &'static [&'static str],
    typed: Fields,
    problem: Option<Problem>,
}

impl Sheet {
    /// The form as it is first shown.
    pub(crate) fn of(fields: &'static [&'static str], typed: Fields) -> Self {
        Self {
            fields,
            typed,
            problem: None,
        }
    }

    /// The form again, with what was typed and what is wrong with it.
    pub(crate) fn refused(
        fields: &'static [&'static str],
        typed: Fields,
        problem: Problem,
    ) -> Self {
        Self {
            fields,
            typed,
            problem: Some(problem),
        }
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.problem.is_some()
    }

    pub(crate) fn typed(&self) -> &Fields {
        &self.typed
    }

    pub(crate) fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.typed.text(field)
    }

    /// What to show beside a field.
    pub(crate) fn at(&self, field: &str) -> &str {
        let Some(problem) = &self.problem else {
            return "";
        };
        names(field)
            .map(|name| problem.at(name))
            .find(|words| !words.is_empty())
            .unwrap_or_default()
    }

    /// What to show above the form: "" when every word of it stands beside a field.
    pub(crate) fn above(&self) -> String {
        let names: Vec<&str> = self.fields.iter().flat_map(|field| names(field)).collect();
        let problem = self.problem.as_ref();
        problem.map_or_else(String::new, |problem| problem.above(&names))
    }
}

#[cfg(test)]
mod tests {
    use super::Sheet;
    use crate::{extract::Fields, problem::Problem};

    #[test]
    fn words_stand_beside_their_field_or_above_the_form() {
        let typed = || Fields::of([("total_cost", " a lot ".to_owned())]);
        let blank = Sheet::of(&["total_cost"], typed());
        assert_eq!(
            (blank.text("total_cost"), blank.at("total_cost")),
            ("a lot", "")
        );
        assert_eq!((blank.above().as_str(), blank.is_refused()), ("", false));

        // The ledger speaks of costs, whoever entered them.
        let problem = || Problem::invalid("x", "No.").field("cost", "Not that much.");
        let placed = Sheet::refused(&["total_cost"], typed(), problem());
        assert_eq!(placed.at("total_cost"), "Not that much.");
        assert_eq!((placed.above().as_str(), placed.is_refused()), ("", true));
        assert_eq!(Sheet::refused(&["name"], typed(), problem()).above(), "No.");
    }
}
