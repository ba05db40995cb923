use crate::harness::{PASSWORD, Site, head, location, problem};
use reqwest::{Method, StatusCode, header};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_token_survives_signing_in() {
    let site = Site::start().await;
    site.owner("ana").await;
    let mut browser = site.stranger();
    assert_eq!(
        browser.sign_in("ana@example.com", PASSWORD).await.status(),
        StatusCode::FOUND
    );
    // The load test never takes another token than the one from before signing in.
    let kept = browser.token.clone();
    let answer = browser
        .json("/api/v1/test/notes", "k1", &json!({ "text": "x" }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let me: serde_json::Value = browser.get("/test/whoami").await.json().await.unwrap();
    assert_eq!(me["csrf"], kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_unsafe_passes_without_the_token() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in [
            "/auth/logout",
            "/test/form",
            "/api/v1/test/notes",
            "/nowhere",
            "/",
        ] {
            let sent = ana
                .request(method.clone(), path)
                .header("Idempotency-Key", "k")
                .send();
            assert_eq!(
                sent.await.unwrap().status(),
                StatusCode::BAD_REQUEST,
                "{method} {path}"
            );
            let wrong = ana
                .request(method.clone(), path)
                .header("X-CSRFToken", "0".repeat(64))
                .send();
            assert_eq!(
                wrong.await.unwrap().status(),
                StatusCode::BAD_REQUEST,
                "{method} {path}"
            );
        }
    }
    let (status, body) = problem(
        ana.request(Method::POST, "/api/v1/test/notes")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!((status, body["code"].as_str()), (400, Some("csrf.invalid")));
    let page = ana
        .request(Method::POST, "/test/form")
        .send()
        .await
        .unwrap();
    assert!(head(&page, "content-type").starts_with("text/html"));
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("This page is out of date. Reload it and try again.")
    );
    // Nor may a stranger be signed in as somebody else.
    let stranger = site.stranger();
    let fields = [("username", "ana@example.com"), ("password", PASSWORD)];
    assert_eq!(
        stranger.post("/auth/login", &fields).await.status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_counts_from_pages_of_this_site_only() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let send = |name: header::HeaderName, value: String| {
        ana.json("/api/v1/test/notes", "same", &json!({ "text": "x" }))
            .header(name, value)
            .send()
    };
    for elsewhere in ["https://evil.example", "null", "http://127.0.0.1:1", "junk"] {
        let answer = send(header::ORIGIN, elsewhere.to_owned()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{elsewhere}");
    }
    assert_eq!(
        send(header::REFERER, "https://evil.example/x".to_owned())
            .await
            .unwrap()
            .status(),
        StatusCode::BAD_REQUEST
    );
    let cross = header::HeaderName::from_static("sec-fetch-site");
    assert_eq!(
        send(cross, "cross-site".to_owned()).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        send(header::ORIGIN, site.url.clone())
            .await
            .unwrap()
            .status(),
        StatusCode::CREATED
    );
    assert_eq!(
        send(header::REFERER, format!("{}/x", site.url))
            .await
            .unwrap()
            .status(),
        StatusCode::CREATED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_files_brings_its_token_as_a_field() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let form = |token: String| {
        reqwest::multipart::Form::new()
            .part(
                "file",
                reqwest::multipart::Part::bytes(vec![7; 100_000]).file_name("a.csv"),
            )
            .text("csrf_token", token)
    };
    let send = |token: String| {
        ana.request(Method::POST, "/test/form")
            .multipart(form(token))
            .send()
    };
    assert_eq!(
        send("wrong".to_owned()).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    let answer = send(ana.token.clone()).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, "/test/whoami")
    );
    let me: serde_json::Value = ana.get("/test/whoami").await.json().await.unwrap();
    assert_eq!(me["flash"][0]["text"], "Noted, 100000 bytes.");
    assert_eq!(me["flash"][0]["undo"], "/test/undo");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_one_is_asked_to_sign_in() {
    let site = Site::start().await;
    let stranger = site.stranger();
    let (status, body) = problem(
        stranger
            .json("/api/v1/test/notes", "k", &json!({}))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (status, body["code"].as_str()),
        (401, Some("auth.required"))
    );
    let form = stranger
        .request(Method::POST, "/test/form")
        .header(header::REFERER, format!("{}/inventory/?q=wax", site.url))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (form.status().as_u16(), location(&form)),
        (303, "/auth/login?next=%2Finventory%2F")
    );
}
