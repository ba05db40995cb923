//! A virtual user of the published load test (domain 10.4), as it speaks over HTTP.
use crate::harness::{Browser, PASSWORD, Site, location, token_in};
use reqwest::{Response, header};
use serde_json::{Value, json};

/// A virtual user: signs in as the load test does and sends what it sends.
pub(crate) struct Locust {
    pub(crate) browser: Browser,
    name: String,
}

impl Locust {
    pub(crate) async fn sign_in(site: &Site, user: &str, name: &str) -> Self {
        let mut browser = site.stranger();
        let page = browser.get("/auth/login").await;
        assert_eq!(page.status(), 200);
        let html = page.text().await.unwrap();
        token_in(&html)
            .expect("a token, name before value")
            .clone_into(&mut browser.token);
        let sent = browser
            .http
            .post(format!("{}/auth/login", site.url))
            .header(header::REFERER, format!("{}/auth/login", site.url))
            .header(header::ORIGIN, &site.url)
            .form(&[
                ("username", user),
                ("password", PASSWORD),
                ("form_type", "login"),
                ("csrf_token", &browser.token),
            ])
            .send()
            .await
            .unwrap();
        assert!(sent.status().is_redirection(), "{}", sent.status());
        assert!(
            !location(&sent).contains("/auth/login"),
            "{}",
            location(&sent)
        );
        Self {
            browser,
            name: name.to_owned(),
        }
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        let answer = self.browser.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    pub(crate) async fn post_json(&self, path: &str, body: Value) -> Value {
        let answer = self
            .browser
            .http
            .post(format!("{}{path}", self.browser.url))
            .header("X-CSRFToken", &self.browser.token)
            .header(header::ORIGIN, &self.browser.url)
            .header(
                header::REFERER,
                format!("{}/user_dashboard", self.browser.url),
            )
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.as_u16() < 400, "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn post_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        by_script: bool,
    ) -> Response {
        let mut fields = fields.to_vec();
        fields.push(("csrf_token", &self.browser.token));
        let mut request = self
            .browser
            .http
            .post(format!("{}{path}", self.browser.url))
            .header("X-CSRFToken", &self.browser.token)
            .header(header::ORIGIN, &self.browser.url)
            .header(
                header::REFERER,
                format!("{}/user_dashboard", self.browser.url),
            );
        if by_script {
            request = request
                .header("X-Requested-With", "XMLHttpRequest")
                .header(header::ACCEPT, "application/json");
        }
        let answer = request.form(&fields).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(
            status < 400,
            "{path}: {status} {}",
            answer.text().await.unwrap()
        );
        answer
    }

    /// Steps 7 and 8.
    pub(crate) async fn ingredient(&self, name: &str, unit: &str) -> i64 {
        let body = json!({ "name": format!("{name} (Locust {})", self.name), "type": "ingredient", "unit": unit });
        let made = self
            .post_json("/api/ingredients/ingredients/create-or-link", body)
            .await;
        assert_eq!(made["success"], true);
        assert_eq!(
            keys(&made["item"]),
            ["global_item_id", "id", "name", "type", "unit"]
        );
        made["item"]["id"].as_i64().unwrap()
    }

    /// Step 9.
    pub(crate) async fn restock(&self, item: i64, unit: &str) {
        let fields = [
            ("change_type", "restock"),
            ("quantity", "10"),
            ("input_unit", unit),
            ("notes", "Locust restock"),
        ];
        let answer = self
            .post_form(&format!("/inventory/adjust/{item}"), &fields, true)
            .await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(
            (&answer["success"], answer["item_id"].as_i64()),
            (&json!(true), Some(item))
        );
        assert!(answer["message"].is_string());
    }

    /// Step 10.
    pub(crate) async fn recipe(&self, pickle: i64, milk: i64) -> i64 {
        let (name, pickle, milk) = (
            format!("Pickled milk {}", self.name),
            pickle.to_string(),
            milk.to_string(),
        );
        let fields = [
            ("name", name.as_str()),
            ("instructions", "Locust batch"),
            ("predicted_yield", "1"),
            ("predicted_yield_unit", "count"),
            ("ingredient_ids[]", &pickle),
            ("ingredient_ids[]", &milk),
            ("global_item_ids[]", ""),
            ("global_item_ids[]", ""),
            ("amounts[]", "1"),
            ("amounts[]", "1"),
            ("units[]", "count"),
            ("units[]", "gallon"),
        ];
        let answer = self.post_form("/recipes/new", &fields, false).await;
        let to = location(&answer);
        let id = to
            .strip_prefix("/recipes/")
            .and_then(|rest| rest.split('/').next());
        id.and_then(|id| id.parse().ok())
            .unwrap_or_else(|| panic!("a recipe in {to}"))
    }

    pub(crate) async fn start(&self, recipe: i64) -> i64 {
        let body = json!({
            "recipe_id": recipe,
            "scale": 1.0,
            "batch_type": "ingredient",
            "notes": "Locust batch",
            "force_start": false,
        });
        let started = self.post_json("/batches/api/start-batch", body).await;
        assert_eq!(started["success"], true, "{started}");
        started["batch_id"].as_i64().unwrap()
    }

    /// Steps 7 to 14; answers the milk and the pickle.
    pub(crate) async fn work(&self) -> (i64, i64) {
        let milk = self.ingredient("Milk", "gallon").await;
        let pickle = self.ingredient("Custom Pickle", "count").await;
        self.restock(milk, "gallon").await;
        self.restock(pickle, "count").await;
        let recipe = self.recipe(pickle, milk).await;
        let page = self.browser.get(&format!("/recipes/{recipe}/view")).await;
        assert_eq!(page.status(), 200);
        let lines = self
            .get_json(&format!("/batches/api/available-ingredients/{recipe}"))
            .await;
        assert_eq!(lines["ingredients"][0]["status"], "sufficient");

        let batch = self.start(recipe).await;
        self.post_form(&format!("/batches/cancel/{batch}"), &[], false)
            .await;
        let batch = self.start(recipe).await;
        let failed = self
            .post_json(
                &format!("/batches/finish-batch/{batch}/fail"),
                json!({ "reason": "Locust" }),
            )
            .await;
        assert_eq!(failed["success"], true);
        let batch = self.start(recipe).await;
        let fields = [
            ("output_type", "ingredient"),
            ("final_quantity", "1"),
            ("output_unit", "count"),
        ];
        let done = self
            .post_form(
                &format!("/batches/finish-batch/{batch}/complete"),
                &fields,
                false,
            )
            .await;
        assert!(done.status().is_redirection());
        (milk, pickle)
    }
}

pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

/// A site on which recipes have a category to fall into, and which trusts the load test's address.
pub(crate) async fn site() -> Site {
    let site = Site::with(|settings| {
        // Whether the books stay right is asked here, not how fast an unoptimised build is: with the
        // usual 2 s and 500 ms, a hundred people at once on two cores are turned away with a 503.
        settings.database.checkout_timeout_ms = 30_000;
        settings.redis.timeout_ms = 10_000;
        settings.redis.pool_size = 4.try_into().unwrap();
        settings.database.pool_size = 16.try_into().unwrap();
        settings.http.trusted_clients = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    site.db.product_category("Uncategorized").await;
    site.owner("ana").await;
    site
}

pub(crate) async fn organization(site: &Site) -> batchtrack_core::kernel::ids::OrganizationId {
    let id = site.number("SELECT min(id) FROM organizations").await;
    batchtrack_core::kernel::ids::OrganizationId::new(id)
}

pub(crate) async fn assert_books_are_right(site: &Site) {
    let report = batchtrack_core::verify::verify(&site.db.db, organization(site).await)
        .await
        .unwrap();
    assert_eq!(report.discrepancies, []);
    assert!(report.movements > 0);
}
