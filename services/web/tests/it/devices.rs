//! Apps that sign people in.
use crate::{
    harness::{PASSWORD, Site, head, problem},
    tokens::Program,
};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

impl Site {
    async fn call(&self, path: &str, body: &Value) -> Response {
        reqwest::Client::new()
            .post(format!("{}/api/v1/auth/{path}", self.url))
            .json(body)
            .send()
            .await
            .unwrap()
    }

    async fn app(&self, name: &str) -> Value {
        let body = json!({ "username": format!("{name}@example.com"), "password": PASSWORD, "device": "Phone" });
        let answer = self.call("token", &body).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(head(&answer, "cache-control"), "no-store");
        assert_eq!(head(&answer, "set-cookie"), "");
        answer.json().await.unwrap()
    }

    async fn refresh(&self, told: &Value) -> Result<Value, String> {
        let body = json!({ "refresh_token": told["refresh_token"] });
        let answer = self.call("refresh", &body).await;
        if answer.status() == StatusCode::OK {
            return Ok(answer.json().await.unwrap());
        }
        let (status, body) = problem(answer).await;
        assert_eq!(status, 401);
        Err(body["code"].as_str().unwrap().to_owned())
    }

    async fn gets_in(&self, told: &Value) -> bool {
        let program = Program::new(&self.url, told["access_token"].as_str().unwrap());
        let answer = program.get("/api/v1/recipes").await;
        match answer.status() {
            StatusCode::OK => true,
            // Signed out; or signed in, and a member no longer.
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => false,
            other => panic!("{other}"),
        }
    }

    fn pass(&self, seconds: i64) {
        self.db.clock.advance(chrono::Duration::seconds(seconds));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_signs_in_works_and_renews() {
    let site = Site::start().await;
    site.owner("ana").await;
    let told = site.app("ana").await;
    assert_eq!(
        (&told["token_type"], &told["expires_in"]),
        (&"Bearer".into(), &600.into())
    );
    let program = Program::new(&site.url, told["access_token"].as_str().unwrap());
    let item = json!({ "name": "Olive Oil", "unit": "g" });
    let answer = program.post("/api/v1/items", "k", &item).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    site.pass(599);
    assert!(site.gets_in(&told).await);
    site.pass(1);
    assert!(!site.gets_in(&told).await);
    let renewed = site.refresh(&told).await.unwrap();
    assert!(site.gets_in(&renewed).await);
    assert_ne!(renewed["refresh_token"], told["refresh_token"]);
    // Each renewal gives another thirty days, and none comes after them.
    site.pass(29 * 86_400);
    let renewed = site.refresh(&renewed).await.unwrap();
    site.pass(30 * 86_400);
    let code = site.refresh(&renewed).await.unwrap_err();
    assert_eq!(code, "auth.bad_refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_given_again_and_a_stolen_token_ends_all() {
    let site = Site::start().await;
    site.owner("ana").await;
    let first = site.app("ana").await;
    let second = site.refresh(&first).await.unwrap();
    site.pass(9);
    let again = site.refresh(&first).await.unwrap();
    assert_eq!(
        again["refresh_token"], second["refresh_token"],
        "the same successor"
    );
    let third = site.refresh(&second).await.unwrap();
    // The first is two renewals old by now: no answer that was lost.
    let other = site.app("ana").await;
    assert_eq!(
        site.refresh(&first).await.unwrap_err(),
        "auth.refresh_token_reused"
    );
    assert_eq!(
        site.refresh(&third).await.unwrap_err(),
        "auth.bad_refresh_token"
    );
    let other = site.refresh(&other).await.unwrap();
    // Later than ten seconds it is no lost answer either.
    let next = site.refresh(&other).await.unwrap();
    site.pass(10);
    assert_eq!(
        site.refresh(&other).await.unwrap_err(),
        "auth.refresh_token_reused"
    );
    assert_eq!(
        site.refresh(&next).await.unwrap_err(),
        "auth.bad_refresh_token"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_refresh_tokens_end_nothing() {
    let site = Site::start().await;
    site.owner("ana").await;
    let told = site.app("ana").await;
    let text = told["refresh_token"].as_str().unwrap();
    let (start, seal) = text.rsplit_once('_').unwrap();
    let (start, _) = start.rsplit_once('_').unwrap();
    for forged in [
        format!("{start}_1_{seal}"),
        format!("{start}_-1_{seal}"),
        format!("{start}_0_{}", seal.chars().rev().collect::<String>()),
        format!("bt_ref_999_0_{seal}"),
        String::new(),
        "x".repeat(5_000),
    ] {
        let body = json!({ "refresh_token": forged });
        let code = site.refresh(&body).await.unwrap_err();
        assert_eq!(code, "auth.bad_refresh_token", "{forged}");
        assert_eq!(
            site.call("revoke", &body).await.status(),
            StatusCode::NO_CONTENT
        );
    }
    assert!(site.refresh(&told).await.is_ok());
    let random = text.rsplit('_').next().unwrap();
    let sql = format!("SELECT count(*) FROM device_sign_ins d WHERE d::text LIKE '%{random}%'");
    assert_eq!(site.number(&sql).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_signed_out_by_itself_by_its_owner_and_with_everything_else() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let told = site.app("ana").await;
    let body = json!({ "refresh_token": told["refresh_token"] });
    assert_eq!(
        site.call("revoke", &body).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        site.refresh(&told).await.unwrap_err(),
        "auth.bad_refresh_token"
    );

    let told = site.app("ana").await;
    let page = ana.open("/account/sessions").await;
    assert!(page.contains("Phone"));
    let (_, rest) = page.split_once("value=\"device-").unwrap();
    let device = format!("device-{}", rest.split('"').next().unwrap());
    let mut bo = site.owner("bo").await;
    bo.open("/account/sessions").await;
    bo.post("/account/sessions", &[("end", &device)]).await;
    let told = site.refresh(&told).await.expect("it isn't Bo's to end");
    ana.post("/account/sessions", &[("end", &device)]).await;
    assert_eq!(
        site.refresh(&told).await.unwrap_err(),
        "auth.bad_refresh_token"
    );

    let told = site.app("ana").await;
    assert!(site.gets_in(&told).await);
    ana.open("/account/sessions").await;
    ana.post("/account/sessions", &[("end", "all")]).await;
    assert!(
        !site.gets_in(&told).await,
        "at once, by the number of the account"
    );
    assert_eq!(
        site.refresh(&told).await.unwrap_err(),
        "auth.bad_refresh_token"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_acts_only_where_its_owner_belongs() {
    let site = Site::start().await;
    site.owner("ana").await;
    site.owner("bo").await;
    let organization = async |name: &str| {
        let sql = format!(
            "SELECT m.organization_id FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = '{name}@example.com'"
        );
        site.number(&sql).await
    };
    let (of_ana, of_bo) = (organization("ana").await, organization("bo").await);
    let told = site.app("ana").await;
    assert_eq!(told["organization_id"], of_ana);
    let wanted = json!({ "refresh_token": told["refresh_token"], "organization_id": of_bo });
    let (status, body) = problem(site.call("refresh", &wanted).await).await;
    assert_eq!(
        (status, &body["code"]),
        (403, &"auth.not_your_organization".into())
    );
    // A refusal uses nothing up.
    assert!(site.refresh(&told).await.is_ok());
    site.execute(&format!(
        "UPDATE memberships SET is_active = false WHERE organization_id = {of_ana}"
    ))
    .await;
    assert!(!site.gets_in(&told).await);
}
