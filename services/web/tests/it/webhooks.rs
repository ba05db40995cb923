//! Looking after webhooks, by page and by API.
use crate::{
    harness::{Browser, Site, location, problem},
    pages::{go, has, page, refused},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const ADDRESS: &str = "https://hooks.example.com/in?token=pssst";

async fn shop() -> (Site, Browser) {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    (site, ana)
}

async fn endpoint(ana: &Browser) -> (i64, String) {
    let made = ana
        .does("/api/v1/webhook-endpoints", json!({ "url": ADDRESS }))
        .await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    (made["id"].as_i64().unwrap(), secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_told_once_and_kept_nowhere_in_the_open() {
    let (site, ana) = shop().await;
    let body = json!({ "url": ADDRESS, "events": ["batch_started"] });
    let ask = || {
        ana.json("/api/v1/webhook-endpoints", "one key", &body)
            .send()
    };
    let first = ask().await.unwrap();
    assert_eq!(first.status(), StatusCode::CREATED);
    let first: Value = first.json().await.unwrap();
    let secret = first["secret"].as_str().unwrap();
    assert!(
        secret.starts_with("whsec_") && secret.len() == 50,
        "{secret}"
    );
    let replayed = ask().await.unwrap();
    assert_eq!(replayed.headers()["Idempotency-Replayed"], "true");
    let replayed: Value = replayed.json().await.unwrap();
    assert_eq!(replayed["secret"], Value::Null);
    assert_eq!(replayed["id"], first["id"]);

    let shown = ana.reads("/api/v1/webhook-endpoints").await;
    assert_eq!(shown["data"][0]["url"], json!(ADDRESS));
    assert!(!shown.to_string().contains("whsec_"));
    for table in [
        "webhook_secrets",
        "webhook_endpoints",
        "idempotency_keys",
        "domain_events",
        "jobs",
    ] {
        let found = site
            .number(&format!(
                "SELECT count(*) FROM {table} t WHERE t::text LIKE '%{}%'",
                secret.trim_start_matches("whsec_")
            ))
            .await;
        assert_eq!(found, 0, "{table}");
    }
    // Others are told where, but not the secret parts of the address.
    let told = site
        .text("SELECT properties::text FROM domain_events WHERE event_name = 'webhook_endpoint_created'")
        .await;
    assert!(
        told.contains("https://hooks.example.com") && !told.contains("pssst"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_made_changed_and_deleted() {
    let (site, ana) = shop().await;
    let (id, _) = endpoint(&ana).await;
    let path = format!("/api/v1/webhook-endpoints/{id}");
    let change =
        json!({ "events": ["sku_sold", "batch_started", "sku_sold"], "description": "Shop" });
    let (status, changed) = ana.call(Method::PATCH, &path, &change).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(changed["events"], json!(["batch_started", "sku_sold"]));
    let (_, off) = ana
        .call(Method::PATCH, &path, &json!({ "state": "disabled" }))
        .await;
    assert_eq!(
        (&off["state"], &off["disabled_reason"]),
        (&json!("disabled"), &json!("by_owner"))
    );
    let (status, refused) = ana
        .call(Method::POST, &format!("{path}/test"), &Value::Null)
        .await;
    assert_eq!(
        (status, &refused["code"]),
        (409, &json!("webhooks.disabled"))
    );
    let (_, on) = ana
        .call(Method::PATCH, &path, &json!({ "state": "enabled" }))
        .await;
    assert_eq!(on["disabled_at"], Value::Null);
    let rotated = ana
        .does(&format!("{path}/rotate-secret"), Value::Null)
        .await;
    assert!(rotated["secret"].as_str().unwrap().starts_with("whsec_"));
    let (status, _) = ana.call(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(status, 200);
    let (status, gone) = ana.call(Method::GET, &path, &Value::Null).await;
    assert_eq!(
        (status, &gone["code"]),
        (404, &json!("webhooks.no_endpoint"))
    );
    assert_eq!(site.number("SELECT count(*) FROM webhook_secrets").await, 0);
    let told = site
        .text(
            "SELECT string_agg(event_name, ' ' ORDER BY id) FROM domain_events \
              WHERE event_name LIKE 'webhook%'",
        )
        .await;
    assert_eq!(
        told,
        "webhook_endpoint_created webhook_endpoint_updated webhook_endpoint_disabled \
         webhook_endpoint_updated webhook_endpoint_secret_rotated webhook_endpoint_deleted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_says_what_is_wrong_and_changes_nothing() {
    let (site, ana) = shop().await;
    for (body, field) in [
        (json!({ "url": "" }), "url"),
        (json!({ "url": "http://127.0.0.1:8080/" }), "url"),
        (json!({ "url": "http://[::ffff:10.0.0.1]/" }), "url"),
        (json!({ "url": "http://localhost/" }), "url"),
        (json!({ "url": "https://a:b@example.com/" }), "url"),
        (json!({ "url": "https://example.com:25/" }), "url"),
        (
            json!({ "url": ADDRESS, "events": ["no_such_event"] }),
            "events",
        ),
        (
            json!({ "url": ADDRESS, "description": "x".repeat(257) }),
            "description",
        ),
    ] {
        let answer = ana.json(
            "/api/v1/webhook-endpoints",
            &uuid::Uuid::new_v4().to_string(),
            &body,
        );
        let (status, words) = problem(answer.send().await.unwrap()).await;
        assert_eq!(
            (status, &words["field"]),
            (422, &json!(field)),
            "{body}: {words}"
        );
    }
    for (query, refused) in [
        ("state=lost", 422),
        ("event_type=nothing", 422),
        ("event_type=%00", 400),
    ] {
        let (status, words) = ana
            .call(
                Method::GET,
                &format!("/api/v1/webhook-deliveries?{query}"),
                &Value::Null,
            )
            .await;
        assert_eq!(status, refused, "{query}: {words}");
    }
    for query in [
        "from=-262143-01-01T00:00:00Z",
        "to=%2B262142-01-01T00:00:00Z",
    ] {
        ana.reads(&format!("/api/v1/webhook-deliveries?{query}"))
            .await;
    }
    assert_eq!(
        site.number("SELECT count(*) FROM webhook_endpoints").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_endpoints_are_enough() {
    let (site, ana) = shop().await;
    site.execute(
        "INSERT INTO webhook_endpoints (organization_id, url, created_at) \
         SELECT 1, 'https://example.com/' || n, now() FROM generate_series(1, 50) n",
    )
    .await;
    let (status, words) = ana
        .call(
            Method::POST,
            "/api/v1/webhook-endpoints",
            &json!({ "url": ADDRESS }),
        )
        .await;
    assert_eq!((status, &words["code"]), (409, &json!("webhooks.too_many")));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_look_after_webhooks() {
    let (site, ana) = shop().await;
    let (id, _) = endpoint(&ana).await;
    site.execute("UPDATE memberships SET role = 'member'").await;
    let path = format!("/api/v1/webhook-endpoints/{id}");
    for (method, path) in [
        (Method::GET, "/api/v1/webhook-endpoints".to_owned()),
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/test")),
        (Method::POST, format!("{path}/rotate-secret")),
        (Method::GET, "/api/v1/webhook-deliveries".to_owned()),
        (Method::POST, "/api/v1/webhook-replays".to_owned()),
    ] {
        let body = if path.ends_with("replays") {
            json!({})
        } else {
            Value::Null
        };
        let (status, words) = ana.call(method, &path, &body).await;
        assert_eq!(
            (status, &words["code"]),
            (403, &json!("access.denied")),
            "{path}"
        );
    }
    for path in ["/webhooks/", "/webhooks/new", "/webhooks/log"] {
        assert_eq!(
            ana.get(path).await.status(),
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_walks_through_the_pages() {
    let (site, mut ana) = shop().await;
    let html = page(&ana, "/webhooks/").await;
    has(&html, "Nobody is told yet");
    has(&html, "Make sure that it is us");
    ana.open("/webhooks/new").await;
    let html = refused(
        &ana,
        "/webhooks/new",
        &[("url", "http://10.0.0.1/"), ("hears", "all")],
    )
    .await;
    has(&html, "not on the public internet");
    let html = refused(
        &ana,
        "/webhooks/new",
        &[("url", ADDRESS), ("hears", "some")],
    )
    .await;
    has(&html, "Tick at least one event");
    has(&html, "token=pssst");

    let fields = [
        ("url", ADDRESS),
        ("description", "Our <shop>"),
        ("hears", "some"),
        ("events", "sku_sold"),
        ("events", "batch_started"),
        ("idempotency_key", "made once"),
    ];
    let made = ana.post("/webhooks/new", &fields).await;
    assert_eq!(made.status(), StatusCode::OK);
    let html = made.text().await.unwrap();
    has(&html, "value=\"whsec_");
    has(&html, "shown this once");
    // Sent again, the form is no second endpoint and tells no secret.
    let again = ana.post("/webhooks/new", &fields).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    let place = location(&again).to_owned();
    assert_eq!(
        site.number("SELECT count(*) FROM webhook_endpoints").await,
        1
    );

    let html = page(&ana, &place).await;
    has(&html, "Our &#60;shop&#62;");
    has(&html, "batch_started");
    assert!(!html.contains("whsec_"));
    has(&page(&ana, "/webhooks/").await, "2 events");
    has(
        &page(&ana, &format!("{place}/edit")).await,
        "value=\"sku_sold\" type=\"checkbox\" checked",
    );
    let saved = [
        ("url", ADDRESS),
        ("description", ""),
        ("hears", "all"),
        ("events", "sku_sold"),
    ];
    assert_eq!(go(&ana, &format!("{place}/edit"), &saved).await, place);
    has(&page(&ana, &place).await, "Everything");

    let test = go(&ana, &format!("{place}/test"), &[]).await;
    let html = page(&ana, &test).await;
    has(&html, "webhook_test");
    has(&html, "Not tried yet");
    has(&html, "This is a test.");
    has(&page(&ana, "/webhooks/log").await, "webhook_test");
    has(
        &page(&ana, "/webhooks/log?state=failed").await,
        "Nothing like that",
    );

    let rotated = ana
        .post(&format!("{place}/rotate"), &[])
        .await
        .text()
        .await
        .unwrap();
    has(&rotated, "value=\"whsec_");
    has(&page(&ana, &place).await, "Two secrets sign until");
    go(&ana, &format!("{place}/disable"), &[]).await;
    has(&page(&ana, &place).await, "You disabled it.");
    go(&ana, &format!("{place}/enable"), &[]).await;
    let replay = go(
        &ana,
        "/webhooks/replay",
        &[("from", "2026-10-01"), ("which", "all")],
    )
    .await;
    has(&page(&ana, &replay).await, "Sending again");
    let html = refused(&ana, "/webhooks/replay", &[("from", "soon")]).await;
    has(&html, "Enter a date such as");
    assert_eq!(
        go(&ana, &format!("{place}/delete"), &[]).await,
        "/webhooks/"
    );
    assert_eq!(ana.get(&place).await.status(), StatusCode::NOT_FOUND);
    has(&page(&ana, "/webhooks/log").await, "webhook_test");
}
