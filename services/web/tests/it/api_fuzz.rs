//! Anything at all in the place of anything: the answer is a 4xx that says what to do, never a 500.
use crate::api::{method, put, shelf};
use batchtrack_web::{openapi, page_api};
use reqwest::{Method, Response, header};
use serde_json::{Value, json};

/// What people, programs and attackers put where something else belongs.
fn nasty() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!([]),
        json!({}),
        json!([[[]]]),
        json!({ "sku_id": 1, "item_id": 2 }),
    ];
    for text in [
        "",
        " ",
        "0",
        "-1",
        "1e400",
        "NaN",
        "Infinity",
        "1,5",
        "0.0000001",
        "0.000001",
        "9223372036854.775807",
        "99999999999999999999999",
        "🧼",
        "a\u{0}b",
        "a\r\nb",
        "\u{202e}gnp",
        "'; DROP TABLE users; --",
        "<script>",
        "furlong",
        "ml",
        "sqmile",
        "batch_start",
        "recount",
        "product",
        "draft",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "+262142-12-31T23:59:59Z",
        "2026-02-30",
        "tomorrow",
    ] {
        values.push(json!(text));
    }
    values.push(json!("x".repeat(300)));
    values.push(json!("ö".repeat(100_000)));
    values
}

/// Every copy of `body` with one of its values replaced, and where.
fn spoilt(body: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    walk(body, String::new(), &mut places);
    let mut copies = vec![
        (String::new(), json!([])),
        (String::new(), json!("text")),
        (String::new(), json!(7)),
    ];
    for place in places {
        for value in nasty() {
            let mut copy = body.clone();
            *copy.pointer_mut(&place).unwrap() = value;
            copies.push((place.clone(), copy));
        }
    }
    let mut more = body.clone();
    more["unheard_of"] = json!(1);
    copies.push(("/unheard_of".to_owned(), more));
    copies
}

fn walk(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| walk(value, format!("{place}/{name}"), places)),
        Value::Array(values) => (0..)
            .zip(values)
            .for_each(|(at, value): (usize, _)| walk(value, format!("{place}/{at}"), places)),
        _ => {}
    }
    if !place.is_empty() {
        places.push(place);
    }
}

async fn assert_mendable(answer: Response, what: &str) {
    let status = answer.status().as_u16();
    if status < 400 {
        return;
    }
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    let text = answer.text().await.unwrap();
    assert!((400..500).contains(&status), "{what}: {status} {text}");
    assert_eq!(kind.unwrap(), "application/problem+json", "{what}");
    let body: Value = serde_json::from_str(&text).unwrap();
    assert!(
        body["code"].as_str().is_some_and(|code| !code.is_empty()),
        "{what}: {text}"
    );
    assert!(
        body["detail"]
            .as_str()
            .is_some_and(|detail| detail.len() > 8),
        "{what}: {text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_breaks_the_service() {
    let there = shelf().await;
    let mut sent = 0;
    let unsafe_ones = openapi::endpoints()
        .chain(page_api::endpoints())
        .filter(|e| method(e) != Method::GET);
    for endpoint in unsafe_ones {
        let body = there.shop.body(endpoint.path);
        if body.is_null() {
            continue;
        }
        let path = if endpoint.path.contains('{') {
            there.shop.at(endpoint.path)
        } else {
            endpoint.path.to_owned()
        };
        for (place, copy) in spoilt(&body) {
            let answer = there
                .ana
                .asks(method(endpoint), &path)
                .header(header::ACCEPT, "application/json");
            let answer = answer.json(&copy).send().await.unwrap();
            let what: String = format!("{path} {place} {copy}").chars().take(600).collect();
            assert_mendable(answer, &what).await;
            sent += 1;
        }
    }
    assert!(sent > 2_000, "{sent}");
    let id = batchtrack_core::kernel::ids::OrganizationId::new(1);
    let report = batchtrack_core::verify::verify(&there.site.db.db, id)
        .await
        .unwrap();
    assert_eq!(report.discrepancies, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_breaks_the_service() {
    let there = shelf().await;
    let gets = openapi::endpoints()
        .chain(page_api::endpoints())
        .filter(|e| method(e) == Method::GET);
    let queries = [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "limit=99999999999",
        "cursor=junk",
        "cursor=WyIiLDFd",
        "cursor=W251bGwsMV0",
        "search=%00",
        "search=%25_%5C",
        "search=%F0%9F%A7%BC",
        "q=%00a",
        "q=%25%25",
        "q=%ff%fe",
        "type=product",
        "type=x",
        "status=x",
        "category_id=x",
        "recipe_id=0",
        "scale=0",
        "scale=1e400",
        "scale=-1",
        "scale=1001",
        "threshold=-1",
        "threshold=x",
        "threshold=9999999999999",
        "with_empty=maybe",
        "archived=1",
        "unheard_of=1",
    ];
    for endpoint in gets {
        let path = if endpoint.path.contains('{') {
            there.shop.at(endpoint.path)
        } else {
            endpoint.path.to_owned()
        };
        for query in queries {
            let path = format!("{path}?{query}");
            assert_mendable(
                there.ana.asks(Method::GET, &path).send().await.unwrap(),
                &path,
            )
            .await;
        }
        let long = format!("{path}?search={0}&q={0}", "x".repeat(5_000));
        assert_mendable(
            there.ana.asks(Method::GET, &long).send().await.unwrap(),
            &path,
        )
        .await;
        if endpoint.path.contains('{') {
            for id in [
                "0",
                "-1",
                "9223372036854775808",
                "x",
                "%00",
                "1.5",
                "1e3",
                "%F0%9F%A7%BC",
            ] {
                let path = put(endpoint.path, id);
                let answer = there.ana.asks(Method::GET, &path).send().await.unwrap();
                let status = if id == "%00" { 400 } else { 404 };
                assert_eq!(answer.status(), status, "{path}");
            }
        }
    }
}
