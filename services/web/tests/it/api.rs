//! Calls of `/api/v1`, and an organisation with one of everything.
use crate::harness::{Browser, Site};
use batchtrack_web::endpoint::Endpoint;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

impl Browser {
    /// A request with all that an unsafe one needs; each call is an action of its own.
    pub(crate) fn asks(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .header("X-CSRFToken", &self.token)
            .header("Idempotency-Key", uuid::Uuid::new_v4().to_string())
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let mut request = self.asks(method, path);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let body =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {status} {text}"));
        (status, body)
    }

    /// A call that must be carried out.
    pub(crate) async fn does(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, &body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    pub(crate) async fn reads(&self, path: &str) -> Value {
        let (status, answer) = self.call(Method::GET, path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// An item in `unit`, with one lot if `stock` says how much of it and what it cost.
    pub(crate) async fn stocks(&self, name: &str, unit: &str, stock: Option<(&str, &str)>) -> i64 {
        let item = self
            .does("/api/v1/items", json!({ "name": name, "unit": unit }))
            .await;
        let id = item["id"].as_i64().unwrap();
        if let Some((quantity, cost)) = stock {
            let receipt = json!({ "quantity": quantity, "unit": unit, "total_cost": cost });
            self.does(&format!("/api/v1/items/{id}/receipts"), receipt)
                .await;
        }
        id
    }
}

/// The ids of one of everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shop {
    pub(crate) item: i64,
    pub(crate) receipt: i64,
    pub(crate) recipe: i64,
    /// In progress.
    pub(crate) batch: i64,
    pub(crate) product: i64,
    pub(crate) sku: i64,
    pub(crate) import: i64,
    pub(crate) endpoint: i64,
    pub(crate) delivery: i64,
    pub(crate) replay: i64,
    pub(crate) token: i64,
    pub(crate) organization_token: i64,
    /// A member beside the owner, a role of the organisation's own and somebody invited.
    pub(crate) member: i64,
    pub(crate) role: i64,
    pub(crate) invitation: i64,
}

impl Shop {
    /// Whose names all begin with `mark`.
    pub(crate) async fn of(site: &Site, owner: &Browser, mark: &str) -> Self {
        site.db.product_category("Uncategorized").await;
        let id = |answer: &Value| answer["id"].as_i64().unwrap();
        let item = owner.stocks(&format!("{mark} oil"), "g", None).await;
        let receipt = json!({ "quantity": "1000", "unit": "g", "total_cost": "10" });
        let receipt = owner
            .does(&format!("/api/v1/items/{item}/receipts"), receipt)
            .await;
        let line = json!({ "item_id": item, "amount": "100", "unit": "g" });
        let recipe = json!({ "name": format!("{mark} soap"), "yield_amount": "4", "yield_unit": "count", "lines": [line] });
        let recipe = id(&owner.does("/api/v1/recipes", recipe).await);
        let start = json!({ "recipe_id": recipe, "batch_type": "product" });
        let batch = id(&owner.does("/api/v1/batches", start.clone()).await["batch"]);
        let product = owner
            .does("/api/v1/products", json!({ "name": format!("{mark} bar") }))
            .await;
        let sku = id(&product["skus"][0]);
        let made = id(&owner.does("/api/v1/batches", start).await["batch"]);
        let output = json!({ "output": { "sku_id": sku }, "quantity": "4", "unit": "count" });
        owner
            .does(&format!("/api/v1/batches/{made}/complete"), output)
            .await;
        let file = json!({ "kind": "purchases", "content": format!("item,quantity,unit,total_cost\n{mark} wax,5,g,2\n") });
        let import = owner.does("/api/v1/imports", file).await;
        let address =
            json!({ "url": "https://hooks.example.com/in", "description": format!("{mark} hook") });
        let endpoint = id(&owner.does("/api/v1/webhook-endpoints", address).await);
        let test = format!("/api/v1/webhook-endpoints/{endpoint}/test");
        let delivery = id(&owner.does(&test, Value::Null).await);
        // A test can't be sent again; this is what the relay would have planned.
        site.execute(&format!(
            "UPDATE webhook_deliveries d SET cause = 'event', event_id = e.id, event_recorded_at = e.recorded_at, \
                    event_name = e.event_name, message_id = 'evt_' || e.id \
               FROM (SELECT * FROM domain_events ORDER BY id LIMIT 1) e WHERE d.id = {delivery}"
        ))
        .await;
        // The clock of a test stands still, so nothing lies between its start and now.
        let since = json!({ "from": "2026-10-01T00:00:00Z" });
        let replay = id(&owner.does("/api/v1/webhook-replays", since).await);
        let token = json!({ "name": format!("{mark} token"), "scopes": ["inventory.view"] });
        let organization_token = "/api/v1/organization/tokens";
        let organization_token = id(&owner.does(organization_token, token.clone()).await);
        let token = id(&owner.does("/api/v1/tokens", token).await);
        let role = json!({ "name": format!("{mark} role"), "permissions": ["tags.manage"] });
        let role = id(&owner.does("/api/v1/roles", role).await);
        let invited = json!({ "email": format!("{mark}-guest@example.com"), "roles": [role] });
        let invitation = id(&owner.does("/api/v1/invitations", invited).await);
        // Its letter was sent long ago, so that it may be sent again.
        site.execute("UPDATE invitations SET sent_at = sent_at - interval '1 hour'")
            .await;
        let member = site.member(owner, &format!("{mark} helper")).await;
        Self {
            item,
            member,
            role,
            invitation,
            receipt: receipt["action_id"].as_i64().unwrap(),
            recipe,
            batch,
            product: id(&product),
            sku,
            import: id(&import),
            endpoint,
            delivery,
            replay,
            token,
            organization_token,
        }
    }

    /// `path` with the id it asks for.
    pub(crate) fn at(&self, path: &str) -> String {
        let id = match path.trim_start_matches("/api/v1") {
            p if p.starts_with("/members") => self.member,
            p if p.starts_with("/roles") => self.role,
            p if p.starts_with("/invitations") => self.invitation,
            p if p.starts_with("/items") || p.contains("inventory") => self.item,
            p if p.starts_with("/actions") => self.receipt,
            p if p.contains("recipe") || p.contains("available-ingredients") => self.recipe,
            p if p.contains("batch") => self.batch,
            p if p.contains("product") => self.product,
            p if p.starts_with("/skus") => self.sku,
            p if p.starts_with("/imports") => self.import,
            p if p.starts_with("/tokens") => self.token,
            p if p.starts_with("/organization/tokens") => self.organization_token,
            p if p.contains("webhook") && p.contains("deliveries") => self.delivery,
            p if p.contains("webhook") && p.contains("replays") => self.replay,
            p if p.contains("webhook") => self.endpoint,
            other => panic!("say whose id {other} takes"),
        };
        put(path, id)
    }

    /// What is sent to an unsafe address so that it is carried out; none where nothing is.
    pub(crate) fn body(&self, path: &str) -> Value {
        match path {
            "/api/v1/items" => json!({
                "name": "New oil", "type": "ingredient", "unit": "g", "density": "0.9", "shelf_life_days": 30,
                "low_stock_threshold": "5", "notes": "n", "category_id": null,
            }),
            "/api/v1/items/{id}" => json!({
                "name": "Renamed", "type": "ingredient", "unit": "kg", "density": "0.9", "shelf_life_days": 30,
                "low_stock_threshold": "5", "notes": "n", "category_id": null,
            }),
            "/api/v1/items/{id}/receipts" => json!({
                "quantity": "2", "unit": "g", "total_cost": "3", "unit_cost": null, "received_at": "2026-10-01T00:00:00Z",
                "expires_at": "2027-10-01T00:00:00Z", "supplier": "S", "note": "n", "kind": "restock",
            }),
            "/api/v1/items/{id}/adjustments" => json!({
                "change_type": "use", "quantity": "1", "unit": "g", "note": "n", "customer": "c", "order_number": "o",
                "price": "1",
            }),
            "/api/v1/recipes" => json!({
                "name": "New soap", "instructions": "i", "category_id": null, "yield_amount": "1",
                "yield_unit": "count", "status": "published",
                "lines": [{ "item_id": self.item, "amount": "1", "unit": "g", "kind": "ingredient" }],
            }),
            "/api/v1/batches" => json!({
                "recipe_id": self.recipe, "scale": "1", "batch_type": "product", "notes": "n", "force": false,
            }),
            "/api/v1/batches/{id}/complete" => json!({
                "output": { "sku_id": self.sku }, "quantity": "4", "unit": "count", "expires_at": "2027-10-01T00:00:00Z",
            }),
            "/api/v1/batches/{id}/fail" | "/batches/finish-batch/{id}/fail" => {
                json!({ "reason": "r" })
            }
            "/api/v1/products" => json!({
                "name": "New bar", "category_id": null,
                "sku": { "variant": "v", "size_label": "s", "unit": "count", "retail_price": "1", "low_stock_threshold": "1" },
            }),
            "/api/v1/products/{id}/skus" => json!({
                "variant": "v", "size_label": "s", "unit": "count", "retail_price": "1", "low_stock_threshold": "1",
            }),
            "/api/v1/skus/{id}/sales" => json!({
                "quantity": "1", "unit": "count", "price": "9", "customer": "c", "order_number": "o", "note": "n",
            }),
            "/api/v1/units/convert" => json!({
                "quantity": "1", "from": "g", "to": "kg", "density": "1", "item_id": self.item,
            }),
            "/api/ingredients/ingredients/create-or-link" => {
                json!({ "name": "New oil", "type": "ingredient", "unit": "g" })
            }
            "/inventory/adjust/{id}" => json!({
                "change_type": "restock", "quantity": "1", "input_unit": "g", "notes": "n", "cost_entry_type": "total",
                "cost_per_unit": "1", "custom_expiration_date": "2027-10-01", "received_at": "2026-10-01", "supplier": "s",
            }),
            "/batches/api/start-batch" => json!({
                "recipe_id": self.recipe, "scale": 1, "batch_type": "ingredient", "notes": "n", "force_start": false,
            }),
            "/batches/finish-batch/{id}/complete" => json!({
                "output_type": "product", "final_quantity": "1", "output_unit": "count", "sku_id": self.sku,
                "expiration_date": "2027-10-01",
            }),
            "/api/unit-converter" => json!({
                "from_amount": 1, "from_unit": "g", "to_unit": "kg", "ingredient_id": self.item,
            }),
            "/api/v1/imports" => json!({
                "kind": "purchases", "file_name": "f.csv", "content": "item,quantity,unit\nWax,1,g\n",
                "mapping": { "item": "item" }, "dry_run": false,
            }),
            "/api/v1/tokens" | "/api/v1/organization/tokens" => json!({
                "name": "Counter", "scopes": ["inventory.view"], "expires_in_days": 30,
            }),
            "/api/v1/auth/token" => json!({
                "username": "nobody", "password": "wrong", "device": "d", "organization_id": 1,
            }),
            "/api/v1/auth/refresh" => {
                json!({ "refresh_token": "bt_ref_1_0_x", "organization_id": 1 })
            }
            "/api/v1/auth/revoke" => json!({ "refresh_token": "bt_ref_1_0_x" }),
            "/api/v1/webhook-endpoints" => json!({
                "url": "https://hooks.example.com/new", "description": "d", "events": ["batch_started"],
            }),
            "/api/v1/webhook-endpoints/{id}" => json!({
                "url": "https://hooks.example.com/other", "description": "d", "events": [], "state": "enabled",
            }),
            "/api/v1/webhook-replays" => json!({
                "endpoint_id": self.endpoint, "event_type": "batch_started", "from": "2026-10-01T00:00:00Z",
                "to": "2026-10-31T00:00:00Z", "only_unmet": true,
            }),
            "/api/v1/members/{id}" => json!({ "roles": [self.role], "is_active": true }),
            "/api/v1/invitations" => json!({ "email": "new@example.com", "roles": [self.role] }),
            "/api/v1/roles" => {
                json!({ "name": "New role", "description": "d", "permissions": ["tags.manage"] })
            }
            "/api/v1/roles/{id}" => {
                json!({ "name": "Renamed", "description": "d", "permissions": [] })
            }
            "/api/v1/invitations/{id}"
            | "/api/v1/invitations/{id}/resend"
            | "/api/v1/webhook-endpoints/{id}/rotate-secret"
            | "/api/v1/webhook-endpoints/{id}/test"
            | "/api/v1/webhook-deliveries/{id}/replay"
            | "/api/v1/tokens/{id}"
            | "/api/v1/organization/tokens/{id}"
            | "/api/v1/imports/{id}/undo"
            | "/api/v1/items/{id}/archive"
            | "/api/v1/items/{id}/restore"
            | "/api/v1/actions/{id}/undo"
            | "/api/v1/batches/{id}/cancel" => Value::Null,
            "/batches/cancel/{id}" => json!({}),
            other => panic!("say what {other} is sent"),
        }
    }
}

impl Site {
    /// Somebody who belongs to where `owner` acts, has no role in it and can't sign in.
    pub(crate) async fn member(&self, owner: &Browser, name: &str) -> i64 {
        let members = owner.reads("/api/v1/members").await;
        let first = &members["data"][0]["id"];
        let login = name.replace(' ', "-");
        self.execute(&format!(
            "WITH made AS ( \
                INSERT INTO users (username, email, password_hash, first_name, created_at) \
                VALUES ('{login}', lower('{login}@example.com'), '!', '{name}', now()) RETURNING id) \
             INSERT INTO memberships (organization_id, user_id, role, created_at) \
             SELECT m.organization_id, made.id, 'member', now() FROM made, memberships m WHERE m.user_id = {first}"
        ))
        .await;
        self.number(&format!("SELECT id FROM users WHERE username = '{login}'"))
            .await
    }
}

/// The method of an endpoint, as our client knows it.
pub(crate) fn method(endpoint: &Endpoint) -> Method {
    endpoint.method.as_str().parse().unwrap()
}

/// `path` with `id` in the place of what it leaves open.
pub(crate) fn put(path: &str, id: impl std::fmt::Display) -> String {
    let (before, rest) = path.split_once('{').unwrap_or((path, ""));
    match rest.split_once('}') {
        Some((_, after)) => format!("{before}{id}{after}"),
        None => path.to_owned(),
    }
}

/// A site, its only owner and what she has.
pub(crate) struct Shelf {
    pub(crate) site: Site,
    pub(crate) ana: Browser,
    pub(crate) shop: Shop,
}

pub(crate) async fn shelf() -> Shelf {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let shop = Shop::of(&site, &ana, "Ana").await;
    Shelf { site, ana, shop }
}
