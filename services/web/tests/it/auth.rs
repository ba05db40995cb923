use crate::harness::{PASSWORD, Site, head, location, problem, token_in};
use batchtrack_core::platform::db::Acting;
use reqwest::{Method, StatusCode};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_makes_a_workspace_and_signs_in() {
    let site = Site::start().await;
    let mut ana = site.stranger();
    let answer = ana.sign_up("ana").await;
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (302, "/user_dashboard")
    );
    let me: Value = ana.get("/test/whoami").await.json().await.unwrap();
    assert_eq!(
        (me["organization"].as_str(), me["role"].as_str()),
        (Some("Soap & Sons"), Some("owner"))
    );
    assert_eq!(me["name"], "ana Maker");
    assert_eq!(location(&ana.get("/").await), "/user_dashboard");
    assert_eq!(location(&ana.get("/auth/login").await), "/user_dashboard");
    assert_eq!(location(&ana.get("/auth/signup").await), "/user_dashboard");
    assert_eq!(
        site.events().await,
        [
            "account_created",
            "free_account_created",
            "signup_completed",
            "user_login_succeeded"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_that_can_be_mended_keeps_what_was_typed() {
    let site = Site::start().await;
    site.owner("ana").await;
    let mut bob = site.stranger();
    bob.open("/auth/signup").await;
    let answer = bob
        .post(
            "/auth/signup",
            &[
                ("first_name", "Bob <b>"),
                ("last_name", ""),
                ("email", "bob"),
                ("password", "short"),
            ],
        )
        .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = answer.text().await.unwrap();
    for words in [
        "Your last name must not be empty.",
        "Enter an e-mail address",
        "Use at least 8 characters.",
        "Bob &#60;b&#62;",
    ] {
        assert!(html.contains(words), "{words} in {html}");
    }
    assert!(
        !html.contains("value=\"short\""),
        "a password is never sent back"
    );
    let again = bob.sign_up("ANA").await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again
            .text()
            .await
            .unwrap()
            .contains("There is an account with that e-mail address.")
    );
    // A program that fills in everything makes nothing and learns nothing.
    bob.open("/auth/signup").await;
    let trap = bob
        .post(
            "/auth/signup",
            &[
                ("first_name", "B"),
                ("last_name", "B"),
                ("email", "bob@example.com"),
                ("password", PASSWORD),
                ("website", "x"),
            ],
        )
        .await;
    assert_eq!(location(&trap), "/auth/login");
    assert_eq!(
        bob.sign_in("bob@example.com", PASSWORD).await.status(),
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signs_in_by_name_or_address_in_any_case() {
    let site = Site::start().await;
    site.owner("ana").await;
    for name in ["ana@example.com", " ANA@Example.com "] {
        let mut browser = site.stranger();
        let answer = browser.sign_in(name, PASSWORD).await;
        assert_eq!(
            (answer.status().as_u16(), location(&answer)),
            (302, "/user_dashboard"),
            "{name}"
        );
        assert_eq!(browser.get("/test/whoami").await.status(), StatusCode::OK);
    }
    let username = site.text("SELECT username FROM users").await;
    let mut browser = site.stranger();
    assert_eq!(
        browser
            .sign_in(&username.to_uppercase(), PASSWORD)
            .await
            .status(),
        StatusCode::FOUND
    );
    let entered = "user_login_succeeded".to_owned();
    let entered = site.events().await.into_iter().filter(|e| *e == entered);
    assert_eq!(entered.count(), 4, "by signing up, and three times since");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_shows_the_form_again() {
    let site = Site::start().await;
    site.owner("ana").await;
    let long = "x".repeat(500);
    let mut words = Vec::new();
    for (name, password) in [
        ("ana@example.com", "wrong password"),
        ("nobody", PASSWORD),
        ("ana@example.com", &long),
        ("' OR 1=1 --", "x"),
    ] {
        let mut browser = site.stranger();
        let answer = browser.sign_in(name, password).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let html = answer.text().await.unwrap();
        assert!(token_in(&html).is_some());
        assert!(
            name.contains('\'') || html.contains(&format!("value=\"{name}\"")),
            "the name is kept"
        );
        words.push(
            html.split_once("role=\"alert\"")
                .unwrap()
                .1
                .split_once("</div>")
                .unwrap()
                .0
                .to_owned(),
        );
    }
    words.dedup();
    assert_eq!(words.len(), 1, "every refusal says the same");
    let mut closed = site.stranger();
    site.execute("UPDATE users SET is_active = false").await;
    assert_eq!(
        closed.sign_in("ana@example.com", PASSWORD).await.status(),
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_leads_to_where_one_wanted_to_go_on_this_site() {
    let site = Site::start().await;
    site.owner("ana").await;
    let mut browser = site.stranger();
    let refused = browser.get("/test/whoami?a=b&c=d").await;
    assert_eq!(refused.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        location(&refused),
        "/auth/login?next=%2Ftest%2Fwhoami%3Fa%3Db%26c%3Dd"
    );
    let html = browser.open(location(&refused)).await;
    assert!(
        html.contains("name=\"next\" value=\"/test/whoami?a=b&#38;c=d\""),
        "{html}"
    );
    for (next, target) in [
        ("/test/whoami?a=b&c=d", "/test/whoami?a=b&c=d"),
        ("//evil.example", "/user_dashboard"),
        ("/\\evil.example", "/user_dashboard"),
        ("https://evil.example", "/user_dashboard"),
    ] {
        let mut browser = site.stranger();
        browser.open("/auth/login").await;
        let fields = [
            ("username", "ana@example.com"),
            ("password", PASSWORD),
            ("next", next),
        ];
        assert_eq!(
            location(&browser.post("/auth/login", &fields).await),
            target
        );
    }
    let (status, body) = problem(
        browser
            .request(Method::GET, "/api/v1/nothing")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!((status, body["code"].as_str()), (404, Some("not_found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_says_so_once() {
    let site = Site::start().await;
    let mut ana = site.owner("ana").await;
    let answer = ana.post("/auth/logout", &[]).await;
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, "/auth/login")
    );
    assert_eq!(
        ana.get("/test/whoami").await.status(),
        StatusCode::SEE_OTHER
    );
    let html = ana.open("/auth/login").await;
    assert!(html.contains("You are signed out."));
    assert!(
        !ana.open("/auth/login")
            .await
            .contains("You are signed out.")
    );
    assert_eq!(
        head(&ana.get("/auth/login").await, "cache-control"),
        "no-store"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_is_out_at_once() {
    let site = Site::start().await;
    let ana = site.owner("ana").await;
    assert_eq!(ana.get("/test/whoami").await.status(), StatusCode::OK);
    site.execute("UPDATE memberships SET is_active = false")
        .await;
    assert_eq!(
        ana.get("/test/whoami").await.status(),
        StatusCode::SEE_OTHER
    );
    site.execute("UPDATE memberships SET is_active = true")
        .await;
    assert_eq!(
        ana.get("/test/whoami").await.status(),
        StatusCode::SEE_OTHER,
        "that session is over"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_one_workspace_is_nobody_in_another() {
    let site = Site::start().await;
    site.owner("ana").await;
    let theirs = site.db.organization("Rival").await;
    let ana = site
        .number("SELECT id FROM users WHERE email = 'ana@example.com'")
        .await;
    let acting = Acting {
        organization: theirs,
        user: Some(batchtrack_core::kernel::ids::UserId::new(ana)),
        correlation: "test".into(),
    };
    for db in [site.db.db.clone(), site.db.unfenced_db().await] {
        let mut tx = db.begin(acting.clone()).await.unwrap();
        assert_eq!(
            batchtrack_core::organizations::membership(&mut tx)
                .await
                .unwrap(),
            None
        );
    }
}
