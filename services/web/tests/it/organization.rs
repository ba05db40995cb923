//! Organisations on their pages: joining, leaving, going from one to another, and who may say so.
mod acting;
mod people;
mod places;

use crate::{
    harness::{Browser, Site, location},
    pages::page,
};
use batchtrack_core::{mail::Letters, platform::seal::Keyring};
use reqwest::{Response, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// The token of the latest letter.
pub(crate) async fn token(site: &Site) -> String {
    let keys = Keyring::new(Some(&SecretString::from("5eed".repeat(16)))).unwrap();
    let sealed = site
        .text("SELECT args -> 'letter' ->> 'token' FROM jobs WHERE kind LIKE 'mail.send%' ORDER BY id DESC LIMIT 1")
        .await;
    let sealed = serde_json::from_value(Value::String(sealed)).unwrap();
    let text = Letters::new(&keys).open(&sealed).unwrap();
    text.expose_secret().to_owned()
}

/// The id of a role that came with the organisation in which `browser` acts.
pub(crate) async fn role(browser: &Browser, name: &str) -> String {
    let roles = browser.reads("/api/v1/roles").await;
    let found = roles["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|role| role["name"] == name);
    found.unwrap()["id"].to_string()
}

/// The token of an invitation as this role.
pub(crate) async fn invite(site: &Site, owner: &Browser, email: &str, role_name: &str) -> String {
    let role = role(owner, role_name).await;
    let fields = [("email", email), ("roles", role.as_str())];
    let answer = owner.post("/organization/invitations", &fields).await;
    let (status, to) = (answer.status(), location(&answer).to_owned());
    let html = answer.text().await.unwrap();
    assert_eq!(
        (status, to.as_str()),
        (StatusCode::SEE_OTHER, "/organization/members"),
        "{html}"
    );
    token(site).await
}

/// Follows the link as a stranger, makes an account and is in.
pub(crate) async fn join(site: &Site, token: &str, name: &str) -> Browser {
    let mut browser = site.stranger();
    let html = browser.open(&format!("/invitations/{token}")).await;
    assert!(html.contains("Choose a password"), "{html}");
    let fields = [
        ("first_name", name),
        ("last_name", "Helper"),
        ("password", crate::harness::PASSWORD),
        ("timezone", "Europe/Berlin"),
    ];
    let answer = browser
        .post(&format!("/invitations/{token}/join"), &fields)
        .await;
    let (status, to) = (answer.status(), location(&answer).to_owned());
    let html = answer.text().await.unwrap();
    assert_eq!(
        (status, to.as_str()),
        (StatusCode::SEE_OTHER, "/user_dashboard"),
        "{html}"
    );
    browser
}

/// The number of the person with that address.
pub(crate) async fn user(site: &Site, email: &str) -> i64 {
    site.number(&format!("SELECT id FROM users WHERE email = '{email}'"))
        .await
}

/// The cookie of the session that an answer sets, if it sets one.
pub(crate) fn session_cookie(answer: &Response) -> Option<String> {
    let all = answer.headers().get_all(header::SET_COOKIE).iter();
    let mut all = all.map(|value| value.to_str().unwrap());
    let found = all.find(|value| !value.starts_with("batchtrack-flash"))?;
    Some(found.split(';').next().unwrap().to_owned())
}

/// Opens a page and keeps the token of its forms, if it has any.
pub(crate) async fn look(browser: &mut Browser, path: &str) -> String {
    let html = page(browser, path).await;
    if let Some(token) = crate::harness::token_in(&html) {
        token.clone_into(&mut browser.token);
    }
    html
}
