//! Whoever asks with an address learns nothing of whether it has an account.
use crate::{
    harness::{Browser, Site, location},
    statements,
};
use reqwest::header;

struct Seen {
    status: u16,
    location: String,
    body: String,
    statements: u64,
}

/// One form sent for one address, with all that differs by itself taken out.
async fn seen(site: &Site, open: &str, path: &str, email: &str, more: &[(&str, &str)]) -> Seen {
    let mut browser: Browser = site.stranger();
    browser.open(open).await;
    let id = format!("neutral-{}", uuid::Uuid::new_v4());
    let mut fields = vec![("email", email), ("csrf_token", browser.token.as_str())];
    fields.extend(more);
    let answer = browser
        .request(reqwest::Method::POST, path)
        .header(header::ORIGIN, &browser.url)
        .header("X-Request-ID", &id)
        .form(&fields)
        .send()
        .await
        .unwrap();
    let (status, to) = (answer.status().as_u16(), location(&answer).to_owned());
    let mut body = answer.text().await.unwrap();
    if !to.is_empty() {
        body = browser.get(&to).await.text().await.unwrap();
    }
    let statements = statements::sent_by(&id);
    for own in [email, &browser.token] {
        body = body.replace(own, "…");
    }
    let (head, rest) = body.split_once("idempotency_key").unwrap_or((&body, ""));
    assert!(rest.is_empty() || head.contains("…"));
    Seen {
        status,
        location: to,
        body: without_nonces(&body),
        statements,
    }
}

/// The only other thing that differs from page to page.
fn without_nonces(html: &str) -> String {
    html.split('"')
        .filter(|part| part.parse::<uuid::Uuid>().is_err())
        .collect::<Vec<_>>()
        .join("\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_addresses_get_the_same_answer() {
    statements::listen();
    let site = Site::careful().await;
    let mut ana = site.stranger();
    ana.sign_up("ana").await;
    site.letters().await;
    site.wait(3600);
    let sign_up = [
        ("first_name", "Somebody"),
        ("last_name", "Maker"),
        ("password", "not the one of ana"),
    ];
    for (open, path, more) in [
        ("/auth/forgot-password", "/auth/forgot-password", &[][..]),
        ("/auth/code", "/auth/code", &[]),
        ("/auth/signup", "/auth/signup", &sign_up),
    ] {
        let known = seen(&site, open, path, "ana@example.com", more).await;
        let unknown = seen(&site, open, path, "nobody@example.com", more).await;
        assert_eq!(known.status, unknown.status, "{path}");
        assert_eq!(known.location, unknown.location, "{path}");
        assert_eq!(known.body, unknown.body, "{path}");
        assert_eq!(known.statements, unknown.statements, "{path}");
        assert!(known.statements > 0, "{path}");
        // And once more, when the letters are too many.
        let known = seen(&site, open, path, "ana@example.com", more).await;
        let unknown = seen(&site, open, path, "nobody@example.com", more).await;
        assert_eq!(
            (known.status, known.body, known.statements),
            (unknown.status, unknown.body, unknown.statements),
            "{path}"
        );
    }
    // Guessing a code: as many statements, and the same words.
    let mut answers = Vec::new();
    for email in ["ana@example.com", "nobody@example.com"] {
        site.wait(31);
        let mut browser = site.stranger();
        browser.open("/auth/code").await;
        browser.post("/auth/code", &[("email", email)]).await;
        site.letters().await;
        browser.token = String::new();
        browser.open("/auth/code/enter").await;
        let id = format!("neutral-{}", uuid::Uuid::new_v4());
        let fields = [("code", "00000x"), ("csrf_token", browser.token.as_str())];
        let answer = browser
            .request(reqwest::Method::POST, "/auth/code/enter")
            .header(header::ORIGIN, &browser.url)
            .header("X-Request-ID", &id)
            .form(&fields)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        let body = body.replace(email, "…").replace(&browser.token, "…");
        answers.push((status, without_nonces(&body), statements::sent_by(&id)));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_takes_two_short_looks_at_the_database() {
    statements::listen();
    let site = Site::trusting().await;
    site.owner("ana").await;
    let mut counts = Vec::new();
    for (name, password) in [
        ("ana@example.com", crate::harness::PASSWORD),
        ("ana@example.com", "not the right one"),
        ("nobody@example.com", "not the right one"),
    ] {
        let mut browser = site.stranger();
        browser.open("/auth/login").await;
        let id = format!("sign-in-{}", uuid::Uuid::new_v4());
        let fields = [
            ("username", name),
            ("password", password),
            ("csrf_token", browser.token.as_str()),
        ];
        browser
            .request(reqwest::Method::POST, "/auth/login")
            .header(header::ORIGIN, &browser.url)
            .header("X-Request-ID", &id)
            .form(&fields)
            .send()
            .await
            .unwrap();
        counts.push(statements::sent_by(&id));
    }
    // Find them; note it, and the event with its counters; whether they may be in one place only.
    assert_eq!(counts, [4, 1, 1]);
}
