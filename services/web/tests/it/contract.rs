//! The published load test's batch workflow (domain 10.4), step by step over HTTP.
use crate::{
    harness::{head, location},
    locust::{Locust, assert_books_are_right, keys, site},
};
use reqwest::{Method, header};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_workflow_runs_from_signing_in_to_a_completed_batch() {
    let site = site().await;
    let ana = Locust::sign_in(&site, "ana@example.com", "1700000000000-0001").await;
    for page in [
        "/",
        "/auth/signup",
        "/user_dashboard",
        "/recipes/",
        "/batches/",
        "/inventory/",
        "/products/",
        "/products/alerts",
        "/tools/",
        "/global-items",
    ] {
        let answer = ana.browser.get(page).await;
        assert!(
            answer.status().as_u16() < 400,
            "{page}: {}",
            answer.status()
        );
        assert!(!head(&answer, "location").contains("/auth/login"), "{page}");
    }
    for search in [
        "/api/public/global-items/search",
        "/api/ingredients/global-items/search",
    ] {
        let found = ana
            .get_json(&format!(
                "{search}?q=basil&type=ingredient&group=ingredient"
            ))
            .await;
        assert!(found["results"].is_array(), "{search}: {found}");
    }
    let (milk, pickle) = ana.work().await;
    for item in [milk, pickle] {
        let item = ana.get_json(&format!("/api/inventory/item/{item}")).await;
        assert_eq!(item["quantity"].as_f64(), Some(8.0), "{item}");
    }
    // What came of the batch is an ingredient named after its recipe.
    let found = ana
        .get_json("/inventory/api/search?q=intermediate&type=ingredient")
        .await;
    assert_eq!(
        found["results"][0]["text"],
        "Pickled milk 1700000000000-0001 (Intermediate)"
    );
    assert_books_are_right(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_workflows_at_once_leave_the_stock_exact() {
    let site = site().await;
    let mut users = Vec::new();
    for number in 0..100 {
        let name = format!("1700000000000-{number:04}");
        users.push(Locust::sign_in(&site, "ana@example.com", &name).await);
    }
    // Only now, so that all of them are at work at the same time.
    let mut crowd = tokio::task::JoinSet::new();
    for user in users {
        crowd.spawn(async move {
            let items = user.work().await;
            (user, items)
        });
    }
    let done = crowd.join_all().await;
    for (user, (milk, pickle)) in &done {
        for item in [milk, pickle] {
            let item = user.get_json(&format!("/api/inventory/item/{item}")).await;
            assert_eq!(item["quantity"].as_f64(), Some(8.0), "{item}");
        }
    }
    let states = "SELECT string_agg(status || ' ' || n, ', ' ORDER BY status)
                  FROM (SELECT status, count(*) AS n FROM batches GROUP BY status) s";
    assert_eq!(
        site.text(states).await,
        "cancelled 100, completed 100, failed 100"
    );
    assert_eq!(
        site.number("SELECT count(DISTINCT label) FROM batches")
            .await,
        300
    );
    assert_books_are_right(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_converter_says_why_not_and_stays_at_200() {
    let site = site().await;
    let ana = Locust::sign_in(&site, "ana@example.com", "units").await;
    let milk = ana.ingredient("Milk", "gallon").await;
    for (body, code, drawer) in [
        (json!({}), "INVALID_AMOUNT", false),
        (
            json!({ "from_amount": 0, "from_unit": "g", "to_unit": "kg" }),
            "INVALID_AMOUNT",
            false,
        ),
        (
            json!({ "from_amount": 1, "from_unit": "", "to_unit": "kg" }),
            "INVALID_FROM_UNIT",
            false,
        ),
        (
            json!({ "from_amount": 1, "from_unit": "furlong", "to_unit": "kg" }),
            "UNKNOWN_SOURCE_UNIT",
            false,
        ),
        (
            json!({ "from_amount": 1, "from_unit": "g", "to_unit": "🧼" }),
            "UNKNOWN_TARGET_UNIT",
            false,
        ),
        (
            json!({ "from_amount": 1, "from_unit": "g", "to_unit": "ml" }),
            "MISSING_DENSITY",
            false,
        ),
        (
            json!({ "from_amount": 1, "from_unit": "g", "to_unit": "ml", "ingredient_id": milk }),
            "MISSING_DENSITY",
            true,
        ),
        (
            json!({ "from_amount": 1, "from_unit": "g", "to_unit": "count" }),
            "UNSUPPORTED_CONVERSION",
            false,
        ),
    ] {
        let answer = ana.post_json("/api/unit-converter", body.clone()).await;
        assert_eq!(
            (&answer["success"], answer["error_code"].as_str()),
            (&json!(false), Some(code)),
            "{body}"
        );
        assert_eq!(answer["requires_drawer"], drawer, "{body}");
        assert!(answer["error"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_short_is_answered_with_a_way_out() {
    let site = site().await;
    let ana = Locust::sign_in(&site, "ana@example.com", "short").await;
    let (milk, pickle) = (
        ana.ingredient("Milk", "gallon").await,
        ana.ingredient("Custom Pickle", "count").await,
    );
    ana.restock(pickle, "count").await;
    let recipe = ana.recipe(pickle, milk).await;
    let mut wanted = json!({ "recipe_id": recipe, "scale": 2, "force_start": false });
    let answer = ana
        .post_json("/batches/api/start-batch", wanted.clone())
        .await;
    assert_eq!(
        (&answer["success"], &answer["requires_override"]),
        (&json!(false), &json!(true))
    );
    let issue = &answer["stock_issues"][0];
    assert_eq!(
        keys(issue),
        [
            "available_quantity",
            "available_unit",
            "category",
            "item_id",
            "name",
            "needed_quantity",
            "needed_unit",
            "status"
        ]
    );
    assert_eq!(
        (
            issue["item_id"].as_i64(),
            &issue["needed_quantity"],
            &issue["status"]
        ),
        (Some(milk), &json!(2), &json!("NEEDED"))
    );
    assert_eq!(site.number("SELECT count(*) FROM batches").await, 0);
    wanted["force_start"] = json!(true);
    assert_eq!(
        ana.post_json("/batches/api/start-batch", wanted).await["success"],
        true
    );
    assert_books_are_right(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_reach_scripts_and_forms_alike() {
    let site = site().await;
    let ana = Locust::sign_in(&site, "ana@example.com", "refused").await;
    let milk = ana.ingredient("Milk", "gallon").await;
    let path = format!("/inventory/adjust/{milk}");
    let token = ana.browser.token.clone();
    for (fields, words) in [
        (
            vec![("change_type", "use"), ("quantity", "3")],
            "can be taken",
        ),
        (
            vec![("change_type", "use"), ("quantity", "-3")],
            "more than zero",
        ),
        (
            vec![("change_type", "restock"), ("quantity", "1e400")],
            "number such as",
        ),
        (
            vec![
                ("change_type", "restock"),
                ("quantity", "1"),
                ("input_unit", "g"),
            ],
            "density",
        ),
        (
            vec![
                ("change_type", "restock"),
                ("quantity", "1"),
                ("input_unit", "furlong"),
            ],
            "not known",
        ),
        (
            vec![("change_type", "levitate"), ("quantity", "1")],
            "must be one of",
        ),
        (
            vec![("change_type", "batch_start"), ("quantity", "1")],
            "can be recorded here",
        ),
    ] {
        let mut sent = fields.clone();
        sent.push(("csrf_token", &token));
        let by_script = ana
            .browser
            .request(Method::POST, &path)
            .header(header::ACCEPT, "application/json")
            .header("X-Requested-With", "XMLHttpRequest")
            .form(&sent);
        let answer = by_script.send().await.unwrap();
        assert_eq!(answer.status(), 400, "{fields:?}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["success"], false);
        let said = body["error"].as_str().unwrap().to_lowercase();
        assert!(said.contains(words), "{fields:?}: {said}");
        let form = ana.browser.post(&path, &fields).await;
        assert_eq!(form.status(), 422, "{fields:?}");
        let html = form.text().await.unwrap().to_lowercase();
        assert!(html.contains(words), "{fields:?}: {html}");
    }
    let item = ana.get_json(&format!("/api/inventory/item/{milk}")).await;
    assert_eq!(item["quantity"], 0);
    let done = ana
        .post_form(
            &path,
            &[
                ("change_type", "restock"),
                ("quantity", "2"),
                ("cost_entry_type", "total"),
                ("cost_per_unit", "7"),
            ],
            false,
        )
        .await;
    assert_eq!(
        (done.status().as_u16(), location(&done)),
        (303, format!("/inventory/view/{milk}").as_str())
    );
    let item = ana.get_json(&format!("/api/inventory/item/{milk}")).await;
    assert_eq!(
        (&item["quantity"], &item["cost_per_unit"]),
        (&json!(2), &json!(3.5))
    );
}
