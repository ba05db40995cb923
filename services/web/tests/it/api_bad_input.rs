//! Each mistake has a name, a status and a field.
use crate::{api::shelf, harness::problem};
use reqwest::{Method, header};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_named() {
    let there = shelf().await;
    let item = |verb: &str| format!("/api/v1/items/{}/{verb}", there.shop.item);
    let receipt = |quantity: &str, unit: &str| json!({ "quantity": quantity, "unit": unit, "total_cost": "1" });
    let cases = [
        (
            item("receipts"),
            receipt("1", "furlong"),
            422,
            "inventory.unknown_unit",
            "unit",
        ),
        (
            item("receipts"),
            receipt("1", "🧼"),
            422,
            "inventory.unknown_unit",
            "unit",
        ),
        (
            item("receipts"),
            receipt("1", "ml"),
            422,
            "inventory.missing_density",
            "unit",
        ),
        (
            item("receipts"),
            receipt("1", "count"),
            422,
            "inventory.unsupported_conversion",
            "unit",
        ),
        (
            item("receipts"),
            receipt("-1", "g"),
            422,
            "inventory.not_positive",
            "quantity",
        ),
        (
            item("receipts"),
            receipt("0", "g"),
            422,
            "inventory.not_positive",
            "quantity",
        ),
        (
            item("receipts"),
            receipt("0.000001", "mg"),
            422,
            "inventory.too_small",
            "quantity",
        ),
        (
            item("receipts"),
            receipt("9000000000000", "kg"),
            422,
            "inventory.unsupported_conversion",
            "unit",
        ),
        (
            item("receipts"),
            receipt("1e400", "g"),
            422,
            "request.invalid",
            "quantity",
        ),
        (
            item("receipts"),
            receipt("🧼", "g"),
            422,
            "request.invalid",
            "quantity",
        ),
        (
            item("receipts"),
            receipt("1\u{0}", "g"),
            400,
            "request.unprintable",
            "",
        ),
        (
            item("receipts"),
            json!({ "quantity": 1, "unit": "g" }),
            422,
            "request.invalid",
            "quantity",
        ),
        (
            item("receipts"),
            json!({ "quantity": "1", "unit": "g", "total_cost": "-1" }),
            422,
            "inventory.negative_cost",
            "cost",
        ),
        (
            item("receipts"),
            json!({ "quantity": "1", "unit": "g", "total_cost": "1", "unit_cost": "1" }),
            422,
            "inventory.two_costs",
            "unit_cost",
        ),
        (
            item("receipts"),
            json!({ "quantity": "1", "unit": "g", "received_at": "2099-01-01T00:00:00Z" }),
            422,
            "inventory.in_the_future",
            "received_at",
        ),
        (
            item("receipts"),
            json!({ "quantity": "1", "unit": "g", "expires_at": "2020-01-01T00:00:00Z" }),
            422,
            "inventory.expires_before_receipt",
            "expires_at",
        ),
        (
            item("receipts"),
            json!({ "quantity": "1", "unit": "g", "kind": "use" }),
            422,
            "inventory.wrong_kind",
            "change_type",
        ),
        (
            item("receipts"),
            json!({ "quantity": "1", "unit": "g", "colour": "red" }),
            422,
            "request.invalid",
            "colour",
        ),
        (
            item("adjustments"),
            json!({ "change_type": "use", "quantity": "900", "unit": "g" }),
            409,
            "inventory.short",
            "quantity",
        ),
        (
            item("adjustments"),
            json!({ "change_type": "vanish", "quantity": "1", "unit": "g" }),
            422,
            "request.invalid",
            "change_type",
        ),
        (item("archive"), Value::Null, 409, "inventory.has_stock", ""),
        (
            "/api/v1/items".to_owned(),
            json!({ "name": "ANA OIL", "unit": "g" }),
            409,
            "inventory.name_taken",
            "name",
        ),
        (
            "/api/v1/items".to_owned(),
            json!({ "name": "", "unit": "g" }),
            422,
            "request.bad_text",
            "name",
        ),
        (
            "/api/v1/items".to_owned(),
            json!({ "name": "x".repeat(129), "unit": "g" }),
            422,
            "request.bad_text",
            "name",
        ),
        (
            "/api/v1/items".to_owned(),
            json!({ "name": "A", "unit": "g", "category_id": 999_999 }),
            422,
            "inventory.no_category",
            "category_id",
        ),
        (
            "/api/v1/items".to_owned(),
            json!({ "name": "A", "unit": "g", "density": "51" }),
            422,
            "request.invalid",
            "density",
        ),
        (
            "/api/v1/items".to_owned(),
            json!({ "name": "A", "unit": "g", "type": "product" }),
            422,
            "inventory.product_type",
            "type",
        ),
        (
            "/api/v1/items".to_owned(),
            json!({ "name": "A", "unit": "g", "shelf_life_days": 0 }),
            422,
            "inventory.bad_shelf_life",
            "shelf_life_days",
        ),
        (
            "/api/v1/recipes".to_owned(),
            json!({ "name": "A", "yield_amount": "1", "yield_unit": "count", "lines": [] }),
            422,
            "recipes.no_ingredients",
            "lines",
        ),
        (
            "/api/v1/recipes".to_owned(),
            json!({ "name": "A", "yield_amount": "1", "yield_unit": "count", "lines": [{ "item_id": there.shop.item, "amount": "1", "unit": "furlong" }] }),
            422,
            "inventory.unknown_unit",
            "lines[0].unit",
        ),
        (
            "/api/v1/recipes".to_owned(),
            json!({ "name": "A", "yield_amount": "1", "yield_unit": "count", "lines": [{ "item_id": 999_999, "amount": "1", "unit": "g" }] }),
            422,
            "inventory.no_item",
            "lines[0].item_id",
        ),
        (
            "/api/v1/batches".to_owned(),
            json!({ "recipe_id": there.shop.recipe, "scale": "0" }),
            422,
            "request.invalid",
            "scale",
        ),
        (
            "/api/v1/batches".to_owned(),
            json!({ "recipe_id": 999_999 }),
            404,
            "recipes.no_recipe",
            "",
        ),
        (
            format!("/api/v1/skus/{}/sales", there.shop.sku),
            json!({ "quantity": "5" }),
            409,
            "inventory.short",
            "quantity",
        ),
    ];
    let actions = "SELECT count(*) FROM inventory_actions";
    let before = there.site.number(actions).await;
    for (path, body, status, code, field) in cases {
        let (found, problem) = there.ana.call(Method::POST, &path, &body).await;
        assert_eq!(
            (found, problem["code"].as_str()),
            (status, Some(code)),
            "{path} {body}: {problem}"
        );
        assert_eq!(
            problem["field"].as_str().unwrap_or_default(),
            field,
            "{path} {body}: {problem}"
        );
    }
    assert_eq!(
        there.site.number(actions).await,
        before,
        "what is refused changes nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_one_says_so() {
    let there = shelf().await;
    let path = "/api/v1/items";
    let body = json!({ "name": "A", "unit": "g" });
    let post = || there.ana.asks(Method::POST, path);
    let cases = [
        (
            post().json(&json!({ "name": "x".repeat(10_000_000), "unit": "g" })),
            413,
            "request.too_large",
        ),
        (
            post()
                .header(header::CONTENT_TYPE, "text/plain")
                .body("name=A"),
            415,
            "request.unsupported_type",
        ),
        (
            post()
                .header(header::CONTENT_TYPE, "application/json")
                .body("{\"name\":"),
            400,
            "request.not_json",
        ),
        (
            post()
                .header(header::CONTENT_TYPE, "application/json")
                .body("{\"name\":\"A\",\"unit\":\"g\",\"low\":1e400}"),
            422,
            "request.invalid",
        ),
        (
            there.ana.asks(Method::DELETE, path),
            405,
            "method_not_allowed",
        ),
        (
            there.ana.asks(Method::PUT, path).json(&body),
            405,
            "method_not_allowed",
        ),
        (
            there.ana.asks(Method::GET, "/api/v1/nothing"),
            404,
            "not_found",
        ),
    ];
    for (request, status, code) in cases {
        let (found, problem) = problem(request.send().await.unwrap()).await;
        assert_eq!(
            (found, problem["code"].as_str()),
            (status, Some(code)),
            "{problem}"
        );
    }
    let expired = there
        .ana
        .http
        .post(format!("{}{path}", there.site.url))
        .header("X-CSRFToken", "0".repeat(64));
    let (status, refused) = problem(
        expired
            .header("Idempotency-Key", "k")
            .json(&body)
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (status, refused["code"].as_str()),
        (400, Some("csrf.invalid"))
    );
    let first = there.ana.json(path, "same", &body).send().await.unwrap();
    assert_eq!(first.status(), 201);
    let other = there
        .ana
        .json(path, "same", &json!({ "name": "B", "unit": "g" }))
        .send()
        .await
        .unwrap();
    let (status, refused) = problem(other).await;
    assert_eq!(
        (status, refused["code"].as_str()),
        (422, Some("idempotency.reused"))
    );
    assert_eq!(
        there
            .site
            .number("SELECT count(*) FROM inventory_items WHERE name IN ('A', 'B')")
            .await,
        1
    );
}
