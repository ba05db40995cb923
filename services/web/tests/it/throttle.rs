use crate::harness::{Browser, PASSWORD, Site, head, problem};
use reqwest::{Response, StatusCode, header};
use std::time::Duration;

impl Browser {
    async fn try_from(&self, address: &str, name: &str, password: &str) -> Response {
        let fields = [
            ("username", name),
            ("password", password),
            ("csrf_token", &self.token),
        ];
        self.http
            .post(format!("{}/auth/login", self.url))
            .header(header::ACCEPT, "text/html")
            .header(header::ORIGIN, &self.url)
            .header("X-Forwarded-For", address)
            .form(&fields)
            .send()
            .await
            .unwrap()
    }
}

async fn at_the_door(site: &Site) -> Browser {
    let mut browser = site.stranger();
    browser.open("/auth/login").await;
    browser
}

fn wait(answer: &Response) -> u64 {
    head(answer, "retry-after").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_waits_and_a_right_password_after_that_works() {
    let site = Site::start().await;
    site.owner("ana").await;
    let bo = at_the_door(&site).await;
    for name in ["ana@example.com", "nobody@example.com"] {
        for n in 0..5 {
            let answer = bo.try_from("203.0.113.7", name, "wrong").await;
            assert_eq!(answer.status(), StatusCode::OK, "{name} {n}");
        }
        let answer = bo.try_from("203.0.113.7", name, "wrong").await;
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{name}");
        assert_eq!(wait(&answer), 1);
        let page = answer.text().await.unwrap();
        assert!(
            page.contains(&format!("value=\"{name}\"")),
            "the name is kept"
        );
        assert!(page.contains("Try again in a second."), "{page}");
    }
    // Neither from elsewhere, in other letters, nor with the right password.
    let early = bo
        .try_from("203.0.113.9", " ANA@example.com ", PASSWORD)
        .await;
    assert_eq!(early.status(), StatusCode::TOO_MANY_REQUESTS);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let answer = bo.try_from("203.0.113.7", "ana@example.com", "wrong").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = bo
        .try_from("203.0.113.7", "ana@example.com", PASSWORD)
        .await;
    assert_eq!(
        (answer.status(), wait(&answer)),
        (StatusCode::TOO_MANY_REQUESTS, 2)
    );
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let answer = bo
        .try_from("203.0.113.7", "ana@example.com", PASSWORD)
        .await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    // A success is a fresh start.
    let bo = at_the_door(&site).await;
    for _ in 0..5 {
        let answer = bo.try_from("203.0.113.7", "ana@example.com", "wrong").await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_guess_dont_hold_up_its_owner() {
    let site = Site::start().await;
    site.owner("ana").await;
    let (ana, bo) = (at_the_door(&site).await, at_the_door(&site).await);
    let answer = ana
        .try_from("203.0.113.7", "ana@example.com", PASSWORD)
        .await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    for _ in 0..6 {
        bo.try_from("198.51.100.1", "ana@example.com", "wrong")
            .await;
    }
    let stranger = bo
        .try_from("198.51.100.2", "ana@example.com", "wrong")
        .await;
    assert_eq!(stranger.status(), StatusCode::TOO_MANY_REQUESTS);
    let ana = at_the_door(&site).await;
    let answer = ana
        .try_from("203.0.113.7", "ana@example.com", PASSWORD)
        .await;
    assert_eq!(answer.status(), StatusCode::FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_tries_many_names_waits_too() {
    let site = Site::start().await;
    let bo = at_the_door(&site).await;
    for n in 0..20 {
        let name = format!("maker{n}@example.com");
        let answer = bo.try_from("203.0.113.7", &name, "wrong").await;
        assert_eq!(answer.status(), StatusCode::OK, "{n}");
    }
    let answer = bo
        .try_from("203.0.113.7", "another@example.com", "wrong")
        .await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let answer = bo
        .try_from("203.0.113.8", "another@example.com", "wrong")
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_counted_before_they_are_answered() {
    let site = Site::start().await;
    let bo = at_the_door(&site).await;
    let tries = (0..30).map(|n| {
        let address = format!("203.0.113.{n}");
        let bo = &bo;
        async move {
            bo.try_from(&address, "ana@example.com", "wrong")
                .await
                .status()
        }
    });
    let answers = futures_util::future::join_all(tries).await;
    let looked_at = answers.iter().filter(|status| **status == StatusCode::OK);
    assert_eq!(looked_at.count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_and_its_form_count_together() {
    let site = Site::start().await;
    let bo = at_the_door(&site).await;
    for _ in 0..3 {
        bo.try_from("203.0.113.7", "ana@example.com", "wrong").await;
    }
    let by_api = || {
        reqwest::Client::new()
            .post(format!("{}/api/v1/auth/token", site.url))
            .header("X-Forwarded-For", "203.0.113.7")
            .json(&serde_json::json!({ "username": "ana@example.com", "password": "wrong" }))
            .send()
    };
    for _ in 0..2 {
        let (status, body) = problem(by_api().await.unwrap()).await;
        assert_eq!(
            (status, &body["code"]),
            (401, &"identity.bad_credentials".into())
        );
    }
    let answer = by_api().await.unwrap();
    assert_eq!(wait(&answer), 1);
    let (status, body) = problem(answer).await;
    assert_eq!((status, &body["code"]), (429, &"auth.throttled".into()));
    let answer = bo.try_from("203.0.113.7", "ana@example.com", "wrong").await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_away_guessing_is_slowed_all_the_same() {
    let site = Site::with(|settings| {
        settings.limits.storage_url = Some("redis://127.0.0.1:1/0".into());
        settings.limits.timeout_ms = 50;
    })
    .await;
    site.owner("ana").await;
    let bo = at_the_door(&site).await;
    for _ in 0..5 {
        bo.try_from("203.0.113.7", "ana@example.com", "wrong").await;
    }
    let answer = bo.try_from("203.0.113.7", "ana@example.com", "wrong").await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let answer = bo
        .try_from("203.0.113.7", "ana@example.com", PASSWORD)
        .await;
    assert_eq!(answer.status(), StatusCode::FOUND);
}
