use super::post::change;
use crate::{
    harness::{PASSWORD, Site, location},
    pages::{go, has, page, refused},
};
use batchtrack_core::mail::{AccountChange, Letter};
use reqwest::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_takes_effect_when_its_letter_is_followed() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    ana.open("/account/email").await;
    let mut fields = [
        ("email", "New@Example.com"),
        ("current_password", "not hers"),
    ];
    let html = refused(&ana, "/account/email", &fields).await;
    has(&html, "That is not your current password.");
    has(&html, "value=\"New@Example.com\"");
    fields[1].1 = PASSWORD;
    fields[0].1 = "ana@example.com";
    has(
        &refused(&ana, "/account/email", &fields).await,
        "That is your address already.",
    );
    fields[0].1 = "nonsense";
    has(
        &refused(&ana, "/account/email", &fields).await,
        "Enter an e-mail address",
    );
    fields[0].1 = "New@Example.com";
    assert_eq!(go(&ana, "/account/email", &fields).await, "/account/email");
    let letter = site.letter().await;
    assert_eq!(letter.to.address, "new@example.com");
    let link = site.link_of(&letter);
    assert_eq!(
        site.text("SELECT email FROM users").await,
        "ana@example.com"
    );

    // A letter to the old address loses its worth with it.
    let mut browser = site.stranger();
    browser.open("/auth/forgot-password").await;
    let ask = [("email", "ana@example.com")];
    browser.post("/auth/forgot-password", &ask).await;
    let reset = site.link_of(&site.letter().await);

    // A look changes nothing; who follows it need not be signed in.
    has(&browser.open(&link).await, "new@example.com");
    assert_eq!(
        site.text("SELECT email FROM users").await,
        "ana@example.com"
    );
    let answer = browser.post(&link, &[]).await;
    assert_eq!(location(&answer), "/auth/login");
    let told = site.letter().await;
    assert_eq!(told.to.address, "ana@example.com");
    assert_eq!(
        change(&told),
        &AccountChange::Address {
            to: "n…@example.com".to_owned()
        }
    );
    has(&page(&ana, "/account/email").await, "new@example.com");
    assert_eq!(browser.get(&reset).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        browser.post(&link, &[]).await.status(),
        StatusCode::NOT_FOUND
    );
    let answer = site.stranger().sign_in("new@example.com", PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert!(site.events().await.contains(&"user_updated".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_whose_address_it_is() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    site.owner("bob").await;
    ana.open("/account/email").await;
    let fields = [("email", "bob@example.com"), ("current_password", PASSWORD)];
    assert_eq!(go(&ana, "/account/email", &fields).await, "/account/email");
    let letter = site.letter().await;
    assert_eq!(
        (letter.to.address.as_str(), &letter.letter),
        ("bob@example.com", &Letter::AccountExists {})
    );

    // Two want the same free address: the first to follow has it, and the other hears that it is gone.
    let mut bob = site.stranger();
    bob.sign_in("bob@example.com", PASSWORD).await;
    let mut links = Vec::new();
    for browser in [&mut ana, &mut bob] {
        browser.open("/account/email").await;
        let fields = [
            ("email", "free@example.com"),
            ("current_password", PASSWORD),
        ];
        go(browser, "/account/email", &fields).await;
        links.push(site.link_of(&site.letter().await));
        site.wait(31);
    }
    assert_eq!(location(&ana.post(&links[0], &[]).await), "/account/email");
    assert_eq!(
        bob.post(&links[1], &[]).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        site.text("SELECT string_agg(email, ' ' ORDER BY id) FROM users")
            .await,
        "free@example.com bob@example.com"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_wish_counts() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    ana.open("/account/email").await;
    let mut links = Vec::new();
    for email in ["one@example.com", "two@example.com"] {
        let fields = [("email", email), ("current_password", PASSWORD)];
        go(&ana, "/account/email", &fields).await;
        links.push(site.link_of(&site.letter().await));
    }
    assert_eq!(
        ana.post(&links[0], &[]).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(location(&ana.post(&links[1], &[]).await), "/account/email");
    assert_eq!(
        site.text("SELECT email FROM users").await,
        "two@example.com"
    );
}
