use super::post::change;
use crate::{
    harness::{Browser, PASSWORD, Site, location},
    pages::{go, has, page, refused},
};
use batchtrack_core::mail::AccountChange;
use reqwest::StatusCode;
use totp_rs::{Builder, Secret, Totp};

/// The app on somebody's phone.
struct App(Totp);

impl App {
    fn of(html: &str) -> Self {
        let (_, rest) = html.split_once("id=\"f-secret\" value=\"").unwrap();
        let typed = rest.split_once('"').unwrap().0.replace(' ', "");
        let secret = Secret::try_from_base32(typed).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    fn code(&self, site: &Site) -> String {
        let now = site.db.clock.now().timestamp();
        self.0.generate(now.try_into().unwrap()).to_string()
    }
}

/// Somebody with an app, and their recovery codes.
async fn with_app(site: &Site) -> (Browser, App, Vec<String>) {
    let mut ana = site.owner("ana").await;
    ana.open("/account/two-step").await;
    let to = go(&ana, "/account/two-step/app", &[]).await;
    let html = page(&ana, &to).await;
    has(&html, "<svg class=\"qr\"");
    let app = App::of(&html);
    has(
        &refused(&ana, "/account/two-step/app/confirm", &[("code", "12")]).await,
        "That code is not right",
    );
    let code = app.code(site);
    let answer = ana
        .post("/account/two-step/app/confirm", &[("code", &code)])
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    let codes = codes_in(&answer.text().await.unwrap());
    assert_eq!(codes.len(), 10);
    assert_eq!(change(&site.letter().await), &AccountChange::SecondFactorOn);
    (ana, app, codes)
}

fn codes_in(html: &str) -> Vec<String> {
    let parts = html.split("<li><code>").skip(1);
    parts
        .map(|part| part.split_once('<').unwrap().0.to_owned())
        .collect()
}

/// Up to the second step, which opens nothing.
async fn halfway(site: &Site) -> Browser {
    let mut browser = site.stranger();
    let answer = browser.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(
        (answer.status(), location(&answer)),
        (StatusCode::FOUND, "/auth/second-step")
    );
    assert!(!browser.is_inside().await);
    assert_eq!(
        browser.get("/account").await.status(),
        StatusCode::SEE_OTHER
    );
    browser
}

async fn step(browser: &Browser, code: &str) -> StatusCode {
    browser
        .post("/auth/second-step", &[("code", code)])
        .await
        .status()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_asked_for_besides_the_password() {
    let site = Site::trusting().await;
    let (ana, app, _) = with_app(&site).await;
    has(
        &page(&ana, "/account/two-step").await,
        "Two-step sign-in is on",
    );
    // The code that switched it on is used up.
    let mut browser = halfway(&site).await;
    has(
        &browser.open("/auth/second-step").await,
        "authenticator app",
    );
    assert_eq!(
        step(&browser, &app.code(&site)).await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    site.wait(30);
    let code = app.code(&site);
    assert_eq!(
        step(&browser, "000 00").await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(step(&browser, &code).await, StatusCode::FOUND);
    assert!(browser.is_inside().await);
    // No code is good twice, nor the one before it once a later one was taken.
    let other = halfway(&site).await;
    assert_eq!(step(&other, &code).await, StatusCode::UNPROCESSABLE_ENTITY);
    site.wait(30);
    let next = app.code(&site);
    let (one, two) = tokio::join!(step(&other, &next), step(&other, &next));
    let mut statuses = [one.as_u16(), two.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 422]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_is_good_once_and_its_owner_is_told() {
    let site = Site::trusting().await;
    let (mut ana, _, codes) = with_app(&site).await;
    let lost = halfway(&site).await;
    let shouted = codes[0].to_uppercase().replace('-', " ");
    assert_eq!(step(&lost, &shouted).await, StatusCode::FOUND);
    assert!(lost.is_inside().await);
    assert_eq!(
        change(&site.letter().await),
        &AccountChange::RecoveryCodeUsed { left: 9 }
    );
    let again = halfway(&site).await;
    assert_eq!(
        step(&again, &codes[0]).await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let (one, two) = tokio::join!(step(&again, &codes[1]), step(&again, &codes[1]));
    assert!(one != two && (one == StatusCode::FOUND || two == StatusCode::FOUND));
    site.letters().await;

    // New ones take the place of the old.
    ana.open("/account/two-step").await;
    let bad = [("current_password", "not hers")];
    has(
        &refused(&ana, "/account/two-step/codes", &bad).await,
        "That is not your current password.",
    );
    let answer = ana
        .post("/account/two-step/codes", &[("current_password", PASSWORD)])
        .await;
    let new = codes_in(&answer.text().await.unwrap());
    assert_eq!(new.len(), 10);
    assert_eq!(
        change(&site.letter().await),
        &AccountChange::RecoveryCodesMade
    );
    let third = halfway(&site).await;
    assert_eq!(
        step(&third, &codes[2]).await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(step(&third, &new[2]).await, StatusCode::FOUND);
    let kept = site
        .text("SELECT string_agg(encode(code_hash, 'escape'), ' ') FROM account_recovery_codes")
        .await;
    assert!(new.iter().all(|code| !kept.contains(code.as_str())));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_switched_off_by_password_or_code() {
    let site = Site::trusting().await;
    let (mut ana, app, _) = with_app(&site).await;
    ana.open("/account/two-step").await;
    refused(&ana, "/account/two-step/off", &[]).await;
    refused(&ana, "/account/two-step/off", &[("code", "123456")]).await;
    site.wait(30);
    let code = app.code(&site);
    assert_eq!(
        go(&ana, "/account/two-step/off", &[("code", &code)]).await,
        "/account/two-step"
    );
    assert_eq!(
        change(&site.letter().await),
        &AccountChange::SecondFactorOff
    );
    let answer = site.stranger().sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(location(&answer), "/user_dashboard");
    // Nothing of it is left.
    assert_eq!(
        site.number("SELECT (SELECT count(*) FROM account_totp) + (SELECT count(*) FROM account_recovery_codes)")
            .await,
        0
    );
    // Switched off twice, or begun while it is on: back to how things stand.
    let to = go(
        &ana,
        "/account/two-step/off",
        &[("current_password", PASSWORD)],
    )
    .await;
    assert_eq!(to, "/account/two-step");
    has(&page(&ana, &to).await, "Two-step sign-in is off.");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_step_waits_for_a_while_and_guesses_are_few() {
    let site = Site::trusting().await;
    let (mut ana, app, _) = with_app(&site).await;
    let late = halfway(&site).await;
    site.wait(15 * 60 + 1);
    let answer = late
        .post("/auth/second-step", &[("code", &app.code(&site))])
        .await;
    assert_eq!(location(&answer), "/auth/login");

    let guessing = halfway(&site).await;
    for _ in 0..10 {
        assert_eq!(
            step(&guessing, "000000").await,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let other = halfway(&site).await;
    let html = refused(&other, "/auth/second-step", &[("code", &app.code(&site))]).await;
    has(&html, "a quarter of an hour");
    site.wait(15 * 60 - 10);
    let html = refused(&other, "/auth/second-step", &[("code", "000000")]).await;
    has(&html, "a quarter of an hour");

    // A new password ends it as well.
    let between = halfway(&site).await;
    ana.open("/account/password").await;
    let fields = [
        ("current_password", PASSWORD),
        ("password", "a staple of horses"),
    ];
    go(&ana, "/account/password", &fields).await;
    site.wait(60);
    let answer = between
        .post("/auth/second-step", &[("code", &app.code(&site))])
        .await;
    assert_eq!(location(&answer), "/auth/login");
    assert_eq!(
        location(&site.stranger().get("/auth/second-step").await),
        "/auth/login"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mailed_codes_as_the_second_step() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    ana.open("/account/two-step").await;
    let to = go(&ana, "/account/two-step/email", &[]).await;
    assert_eq!(to, "/account/two-step/email");
    has(&page(&ana, &to).await, "ana@example.com");
    let code = site.code(&site.letter().await);
    refused(&ana, "/account/two-step/email/confirm", &[("code", "1")]).await;
    let answer = ana
        .post("/account/two-step/email/confirm", &[("code", &code)])
        .await;
    let codes = codes_in(&answer.text().await.unwrap());
    assert_eq!(codes.len(), 10);
    site.letters().await;

    site.wait(31);
    let mut browser = halfway(&site).await;
    has(
        &browser.open("/auth/second-step").await,
        "We have mailed you a code.",
    );
    let code = site.code(&site.letter().await);
    // Another browser's code is worth nothing here.
    site.wait(31);
    let other = halfway(&site).await;
    let theirs = site.code(&site.letter().await);
    if theirs != code {
        assert_eq!(step(&other, &code).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = browser.post("/auth/second-step/send", &[]).await;
    assert_eq!(location(&answer), "/auth/second-step");
    assert_eq!(site.letters().await, [], "half a minute has not gone by");
    assert_eq!(step(&browser, &code).await, StatusCode::FOUND);
    assert!(browser.is_inside().await);

    // Who comes by a mailed code has shown the mailbox already: the password is asked for.
    site.wait(31);
    let mut by_mail = site.stranger();
    by_mail.open("/auth/code").await;
    by_mail
        .post("/auth/code", &[("email", "ana@example.com")])
        .await;
    let code = site.code(&site.letter().await);
    let answer = by_mail.post("/auth/code/enter", &[("code", &code)]).await;
    assert_eq!(location(&answer), "/auth/second-step");
    assert!(!by_mail.is_inside().await);
    has(
        &by_mail.open("/auth/second-step").await,
        "your password is asked for",
    );
    let wrong = [("current_password", "not hers")];
    refused(&by_mail, "/auth/second-step", &wrong).await;
    let answer = by_mail
        .post("/auth/second-step", &[("current_password", PASSWORD)])
        .await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert!(by_mail.is_inside().await);
}
