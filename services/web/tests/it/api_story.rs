//! Buy, make, sell and take it all back, by `/api/v1` alone.
use crate::{
    api::{Shop, method},
    harness::{Browser, Site, head, location},
};
use reqwest::Method;
use serde_json::{Value, json};

async fn on_hand(ana: &Browser, item: i64) -> (String, String) {
    let item = ana.reads(&format!("/api/v1/items/{item}")).await;
    let text = |field: &str| item[field].as_str().unwrap().to_owned();
    (text("quantity_base"), text("value"))
}

async fn assert_books_are_right(site: &Site) {
    let id = site.number("SELECT min(id) FROM organizations").await;
    let id = batchtrack_core::kernel::ids::OrganizationId::new(id);
    let report = batchtrack_core::verify::verify(&site.db.db, id)
        .await
        .unwrap();
    assert_eq!(report.discrepancies, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_makers_day_is_exact_and_can_be_taken_back() {
    let site = Site::start().await;
    site.db.product_category("Uncategorized").await;
    let ana = site.owner("ana").await;
    // 3 g for 10.00 do not divide evenly; 2 oz more come at another price.
    let oil = ana.stocks("Olive Oil", "g", None).await;
    let first = ana
        .does(
            &format!("/api/v1/items/{oil}/receipts"),
            json!({ "quantity": "3", "unit": "g", "total_cost": "10.00", "received_at": "2026-10-01T08:00:00Z", "supplier": "North" }),
        )
        .await;
    assert_eq!(
        (&first["quantity_base"], &first["value"]),
        (&json!("3000000"), &json!("10.00"))
    );
    let second = ana
        .does(
            &format!("/api/v1/items/{oil}/receipts"),
            json!({ "quantity": "2", "unit": "oz", "unit_cost": "5", "received_at": "2026-10-02T08:00:00Z" }),
        )
        .await;
    assert_eq!(
        (&second["quantity"], &second["quantity_base"]),
        (&json!("56.699"), &json!("56699000"))
    );
    let lye = ana.stocks("Lye", "g", Some(("10", "1"))).await;

    let recipe = json!({
        "name": "Bar", "yield_amount": "2", "yield_unit": "count",
        "lines": [{ "item_id": oil, "amount": "1", "unit": "g" }, { "item_id": lye, "amount": "0.5", "unit": "g" }],
    });
    let recipe = ana.does("/api/v1/recipes", recipe).await["id"]
        .as_i64()
        .unwrap();
    let enough = ana
        .reads(&format!("/api/v1/recipes/{recipe}/availability?scale=2"))
        .await;
    assert_eq!(enough["is_sufficient"], true);

    let started = ana
        .does(
            "/api/v1/batches",
            json!({ "recipe_id": recipe, "scale": "2", "batch_type": "product" }),
        )
        .await;
    let batch = started["batch"]["id"].as_i64().unwrap();
    // Two of three grams of ten: 6.666666, rounded down; a gram of ten for one.
    assert_eq!(started["batch"]["input_value"], "6.766666");
    assert_eq!(started["lines"][0]["value"], "6.666666");
    assert_eq!(
        on_hand(&ana, oil).await,
        ("57699000".to_owned(), "13.333334".to_owned())
    );

    let made = ana
        .does(
            &format!("/api/v1/batches/{batch}/complete"),
            json!({ "output": { "product": "Bar" }, "quantity": "3", "unit": "count" }),
        )
        .await;
    assert_eq!(
        (&made["value"], &made["quantity"]),
        (&json!("6.766666"), &json!("3"))
    );
    let sku = made["sku_id"].as_i64().unwrap();
    let sold = ana
        .does(
            &format!("/api/v1/skus/{sku}/sales"),
            json!({ "quantity": "1", "price": "8.50", "customer": "Bo" }),
        )
        .await;
    assert_eq!(sold["value"], "2.255555");
    let spoilt = ana
        .does(
            &format!("/api/v1/items/{oil}/adjustments"),
            json!({ "change_type": "spoil", "quantity": "2", "unit": "g" }),
        )
        .await;
    // The last of the first lot takes all that is left of it.
    assert_eq!(spoilt["value"], "3.509703");
    assert_books_are_right(&site).await;

    let dashboard = ana.reads("/api/v1/dashboard").await;
    assert_eq!(
        (&dashboard["items"], &dashboard["batches_in_progress"]),
        (&json!(3), &json!(0))
    );

    let start = ana
        .reads(&format!("/api/v1/items/{oil}/history?limit=10"))
        .await["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["action"]["kind"] == "batch_start")
        .unwrap()["action"]["id"]
        .clone();
    let refused = ana
        .call(
            Method::POST,
            &format!("/api/v1/actions/{start}/undo"),
            &Value::Null,
        )
        .await;
    assert_eq!(
        (refused.0, refused.1["code"].as_str()),
        (409, Some("batches.not_the_last_step"))
    );
    for action in [
        &spoilt["action_id"],
        &sold["action_id"],
        &made["action_id"],
        &start,
    ] {
        ana.does(&format!("/api/v1/actions/{action}/undo"), Value::Null)
            .await;
    }
    assert_eq!(
        on_hand(&ana, oil).await,
        ("59699000".to_owned(), "20.00".to_owned())
    );
    assert_eq!(
        on_hand(&ana, lye).await,
        ("10000000".to_owned(), "1.00".to_owned())
    );
    for action in [&second["action_id"], &first["action_id"]] {
        ana.does(&format!("/api/v1/actions/{action}/undo"), Value::Null)
            .await;
    }
    assert_eq!(
        on_hand(&ana, oil).await,
        ("0".to_owned(), "0.00".to_owned())
    );
    let twice = ana
        .call(
            Method::POST,
            &format!("/api/v1/actions/{}/undo", first["action_id"]),
            &Value::Null,
        )
        .await;
    assert_eq!(
        (twice.0, twice.1["code"].as_str()),
        (409, Some("inventory.already_undone"))
    );
    let action = ana
        .reads(&format!("/api/v1/actions/{}", first["action_id"]))
        .await;
    assert!(action["action"]["undone_by"].is_i64());
    assert_eq!(action["movements"][0]["quantity_base"], "3000000");
    assert_books_are_right(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_short_is_listed_and_nothing_is_taken() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let shop = Shop::of(&site, &ana, "Ana").await;
    let before = on_hand(&ana, shop.item).await;
    let start = json!({ "recipe_id": shop.recipe, "scale": "9" });
    let (status, problem) = ana.call(Method::POST, "/api/v1/batches", &start).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (409, Some("batches.short"))
    );
    let short = json!([{ "item_id": shop.item, "name": "Ana oil", "needed": "900", "available": "800", "unit": "gram" }]);
    assert_eq!(problem["shortages"], short);
    assert_eq!(on_hand(&ana, shop.item).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_where_they_stopped() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    for number in 0..7 {
        ana.stocks(
            &format!("Oil {number}"),
            "g",
            (number == 0).then_some(("5", "1")),
        )
        .await;
    }
    let item = ana.reads("/api/v1/items?search=oil%200").await["data"][0]["id"].clone();
    for day in 1..5 {
        let receipt = json!({ "quantity": "1", "unit": "g", "total_cost": "1", "received_at": format!("2026-10-0{day}T00:00:00Z") });
        ana.does(&format!("/api/v1/items/{item}/receipts"), receipt)
            .await;
    }
    for (path, rows, key) in [
        ("/api/v1/items?limit=3".to_owned(), 7, "/name"),
        (
            format!("/api/v1/items/{item}/lots?limit=2"),
            5,
            "/received_at",
        ),
        (
            format!("/api/v1/items/{item}/history?limit=2"),
            5,
            "/movement/id",
        ),
    ] {
        let (mut seen, mut next) = (Vec::new(), path.clone());
        loop {
            let page = ana.reads(&next).await;
            seen.extend(
                page["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row.pointer(key).unwrap().to_string()),
            );
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("{path}&cursor={cursor}"),
                None => break,
            }
        }
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(
            (seen.len(), distinct.len()),
            (rows, rows),
            "{path}: {seen:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_thing_is_where_the_answer_says() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let shop = Shop::of(&site, &ana, "Ana").await;
    for endpoint in
        batchtrack_web::openapi::endpoints().filter(|endpoint| method(endpoint) == Method::POST)
    {
        let body = shop.body(endpoint.path);
        let mut request = ana.asks(
            Method::POST,
            &if endpoint.path.contains('{') {
                shop.at(endpoint.path)
            } else {
                endpoint.path.to_owned()
            },
        );
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        if answer.status() == 201 {
            let there = location(&answer).to_owned();
            assert!(there.starts_with("/api/v1/"), "{}: {there}", endpoint.path);
            ana.reads(&there).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_keeps_what_it_does_not_name() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let new = json!({ "name": "Honey", "unit": "g", "density": "1.42", "shelf_life_days": 300, "low_stock_threshold": "500", "notes": "raw" });
    let old = ana.does("/api/v1/items", new).await;
    let path = format!("/api/v1/items/{}", old["id"]);
    let (status, new) = ana
        .call(Method::PATCH, &path, &json!({ "unit": "kg", "notes": "" }))
        .await;
    assert_eq!(status, 200, "{new}");
    assert_eq!(
        (&new["name"], &new["density"], &new["unit"]),
        (&json!("Honey"), &json!("1.42"), &json!("kilogram"))
    );
    assert_eq!(
        (&new["low_stock_threshold"], &new["notes"]),
        (&json!("0.5"), &json!(""))
    );
    let (_, new) = ana
        .call(
            Method::PATCH,
            &path,
            &json!({ "density": null, "shelf_life_days": null }),
        )
        .await;
    assert_eq!(
        (&new["density"], &new["shelf_life_days"]),
        (&Value::Null, &Value::Null)
    );
    let (status, problem) = ana
        .call(Method::PATCH, &path, &json!({ "unit": "count" }))
        .await;
    assert_eq!(
        (status, problem["field"].as_str()),
        (422, Some("unit")),
        "{problem}"
    );

    ana.does(&format!("{path}/archive"), Value::Null).await;
    assert_eq!(ana.reads("/api/v1/items").await["data"], json!([]));
    assert_eq!(
        ana.reads("/api/v1/items?archived=true").await["data"][0]["name"],
        "Honey"
    );
    ana.does(&format!("{path}/restore"), Value::Null).await;
    assert_eq!(
        ana.reads("/api/v1/items").await["data"][0]["archived_at"],
        Value::Null
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn units_convert_exactly() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let oil = ana
        .does(
            "/api/v1/items",
            json!({ "name": "Lavender", "unit": "ml", "density": "0.885" }),
        )
        .await;
    let convert = |body: Value| ana.does("/api/v1/units/convert", body);
    let by_item =
        convert(json!({ "quantity": "48", "from": "g", "to": "ml", "item_id": oil["id"] })).await;
    assert_eq!(
        by_item,
        json!({ "quantity": "54.237288", "unit": "milliliter", "density": "0.885" })
    );
    let plain = convert(json!({ "quantity": "1", "from": "lb", "to": "g" })).await;
    assert_eq!(
        plain,
        json!({ "quantity": "453.592", "unit": "gram", "density": null })
    );
    let (status, problem) = ana
        .call(
            Method::POST,
            "/api/v1/units/convert",
            &json!({ "quantity": "1", "from": "g", "to": "ml" }),
        )
        .await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (422, Some("inventory.missing_density"))
    );
    let units = ana.reads("/api/v1/units").await;
    assert!(
        units["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|unit| unit["symbol"] == "kg")
    );
    let answer = ana.get("/api/v1/units").await;
    assert!(head(&answer, "content-type").starts_with("application/json"));
}
