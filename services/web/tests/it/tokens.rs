//! Tokens: what they may do, whose they are, and when they are good for nothing.
use crate::harness::{Browser, Site, head, problem, token_in};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};

/// A program with a token and nothing else.
pub(crate) struct Program {
    http: Client,
    url: String,
    pub(crate) token: String,
}

impl Program {
    pub(crate) fn new(url: &str, token: &str) -> Self {
        Self {
            http: Client::new(),
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Response {
        self.request(Method::POST, path)
            .header("Idempotency-Key", key)
            .json(body)
            .send()
            .await
            .unwrap()
    }

    async fn code(&self, path: &str) -> (u16, String) {
        let (status, body) = problem(self.get(path).await).await;
        (status, body["code"].as_str().unwrap().to_owned())
    }
}

const SCOPES: [&str; 2] = ["inventory.view", "inventory.edit"];

impl Browser {
    pub(crate) async fn make_token(&mut self, path: &str, body: &Value) -> Value {
        self.open("/account").await;
        let key = body["name"].as_str().unwrap();
        let answer = self.json(path, key, body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer.json().await.unwrap()
    }

    pub(crate) async fn revoke_token(&self, path: &str) -> Response {
        self.http
            .delete(format!("{}{path}", self.url))
            .header("X-CSRFToken", &self.token)
            .header("Idempotency-Key", path)
            .send()
            .await
            .unwrap()
    }
}

pub(crate) fn secret(made: &Value) -> String {
    made["secret"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_what_it_may_and_nothing_else() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let made = ana
        .make_token(
            "/api/v1/tokens",
            &json!({ "name": "Counter", "scopes": SCOPES }),
        )
        .await;
    let program = Program::new(&site.url, &secret(&made));
    assert_eq!(program.get("/api/v1/items").await.status(), StatusCode::OK);
    let item = json!({ "name": "Olive Oil", "unit": "g" });
    let answer = program.post("/api/v1/items", "k", &item).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "no session, no CSRF");
    assert_eq!(head(&answer, "set-cookie"), "");
    assert_eq!(head(&answer, "cache-control"), "no-store");
    let again = program.post("/api/v1/items", "k", &item).await;
    assert_eq!(head(&again, "idempotency-replayed"), "true");
    // The page JSON takes it as well.
    let search = "/inventory/api/search?q=olive&type=ingredient";
    assert_eq!(program.get(search).await.status(), StatusCode::OK);

    assert_eq!(
        program.code("/api/v1/recipes").await,
        (403, "access.not_in_scope".to_owned())
    );
    // Pages are for browsers.
    let page = program
        .request(Method::GET, "/recipes/")
        .header(header::ACCEPT, "text/html")
        .send();
    assert!(page.await.unwrap().url().path().contains("/auth/login"));
    // A token makes no tokens.
    let refused = program
        .post(
            "/api/v1/tokens",
            "t",
            &json!({ "name": "x", "scopes": SCOPES }),
        )
        .await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let by = "SELECT u.email FROM inventory_items i, users u \
              WHERE i.name = 'Olive Oil' AND u.email = 'ana@example.com'";
    assert_eq!(site.text(by).await, "ana@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_hash_is_kept_and_it_is_shown_once() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let body = json!({ "name": "Counter", "scopes": SCOPES });
    let made = ana.make_token("/api/v1/tokens", &body).await;
    let secret = secret(&made);
    assert!(secret.starts_with("bt_pat_") && secret.starts_with(made["prefix"].as_str().unwrap()));
    let again = ana
        .json("/api/v1/tokens", "Counter", &body)
        .send()
        .await
        .unwrap();
    assert_eq!(head(&again, "idempotency-replayed"), "true");
    let again: Value = again.json().await.unwrap();
    assert_eq!(
        (&again["secret"], &again["id"]),
        (&Value::Null, &made["id"])
    );
    let listed: Value = ana.get("/api/v1/tokens").await.json().await.unwrap();
    assert!(!listed.to_string().contains(&secret));
    let random = secret.rsplit('_').next().unwrap();
    for table in [
        "api_tokens",
        "idempotency_keys",
        "audit_entries",
        "domain_events",
    ] {
        let sql = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{random}%'");
        assert_eq!(site.number(&sql).await, 0, "{table}");
    }
    let sql = format!("SELECT count(*) FROM api_tokens WHERE hash = sha256('{secret}')");
    assert_eq!(site.number(&sql).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_expired_and_made_up_tokens_are_turned_away_at_once_everywhere() {
    let site = Site::start().await;
    let other = site.replica().await;
    let mut ana = site.owner("ana").await;
    let bad = (401, "auth.bad_token".to_owned());
    let make = json!({ "name": "short", "scopes": SCOPES, "expires_in_days": 1 });
    let short = ana.make_token("/api/v1/tokens", &make).await;
    let long = ana
        .make_token(
            "/api/v1/tokens",
            &json!({ "name": "long", "scopes": SCOPES }),
        )
        .await;
    let programs = [
        Program::new(&site.url, &secret(&long)),
        Program::new(&other, &secret(&long)),
    ];
    for program in &programs {
        assert_eq!(program.get("/api/v1/items").await.status(), StatusCode::OK);
    }
    let expiring = Program::new(&site.url, &secret(&short));
    assert_eq!(expiring.get("/api/v1/items").await.status(), StatusCode::OK);
    site.db.clock.advance(chrono::Duration::hours(24));
    assert_eq!(expiring.code("/api/v1/items").await, bad);

    let path = format!("/api/v1/tokens/{}", long["id"]);
    let revoked = ana.revoke_token(&path).await;
    assert_eq!(revoked.status(), StatusCode::OK);
    for program in &programs {
        assert_eq!(program.code("/api/v1/items").await, bad);
        assert_eq!(
            head(&program.get("/api/v1/items").await, "www-authenticate"),
            "Bearer"
        );
    }
    let long = secret(&long);
    for token in [
        "",
        "nonsense",
        &long.replace("bt_pat", "bt_org"),
        &format!("bt_pat_1_{}", "x".repeat(43)),
        "a.b.c",
    ] {
        let program = Program::new(&site.url, token);
        assert_eq!(program.code("/api/v1/items").await, bad, "{token}");
    }
    let basic = site
        .stranger()
        .request(Method::GET, "/api/v1/items")
        .basic_auth("ana@example.com", Some("x"));
    assert_eq!(
        basic.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_worth_no_more_than_its_maker_is_now() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let made = ana
        .make_token(
            "/api/v1/tokens",
            &json!({ "name": "Counter", "scopes": SCOPES }),
        )
        .await;
    let program = Program::new(&site.url, &secret(&made));
    assert_eq!(program.get("/api/v1/items").await.status(), StatusCode::OK);
    // Bo owns it now, and Ana only makes things.
    site.owner("bo").await;
    site.execute(
        "UPDATE memberships SET role = 'member' WHERE organization_id = 1; \
         INSERT INTO member_roles (organization_id, user_id, role_id) \
            SELECT 1, u.id, r.id FROM users u, roles r \
            WHERE u.email = 'ana@example.com' AND r.organization_id = 1 AND r.system_key = 'manager'",
    )
    .await;
    assert_eq!(program.get("/api/v1/items").await.status(), StatusCode::OK);
    site.execute("DELETE FROM member_roles").await;
    let denied = (403, "access.denied".to_owned());
    assert_eq!(program.code("/api/v1/items").await, denied);
    site.execute("UPDATE memberships SET is_active = false WHERE organization_id = 1")
        .await;
    let bad = (401, "auth.bad_token".to_owned());
    assert_eq!(program.code("/api/v1/items").await, bad);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_more_than_they_have() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    site.execute("UPDATE organizations SET tier = 'solo'").await;
    ana.open("/account").await;
    let beyond = json!({ "name": "x", "scopes": ["inventory.view", "organization.manage_users"] });
    let (status, body) = problem(
        ana.json("/api/v1/tokens", "a", &beyond)
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (status, &body["code"], &body["field"]),
        (422, &"tokens.beyond_your_own".into(), &"scopes".into())
    );
    for (wrong, code) in [
        (json!({ "name": "x", "scopes": [] }), "tokens.no_scopes"),
        (
            json!({ "name": "x", "scopes": ["fly"] }),
            "tokens.unknown_scope",
        ),
        (json!({ "name": " ", "scopes": SCOPES }), "request.bad_text"),
        (
            json!({ "name": "x", "scopes": SCOPES, "expires_in_days": 366 }),
            "tokens.bad_lifetime",
        ),
    ] {
        let (status, body) = problem(
            ana.json("/api/v1/tokens", "b", &wrong)
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert_eq!((status, &body["code"]), (422, &code.into()));
    }
    // Nor does one have tokens where the plan has none.
    let made = ana
        .make_token(
            "/api/v1/tokens",
            &json!({ "name": "Counter", "scopes": SCOPES }),
        )
        .await;
    let program = Program::new(&site.url, &secret(&made));
    assert_eq!(program.get("/api/v1/items").await.status(), StatusCode::OK);
    site.execute("UPDATE organizations SET tier = 'free'").await;
    let not_in_tier = (403, "access.not_in_tier".to_owned());
    assert_eq!(program.code("/api/v1/items").await, not_in_tier);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_organisation_acts_as_nobody() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let scopes = ["inventory.view", "inventory.edit", "inventory.adjust"];
    let path = "/api/v1/organization/tokens";
    let made = ana
        .make_token(path, &json!({ "name": "Shop", "scopes": scopes }))
        .await;
    let other = ana
        .make_token(path, &json!({ "name": "Scale", "scopes": scopes }))
        .await;
    assert!(secret(&made).starts_with("bt_org_"));
    assert_eq!(
        (&made["sort"], &made["member"]),
        (&"organization".into(), &Value::Null)
    );
    let shop = Program::new(&site.url, &secret(&made));
    let item = json!({ "name": "Olive Oil", "unit": "g" });
    let answer = shop.post("/api/v1/items", "same key", &item).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let id = answer.json::<Value>().await.unwrap()["id"].clone();
    let receipt = json!({ "quantity": "5", "unit": "g", "total_cost": "1" });
    let path = format!("/api/v1/items/{id}/receipts");
    assert_eq!(
        shop.post(&path, "r", &receipt).await.status(),
        StatusCode::CREATED
    );
    let nobody = "SELECT count(*) FROM inventory_actions WHERE recorded_by IS NULL";
    assert_eq!(site.number(nobody).await, 1);
    // Keys are each token's own.
    let scale = Program::new(&site.url, &secret(&other));
    let lye = json!({ "name": "Lye", "unit": "g" });
    let answer = scale.post("/api/v1/items", "same key", &lye).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    // It outlives its maker, and is revoked by whoever looks after members.
    site.owner("bo").await;
    site.execute(
        "UPDATE memberships SET role = 'member', is_active = false WHERE organization_id = 1; \
         INSERT INTO memberships (organization_id, user_id, role, created_at) \
            SELECT 1, id, 'owner', now() FROM users WHERE email = 'bo@example.com'",
    )
    .await;
    assert_eq!(shop.get("/api/v1/items").await.status(), StatusCode::OK);
    site.execute("UPDATE organizations SET is_active = false WHERE id = 1")
        .await;
    assert_eq!(
        shop.get("/api/v1/items").await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_its_own_organisation_and_no_other() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let mut bo = site.owner("bo").await;
    let make = json!({ "name": "Counter", "scopes": SCOPES });
    let of_ana = ana.make_token("/api/v1/tokens", &make).await;
    let of_bo = bo.make_token("/api/v1/tokens", &make).await;
    let program = Program::new(&site.url, &secret(&of_ana));
    let item = json!({ "name": "Secret Oil", "unit": "g" });
    assert_eq!(
        program.post("/api/v1/items", "k", &item).await.status(),
        StatusCode::CREATED
    );
    let theirs = Program::new(&site.url, &secret(&of_bo));
    let listed = theirs.get("/api/v1/items").await.text().await.unwrap();
    assert!(!listed.contains("Secret Oil"));
    // With another organisation written into it, it is another token.
    let moved = secret(&of_bo).replace("bt_pat_2_", "bt_pat_1_");
    let moved = Program::new(&site.url, &moved);
    assert_eq!(
        moved.get("/api/v1/items").await.status(),
        StatusCode::UNAUTHORIZED
    );
    let path = format!("/api/v1/tokens/{}", of_ana["id"]);
    assert_eq!(bo.revoke_token(&path).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(program.get("/api/v1/items").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_a_session_dont_mix() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let made = ana
        .make_token(
            "/api/v1/tokens",
            &json!({ "name": "Counter", "scopes": SCOPES }),
        )
        .await;
    // A bad token is not made good by a cookie, and a session gets no further with one.
    let with = |token: &str| {
        ana.http
            .get(format!("{}/api/v1/recipes", site.url))
            .bearer_auth(token)
            .send()
    };
    let bad = with("nonsense").await.unwrap();
    assert_eq!(bad.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(head(&bad, "set-cookie"), "", "the session is left alone");
    let scoped = with(&secret(&made)).await.unwrap();
    assert_eq!(scoped.status(), StatusCode::FORBIDDEN);
    assert_eq!(ana.get("/api/v1/recipes").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_noted_at_most_once_a_minute_and_costs_a_statement_more() {
    let site = Site::start().await;
    crate::statements::listen();
    let mut ana = site.owner("ana").await;
    let made = ana
        .make_token(
            "/api/v1/tokens",
            &json!({ "name": "Counter", "scopes": SCOPES }),
        )
        .await;
    let program = Program::new(&site.url, &secret(&made));
    let used = "SELECT last_used_at::text FROM api_tokens";
    let ask = async |id: &str| {
        let request = program.request(Method::GET, "/api/v1/items");
        let answer = request.header("X-Request-ID", id).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        crate::statements::sent_by(id)
    };
    ask("token-first").await;
    let first = site.text(used).await;
    site.db.clock.advance(chrono::Duration::seconds(30));
    let by_token = ask("token-second").await;
    assert_eq!(site.text(used).await, first);
    site.db.clock.advance(chrono::Duration::seconds(40));
    ask("token-third").await;
    assert_ne!(site.text(used).await, first);
    let request = ana.request(Method::GET, "/api/v1/items");
    request
        .header("X-Request-ID", "session-1")
        .send()
        .await
        .unwrap();
    assert_eq!(by_token, crate::statements::sent_by("session-1") + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_make_a_token_show_it_once_and_revoke_it() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    for base in ["/account/tokens", "/organization/tokens"] {
        let blank = ana.open(&format!("{base}/new")).await;
        assert!(blank.contains("value=\"inventory.adjust\""));
        let key = blank
            .split_once("name=\"idempotency_key\" value=\"")
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        // What is wrong is said beside its field, and what was typed is kept.
        let path = format!("{base}/new");
        let again = ana
            .post(
                &path,
                &[
                    ("name", ""),
                    ("scopes", "inventory.view"),
                    ("expires_in_days", "30"),
                ],
            )
            .await;
        assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let again = again.text().await.unwrap();
        assert!(again.contains("Give it a name."), "{again}");
        assert!(again.contains("value=\"inventory.view\" type=\"checkbox\" checked"));

        let form = [
            ("name", "Stock counter"),
            ("scopes", "inventory.view"),
            ("scopes", "inventory.edit"),
            ("expires_in_days", "30"),
            ("idempotency_key", key.as_str()),
        ];
        let shown = ana.post(&path, &form).await;
        assert_eq!(shown.status(), StatusCode::OK);
        let shown = shown.text().await.unwrap();
        let (_, rest) = shown.split_once("value=\"bt_").unwrap();
        let token = format!("bt_{}", rest.split('"').next().unwrap());
        let program = Program::new(&site.url, &token);
        assert_eq!(program.get("/api/v1/items").await.status(), StatusCode::OK);
        let twice = ana.post(&path, &form).await;
        assert_eq!(twice.status(), StatusCode::SEE_OTHER, "the form sent again");

        let list = ana.open(base).await;
        assert!(list.contains("Stock counter") && !list.contains(&token));
        let (_, rest) = list.split_once(&format!("action=\"{base}/")).unwrap();
        let id = rest.split('/').next().unwrap();
        let revoked = ana.post(&format!("{base}/{id}/revoke"), &[]).await;
        assert_eq!(revoked.status(), StatusCode::SEE_OTHER);
        assert_eq!(
            program.get("/api/v1/items").await.status(),
            StatusCode::UNAUTHORIZED
        );
        assert!(token_in(&list).is_some());
    }
}
