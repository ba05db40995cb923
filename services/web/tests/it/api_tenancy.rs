//! Every address, replayed by another tenant and by nobody at all.
use crate::{
    api::{Shop, method, put},
    harness::{Browser, Site},
};
use batchtrack_web::{
    endpoint::{Access, Endpoint},
    openapi, page_api, routes,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What every name of the first tenant holds, so that it is noticed wherever it shows.
const MARK: &str = "Sesame";

/// What anybody signed in finds at these: the shared library.
const OF_NOBODY: &[&str] = &["/global-items/{id}/save-to-inventory"];

/// Pages and forms whose address leaves something open.
fn pages() -> impl Iterator<Item = &'static Endpoint> {
    let json: BTreeSet<_> = addresses().into_iter().map(|(_, path)| path).collect();
    routes::endpoints().filter(move |page| {
        page.path.contains('{')
            && page.access != Access::Public
            && !json.contains(page.path)
            && !OF_NOBODY.contains(&page.path)
    })
}

fn addresses() -> Vec<(Method, &'static str)> {
    openapi::endpoints()
        .chain(page_api::endpoints())
        .map(|endpoint| (method(endpoint), endpoint.path))
        .collect()
}

struct Neighbours {
    site: Site,
    shop: Shop,
    owner: Browser,
    stranger: Browser,
    before: String,
}

/// One tenant with everything, another with nothing: so no id that answers can be the other's own.
async fn neighbours() -> Neighbours {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let shop = Shop::of(&site, &ana, MARK).await;
    let stranger = site.owner("bob").await;
    let before = site.state_of(1).await;
    assert!(before.contains("batches 2 "), "{before}");
    Neighbours {
        site,
        shop,
        owner: ana,
        stranger,
        before,
    }
}

impl Neighbours {
    async fn assert_untouched(&self) {
        assert_eq!(self.site.state_of(1).await, self.before);
    }
}

async fn send(browser: &Browser, method: &Method, path: &str, body: &Value) -> Response {
    let mut request = browser.asks(method.clone(), path);
    if !body.is_null() {
        request = request.json(body);
    }
    request.send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_tenant_does_not_exist() {
    let there = neighbours().await;
    let mut asked = Vec::new();
    for (method, path) in addresses()
        .into_iter()
        .filter(|(_, path)| path.contains('{'))
    {
        let body = if method == Method::GET {
            Value::Null
        } else {
            there.shop.body(path)
        };
        let answer = send(&there.stranger, &method, &there.shop.at(path), &body).await;
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        assert_eq!(status, 404, "{method} {path}: {text}");
        assert!(!text.contains(MARK), "{method} {path}: {text}");
        asked.push((method, path, body));
    }
    assert!(asked.len() > 20);
    there.assert_untouched().await;
    // Whose it is finds all of it: the addresses were right. What is deleted goes last.
    asked.sort_by_key(|(method, _, _)| *method == Method::DELETE);
    for (method, path, body) in asked {
        let answer = send(&there.owner, &method, &there.shop.at(path), &body).await;
        assert_ne!(answer.status(), 404, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_searches_hold_nothing_of_another_tenant() {
    let there = neighbours().await;
    let words = ["", "?q=sesame", "?search=sesame", "?archived=true"];
    for (method, path) in addresses()
        .into_iter()
        .filter(|(_, path)| !path.contains('{'))
    {
        if method != Method::GET {
            continue;
        }
        for query in words {
            let answer = send(
                &there.stranger,
                &method,
                &format!("{path}{query}"),
                &Value::Null,
            )
            .await;
            assert!(answer.status().as_u16() < 500, "{path}{query}");
            let text = answer.text().await.unwrap();
            assert!(
                !text.to_lowercase().contains(&MARK.to_lowercase()),
                "{path}{query}: {text}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_can_be_named_in_a_body() {
    let there = neighbours().await;
    let (shop, bob) = (&there.shop, &there.stranger);
    for (path, status) in [
        ("/api/v1/recipes", 422),
        ("/api/v1/batches", 404),
        ("/api/v1/units/convert", 404),
        ("/batches/api/start-batch", 404),
    ] {
        let (found, answer) = bob.call(Method::POST, path, &shop.body(path)).await;
        assert_eq!(found, status, "{path}: {answer}");
        assert!(!answer.to_string().contains(MARK), "{path}: {answer}");
    }
    // A batch of one's own does not end in somebody else's stock either.
    let own = bob.stocks("Own", "g", Some(("10", "1"))).await;
    let line = json!({ "item_id": own, "amount": "1", "unit": "g" });
    let recipe =
        json!({ "name": "Own", "yield_amount": "1", "yield_unit": "count", "lines": [line] });
    let recipe = bob.does("/api/v1/recipes", recipe).await["id"].clone();
    let batch = bob
        .does("/api/v1/batches", json!({ "recipe_id": recipe }))
        .await["batch"]["id"]
        .clone();
    for output in [
        json!({ "sku_id": shop.sku }),
        json!({ "item_id": shop.item }),
    ] {
        let body = json!({ "output": output, "quantity": "1", "unit": "count" });
        let (status, answer) = bob
            .call(
                Method::POST,
                &format!("/api/v1/batches/{batch}/complete"),
                &body,
            )
            .await;
        assert_eq!(status, 404, "{answer}");
    }
    for field in ["sku_id", "product_id"] {
        let id = if field == "sku_id" {
            shop.sku
        } else {
            shop.product
        };
        let body = json!({ "output_type": "product", "final_quantity": "1", "output_unit": "count", field: id });
        let (status, answer) = bob
            .call(
                Method::POST,
                &format!("/batches/finish-batch/{batch}/complete"),
                &body,
            )
            .await;
        assert_eq!(status, 404, "{answer}");
    }
    let converted =
        json!({ "from_amount": 1, "from_unit": "g", "to_unit": "ml", "ingredient_id": shop.item });
    let (_, answer) = bob
        .call(Method::POST, "/api/unit-converter", &converted)
        .await;
    assert_eq!(
        (&answer["error_code"], &answer["drawer_payload"]),
        (&json!("MISSING_DENSITY"), &Value::Null)
    );
    there.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_another_tenant_do_not_exist() {
    let there = neighbours().await;
    let shop = there.shop;
    let ids = [
        shop.item,
        shop.receipt,
        shop.recipe,
        shop.batch,
        shop.product,
        shop.sku,
        shop.import,
    ];
    // Enough of everything that no form is refused for what it lacks before it is looked up.
    let fields = [
        ("name", "Taken over"),
        ("type", "ingredient"),
        ("unit", "g"),
        ("quantity", "1"),
        ("size_label", "s"),
        ("variant", "v"),
        ("sku_id", "1"),
        ("price", "1"),
        ("reason", "r"),
        ("notes", "n"),
    ];
    let mut asked = 0;
    for page in pages() {
        for id in ids {
            let path = put(page.path, id);
            let answer = if method(page) == Method::GET {
                there.stranger.get(&path).await
            } else {
                there.stranger.post(&path, &fields).await
            };
            assert_eq!(answer.status(), 404, "{} {path}", page.method);
            assert!(!answer.text().await.unwrap().contains(MARK), "{path}");
            asked += 1;
        }
    }
    assert!(asked > 25 * ids.len(), "{asked}");
    there.assert_untouched().await;
}
