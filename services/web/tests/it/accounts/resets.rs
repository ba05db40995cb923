use super::post::change;
use crate::{
    harness::{PASSWORD, Site, location},
    pages::{has, page, refused},
};
use batchtrack_core::mail::AccountChange;
use reqwest::{Method, StatusCode};

const NEW: &str = "a staple of horses";

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_by_letter() {
    let site = Site::careful().await;
    let mut ana = site.stranger();
    ana.sign_up("ana").await;
    site.letters().await;
    // A password can be chosen for an address that was never proved: the letter proves it.
    let mut browser = site.stranger();
    browser.open("/auth/forgot-password").await;
    let answer = browser
        .post("/auth/forgot-password", &[("email", "ANA@example.com ")])
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    has(
        &answer.text().await.unwrap(),
        "If there is an account with ana@example.com",
    );
    let letter = site.letter().await;
    let link = site.link_of(&letter);
    for method in [Method::GET, Method::HEAD] {
        let look = site.stranger().request(method, &link).send().await.unwrap();
        assert_eq!(look.status(), StatusCode::OK);
    }
    browser.open(&link).await;
    for (bad, words) in [
        ("short", "Use at least 8 characters."),
        ("password1", "Too many people use this password"),
        ("ana maker 1", "only your own name"),
    ] {
        has(&refused(&browser, &link, &[("password", bad)]).await, words);
    }
    let answer = browser.post(&link, &[("password", NEW)]).await;
    assert_eq!(
        (answer.status(), location(&answer)),
        (StatusCode::SEE_OTHER, "/auth/login")
    );
    has(
        &page(&browser, "/auth/login").await,
        "Your password is changed.",
    );
    assert!(!browser.is_inside().await, "a letter alone lets nobody in");
    let told = site.letter().await;
    assert_eq!(change(&told), &AccountChange::Password);
    assert_eq!(
        site.stranger()
            .sign_in("ana@example.com", PASSWORD)
            .await
            .status(),
        StatusCode::OK
    );
    let mut again = site.stranger();
    assert_eq!(
        again.sign_in("ana@example.com", NEW).await.status(),
        StatusCode::FOUND
    );

    // It is good once.
    let mut late = site.stranger();
    late.open("/auth/login").await;
    assert_eq!(late.get(&link).await.status(), StatusCode::NOT_FOUND);
    let answer = late.post(&link, &[("password", "mine from now on")]).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    has(&answer.text().await.unwrap(), "Send me a new link");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_session_and_every_other_link() {
    let site = Site::trusting().await;
    let phone = site.owner("ana").await;
    let mut laptop = site.stranger();
    laptop.sign_in("ana@example.com", PASSWORD).await;
    assert!(phone.is_inside().await && laptop.is_inside().await);
    let mut links = Vec::new();
    for _ in 0..2 {
        let mut browser = site.stranger();
        browser.open("/auth/forgot-password").await;
        browser
            .post("/auth/forgot-password", &[("email", "ana@example.com")])
            .await;
        links.push(site.link_of(&site.letter().await));
        site.wait(31);
    }
    let mut browser = site.stranger();
    browser.open(&links[0]).await;
    let fields = [("password", NEW)];
    let (one, two) = tokio::join!(
        browser.post(&links[0], &fields),
        browser.post(&links[1], &fields)
    );
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404], "of two at once one is good");
    assert!(!phone.is_inside().await && !laptop.is_inside().await);
    for link in &links {
        assert_eq!(browser.get(link).await.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_run_out_and_letters_are_few() {
    let site = Site::trusting().await;
    site.owner("ana").await;
    let mut browser = site.stranger();
    browser.open("/auth/forgot-password").await;
    let ask = [("email", "ana@example.com")];
    browser.post("/auth/forgot-password", &ask).await;
    let link = site.link_of(&site.letter().await);
    let html = refused(&browser, "/auth/forgot-password", &ask).await;
    has(&html, "half a minute");
    site.wait(24 * 3600);
    assert_eq!(browser.get(&link).await.status(), StatusCode::NOT_FOUND);
    let bad = refused(&browser, "/auth/forgot-password", &[("email", "ana")]).await;
    has(&bad, "Enter an e-mail address such as");
    has(&bad, "value=\"ana\"");
}
