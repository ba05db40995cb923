//! Pages of other sites.
use crate::{
    harness::{Site, head, problem},
    tokens::Program,
};
use reqwest::{Method, Response, StatusCode, header};
use serde_json::json;

const SHOP: &str = "https://shop.example";

impl Site {
    async fn ask_beforehand(&self, path: &str, origin: &str) -> Response {
        reqwest::Client::new()
            .request(Method::OPTIONS, format!("{}{path}", self.url))
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
            .send()
            .await
            .unwrap()
    }
}

fn allowed(answer: &Response) -> &str {
    assert_eq!(head(answer, "access-control-allow-credentials"), "");
    head(answer, "access-control-allow-origin")
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_beforehand_gives_nothing_away() {
    let site = Site::start().await;
    for origin in [SHOP, "https://nobody.example"] {
        let answer = site.ask_beforehand("/api/v1/items", origin).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(allowed(&answer), origin, "everybody is told the same");
        assert!(head(&answer, "access-control-allow-headers").contains("Authorization"));
        assert_eq!(head(&answer, "set-cookie"), "");
    }
    for (path, origin) in [
        ("/api/v1/items", "http://shop.example"),
        ("/api/v1/items", "null"),
        ("/api/v1/auth/token", SHOP),
        ("/auth/login", SHOP),
        ("/api/ingredients", SHOP),
    ] {
        let answer = site.ask_beforehand(path, origin).await;
        assert_eq!(allowed(&answer), "", "{path} {origin}");
        assert!(!answer.status().is_success(), "{path} {origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organisation_of_the_token_says_which_sites_may() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let mut bo = site.owner("bo").await;
    ana.open("/organization/doors").await;
    let saved = ana
        .post(
            "/organization/doors",
            &[("api_origins", "https://shop.example\n")],
        )
        .await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let make = json!({ "name": "Shop", "scopes": ["inventory.view", "inventory.edit"] });
    let of_ana = ana.make_token("/api/v1/tokens", &make).await;
    let of_bo = bo.make_token("/api/v1/tokens", &make).await;
    let program =
        |made: &serde_json::Value| Program::new(&site.url, made["secret"].as_str().unwrap());
    let (of_ana, of_bo) = (program(&of_ana), program(&of_bo));
    let from = |program: &Program, origin: &'static str| {
        program
            .request(Method::GET, "/api/v1/items")
            .header(header::ORIGIN, origin)
            .send()
    };
    let answer = from(&of_ana, SHOP).await.unwrap();
    assert_eq!((answer.status(), allowed(&answer)), (StatusCode::OK, SHOP));
    assert!(head(&answer, "access-control-expose-headers").contains("Retry-After"));
    assert!(head(&answer, "vary").contains("Origin"));
    for (program, origin) in [(&of_ana, "https://evil.example"), (&of_bo, SHOP)] {
        let answer = from(program, origin).await.unwrap();
        assert_eq!(allowed(&answer), "");
        let (status, body) = problem(answer).await;
        assert_eq!(
            (status, &body["code"]),
            (403, &"access.site_not_allowed".into())
        );
    }
    // Refused before anything is done.
    let item = json!({ "name": "Olive Oil", "unit": "g" });
    let refused = of_bo
        .request(Method::POST, "/api/v1/items")
        .header(header::ORIGIN, SHOP)
        .header("Idempotency-Key", "k")
        .json(&item);
    assert_eq!(
        refused.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(site.number("SELECT count(*) FROM inventory_items").await, 0);
    // Programs don't say where they come from.
    assert_eq!(of_bo.get("/api/v1/items").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_never_counts_from_another_site() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/organization/doors").await;
    ana.post("/organization/doors", &[("api_origins", SHOP)])
        .await;
    let read = ana
        .request(Method::GET, "/api/v1/items")
        .header(header::ORIGIN, SHOP);
    assert_eq!(
        allowed(&read.send().await.unwrap()),
        "",
        "its page can't read it"
    );
    let write = ana
        .json(
            "/api/v1/items",
            "k",
            &json!({ "name": "Olive Oil", "unit": "g" }),
        )
        .header(header::ORIGIN, SHOP);
    let answer = write.send().await.unwrap();
    assert_eq!(
        (answer.status(), allowed(&answer)),
        (StatusCode::BAD_REQUEST, "")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_none_is_said_beside_its_field() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    ana.open("/organization/doors").await;
    let again = ana
        .post(
            "/organization/doors",
            &[("api_origins", "shop.example/cart")],
        )
        .await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = again.text().await.unwrap();
    assert!(html.contains("shop.example/cart") && html.contains("is not the address of a site"));
}
