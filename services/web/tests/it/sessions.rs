use crate::harness::{PASSWORD, Site, head, problem};
use bb8_redis::redis::cmd;
use reqwest::{Method, StatusCode, header};
use serde_json::json;

impl Site {
    /// The keys of this site's sessions.
    async fn sessions(&self) -> Vec<String> {
        let redis = self.db.redis().await;
        let mut keys = cmd("KEYS");
        keys.arg(redis.key("session", "*"));
        redis.query(&keys).await.unwrap()
    }
}

fn cookie(answer: &reqwest::Response) -> String {
    let all: Vec<_> = answer
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .filter(|value| !value.starts_with("batchtrack-flash"))
        .collect();
    assert!(all.len() <= 1, "{all:?}");
    all.into_iter().next().unwrap_or_default()
}

fn value(cookie: &str) -> String {
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_changes_at_sign_in_and_the_old_one_is_worth_nothing() {
    let site = Site::start().await;
    site.owner("ana").await;
    let mut browser = site.stranger();
    let before = value(&cookie(&browser.get("/auth/login").await));
    browser.open("/auth/login").await;
    let answer = browser
        .post(
            "/auth/login",
            &[("username", "ana@example.com"), ("password", PASSWORD)],
        )
        .await;
    let after = value(&cookie(&answer));
    assert_ne!(before, after);
    let with = |cookie: String| {
        site.stranger()
            .request(Method::GET, "/test/whoami")
            .header(header::COOKIE, cookie)
            .send()
    };
    assert_eq!(with(before).await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(with(after.clone()).await.unwrap().status(), StatusCode::OK);
    let forged = format!("{after}x");
    assert_eq!(with(forged).await.unwrap().status(), StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_locked_down_over_https_and_work_on_plain_loopback() {
    let site = Site::start().await;
    let plain = cookie(&site.stranger().get("/auth/login").await);
    assert!(
        plain.starts_with("batchtrack=")
            && plain.contains("HttpOnly")
            && plain.contains("SameSite=Lax"),
        "{plain}"
    );
    assert!(
        !plain.contains("Secure") && plain.contains("Path=/") && plain.contains("Max-Age="),
        "{plain}"
    );

    let https = |method: Method, path: &str, cookie: String| {
        site.stranger()
            .request(method, path)
            .header("X-Forwarded-Proto", "https")
            .header("X-Forwarded-Host", "soap.example")
            .header(header::COOKIE, cookie)
    };
    let answer = https(Method::GET, "/auth/login", String::new())
        .send()
        .await
        .unwrap();
    let secure = cookie(&answer);
    assert!(
        secure.starts_with("__Host-batchtrack=") && secure.contains("Secure"),
        "{secure}"
    );
    assert!(head(&answer, "strict-transport-security").starts_with("max-age=31536000"));
    site.owner("ana").await;
    let html = answer.text().await.unwrap();
    let token = crate::harness::token_in(&html).unwrap();
    let answer = https(Method::POST, "/auth/login", value(&secure))
        .header(header::ORIGIN, "https://soap.example")
        .form(&[
            ("username", "ana@example.com"),
            ("password", PASSWORD),
            ("csrf_token", token),
        ])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    let me = https(Method::GET, "/test/whoami", value(&cookie(&answer)))
        .send()
        .await
        .unwrap();
    assert_eq!(me.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_https_address_never_gets_a_cookie_without_secure() {
    let site =
        Site::with(|settings| settings.http.base_url = "https://soap.example".parse().unwrap())
            .await;
    let ask = |host: &'static str| {
        site.stranger()
            .request(Method::GET, "/auth/login")
            .header(header::HOST, host)
            .send()
    };
    assert!(cookie(&ask("soap.example").await.unwrap()).starts_with("__Host-batchtrack="));
    assert!(cookie(&ask("localhost").await.unwrap()).starts_with("batchtrack="));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_forms_start_a_session_and_redis_knows_only_hashes() {
    let site = Site::start().await;
    let stranger = site.stranger();
    for path in ["/", "/nowhere", "/test/whoami", "/api/v1/nothing"] {
        assert_eq!(cookie(&stranger.get(path).await), "", "{path}");
    }
    assert_eq!(site.sessions().await, Vec::<String>::new());
    let id = value(&cookie(&stranger.get("/auth/login").await));
    let keys = site.sessions().await;
    assert_eq!(keys.len(), 1);
    let secret = id.split('=').nth(1).unwrap();
    let hash = keys[0].rsplit(':').next().unwrap().to_owned();
    assert!(hash.len() == 64 && !secret.contains(&hash));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_asks_to_sign_in_again() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    site.forget_sessions().await;
    assert_eq!(
        ana.get("/test/whoami").await.status(),
        StatusCode::SEE_OTHER
    );
    let (status, body) = problem(
        ana.json("/api/v1/test/notes", "k", &json!({ "text": "x" }))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (status, body["code"].as_str()),
        (401, Some("auth.required"))
    );
}

impl Site {
    async fn forget_sessions(&self) {
        let redis = self.db.redis().await;
        for key in self.sessions().await {
            let mut del = cmd("DEL");
            del.arg(key);
            redis.query::<i64>(&del).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_in_use_lives_on_and_one_that_was_ended_stays_ended() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    assert_eq!(
        cookie(&ana.get("/test/whoami").await),
        "",
        "nothing to write yet"
    );
    // A tenth of its life later it is written again: here by a slow request, while another ends it.
    site.db.clock.advance(chrono::Duration::hours(3));
    let renewed = ana.get("/test/whoami").await;
    assert!(cookie(&renewed).starts_with("batchtrack="));

    site.db.clock.advance(chrono::Duration::hours(3));
    let slow = ana
        .json(
            "/api/v1/test/notes",
            "slow",
            &json!({ "text": "x", "wait_ms": 600 }),
        )
        .send();
    let slow = tokio::spawn(slow);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    site.forget_sessions().await;
    let slow = slow.await.unwrap().unwrap();
    assert_eq!(slow.status(), StatusCode::CREATED);
    assert_eq!(
        cookie(&slow),
        "",
        "the cookie of a session that is gone is left alone"
    );
    assert_eq!(site.sessions().await, Vec::<String>::new());
    assert_eq!(
        ana.get("/test/whoami").await.status(),
        StatusCode::SEE_OTHER
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_away_it_is_said_and_the_rest_works() {
    let site = Site::with(|settings| {
        settings.redis.url = "redis://127.0.0.1:1/0".into();
        settings.redis.timeout_ms = 100;
    })
    .await;
    let stranger = site.stranger();
    assert_eq!(stranger.get("/").await.status(), StatusCode::OK);
    assert_eq!(
        stranger.get("/nowhere").await.status(),
        StatusCode::NOT_FOUND
    );
    let answer = stranger.get("/auth/login").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(head(&answer, "content-type").starts_with("text/html"));
    assert_eq!(head(&answer, "retry-after"), "2");
    assert_ne!(head(&answer, "x-request-id"), "");
    assert_ne!(head(&answer, "content-security-policy"), "");
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("check who you are just now")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_not_held_against_anyone_while_redis_is_away() {
    let with = Site::start().await;
    let ana = with.owner("ana").await;
    let answer = ana.get("/auth/login").await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let mut browser = with.stranger();
    browser.open("/auth/login").await;
    let id = value(&cookie(
        &browser
            .post(
                "/auth/login",
                &[("username", "ana@example.com"), ("password", PASSWORD)],
            )
            .await,
    ));

    let without = Site::with(|settings| {
        settings.redis.url = "redis://127.0.0.1:1/0".into();
        settings.redis.timeout_ms = 100;
    })
    .await;
    let ask = |path: &'static str| {
        without
            .stranger()
            .request(Method::GET, path)
            .header(header::COOKIE, id.clone())
            .send()
    };
    assert_eq!(ask("/").await.unwrap().status(), StatusCode::OK);
    let (status, body) = problem(
        without
            .stranger()
            .request(Method::GET, "/test/whoami")
            .header(header::COOKIE, id.clone())
            .header(header::ACCEPT, "application/json")
            .header("X-Requested-With", "XMLHttpRequest")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (status, body["code"].as_str()),
        (503, Some("session.unavailable"))
    );
    assert_eq!(
        ask("/test/whoami").await.unwrap().status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
}
