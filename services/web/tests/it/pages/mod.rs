//! The pages of the workshop, as a browser without scripts sees them.
mod budgets;
mod forms;
mod lists;
mod walk;

use crate::harness::{Browser, location};
use reqwest::StatusCode;

/// A step that must have been accepted; where it leads.
pub(crate) async fn go(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(path, fields).await;
    let (status, to) = (answer.status(), location(&answer).to_owned());
    assert_eq!(
        status,
        StatusCode::SEE_OTHER,
        "{path}: {}",
        answer.text().await.unwrap()
    );
    to
}

pub(crate) async fn page(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    let status = answer.status();
    let html = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{path}: {html}");
    html
}

/// The form again, with status 422 and the words beside its fields.
pub(crate) async fn refused(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(path, fields).await;
    let status = answer.status();
    let html = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {html}");
    html
}

pub(crate) fn has(html: &str, words: &str) {
    assert!(html.contains(words), "“{words}” in {html}");
}

pub(crate) fn id_in(path: &str) -> &str {
    path.trim_end_matches("/view").rsplit('/').next().unwrap()
}

/// An item of a maker, in grams, with a first lot.
pub(crate) async fn item(browser: &Browser, name: &str, quantity: &str, cost: &str) -> String {
    let fields = [
        ("name", name),
        ("type", "ingredient"),
        ("unit", "gram"),
        ("quantity", quantity),
        ("total_cost", cost),
    ];
    go(browser, "/inventory/new", &fields).await
}

/// A recipe of one piece from so many grams of each item.
pub(crate) async fn recipe(browser: &Browser, name: &str, items: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("name", name),
        ("predicted_yield", "10"),
        ("predicted_yield_unit", "count"),
    ];
    for (item, amount) in items {
        fields.extend([
            ("ingredient_names[]", *item),
            ("amounts[]", *amount),
            ("units[]", "gram"),
        ]);
    }
    go(browser, "/recipes/new", &fields).await
}
