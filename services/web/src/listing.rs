//! What lists share: their searches, their cursors and the links to the next page.
use crate::problem::Problem;
use batchtrack_core::kernel::Cursor;

/// What people look for, if anything; no longer than a name may be.
pub(crate) fn search(text: &str) -> Option<String> {
    let text: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(128)
        .collect();
    (!text.is_empty()).then_some(text)
}

/// Where a page starts.
pub(crate) fn cursor(text: &str) -> Result<Option<Cursor>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_damaged| {
        Problem::malformed(
            "request.bad_cursor",
            "That page link is damaged. Start again from the first page.",
        )
    })
}

/// Links at the foot of a list: on, and back to its beginning.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    pub first: Option<String>,
    pub next: Option<String>,
}

impl Pager {
    /// Of the list at `path` with `filters`, on the page that starts at `here`.
    pub(crate) fn of(
        path: &str,
        filters: &[(&str, &str)],
        here: &str,
        next: Option<&Cursor>,
    ) -> Self {
        let link = |cursor: Option<String>| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(filters.iter().filter(|(_, value)| !value.is_empty()));
            if let Some(cursor) = cursor {
                query.append_pair("cursor", &cursor);
            }
            let query = query.finish();
            if query.is_empty() {
                path.to_owned()
            } else {
                format!("{path}?{query}")
            }
        };
        Self {
            first: (!here.is_empty()).then(|| link(None)),
            next: next.map(|next| link(Some(next.to_string()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_filters() {
        let next = Cursor {
            key: "olive".into(),
            id: 7,
        };
        let filters = [("q", "a&b"), ("type", "")];
        let pager = Pager::of("/inventory/", &filters, "", Some(&next));
        assert_eq!(pager.first, None);
        assert_eq!(
            pager.next,
            Some(format!("/inventory/?q=a%26b&cursor={next}"))
        );
        let last = Pager::of("/inventory/", &[], "here", None);
        assert_eq!(
            (last.first.as_deref(), last.next),
            (Some("/inventory/"), None)
        );
    }

    #[test]
    fn searches_are_bounded_and_printable() {
        assert_eq!(search(" a\0b "), Some("ab".into()));
        assert_eq!(search(" \t"), None);
        assert_eq!(search(&"x".repeat(500)).map(|s| s.len()), Some(128));
    }
}
