//! Every answer tells the browser what it may do, whatever was asked.
use crate::harness::{Site, head};
use reqwest::{Method, Response};
use std::collections::BTreeSet;

/// Every address and method, with ids that nothing has.
fn addresses() -> BTreeSet<(String, String)> {
    batchtrack_web::routes::endpoints()
        .map(|endpoint| {
            let mut path = String::new();
            let mut rest = endpoint.path;
            while let Some((before, after)) = rest.split_once('{') {
                let (_, after) = after.split_once('}').unwrap();
                path.push_str(before);
                path.push_str("999999");
                rest = after;
            }
            path.push_str(rest);
            (endpoint.method.as_str().to_owned(), path)
        })
        .collect()
}

fn check(answer: &Response, what: &str, is_https: bool) {
    assert_eq!(head(answer, "x-content-type-options"), "nosniff", "{what}");
    assert_eq!(head(answer, "x-frame-options"), "DENY", "{what}");
    assert_eq!(
        head(answer, "referrer-policy"),
        "strict-origin-when-cross-origin",
        "{what}"
    );
    assert_ne!(head(answer, "permissions-policy"), "", "{what}");
    assert_ne!(head(answer, "cache-control"), "", "{what}");
    assert_ne!(head(answer, "x-request-id"), "", "{what}");
    assert_eq!(head(answer, "server"), "", "{what}");
    let policy = head(answer, "content-security-policy");
    assert!(
        policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"),
        "{what}"
    );
    if head(answer, "content-type").starts_with("text/html") {
        for part in [
            "default-src 'self'",
            "script-src 'self' 'nonce-",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "object-src 'none'",
        ] {
            assert!(policy.contains(part), "{what}: {part}");
        }
        assert_eq!(
            policy.contains("upgrade-insecure-requests"),
            is_https,
            "{what}"
        );
    } else {
        assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
    }
    let lasting = head(answer, "strict-transport-security");
    assert_eq!(
        lasting.starts_with("max-age=31536000"),
        is_https,
        "{what}: {lasting}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_address_is_locked_down() {
    let site = Site::with(|settings| settings.limits.enabled = false).await;
    let mut ana = site.owner("ana").await;
    ana.open("/account").await;
    let stranger = site.stranger();
    for (method, path) in addresses() {
        let method: Method = method.parse().unwrap();
        let what = format!("{method} {path}");
        check(
            &stranger
                .request(method.clone(), &path)
                .send()
                .await
                .unwrap(),
            &what,
            false,
        );
        let secure = stranger
            .request(method.clone(), &path)
            .header("X-Forwarded-Proto", "https");
        check(&secure.send().await.unwrap(), &what, true);
        // Signing out would end the walk.
        if path != "/auth/logout" && path != "/account/sessions" {
            let known = ana
                .request(method.clone(), &path)
                .header("X-CSRFToken", &ana.token);
            let answer = known.send().await.unwrap();
            check(&answer, &what, false);
            assert!(
                !answer.status().is_server_error(),
                "{what}: {}",
                answer.status()
            );
        }
    }
    for path in ["/nowhere", "/api/v1/nowhere", "/%00", "/test/panic"] {
        check(&stranger.get(path).await, path, false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_have_an_end_everywhere() {
    let site = Site::with(|settings| settings.limits.enabled = false).await;
    let mut ana = site.owner("ana").await;
    ana.open("/account").await;
    let much = format!("{{\"x\":\"{}\"}}", "x".repeat(6 * 1_048_576));
    for (method, path) in addresses() {
        if !matches!(method.as_str(), "POST" | "PUT" | "PATCH") {
            continue;
        }
        let method: Method = method.parse().unwrap();
        let request = ana
            .request(method.clone(), &path)
            .header("X-CSRFToken", &ana.token)
            .header("Idempotency-Key", "much")
            .header("Content-Type", "application/json")
            .body(much.clone());
        let status = request.send().await.unwrap().status().as_u16();
        assert!(
            (400..500).contains(&status) || status == 303,
            "{method} {path}: {status}"
        );
    }
}
