//! What answers look like when nothing special is wrong, and when everything is.
use crate::harness::{Site, head, problem};
use reqwest::{Method, StatusCode, header};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_locked_down_and_named() {
    let site = Site::start().await;
    let stranger = site.stranger();
    for path in [
        "/",
        "/nowhere",
        "/api/v1/nothing",
        "/test/panic",
        "/auth/signup",
    ] {
        let answer = stranger
            .request(Method::GET, path)
            .header("X-Request-ID", "from-outside.1")
            .send()
            .await
            .unwrap();
        for (name, expected) in [
            ("x-request-id", "from-outside.1"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
        ] {
            assert_eq!(head(&answer, name), expected, "{path}");
        }
        assert!(
            head(&answer, "content-security-policy").contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(
            answer.headers().get("strict-transport-security").is_none(),
            "plain http"
        );
    }
    let page = stranger.get("/").await;
    let policy = head(&page, "content-security-policy").to_owned();
    assert!(
        policy.contains("script-src 'self' 'nonce-") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_ne!(
        policy,
        head(&stranger.get("/").await, "content-security-policy")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_pages_and_programs_get_problems() {
    let site = Site::start().await;
    let stranger = site.stranger();
    let page = stranger.get("/nowhere").await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert!(head(&page, "content-type").starts_with("text/html"));
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("There is nothing at this address.")
    );
    for (name, value) in [
        ("Accept", "application/json"),
        ("X-Requested-With", "XMLHttpRequest"),
        ("HX-Request", "true"),
    ] {
        let asked = stranger
            .http
            .get(format!("{}/nowhere", site.url))
            .header(name, value);
        let (status, body) = problem(asked.send().await.unwrap()).await;
        assert_eq!(
            (status, body["type"].as_str(), body["status"].as_u64()),
            (404, Some("/problems/not_found"), Some(404)),
            "{name}"
        );
        assert!(body["request_id"].is_string() && body["title"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_a_get_without_its_body() {
    let site = Site::start().await;
    let whole = site.stranger().get("/").await;
    let head_only = site
        .stranger()
        .request(Method::HEAD, "/")
        .send()
        .await
        .unwrap();
    assert_eq!(head_only.status(), StatusCode::OK);
    assert_eq!(
        head(&head_only, "content-length"),
        whole.text().await.unwrap().len().to_string()
    );
    assert_eq!(head_only.bytes().await.unwrap().len(), 0);
    assert_eq!(
        site.stranger()
            .request(Method::HEAD, "/nowhere")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_405_and_says_which_there_are() {
    let site = Site::start().await;
    let answer = site
        .stranger()
        .request(Method::DELETE, "/api/v1/test/notes")
        .send()
        .await
        .unwrap();
    assert_eq!(head(&answer, "allow"), "POST");
    let (status, body) = problem(answer).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (405, Some("method_not_allowed"))
    );
    assert_eq!(
        site.stranger()
            .request(Method::PUT, "/")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_500_that_tells_nothing() {
    let site = Site::start().await;
    for _ in 0..5 {
        let answer = site.stranger().get("/test/panic").await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!answer.text().await.unwrap().contains("secret"));
    }
    assert_eq!(site.stranger().get("/").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_413_and_nonsense_is_400() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let (status, body) = problem(
        ana.json(
            "/api/v1/test/notes",
            "k",
            &json!({ "text": "x".repeat(10_000_000) }),
        )
        .send()
        .await
        .unwrap(),
    )
    .await;
    assert_eq!(
        (status, body["code"].as_str()),
        (413, Some("request.too_large"))
    );
    let text = "x".repeat(2_000_000);
    assert_eq!(
        ana.post("/test/form", &[("a", &text)]).await.status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );

    let raw = |kind: &'static str, body: &'static str| {
        ana.http
            .post(format!("{}/api/v1/test/notes", site.url))
            .header("X-CSRFToken", &ana.token)
            .header("Idempotency-Key", "k")
            .header(header::CONTENT_TYPE, kind)
            .body(body)
            .send()
    };
    for (kind, body, expected, code) in [
        ("application/json", "{", 400, "request.not_json"),
        ("application/json", "", 400, "request.not_json"),
        (
            "application/json",
            r#"{"text":"a\u0000b"}"#,
            400,
            "request.unprintable",
        ),
        ("application/json", r#"{"text":7}"#, 422, "request.invalid"),
        (
            "application/json",
            r#"{"text":"a","more":1}"#,
            422,
            "request.invalid",
        ),
        (
            "application/json",
            r#"{"text":"a","wait_ms":1e400}"#,
            400,
            "request.not_json",
        ),
        (
            "text/plain",
            r#"{"text":"a"}"#,
            415,
            "request.unsupported_type",
        ),
    ] {
        let (status, problem) = problem(raw(kind, body).await.unwrap()).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (expected, Some(code)),
            "{body}"
        );
    }
    assert_eq!(site.notes().await, 0);
    for path in ["/?q=%00", "/a%00b"] {
        assert_eq!(ana.get(path).await.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_from_one_address_is_held_back() {
    let site = Site::with(|settings| {
        settings.http.requests_per_minute = 5.try_into().unwrap();
        settings.http.trusted_clients = vec!["203.0.113.0/24".parse().unwrap()];
    })
    .await;
    let ask = |from: &'static str| {
        let asked = site
            .stranger()
            .request(Method::GET, "/api/v1/nothing")
            .header("X-Forwarded-For", from);
        async { asked.send().await.unwrap() }
    };
    for _ in 0..5 {
        assert_eq!(ask("198.51.100.7").await.status(), StatusCode::NOT_FOUND);
    }
    let refused = ask("198.51.100.7").await;
    assert!((1..=13).contains(&head(&refused, "retry-after").parse::<u32>().unwrap()));
    let (status, body) = problem(refused).await;
    assert_eq!((status, body["code"].as_str()), (429, Some("limit.flood")));
    assert_eq!(
        ask("1.2.3.4, 198.51.100.7").await.status(),
        StatusCode::TOO_MANY_REQUESTS,
        "claims do not help"
    );
    assert_eq!(ask("198.51.100.8").await.status(), StatusCode::NOT_FOUND);
    for _ in 0..10 {
        assert_eq!(
            ask("203.0.113.9").await.status(),
            StatusCode::NOT_FOUND,
            "trusted"
        );
    }
}
