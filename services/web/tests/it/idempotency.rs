use crate::harness::{Site, head, location, problem};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_replays_the_answer_and_does_nothing() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let send = |key: &'static str, body: Value| ana.json("/api/v1/test/notes", key, &body).send();
    let first = send("k1", json!({ "text": "one" })).await.unwrap();
    assert_eq!(
        (
            first.status().as_u16(),
            head(&first, "idempotency-replayed")
        ),
        (201, "")
    );
    let again = send("\"k1\"", json!({ "text": "one" })).await.unwrap();
    assert_eq!(
        (
            again.status().as_u16(),
            head(&again, "idempotency-replayed")
        ),
        (201, "true")
    );
    assert_eq!(location(&again), location(&first));
    assert_eq!(
        again.json::<Value>().await.unwrap(),
        first.json::<Value>().await.unwrap()
    );
    assert_eq!(site.notes().await, 1);

    let (status, body) = problem(send("k1", json!({ "text": "two" })).await.unwrap()).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (422, Some("idempotency.reused"))
    );
    assert_eq!(site.notes().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_insists_on_a_key() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let bare = ana
        .request(Method::POST, "/api/v1/test/notes")
        .header("X-CSRFToken", &ana.token);
    let (status, body) = problem(bare.json(&json!({ "text": "x" })).send().await.unwrap()).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (400, Some("idempotency.key_required"))
    );
    let long = "k".repeat(256);
    let (status, body) = problem(
        ana.json("/api/v1/test/notes", &long, &json!({ "text": "x" }))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (status, body["code"].as_str()),
        (400, Some("idempotency.bad_key"))
    );
    assert_eq!(site.notes().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_may_be_mended_under_its_key() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let send = |text: &'static str| {
        ana.json("/api/v1/test/notes", "k", &json!({ "text": text }))
            .send()
    };
    let (status, body) = problem(send("refuse").await.unwrap()).await;
    assert_eq!(
        (status, body["errors"][0]["field"].as_str()),
        (422, Some("text"))
    );
    assert_eq!(send("accept").await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(site.notes().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_at_the_same_time_have_one_effect() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..4 {
        sent.spawn(
            ana.json(
                "/api/v1/test/notes",
                "same",
                &json!({ "text": "x", "wait_ms": 100 }),
            )
            .send(),
        );
    }
    let answers = sent.join_all().await;
    let mut fresh = 0;
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        fresh += u32::from(head(&answer, "idempotency-replayed").is_empty());
    }
    assert_eq!((fresh, site.notes().await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_each_callers_own() {
    let site = Site::start().await;
    let (ana, bob) = (site.owner("ana").await, site.owner("bob").await);
    for browser in [&ana, &bob] {
        let answer = browser
            .json("/api/v1/test/notes", "same", &json!({ "text": "x" }))
            .send()
            .await
            .unwrap();
        assert_eq!(
            (
                answer.status().as_u16(),
                head(&answer, "idempotency-replayed")
            ),
            (201, "")
        );
    }
    assert_eq!(site.notes().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twice_is_one_action() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    for replayed in ["", "true"] {
        let answer = ana
            .post("/test/form", &[("idempotency_key", "f1"), ("a", "1")])
            .await;
        assert_eq!(
            (answer.status().as_u16(), location(&answer)),
            (303, "/test/whoami")
        );
        assert_eq!(head(&answer, "idempotency-replayed"), replayed);
        assert!(
            answer
                .headers()
                .get_all("set-cookie")
                .iter()
                .any(|c| c.as_bytes().starts_with(b"batchtrack-flash="))
        );
    }
    assert_eq!(site.notes().await, 1);
    assert_eq!(
        ana.post("/test/form", &[("idempotency_key", "f1"), ("a", "2")])
            .await
            .status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    // Without a key a form is sent as often as it is sent.
    ana.post("/test/form", &[("a", "1")]).await;
    ana.post("/test/form", &[("a", "1")]).await;
    assert_eq!(site.notes().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_free_again_after_a_day() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let send = |text: &'static str| {
        ana.json("/api/v1/test/notes", "k", &json!({ "text": text }))
            .send()
    };
    assert_eq!(send("monday").await.unwrap().status(), StatusCode::CREATED);
    site.db.clock.advance(chrono::Duration::hours(25));
    let tuesday = send("tuesday").await.unwrap();
    assert_eq!(
        (
            tuesday.status().as_u16(),
            head(&tuesday, "idempotency-replayed")
        ),
        (201, "")
    );
    assert_eq!(site.notes().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_does_not_wait_for_ever() {
    use diesel_async::SimpleAsyncConnection as _;
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    // The first one has been under way for long: here, a transaction that holds the key.
    let mut first = site.db.owner_conn().await;
    let claim = "BEGIN; INSERT INTO idempotency_keys (organization_id, user_id, key, fingerprint, created_at) \
                 SELECT organization_id, user_id, 'k', '', now() FROM memberships";
    first.batch_execute(claim).await.unwrap();
    let send = || {
        ana.json("/api/v1/test/notes", "k", &json!({ "text": "x" }))
            .send()
    };
    let (status, body) = problem(send().await.unwrap()).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (409, Some("idempotency.under_way"))
    );
    first.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(send().await.unwrap().status(), StatusCode::CREATED);
}
