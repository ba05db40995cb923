use super::Upload;
use crate::problem::Problem;

/// The fields of a form in the order in which they came; a name may stand more than once.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    texts: Vec<(String, String)>,
    files: Vec<Upload>,
}

impl Fields {
    pub(crate) fn from_urlencoded(body: &[u8]) -> Result<Self, Problem> {
        Self::new(
            url::form_urlencoded::parse(body)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
            Vec::new(),
        )
    }

    pub(super) fn new(texts: Vec<(String, String)>, files: Vec<Upload>) -> Result<Self, Problem> {
        if texts
            .iter()
            .any(|(name, value)| name.contains('\0') || value.contains('\0'))
        {
            return Err(unprintable());
        }
        Ok(Self { texts, files })
    }

    /// What a form holds when it is first shown.
    pub fn of(values: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self {
            texts: values
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            files: Vec::new(),
        }
    }

    /// The first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first field of that name without the spaces around it; "" when it is missing.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// Like [`Fields::text`], but nothing at all for an empty field.
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every field of that name, as `ingredient_ids[]`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts
            .iter()
            .filter(move |(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a checkbox was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        matches!(self.text(name), "true" | "on" | "1" | "yes")
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn file(&self, field: &str) -> Option<&Upload> {
        self.files.iter().find(|file| file.field == field)
    }

    pub fn files(&self) -> &[Upload] {
        &self.files
    }
}

/// PostgreSQL keeps no NUL in a text, and no person types one.
pub(crate) fn unprintable() -> Problem {
    Problem::malformed(
        "request.unprintable",
        "The request holds a character that can't be kept (NUL). Take it out and try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn lines_of_a_form_keep_their_order() {
        let body =
            b"ingredient_ids%5B%5D=3&ingredient_ids%5B%5D=&ingredient_ids%5B%5D=1&name=+Soap+&x=";
        let fields = Fields::from_urlencoded(body).unwrap();
        assert_eq!(
            fields.all("ingredient_ids[]").collect::<Vec<_>>(),
            ["3", "", "1"]
        );
        assert_eq!(fields.text("name"), "Soap");
        assert_eq!((fields.filled("x"), fields.text("missing")), (None, ""));
        assert!(Fields::from_urlencoded(b"name=a%00b").is_err());
    }
}
