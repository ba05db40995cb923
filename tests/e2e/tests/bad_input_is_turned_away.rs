//! What nobody should send, through nginx: people get a page, programs a problem, and nobody a 500.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop where it is"
)]

use batchtrack_e2e::{Api, Reply, Stack, client};
use reqwest::{Client, Method, RequestBuilder, header::ACCEPT};
use serde_json::{Value, json};

const PAGE: &str = "text/html,application/xhtml+xml";

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_turned_away_with_words() {
    let stack = Stack::up("bad");
    unknown_addresses(&stack).await;
    figures_shut_to_the_public(&stack).await;
    headers_that_lie(&stack).await;
    let ada = Api::sign_up(stack.http(), "ada").await;
    let bob = Api::sign_up(stack.http(), "bob").await;
    bodies_that_are_too_large(&stack, &ada).await;
    figures_that_make_no_sense(&ada).await;
    what_belongs_to_others(&ada, &bob).await;
    forms_from_elsewhere(&ada).await;
    stack.must_verify();
}

async fn sent(request: RequestBuilder) -> Reply {
    let answer = request.send().await.expect("the site answers");
    Reply::of(answer).await.expect("a whole answer")
}

async fn get(http: &Client, url: String, accept: &str) -> Reply {
    sent(http.get(url).header(ACCEPT, accept)).await
}

/// A problem says what is wrong, and by which code.
fn must_be_problem(reply: &Reply, status: u16) -> Value {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert!(
        reply
            .header("content-type")
            .starts_with("application/problem+json"),
        "{reply:?}"
    );
    let problem = reply.json();
    assert_eq!(problem["status"], status, "{problem}");
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| detail.len() > 10),
        "{problem}"
    );
    assert!(problem["code"].is_string(), "{problem}");
    problem
}

fn must_be_page(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert!(
        reply.header("content-type").starts_with("text/html"),
        "{reply:?}"
    );
    assert!(reply.text.contains("<h1"), "{}", reply.text);
    assert!(!reply.header("x-request-id").is_empty(), "{reply:?}");
}

async fn unknown_addresses(stack: &Stack) {
    let (http, base) = (client(), stack.http());
    for path in [
        "/nothing",
        "/inventory/view/x",
        "/recipes/1/none",
        "/.env",
        "/%00",
        "/a/../../etc/passwd",
    ] {
        let reply = get(&http, format!("{base}{path}"), PAGE).await;
        assert!(
            (400..500).contains(&reply.status) || reply.status == 302 || reply.status == 303,
            "{path}: {reply:?}"
        );
    }
    must_be_page(&get(&http, format!("{base}/nothing"), PAGE).await, 404);
    must_be_problem(
        &get(&http, format!("{base}/api/v1/nothing"), "application/json").await,
        404,
    );
    must_be_problem(
        &get(&http, format!("{base}/api/v1/items"), "application/json").await,
        401,
    );
}

/// The service turns away what is too much for it, nginx what is too much for anybody.
async fn bodies_that_are_too_large(stack: &Stack, ada: &Api) {
    for megabytes in [10, 20] {
        let body = vec![b'x'; megabytes << 20];
        let program = ada.request(Method::POST, "/api/v1/items");
        let program = program
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "large");
        must_be_problem(&sent(program.body(body.clone())).await, 413);
        let (person, page) = (client(), format!("{}/auth/login", stack.http()));
        assert_eq!(get(&person, page.clone(), PAGE).await.status, 200);
        let form = person.post(page).header(ACCEPT, PAGE);
        let form = form.header("Content-Type", "application/x-www-form-urlencoded");
        must_be_page(&sent(form.body(body)).await, 413);
    }
}

async fn figures_shut_to_the_public(stack: &Stack) {
    assert_eq!(
        get(&client(), format!("{}/metrics", stack.http()), PAGE)
            .await
            .status,
        404
    );
}

/// Who a client claims to be, and where, counts for nothing.
async fn headers_that_lie(stack: &Stack) {
    let request = client().get(format!("{}/", stack.http()));
    let request = request
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Host", "evil.example");
    let reply = sent(request.header("X-Request-ID", "mine/1")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-request-id"), "mine/1");
    assert!(!reply.text.contains("evil.example"), "{}", reply.text);
    assert!(!reply.header("set-cookie").contains("__Host-"), "{reply:?}");
}

async fn figures_that_make_no_sense(ada: &Api) {
    let item = json!({ "name": "Olive Oil 🫒", "unit": "g" });
    let item = ada
        .post("/api/v1/items", "olive", &item)
        .await
        .expect("an answer")
        .must(201);
    assert_eq!(item["name"], "Olive Oil 🫒");
    let receipts = format!("/api/v1/items/{}/receipts", item["id"]);
    let receipt = |quantity: &str, unit: &str| json!({ "quantity": quantity, "unit": unit, "total_cost": "1" });
    for (number, body) in [
        receipt("-1", "g"),
        receipt("0", "g"),
        receipt("1e400", "g"),
        receipt("🫒", "g"),
        receipt("", "g"),
        receipt("9223372036854775807", "kg"),
        receipt("1", "parsec"),
        receipt("1", "ml"), // no density to weigh it by
        json!({ "quantity": 1.5, "unit": "g" }),
        json!({ "quantity": "1", "unit": "g", "total_cost": "-1" }),
        json!({ "quantity": "1", "unit": "g", "colour": "green" }),
        json!([]),
        json!(null),
    ]
    .into_iter()
    .enumerate()
    {
        let reply = ada
            .post(&receipts, &format!("bad {number}"), &body)
            .await
            .expect("an answer");
        assert!(matches!(reply.status, 400 | 422), "{body}: {reply:?}");
        must_be_problem(&reply, reply.status);
    }
    // Without a key a program can't know what happened; with one, it means one thing.
    let bare = ada
        .request(Method::POST, &receipts)
        .json(&receipt("1", "g"));
    must_be_problem(&sent(bare).await, 400);
    ada.post(&receipts, "same key", &receipt("1", "g"))
        .await
        .expect("an answer")
        .must(201);
    let other = ada
        .post(&receipts, "same key", &receipt("2", "g"))
        .await
        .expect("an answer");
    must_be_problem(&other, 422);
    let again = ada
        .post(&receipts, "same key", &receipt("1", "g"))
        .await
        .expect("an answer");
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, "true")
    );
    let item = ada.get(&format!("/api/v1/items/{}", item["id"])).await;
    assert_eq!(
        item["quantity"], "1",
        "exactly the one receipt that made sense"
    );
}

/// Other people's ids do not exist.
async fn what_belongs_to_others(ada: &Api, bob: &Api) {
    let items = ada.get("/api/v1/items").await;
    let id = &items["data"][0]["id"];
    assert!(id.is_i64(), "{items}");
    for path in [
        format!("/api/v1/items/{id}"),
        format!("/api/v1/items/{id}/lots"),
        "/api/v1/actions/1".to_owned(),
    ] {
        must_be_problem(&sent(bob.request(Method::GET, &path)).await, 404);
    }
    let body = json!({ "quantity": "1", "unit": "g", "total_cost": "1" });
    let reply = bob
        .post(&format!("/api/v1/items/{id}/receipts"), "theirs", &body)
        .await
        .expect("an answer");
    must_be_problem(&reply, 404);
    let reply = bob
        .post("/api/v1/actions/1/undo", "undo theirs", &json!({}))
        .await
        .expect("an answer");
    must_be_problem(&reply, 404);
}

/// A session's cookie alone moves nothing.
async fn forms_from_elsewhere(ada: &Api) {
    let body = json!({ "name": "Planted", "unit": "g" });
    for (header, value) in [
        ("X-CSRFToken", "expired"),
        ("Origin", "https://evil.example"),
    ] {
        let request = ada
            .request_as_is(Method::POST, "/api/v1/items")
            .header("Idempotency-Key", header);
        let request = if header == "Origin" {
            request.header("X-CSRFToken", ada.token())
        } else {
            request
        };
        let reply = sent(request.header(header, value).json(&body)).await;
        let problem = must_be_problem(&reply, 400);
        assert_eq!(problem["code"], "csrf.invalid");
    }
}
