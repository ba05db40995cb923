use super::{invite, look, session_cookie, user};
use crate::{
    harness::{Browser, Site, location},
    pages::page,
};
use reqwest::{Method, StatusCode, header};
use serde_json::Value;

async fn where_am_i(browser: &Browser) -> String {
    let who = browser
        .get("/test/whoami")
        .await
        .json::<Value>()
        .await
        .unwrap();
    who["organization"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_goes_from_one_organisation_to_another_under_another_session_id() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let founded = ana
        .post("/account/organizations", &[("name", "Candles")])
        .await;
    assert_eq!(location(&founded), "/user_dashboard");
    let old = session_cookie(&founded).expect("another session id");
    assert_eq!(where_am_i(&ana).await, "Candles");
    look(&mut ana, "/account/organizations").await;
    let menu = page(&ana, "/account/organizations/menu").await;
    assert!(menu.contains("Soap") && !menu.contains("Candles"), "{menu}");
    let moved = ana
        .post("/account/organizations/switch", &[("organization", "1")])
        .await;
    assert_eq!(location(&moved), "/user_dashboard");
    assert_eq!(where_am_i(&ana).await, "Soap & Sons");
    let former = site
        .stranger()
        .request(Method::GET, "/test/whoami")
        .header(header::COOKIE, old)
        .send()
        .await
        .unwrap();
    assert_eq!(
        former.status(),
        StatusCode::SEE_OTHER,
        "the former id is worth nothing"
    );
    // What one founds is one's own alone.
    let bob = site.owner("bob").await;
    for elsewhere in ["1", "2", "999", "x", ""] {
        let refused = bob
            .post(
                "/account/organizations/switch",
                &[("organization", elsewhere)],
            )
            .await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{elsewhere}");
    }
    let refused = bob.post("/account/organizations/1/leave", &[]).await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    let refused = ana.post("/account/organizations/1/leave", &[]).await;
    assert_eq!(location(&refused), "/account/organizations");
    assert!(
        page(&ana, "/account/organizations")
            .await
            .contains("hands the organisation over first")
    );
    let nameless = ana.post("/account/organizations", &[("name", " ")]).await;
    assert_eq!(nameless.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.number("SELECT count(*) FROM organizations").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_answered_from_ones_own_page_and_one_leaves_again() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    let mut ben = site.owner("ben").await;
    invite(&site, &ana, "ben@example.com", "Maker").await;
    let id = site.number("SELECT max(id) FROM invitations").await;
    look(&mut ben, "/account/organizations").await;
    let accept = format!("/account/organizations/invitations/{id}/accept");
    let cy = site.owner("cy").await;
    assert_eq!(
        cy.post(&accept, &[]).await.status(),
        StatusCode::NOT_FOUND,
        "it is not theirs"
    );
    let unproved = ben.post(&accept, &[]).await;
    assert_eq!(location(&unproved), "/account/organizations");
    let html = look(&mut ben, "/account/organizations").await;
    assert!(html.contains("Follow the link in the letter"), "{html}");
    site.execute("UPDATE users SET email_verified_at = now()")
        .await;
    assert_eq!(location(&ben.post(&accept, &[]).await), "/user_dashboard");
    assert_eq!(
        site.number("SELECT count(*) FROM memberships WHERE organization_id = 1")
            .await,
        2
    );
    let left = ben.post("/account/organizations/1/leave", &[]).await;
    assert_eq!(location(&left), "/account/organizations");
    assert_eq!(
        location(&ben.get("/recipes/").await),
        "/account/organizations",
        "they act nowhere"
    );
    let back = ben
        .post("/account/organizations/switch", &[("organization", "2")])
        .await;
    assert_eq!(location(&back), "/user_dashboard");
    invite(&site, &ana, "ben@example.com", "Maker").await;
    let id = site.number("SELECT max(id) FROM invitations").await;
    let declined = ben
        .post(
            &format!("/account/organizations/invitations/{id}/decline"),
            &[],
        )
        .await;
    assert_eq!(location(&declined), "/account/organizations");
    assert!(
        !page(&ben, "/account/organizations")
            .await
            .contains("You are invited")
    );
    let _ = user(&site, "ben@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_suspended_is_told_why_and_keeps_their_account() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    site.execute("UPDATE organizations SET is_active = false, suspended_for = 'Too much spam.'")
        .await;
    let told = ana.get("/inventory/").await;
    assert_eq!(told.status(), StatusCode::FORBIDDEN);
    let html = told.text().await.unwrap();
    assert!(
        html.contains("is suspended: Too much spam.") && html.contains("/account/organizations"),
        "{html}"
    );
    let (status, problem) = ana.call(Method::GET, "/api/v1/items", &Value::Null).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (403, Some("organizations.suspended"))
    );
    assert!(
        page(&ana, "/account/email")
            .await
            .contains("ana@example.com")
    );
    let html = page(&ana, "/account/organizations").await;
    assert!(html.contains("Suspended"), "{html}");
    site.execute("UPDATE organizations SET is_active = true")
        .await;
    assert_eq!(
        ana.get("/inventory/").await.status(),
        StatusCode::OK,
        "as if nothing had been"
    );
}
