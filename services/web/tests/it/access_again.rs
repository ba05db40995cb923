//! Every endpoint there is, asked with what was good once, or elsewhere, or is sent twice.
use crate::{
    access::{asked, closed, is_asked_to_sign_in, is_json, moves},
    api::{method, shelf},
    harness::token_in,
    tokens::{Program, secret},
};
use batchtrack_web::endpoint::{Access, Endpoint};
use reqwest::{Method, StatusCode};
use serde_json::json;

fn writes() -> impl Iterator<Item = &'static Endpoint> {
    closed().filter(|endpoint| endpoint.method != actix_web::http::Method::GET)
}

/// A form that was made for somebody else's session, or before one signed in, is good for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_another_session_is_refused_everywhere() {
    let there = shelf().await;
    let html = there.site.stranger().get("/auth/login").await;
    let html = html.text().await.unwrap();
    let other = token_in(&html).unwrap();
    let before = there.site.state_of(1).await;
    let mut tried = 0;
    for endpoint in writes().filter(|endpoint| endpoint.method != actix_web::http::Method::HEAD) {
        for token in [other, ""] {
            let answer = asked(&there.ana, endpoint, &there, "replayed", token).await;
            let status = answer.status();
            let text = answer.text().await.unwrap();
            assert!(
                status == StatusCode::BAD_REQUEST && text.contains("out of date"),
                "{} {} {token}: {status} {text}",
                endpoint.method,
                endpoint.path
            );
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
    assert_eq!(there.site.state_of(1).await, before);
}

/// What is sent again under its key is answered again, and done once.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_twice_is_done_once() {
    let there = shelf().await;
    let mut done = 0;
    for endpoint in writes().filter(|endpoint| !moves(endpoint)) {
        let key = uuid::Uuid::new_v4().to_string();
        let untouched = there.site.state_of(1).await;
        let first = asked(&there.ana, endpoint, &there, &key, &there.ana.token).await;
        let what = format!("{} {}: {}", endpoint.method, endpoint.path, first.status());
        assert!(!is_asked_to_sign_in(&first), "{what}");
        let status = first.status();
        drop(first);
        let once = there.site.state_of(1).await;
        let second = asked(&there.ana, endpoint, &there, &key, &there.ana.token).await;
        let is_replayed = second.headers().contains_key("idempotency-replayed");
        assert_eq!(second.status(), status, "{what}");
        assert_eq!(there.site.state_of(1).await, once, "{what}");
        if once != untouched && matches!(endpoint.access, Access::May(_) | Access::Member) {
            assert!(is_replayed, "{what}");
            done += 1;
        }
    }
    assert!(done > 30, "only {done} of them did anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_opens_nothing_and_a_narrow_one_little() {
    let mut there = shelf().await;
    let make = |name: &str, scopes: &[&str]| json!({ "name": name, "scopes": scopes });
    let (wide, narrow) = (
        make(
            "wide",
            &["inventory.view", "inventory.edit", "recipes.edit"],
        ),
        make("narrow", &["tags.manage"]),
    );
    let wide = there.ana.make_token("/api/v1/tokens", &wide).await;
    let narrow = there.ana.make_token("/api/v1/tokens", &narrow).await;
    let revoked = there
        .ana
        .revoke_token(&format!("/api/v1/tokens/{}", wide["id"]))
        .await;
    assert_eq!(revoked.status(), StatusCode::OK);
    let url = &there.site.url;
    let programs = [
        (Program::new(url, &secret(&wide)), true),
        (Program::new(url, &secret(&narrow)), false),
    ];
    // That it was used is noted, once in a while.
    let [_, (narrow, _)] = &programs;
    assert!(narrow.get("/api/v1/items").await.status().is_client_error());
    let before = there.site.state_of(1).await;
    for endpoint in closed().filter(|endpoint| is_json(endpoint)) {
        let verb = method(endpoint);
        let path = if endpoint.path.contains('{') {
            there.shop.at(endpoint.path)
        } else {
            endpoint.path.to_owned()
        };
        for (program, is_revoked) in &programs {
            let request = program
                .request(verb.clone(), &path)
                .header("Idempotency-Key", uuid::Uuid::new_v4().to_string());
            let request = match verb {
                Method::GET | Method::HEAD => request,
                _ => request.json(&there.shop.body(endpoint.path)),
            };
            let answer = request.send().await.unwrap();
            let what = format!("{verb} {path}: {}", answer.status());
            match (is_revoked, endpoint.access) {
                (true, _) => assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{what}"),
                (false, Access::May(_) | Access::Owner) => {
                    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{what}");
                }
                (false, _) => assert!(answer.status().as_u16() < 500, "{what}"),
            }
        }
    }
    assert_eq!(there.site.state_of(1).await, before);
}
