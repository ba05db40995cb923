//! A letter's two forms, filled with the same words.
use super::words::{Part, Words};
use askama::Template;

/// Where they can say that they want no more of these.
#[derive(Debug, Clone)]
pub(super) struct Farewell {
    pub(super) unsubscribe: String,
    pub(super) preferences: String,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    words: &'a Words,
    farewell: Option<&'a Farewell>,
    host: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    words: &'a Words,
    farewell: Option<&'a Farewell>,
    host: &'a str,
}

/// The letter as HTML and as text.
pub(super) fn print(
    words: &Words,
    farewell: Option<&Farewell>,
    host: &str,
) -> Result<(String, String), askama::Error> {
    let html = Html {
        words,
        farewell,
        host,
    }
    .render()?;
    let text = Text {
        words,
        farewell,
        host,
    }
    .render()?;
    Ok((html, text))
}
