//! What pages' scripts and the load test are answered, name by name (domain 11.2).
use crate::locust::{Locust, keys, site};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn shapes_are_as_written() {
    let site = site().await;
    let ana = Locust::sign_in(&site, "ana@example.com", "shapes").await;
    let (milk, _) = ana.work().await;

    let recipes = ana.get_json("/api/bootstrap/recipes").await;
    assert_eq!(keys(&recipes), ["cache", "count", "recipes", "version"]);
    assert_eq!(
        (&recipes["count"], &recipes["version"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        keys(&recipes["recipes"][0]),
        ["id", "label_prefix", "name", "status", "variations"]
    );

    let new = ana.browser.json(
        "/api/v1/products",
        "p",
        &json!({ "name": "Soap", "sku": { "low_stock_threshold": "5" } }),
    );
    assert_eq!(new.send().await.unwrap().status(), 201);
    let products = ana.get_json("/api/bootstrap/products").await;
    assert_eq!(
        keys(&products),
        ["cache", "products", "sku_inventory_ids", "version"]
    );
    assert_eq!(keys(&products["products"][0]), ["id", "name"]);
    assert!(products["sku_inventory_ids"][0].is_i64());

    let ingredients = ana.get_json("/api/ingredients").await;
    assert_eq!(
        keys(&ingredients[0]),
        ["density", "id", "name", "type", "unit"]
    );
    let categories = ana.get_json("/api/ingredients/categories").await;
    assert!(categories.is_array());

    let found = ana
        .get_json("/api/ingredients/ingredients/search?q=milk")
        .await;
    assert_eq!(
        keys(&found["results"][0]),
        [
            "cas_number",
            "category",
            "cost_per_unit",
            "density",
            "global_item_id",
            "id",
            "inci_name",
            "ingredient_id",
            "ingredient_name",
            "physical_form_id",
            "physical_form_name",
            "text",
            "type",
            "unit",
            "variation_id",
            "variation_name"
        ]
    );
    assert_eq!(
        ana.get_json("/api/ingredients/ingredients/search?q=").await,
        json!({ "results": [] })
    );
    assert_eq!(
        ana.get_json("/inventory/api/search?q=m").await,
        json!({ "results": [] })
    );
    let found = ana
        .get_json("/inventory/api/search?q=mi&type=ingredient")
        .await;
    assert_eq!(found["results"][0]["source"], "inventory");

    let item = ana.get_json(&format!("/api/inventory/item/{milk}")).await;
    assert_eq!(
        keys(&item),
        [
            "capacity",
            "capacity_unit",
            "category_id",
            "cost_per_unit",
            "density",
            "global_item_id",
            "id",
            "is_perishable",
            "name",
            "notes",
            "quantity",
            "shelf_life_days",
            "type",
            "unit"
        ]
    );

    assert_eq!(ana.get_json("/api/products/search?q=").await, json!([]));
    let found = ana.get_json("/api/products/search?q=soap").await;
    let sku = [
        "current_quantity",
        "product_name",
        "size_label",
        "sku_code",
        "sku_id",
        "unit",
        "variant_name",
    ];
    assert_eq!(keys(&found[0]), sku);
    let low = ana.get_json("/api/products/low-stock?threshold=1.0").await;
    assert_eq!(
        (
            low.as_array().unwrap().len(),
            &low[0]["low_stock_threshold"]
        ),
        (1, &json!(5))
    );

    let converted =
        json!({ "from_amount": 1000, "from_unit": "g", "to_unit": "kg", "ingredient_id": milk });
    let converted = ana.post_json("/api/unit-converter", converted).await;
    assert_eq!(
        (&converted["success"], &converted["result"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(
        keys(&converted),
        [
            "conversion_type",
            "from_amount",
            "from_unit",
            "requires_attention",
            "result",
            "success",
            "to_unit"
        ]
    );

    let units: Value = site
        .stranger()
        .get("/api/public/units")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        keys(&units["data"][0]),
        ["id", "name", "symbol", "unit_type"]
    );
}
