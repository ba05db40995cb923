use crate::{
    harness::{PASSWORD, Site, location},
    pages::{has, page, refused},
};
use batchtrack_core::mail::Letter;
use reqwest::{Method, StatusCode};

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_proved_before_anybody_is_in() {
    let site = Site::careful().await;
    let mut ana = site.stranger();
    let answer = ana.sign_up("ana").await;
    assert_eq!(
        (answer.status(), location(&answer)),
        (StatusCode::SEE_OTHER, "/auth/check-mail")
    );
    has(&page(&ana, "/auth/check-mail").await, "ana@example.com");
    assert!(!ana.is_inside().await);

    let letter = site.letter().await;
    assert_eq!(letter.to.address, "ana@example.com");
    let link = site.link_of(&letter);
    // The right password of an address that is not proved: they are told, and can have the letter again.
    let mut early = site.stranger();
    let answer = early.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(location(&answer), "/auth/check-mail");
    has(&early.open("/auth/check-mail").await, "ana@example.com");
    assert!(!early.is_inside().await);
    let answer = early.post("/auth/resend-verification", &[]).await;
    assert_eq!(location(&answer), "/auth/check-mail");
    has(&page(&early, "/auth/check-mail").await, "half a minute");
    site.wait(31);
    early.post("/auth/resend-verification", &[]).await;
    let again = site.link_of(&site.letter().await);
    assert_ne!(link, again);
    assert_eq!(
        site.stranger()
            .sign_in("ana@example.com", "a wrong password")
            .await
            .status(),
        StatusCode::OK
    );

    // Scanners look at every link of a letter.
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let look = site.stranger().request(method, &link).send().await.unwrap();
        assert_eq!(look.status(), StatusCode::OK);
    }
    let mut phone = site.stranger();
    has(&phone.open(&link).await, "ana@example.com");
    let html = refused(&phone, &link, &[("current_password", "not hers")]).await;
    has(&html, "That is not your current password.");
    let answer = phone.post(&link, &[("current_password", PASSWORD)]).await;
    assert_eq!(
        (answer.status(), location(&answer)),
        (StatusCode::FOUND, "/user_dashboard")
    );
    assert!(phone.is_inside().await);
    assert_eq!(site.letters().await, []);

    // Both links are worth nothing from then on, and signing in is a matter of the password.
    for used in [&link, &again] {
        let mut late = site.stranger();
        let answer = late.get(used).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        has(&answer.text().await.unwrap(), "This link leads nowhere");
        late.open("/auth/login").await;
        let answer = late.post(used, &[("current_password", PASSWORD)]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    let mut laptop = site.stranger();
    let answer = laptop.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(
        site.events().await,
        [
            "account_created",
            "free_account_created",
            "signup_completed",
            "user_login_succeeded",
            "user_login_succeeded"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_runs_out_and_is_good_once() {
    let site = Site::careful().await;
    let mut ana = site.stranger();
    ana.sign_up("ana").await;
    let link = site.link_of(&site.letter().await);
    let mut one = site.stranger();
    one.open(&link).await;
    let mut other = site.stranger();
    other.open(&link).await;
    let fields = [("current_password", PASSWORD)];
    let (first, second) = tokio::join!(one.post(&link, &fields), other.post(&link, &fields));
    let mut statuses = [first.status().as_u16(), second.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 404]);

    let mut bob = site.stranger();
    bob.sign_up("bob").await;
    let link = site.link_of(&site.letter().await);
    bob.open(&link).await;
    site.wait(24 * 3600);
    assert_eq!(bob.get(&link).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        bob.post(&link, &fields).await.status(),
        StatusCode::NOT_FOUND
    );
    for forged in ["/auth/verify-email/x", "/auth/verify-email/é"] {
        assert_eq!(
            bob.get(forged).await.status(),
            StatusCode::NOT_FOUND,
            "{forged}"
        );
    }
    // One purpose each.
    let elsewhere = link.replace("verify-email", "reset-password");
    assert_eq!(bob.get(&elsewhere).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_address_decides_and_not_whoever_was_first() {
    let site = Site::careful().await;
    // Somebody signs up with Ana's address, before she does.
    let mut mallory = site.stranger();
    mallory.open("/auth/signup").await;
    let mut fields = [
        ("first_name", "Mallory"),
        ("last_name", "Maker"),
        ("email", "ana@example.com"),
        ("password", "mallory was here"),
    ];
    mallory.post("/auth/signup", &fields).await;
    let theirs = site.link_of(&site.letter().await);
    site.wait(31);
    fields[0].1 = "Ana";
    fields[3].1 = PASSWORD;
    let mut ana = site.stranger();
    ana.open("/auth/signup").await;
    ana.post("/auth/signup", &fields).await;
    let hers = site.link_of(&site.letter().await);
    // Either letter is hers, and takes her own password alone.
    ana.open(&theirs).await;
    refused(&ana, &theirs, &[("current_password", "mallory was here")]).await;
    let answer = ana.post(&hers, &[("current_password", PASSWORD)]).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert!(ana.is_inside().await);
    let answer = mallory.sign_in("ana@example.com", "mallory was here").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(site.text("SELECT first_name FROM users").await, "Ana");
    assert_eq!(site.number("SELECT count(*) FROM users").await, 1);

    // Once she is in, signing up again only tells her that she is.
    site.wait(3600);
    mallory.open("/auth/signup").await;
    fields[3].1 = "mallory tries again";
    let answer = mallory.post("/auth/signup", &fields).await;
    assert_eq!(location(&answer), "/auth/check-mail");
    let letter = site.letter().await;
    assert_eq!(letter.letter, Letter::AccountExists {});
    assert_eq!(letter.to.address, "ana@example.com");
    let mut again = site.stranger();
    let answer = again.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_to_one_address_are_few() {
    let site = Site::careful().await;
    let mut ana = site.stranger();
    let mut sent = 0;
    for _ in 0..8 {
        let answer = ana.sign_up("ana").await;
        assert_eq!(location(&answer), "/auth/check-mail", "whatever is sent");
        sent += site.letters().await.len();
        site.wait(31);
    }
    assert_eq!(sent, 5);
    site.wait(3600);
    ana.sign_up("ana").await;
    assert_eq!(site.letters().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_asks_one_is_in_at_once_and_may_prove_it_later() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    has(&ana.open("/account/email").await, "Not confirmed");
    let answer = ana.post("/account/email/confirm", &[]).await;
    assert_eq!(location(&answer), "/account/email");
    let link = site.link_of(&site.letter().await);
    ana.open(&link).await;
    let answer = ana.post(&link, &[("current_password", PASSWORD)]).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    has(&page(&ana, "/account/email").await, "Confirmed");
}
