use crate::{
    harness::{Browser, PASSWORD, Site, location},
    pages::{has, refused},
};
use reqwest::StatusCode;

impl Browser {
    async fn ask_for_code(&mut self, email: &str) {
        self.open("/auth/code").await;
        let answer = self
            .post("/auth/code", &[("email", email), ("next", "/batches/")])
            .await;
        assert_eq!(
            (answer.status(), location(&answer)),
            (StatusCode::SEE_OTHER, "/auth/code/enter")
        );
    }

    async fn enter_code(&self, code: &str) -> reqwest::Response {
        self.post("/auth/code/enter", &[("code", code)]).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_code_signs_in_where_it_was_asked_for() {
    let site = Site::careful().await;
    let mut ana = site.stranger();
    ana.sign_up("ana").await;
    site.letters().await;
    ana.ask_for_code("ana@example.com").await;
    let code = site.code(&site.letter().await);
    assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()));
    // Not in another browser.
    let mut mallory = site.stranger();
    site.wait(31);
    mallory.ask_for_code("ana@example.com").await;
    let theirs = site.code(&site.letter().await);
    if theirs != code {
        refused(&mallory, "/auth/code/enter", &[("code", &code)]).await;
    }
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let answer = ana.enter_code(&spaced).await;
    assert_eq!(
        (answer.status(), location(&answer)),
        (StatusCode::FOUND, "/batches/")
    );
    assert!(ana.is_inside().await);
    // It has proved the address by the way, and it is good once.
    let mut again = site.stranger();
    let answer = again.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(location(&ana.enter_code(&code).await), "/auth/code");
    let methods = "SELECT string_agg(properties->>'login_method', ' ' ORDER BY id) FROM domain_events \
                    WHERE event_name = 'user_login_succeeded'";
    assert_eq!(site.text(methods).await, "email_code password");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_has_five_tries_and_seven_minutes() {
    let site = Site::trusting().await;
    site.owner("ana").await;
    let mut ana = site.stranger();
    ana.ask_for_code("ana@example.com").await;
    let code = site.code(&site.letter().await);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let html = refused(&ana, "/auth/code/enter", &[("code", wrong)]).await;
        has(&html, "That code is not right, or no longer good.");
    }
    refused(&ana, "/auth/code/enter", &[("code", &code)]).await;

    site.wait(31);
    ana.ask_for_code("ana@example.com").await;
    let late = site.code(&site.letter().await);
    site.wait(7 * 60);
    refused(&ana, "/auth/code/enter", &[("code", &late)]).await;
    ana.ask_for_code("ana@example.com").await;
    let newest = site.code(&site.letter().await);
    if newest != late {
        refused(&ana, "/auth/code/enter", &[("code", &late)]).await;
    }
    assert_eq!(ana.enter_code(&newest).await.status(), StatusCode::FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_with_one_code_are_one() {
    let site = Site::trusting().await;
    site.owner("ana").await;
    let mut ana = site.stranger();
    ana.ask_for_code("ana@example.com").await;
    let code = site.code(&site.letter().await);
    let before = site.events().await.len();
    let (one, two) = tokio::join!(ana.enter_code(&code), ana.enter_code(&code));
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 422]);
    assert_eq!(site.events().await.len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_mailed_seldom_and_a_new_password_ends_them() {
    let site = Site::trusting().await;
    let mut owner = site.owner("ana").await;
    let mut ana = site.stranger();
    ana.ask_for_code("ana@example.com").await;
    let code = site.code(&site.letter().await);
    let html = refused(&ana, "/auth/code", &[("email", "ana@example.com")]).await;
    has(&html, "half a minute");
    owner.open("/account/password").await;
    let fields = [
        ("current_password", PASSWORD),
        ("password", "a staple of horses"),
    ];
    owner.post("/account/password", &fields).await;
    refused(&ana, "/auth/code/enter", &[("code", &code)]).await;
    // With nothing asked for there is nothing to enter.
    let stranger = site.stranger();
    assert_eq!(
        location(&stranger.get("/auth/code/enter").await),
        "/auth/code"
    );
}
