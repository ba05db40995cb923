use crate::{
    harness::{PASSWORD, Site, head, problem},
    redis_proxy::RedisProxy,
};
use batchtrack_core::platform::{Settings, quota::Quotas};
use reqwest::{Method, Response, StatusCode, header};
use std::time::{Duration, Instant};

fn limited(settings: &mut Settings, quotas: &str) {
    settings.limits.default = Quotas::try_from(quotas.to_owned()).unwrap();
}

/// A page that anybody may see, asked for from `address`.
async fn ask(url: &str, address: &str) -> Response {
    reqwest::Client::new()
        .get(format!("{url}/tools/"))
        .header(header::ACCEPT, "application/json")
        .header("X-Forwarded-For", address)
        .send()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_is_exact_across_replicas() {
    let site = Site::with(|settings| limited(settings, "9 per hour; 50 per day")).await;
    let replicas = [site.url.clone(), site.replica().await];
    for n in 0..9 {
        let answer = ask(&replicas[n % 2], "203.0.113.7").await;
        assert_eq!(answer.status(), StatusCode::OK, "{n}");
        assert_eq!(
            head(&answer, "ratelimit-policy"),
            "\"default-hour\";q=9;w=3600, \"default-day\";q=50;w=86400"
        );
        let left = head(&answer, "ratelimit");
        let of_hour = format!("\"default-hour\";r={};t=", 8 - n);
        let of_day = format!(", \"default-day\";r={};t=", 49 - n);
        assert!(
            left.starts_with(&of_hour) && left.contains(&of_day),
            "{left}"
        );
    }
    for url in &replicas {
        let answer = ask(url, "203.0.113.7").await;
        let wait: u64 = head(&answer, "retry-after").parse().unwrap();
        assert!((390..=400).contains(&wait), "{wait}");
        // What is refused takes from no quota.
        assert!(head(&answer, "ratelimit").contains("\"default-day\";r=41;"));
        let (status, body) = problem(answer).await;
        assert_eq!((status, &body["code"]), (429, &"limit.quota".into()));
        assert_eq!(
            body["violated-policies"],
            serde_json::json!(["default-hour"])
        );
        assert_eq!(ask(url, "203.0.113.8").await.status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_on_two_replicas_get_no_more_than_the_quota() {
    let site = Site::with(|settings| limited(settings, "40 per day")).await;
    let replicas = [site.url.clone(), site.replica().await];
    let asks = (0..100).map(|n| {
        let url = replicas[n % 2].clone();
        tokio::spawn(async move { ask(&url, "203.0.113.7").await.status() })
    });
    let mut passed = 0;
    for asked in asks.collect::<Vec<_>>() {
        passed += usize::from(asked.await.unwrap() == StatusCode::OK);
    }
    assert_eq!(passed, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_counted_wherever_they_are_and_not_for_others_at_their_address() {
    let site = Site::with(|settings| limited(settings, "100 per hour")).await;
    let ana = site.owner("ana").await;
    let left = |answer: &Response| -> u32 {
        let text = head(answer, "ratelimit");
        let (_, rest) = text.split_once("\"default-hour\";r=").unwrap();
        rest.split(';').next().unwrap().parse().unwrap()
    };
    let from = |address: &'static str| {
        ana.request(Method::GET, "/test/whoami")
            .header("X-Forwarded-For", address)
            .send()
    };
    let first = left(&from("203.0.113.7").await.unwrap());
    assert_eq!(left(&from("203.0.113.8").await.unwrap()), first - 1);
    assert_eq!(left(&ask(&site.url, "203.0.113.8").await), 99);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_claim_to_come_from_elsewhere() {
    let site = Site::with(|settings| limited(settings, "3 per hour")).await;
    let mut refused = 0;
    for n in 0..6 {
        // What a client puts in front of the address that the proxy adds counts for nothing.
        let forged = format!("198.51.100.{n}, 203.0.113.7");
        let answer = ask(&site.url, &forged).await;
        refused += usize::from(answer.status() == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 3);

    let direct = Site::with(|settings| {
        limited(settings, "3 per hour");
        settings.http.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        settings.http.trusted_clients = Vec::new();
    })
    .await;
    let mut refused = 0;
    for n in 0..6 {
        let answer = ask(&direct.url, &format!("198.51.100.{n}")).await;
        refused += usize::from(answer.status() == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(
        refused, 3,
        "without a proxy that is trusted the socket counts"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn trusted_clients_health_and_assets_are_not_counted() {
    let site = Site::with(|settings| {
        limited(settings, "2 per hour");
        settings.http.trusted_clients = vec!["203.0.113.0/24".parse().unwrap()];
    })
    .await;
    for _ in 0..10 {
        let answer = ask(&site.url, "203.0.113.7").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(head(&answer, "ratelimit"), "");
    }
    let page = site.stranger().get("/").await.text().await.unwrap();
    let (_, rest) = page.split_once("\"/assets/").unwrap();
    let asset = format!("/assets/{}", rest.split('"').next().unwrap());
    for _ in 0..5 {
        assert_eq!(site.stranger().get(&asset).await.status(), StatusCode::OK);
    }
    assert_eq!(
        ask(&site.url, "198.51.100.1").await.status(),
        StatusCode::OK
    );
    assert_eq!(
        ask(&site.url, "198.51.100.1").await.status(),
        StatusCode::OK
    );
    let refused = ask(&site.url, "198.51.100.1").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_can_be_switched_off() {
    let site = Site::with(|settings| {
        limited(settings, "1 per hour");
        settings.limits.enabled = false;
    })
    .await;
    for _ in 0..5 {
        assert_eq!(ask(&site.url, "203.0.113.7").await.status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_away_each_process_counts_by_itself() {
    let site = Site::with(|settings| {
        limited(settings, "6 per hour");
        settings.limits.storage_url = Some("redis://127.0.0.1:1/0".into());
        settings.limits.timeout_ms = 50;
    })
    .await;
    let started = Instant::now();
    for n in 0..6 {
        let answer = ask(&site.url, "203.0.113.7").await;
        assert_eq!(answer.status(), StatusCode::OK, "{n}");
    }
    let refused = ask(&site.url, "203.0.113.7").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask(&site.url, "203.0.113.8").await.status(), StatusCode::OK);
    assert!(started.elapsed() < Duration::from_secs(2));
    // People still sign in: sessions are on another server here.
    site.owner("ana").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_makes_nobody_wait_and_is_used_again_when_it_answers() {
    let db = batchtrack_testkit::TestDb::new().await;
    let proxy = RedisProxy::before(secrecy_of(&db.settings)).await;
    let url = proxy.url.clone();
    let site = Site::on(db, move |settings| {
        limited(settings, "400 per hour");
        settings.limits.storage_url = Some(url.into());
        settings.limits.timeout_ms = 50;
    })
    .await;
    assert_eq!(ask(&site.url, "203.0.113.7").await.status(), StatusCode::OK);
    assert!(proxy.asked() > 0);

    proxy.fall_silent(true);
    let started = Instant::now();
    for _ in 0..60 {
        assert_eq!(ask(&site.url, "203.0.113.7").await.status(), StatusCode::OK);
    }
    // Three find out, and one a second asks again; connections that are made anew introduce themselves.
    let asked = proxy.asked();
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap();
    assert!(asked <= 2 * (3 + 1 + seconds), "{asked} in {seconds} s");

    proxy.fall_silent(false);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    proxy.asked();
    for _ in 0..20 {
        ask(&site.url, "203.0.113.7").await;
    }
    assert!(proxy.asked() >= 15, "redis is asked again");
}

fn secrecy_of(settings: &Settings) -> &str {
    use secrecy::ExposeSecret as _;
    settings.redis.url.expose_secret()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limiter_costs_one_round_trip_and_the_session_another() {
    let db = batchtrack_testkit::TestDb::new().await;
    let limits = RedisProxy::before(secrecy_of(&db.settings)).await;
    let sessions = RedisProxy::before(secrecy_of(&db.settings)).await;
    let (of_limits, of_sessions) = (limits.url.clone(), sessions.url.clone());
    let site = Site::on(db, move |settings| {
        settings.limits.storage_url = Some(of_limits.into());
        settings.redis.url = of_sessions.into();
        settings.http.trusted_clients = Vec::new();
    })
    .await;
    let ana = site.owner("ana").await;
    // Connections introduce themselves when they are made.
    for _ in 0..3 {
        ana.get("/test/whoami").await;
    }
    limits.asked();
    sessions.asked();
    for (path, of_session) in [("/test/whoami", 1), ("/recipes/", 1), ("/api/v1/items", 1)] {
        let answer = ana.get(path).await;
        assert!(answer.status().is_success(), "{path}");
        assert_eq!(
            (limits.asked(), sessions.asked()),
            (1, of_session),
            "{path}"
        );
    }
    site.stranger().get("/").await;
    assert_eq!(
        (limits.asked(), sessions.asked()),
        (1, 0),
        "no session, no look"
    );
    // The old id, then the new one with its place in the index.
    let mut bo = site.stranger();
    bo.open("/auth/login").await;
    sessions.asked();
    bo.post(
        "/auth/login",
        &[("username", "ana@example.com"), ("password", PASSWORD)],
    )
    .await;
    assert_eq!(sessions.asked(), 3, "load, delete, save");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_secrets_are_tried_an_address_gets_a_hundred_a_minute() {
    let site = Site::start().await;
    let ask = || {
        site.stranger()
            .request(Method::GET, "/auth/login")
            .header("X-Forwarded-For", "203.0.113.7")
            .send()
    };
    let mut passed = 0;
    let started = Instant::now();
    for _ in 0..110 {
        passed += u64::from(ask().await.unwrap().status() == StatusCode::OK);
    }
    let gained = started.elapsed().as_secs() * 2 + 2;
    assert!((100..=100 + gained).contains(&passed), "{passed}");
    let refused = ask().await.unwrap();
    if refused.status() == StatusCode::TOO_MANY_REQUESTS {
        assert!(head(&refused, "content-type").starts_with("text/html"));
        assert_ne!(head(&refused, "retry-after"), "");
    }
}
