//! A file on its way through the API; and the samples, which come in as they are.
use super::{BAD, GOOD, part};
use crate::harness::{Site, head, location, problem};
use reqwest::{StatusCode, multipart::Form};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn samples_come_in_as_they_are() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    for kind in ["purchases", "recipes"] {
        let sample = site
            .stranger()
            .get(&format!("/imports/sample/{kind}.csv"))
            .await;
        assert!(head(&sample, "content-disposition").contains("sample.csv"));
        let content = sample.text().await.unwrap();
        let body = json!({ "kind": kind, "content": content });
        let answer = ana
            .json("/api/v1/imports", kind, &body)
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.status(),
            StatusCode::CREATED,
            "{kind}: {}",
            answer.text().await.unwrap()
        );
        assert_eq!(
            answer.json::<Value>().await.unwrap()["warnings"],
            json!([]),
            "{kind}"
        );
    }
    assert_eq!(
        ana.get("/imports/sample/passwords.csv").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_looks_first_takes_in_and_takes_back() {
    let site = Site::start().await;
    let (ana, bob) = (site.owner("ana").await, site.owner("bob").await);
    let body = json!({ "kind": "purchases", "file_name": "m.csv", "content": GOOD, "mapping": { "note": "" }, "dry_run": true });
    let answer = ana
        .json("/api/v1/imports", "d1", &body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let look: Value = answer.json().await.unwrap();
    assert_eq!(
        (&look["rows"], &look["things"], &look["has_errors"]),
        (&json!(2), &json!(2), &json!(false))
    );
    assert_eq!(look["new_items"], json!(["Box", "Olive Oil"]));
    assert_eq!(look["mapping"]["item"], "item");

    let (status, body) = problem(ana.json("/api/v1/imports", "b1", &json!({ "kind": "purchases", "content": BAD, "mapping": { "item": "Material", "quantity": "Menge" } })).send().await.unwrap()).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (422, Some("imports.problems"))
    );
    let notes = body["notes"].as_array().unwrap();
    assert!(
        notes
            .iter()
            .any(|n| n["line"] == 2 && n["column"] == "unit" && n["severity"] == "error"),
        "{notes:?}"
    );
    for (what, body, status) in [
        ("a kind", json!({ "kind": "x", "content": GOOD }), 422),
        (
            "a field",
            json!({ "kind": "recipes", "content": GOOD, "mapping": { "supplier": "item" } }),
            422,
        ),
        (
            "no such field",
            json!({ "kind": "recipes", "content": GOOD, "mapping": { "colour": "item" } }),
            422,
        ),
        (
            "more",
            json!({ "kind": "recipes", "content": GOOD, "more": 1 }),
            422,
        ),
        ("empty", json!({ "kind": "purchases", "content": "" }), 422),
    ] {
        let (found, _) = problem(
            ana.json("/api/v1/imports", what, &body)
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert_eq!(found, status, "{what}");
    }

    // As a file, with the columns as JSON.
    let form = Form::new()
        .text("kind", "purchases")
        .text("mapping", "{\"item\":\"item\"}")
        .part("file", part(GOOD));
    let sent = ana
        .http
        .post(format!("{}/api/v1/imports", ana.url))
        .header("X-CSRFToken", &ana.token)
        .header("Idempotency-Key", "r1")
        .multipart(form)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), StatusCode::CREATED);
    let at = location(&sent).to_owned();
    let imported: Value = sent.json().await.unwrap();
    assert_eq!(
        (
            imported["action_ids"].as_array().unwrap().len(),
            imported["new_items"].as_array().unwrap().len()
        ),
        (2, 2)
    );
    assert_eq!(at, format!("/api/v1/imports/{}", imported["id"]));

    let one: Value = ana.get(&at).await.json().await.unwrap();
    assert_eq!(
        (one["file_name"].as_str(), &one["undone_at"]),
        (Some("march.csv"), &Value::Null)
    );
    let list: Value = ana
        .get("/api/v1/imports?limit=1")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        (list["data"].as_array().unwrap().len(), &list["next_cursor"]),
        (1, &Value::Null)
    );
    // Somebody else's is not there.
    assert_eq!(problem(bob.get(&at).await).await.0, 404);
    assert_eq!(
        problem(
            bob.json(&format!("{at}/undo"), "x", &json!({}))
                .send()
                .await
                .unwrap()
        )
        .await
        .0,
        404
    );
    assert_eq!(
        bob.get(&at.replace("/api/v1", "")).await.status(),
        StatusCode::NOT_FOUND
    );

    let undone: Value = ana
        .json(&format!("{at}/undo"), "x1", &json!({}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert!(undone["undone_at"].is_string());
    let (status, body) = problem(
        ana.json(&format!("{at}/undo"), "x2", &json!({}))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (status, body["code"].as_str()),
        (409, Some("imports.already_undone"))
    );
}
