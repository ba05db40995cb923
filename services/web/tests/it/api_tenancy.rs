//! Every address, replayed by another tenant and by nobody at all.
use crate::{
    api::{Shop, method, put},
    harness::{Browser, Site, head},
};
use batchtrack_web::{openapi, page_api};
use reqwest::{Method, Response, header};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path};

/// What every name of the first tenant holds, so that it is noticed wherever it shows.
const MARK: &str = "Sesame";

/// Pages and forms whose address leaves something open, as they are routed. A new one belongs here:
/// then it is held to the same rule.
const PAGES: &[&str] = &[
    "/inventory/view/{id}",
    "/inventory/edit/{id}",
    "/inventory/archive/{id}",
    "/inventory/restore/{id}",
    "/actions/{id}/undo",
    "/recipes/{id}/view",
    "/batches/in-progress/{key}",
    "/batches/{key}",
    "/products/{id}",
    "/products/{id}/price",
    "/products/{id}/sell",
    "/products/{id}/skus",
    "/imports/{id}",
    "/imports/{id}/undo",
    "/webhooks/{id}",
    "/webhooks/{id}/edit",
    "/webhooks/{id}/test",
    "/webhooks/{id}/rotate",
    "/webhooks/{id}/enable",
    "/webhooks/{id}/disable",
    "/webhooks/{id}/delete",
    "/webhooks/replays/{id}",
    "/webhooks/deliveries/{id}",
    "/webhooks/deliveries/{id}/replay",
    "/operator/jobs/{id}",
    "/operator/jobs/{id}/retry",
    "/operator/jobs/{id}/discard",
    "/operator/events/{id}/replay",
];

/// Open to anybody, and of no tenant: the shared library and the assets.
const OF_NOBODY: &[&str] = &[
    "/global-items/{id}",
    "/global-items/{id}/save-to-inventory",
    "/imports/sample/{name}",
    "/assets/{file}",
    "/u/{token}",
    "/u/{token}/again",
];

fn addresses() -> Vec<(Method, &'static str)> {
    openapi::endpoints()
        .chain(page_api::endpoints())
        .map(|endpoint| (method(endpoint), endpoint.path))
        .collect()
}

/// All that belongs to an organisation, in one text.
async fn dump(site: &Site, organization: i64) -> String {
    let tables = "SELECT coalesce(string_agg(c.relname, ',' ORDER BY c.relname), '') FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace";
    let mut dump = String::new();
    let tables = site.text(tables).await;
    assert!(
        tables.contains("inventory_movements") && tables.contains("domain_events"),
        "{tables}"
    );
    for table in tables.split(',') {
        let rows = format!(
            "SELECT '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')
             FROM {table} t WHERE organization_id = {organization}"
        );
        dump.push_str(&site.text(&rows).await);
        dump.push('\n');
    }
    dump
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
    let before = dump(&site, 1).await;
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
        assert_eq!(dump(&self.site, 1).await, self.before);
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
    assert_eq!(routed_pages(), PAGES.iter().copied().collect());
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
    for path in PAGES {
        for id in ids {
            let path = put(path, id);
            for answer in [
                there.stranger.get(&path).await,
                there.stranger.post(&path, &fields).await,
            ] {
                assert!(
                    [404, 405].contains(&answer.status().as_u16()),
                    "{path}: {}",
                    answer.status()
                );
                assert!(!answer.text().await.unwrap().contains(MARK), "{path}");
            }
        }
    }
    there.assert_untouched().await;
}

/// Addresses with something left open that sources route by hand.
fn routed_pages() -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap_or_default();
            let routed = source
                .split("resource(\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next());
            for path in routed.filter(|path| path.contains('{') && !OF_NOBODY.contains(path)) {
                found.insert(&*path.to_owned().leak());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_asked_to() {
    let site = Site::start().await;
    let open = [
        "/api/v1/openapi.json",
        "/api/public/units",
        "/api/public/global-items/search",
    ];
    let nobody = site.stranger();
    for (method, path) in addresses() {
        let answer = send(&nobody, &method, &put(path, 1), &Value::Null).await;
        let status = answer.status().as_u16();
        if open.contains(&path) {
            assert_eq!(status, 200, "{path}");
        } else if path.contains("/api/") {
            assert_eq!(status, 401, "{method} {path}");
            assert_eq!(
                head(&answer, "content-type"),
                "application/problem+json",
                "{path}"
            );
        } else {
            assert_eq!(status, 303, "{method} {path}");
            assert!(
                head(&answer, "location").starts_with("/auth/login"),
                "{path}"
            );
        }
    }
    for path in PAGES {
        let page = nobody.get(&put(path, 1)).await;
        assert!(
            [303, 405].contains(&page.status().as_u16()),
            "{path}: {}",
            page.status()
        );
        let form = nobody
            .request(Method::POST, &put(path, 1))
            .header(header::ORIGIN, &site.url);
        let form = form.form(&[("a", "b")]).send().await.unwrap();
        assert!(
            [303, 405].contains(&form.status().as_u16()),
            "{path}: {}",
            form.status()
        );
    }
}
