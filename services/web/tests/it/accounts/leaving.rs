use super::post::change;
use crate::{
    harness::{PASSWORD, Site, head, location},
    pages::{has, page, refused},
};
use batchtrack_core::mail::AccountChange;
use reqwest::StatusCode;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_with_what_was_its_own() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    ana.post("/account/letters", &[("low_stock", "true")]).await;
    has(&ana.open("/account/delete").await, "Soap &#38; Sons");
    let html = refused(&ana, "/account/delete", &[("current_password", "not hers")]).await;
    has(&html, "That is not your current password.");
    assert!(ana.is_inside().await);
    let answer = ana
        .post("/account/delete", &[("current_password", PASSWORD)])
        .await;
    assert_eq!(location(&answer), "/auth/login");
    assert!(!ana.is_inside().await);
    let letter = site.letter().await;
    assert_eq!(letter.to.address, "ana@example.com");
    assert_eq!(change(&letter), &AccountChange::Deleted);
    let left = site
        .text(
            "SELECT concat_ws(' ', u.username = 'deleted:' || u.id, u.email, u.first_name = '', u.is_active, \
                (SELECT count(*) FROM mail_preferences), (SELECT bool_or(m.is_active) FROM memberships m), \
                (SELECT bool_or(o.is_active) FROM organizations o)) FROM users u",
        )
        .await;
    has(&left, "t deleted-");
    has(&left, "@deleted.invalid t f 0 f f");
    assert!(site.events().await.contains(&"user_removed".to_owned()));
    let answer = ana.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::OK);
    // The address is free again.
    let mut again = site.stranger();
    assert_eq!(again.sign_up("ana").await.status(), StatusCode::FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owns_what_others_work_in_hands_it_over_first() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    let mut bob = site.owner("bob").await;
    site.execute(
        "INSERT INTO memberships (organization_id, user_id, role, created_at) \
         SELECT m.organization_id, b.id, 'member', now() FROM memberships m JOIN users a ON a.id = m.user_id, users b \
          WHERE a.email = 'ana@example.com' AND b.email = 'bob@example.com'",
    )
    .await;
    has(&ana.open("/account/delete").await, "Hand it over");
    let html = refused(&ana, "/account/delete", &[("current_password", PASSWORD)]).await;
    has(&html, "where others work too");
    assert!(ana.is_inside().await);
    // The other one may go: it is not theirs.
    bob.open("/account/delete").await;
    let answer = bob
        .post("/account/delete", &[("current_password", PASSWORD)])
        .await;
    assert_eq!(location(&answer), "/auth/login");
    assert!(ana.is_inside().await);
    assert!(!page(&ana, "/account/delete").await.contains("Hand it over"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_about_somebody_can_be_taken_along() {
    let site = Site::trusting().await;
    let ana = site.owner("ana").await;
    site.owner("bob").await;
    ana.post("/account/letters", &[("low_stock", "true")]).await;
    let answer = ana.get("/account/export").await;
    assert_eq!(answer.status(), StatusCode::OK);
    has(head(&answer, "content-disposition"), "attachment");
    assert_eq!(head(&answer, "cache-control"), "no-store");
    let held: Value = answer.json().await.unwrap();
    assert_eq!(held["account"]["email"], "ana@example.com");
    assert_eq!(held["account"]["two_step_sign_in"], "off");
    assert_eq!(held["organizations"][0]["name"], "Soap & Sons");
    assert_eq!(held["organizations"].as_array().unwrap().len(), 1);
    assert_eq!(held["letters_wanted"]["low_stock"], true);
    let text = held.to_string();
    assert!(!text.contains("bob") && !text.contains("argon2"), "{text}");
    let stranger = site.stranger().get("/account/export").await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
}
