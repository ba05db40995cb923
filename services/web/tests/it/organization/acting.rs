//! Operators before organisations, and acting as one.
use super::{look, role, session_cookie};
use crate::{
    harness::{Browser, Site, location},
    pages::page,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// An operator, and an organisation of somebody else.
async fn operations() -> (Site, Browser, Browser) {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let mut olga = site.owner("olga").await;
    site.execute("UPDATE users SET is_operator = true WHERE email = 'olga@example.com'")
        .await;
    look(&mut olga, "/operator/organizations").await;
    (site, ana, olga)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_finds_changes_closes_and_opens_organisations() {
    let (site, ana, olga) = operations().await;
    let html = page(&olga, "/operator/organizations?q=ana@example.com").await;
    assert!(
        html.contains("href=\"/operator/organizations/1\"") && !html.contains("organizations/2\""),
        "{html}"
    );
    assert!(
        page(&olga, "/operator/organizations?q=nobody")
            .await
            .contains("None found")
    );
    let html = page(&olga, "/operator/organizations/1").await;
    assert!(
        html.contains("ana@example.com") && html.contains("0 recipes"),
        "{html}"
    );
    let set = olga
        .post("/operator/organizations/1/tier", &[("tier", "free")])
        .await;
    assert_eq!(location(&set), "/operator/organizations/1");
    assert_eq!(ana.get("/batches/").await.status(), StatusCode::FORBIDDEN);
    let gold = olga
        .post("/operator/organizations/1/tier", &[("tier", "gold")])
        .await;
    assert_eq!(gold.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let silent = olga
        .post("/operator/organizations/1/suspend", &[("reason", "")])
        .await;
    assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text().await.unwrap().contains("Say why"));
    olga.post("/operator/organizations/1/suspend", &[("reason", "Spam")])
        .await;
    assert!(
        ana.get("/recipes/")
            .await
            .text()
            .await
            .unwrap()
            .contains("suspended: Spam.")
    );
    olga.post("/operator/organizations/1/activate", &[]).await;
    assert_eq!(ana.get("/recipes/").await.status(), StatusCode::OK);
    assert_eq!(
        olga.get("/operator/organizations/999").await.status(),
        StatusCode::NOT_FOUND
    );

    let off = olga
        .post(
            "/operator/organizations/1/flag",
            &[("flag", "invitations"), ("to", "off")],
        )
        .await;
    assert_eq!(location(&off), "/operator/organizations/1");
    site.execute("UPDATE organizations SET tier = 'exempt'")
        .await;
    let maker: i64 = role(&ana, "Maker").await.parse().unwrap();
    let body = json!({ "email": "y@example.com", "roles": [maker] });
    let (status, problem) = ana.call(Method::POST, "/api/v1/invitations", &body).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("organizations.invitations_off"))
    );
    let html = page(&olga, "/operator/flags").await;
    assert!(
        html.contains("invitations") && html.contains("founding"),
        "{html}"
    );

    let html = page(&olga, "/operator/tiers/free").await;
    assert!(html.contains("value=\"Free Tools\""), "{html}");
    let bad = olga
        .post(
            "/operator/tiers/free",
            &[("name", ""), ("users", "many"), ("recipes", "-1")],
        )
        .await;
    assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = bad.text().await.unwrap();
    assert!(
        html.contains("value=\"many\"") && html.contains("Enter zero or more"),
        "{html}"
    );
    let saved = olga
        .post(
            "/operator/tiers/free",
            &[
                ("name", "Free"),
                ("users", "2"),
                ("permissions", "inventory.view"),
                ("addon-batchbot_access", "included"),
            ],
        )
        .await;
    assert_eq!(location(&saved), "/operator/tiers");
    assert_eq!(
        site.text("SELECT name || user_limit || permissions::text FROM tiers WHERE key = 'free'")
            .await,
        "Free2{inventory.view}"
    );
    assert_eq!(
        site.text("SELECT string_agg(addon, ' ') FROM tier_addons WHERE tier = 'free'")
            .await,
        "batchbot_access"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_acts_as_an_organisation_in_the_open() {
    let (site, ana, mut olga) = operations().await;
    let silent = olga
        .post("/operator/organizations/1/act-as", &[("reason", " ")])
        .await;
    assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let begun = olga
        .post(
            "/operator/organizations/1/act-as",
            &[("reason", "Ticket 4711")],
        )
        .await;
    assert_eq!(location(&begun), "/user_dashboard");
    session_cookie(&begun).expect("another session id");
    for path in [
        "/user_dashboard",
        "/inventory/",
        "/account",
        "/tools/",
        "/organization/members",
        "/operator/queues",
    ] {
        let html = look(&mut olga, path).await;
        assert!(
            html.contains("You are an operator and act as")
                && html.contains("/operator/stop-acting"),
            "{path}: {html}"
        );
    }
    let twice = olga
        .post("/operator/organizations/2/act-as", &[("reason", "x")])
        .await;
    assert_eq!(twice.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let moved = olga
        .post("/account/organizations/switch", &[("organization", "2")])
        .await;
    assert_eq!(moved.status(), StatusCode::CONFLICT);

    let item = json!({ "name": "Lye", "unit": "g" });
    let (status, _) = olga.call(Method::POST, "/api/v1/items", &item).await;
    assert_eq!(status, 201);
    let renamed = olga
        .post(
            "/organization",
            &[("name", "Soap & Daughters"), ("email", "")],
        )
        .await;
    assert_eq!(location(&renamed), "/organization");
    // What is the owner's alone, and secrets, stay closed.
    assert_eq!(
        olga.get("/organization/transfer").await.status(),
        StatusCode::FORBIDDEN
    );
    let hook = json!({ "url": "https://hooks.example.com/in" });
    let (status, problem) = olga
        .call(Method::POST, "/api/v1/webhook-endpoints", &hook)
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("operators.no_secrets"))
    );
    let made = olga
        .post(
            "/webhooks/new",
            &[("url", "https://hooks.example.com/in"), ("hears", "all")],
        )
        .await;
    assert_eq!(made.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        site.number("SELECT count(*) FROM webhook_endpoints").await,
        0
    );

    let html = page(&ana, "/organization/audit").await;
    for words in [
        "Operator began to act",
        "Because: Ticket 4711",
        "POST /api/v1/items",
        "name: Soap &#38; Sons → Soap &#38; Daughters",
    ] {
        assert!(html.contains(words), "{words} in {html}");
    }
    let noted =
        "SELECT count(*) FROM operator_audit WHERE organization_id = 1 AND reason = 'Ticket 4711'";
    assert_eq!(site.number(noted).await, 3, "entered, and two writes");
    let stopped = olga.post("/operator/stop-acting", &[]).await;
    assert_eq!(location(&stopped), "/operator/organizations/1");
    session_cookie(&stopped).expect("another session id");
    let who = olga
        .get("/test/whoami")
        .await
        .json::<Value>()
        .await
        .unwrap();
    assert_eq!(who["role"], "owner", "back in their own");
    assert!(!page(&olga, "/user_dashboard").await.contains("stop-acting"));
}

#[tokio::test(flavor = "multi_thread")]
async fn acting_ends_by_itself_and_with_the_right() {
    let (site, _ana, mut olga) = operations().await;
    let begin = async |olga: &Browser| {
        let begun = olga
            .post(
                "/operator/organizations/1/act-as",
                &[("reason", "Ticket 4711")],
            )
            .await;
        assert_eq!(location(&begun), "/user_dashboard");
    };
    begin(&olga).await;
    site.db.clock.advance(chrono::TimeDelta::minutes(61));
    let over = olga.get("/inventory/").await;
    assert_eq!(location(&over), "/account/organizations");
    let who = olga
        .get("/test/whoami")
        .await
        .json::<Value>()
        .await
        .unwrap();
    assert_eq!(who["role"], "owner", "back in their own");
    look(&mut olga, "/operator/organizations/1").await;
    begin(&olga).await;
    site.execute("UPDATE users SET is_operator = false").await;
    assert_eq!(
        location(&olga.get("/inventory/").await),
        "/account/organizations"
    );
    assert_eq!(
        olga.get("/operator/organizations").await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(olga.get("/inventory/").await.status(), StatusCode::OK);
}
