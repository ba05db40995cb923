use super::{authenticator::Authenticator, post::change};
use crate::{
    harness::{Browser, PASSWORD, Site, location},
    pages::{go, has, page},
};
use batchtrack_core::mail::AccountChange;
use reqwest::StatusCode;
use serde_json::{Value, json};

impl Browser {
    async fn say(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let answer = self
            .http
            .post(format!("{}{path}", self.url))
            .header("X-CSRFToken", &self.token)
            .json(body)
            .send()
            .await
            .unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    async fn asked(&self, path: &str, body: &Value) -> Value {
        let (status, asked) = self.say(path, body).await;
        assert_eq!(status, StatusCode::OK, "{asked}");
        asked
    }

    async fn register(&self, key: &mut Authenticator, name: &str) -> (StatusCode, Value) {
        let password = json!({ "current_password": PASSWORD });
        let asked = self.asked("/account/passkeys/begin", &password).await;
        let answer = key.create(&asked);
        self.say(
            "/account/passkeys/finish",
            &json!({ "name": name, "answer": answer }),
        )
        .await
    }

    async fn show_key(&self, key: &mut Authenticator, name: &str) -> (StatusCode, Value) {
        let asked = self
            .asked("/auth/passkey/begin", &json!({ "username": name }))
            .await;
        let answer = key.get(&asked);
        self.say(
            "/auth/passkey/finish",
            &json!({ "answer": answer, "next": "/batches/" }),
        )
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_added_used_and_removed() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    has(&ana.open("/account/passkeys").await, "You have none yet.");
    let wrong = json!({ "current_password": "somebody else's" });
    let (status, said) = ana.say("/account/passkeys/begin", &wrong).await;
    assert_eq!(
        (status.as_u16(), said["code"].as_str()),
        (422, Some("identity.wrong_password"))
    );
    let mut key = Authenticator::new();
    let (status, said) = ana.register(&mut key, " My <key> ").await;
    assert_eq!(
        (status, said["location"].as_str()),
        (StatusCode::OK, Some("/account/passkeys")),
        "{said}"
    );
    let told = site.letter().await;
    assert_eq!(
        change(&told),
        &AccountChange::PasskeyAdded {
            name: "My <key>".to_owned()
        }
    );
    has(&page(&ana, "/account/passkeys").await, "My &#60;key&#62;");
    let (status, said) = ana.register(&mut key, "twice").await;
    assert_eq!(
        (status, said["code"].as_str()),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            Some("identity.bad_passkey")
        )
    );
    // Nor is it anybody else's; it goes on being hers.
    let mut bob = site.owner("bob").await;
    bob.open("/account/passkeys").await;
    let handle = key.handle.clone();
    let (status, said) = bob.register(&mut key, "taken").await;
    assert_eq!(
        (status, said["code"].as_str()),
        (StatusCode::CONFLICT, Some("identity.passkey_taken"))
    );
    key.handle = handle;

    // Without a name, and with one.
    for name in ["", "ana@example.com", "ANA@example.com"] {
        let mut browser = site.stranger();
        browser.open("/auth/login").await;
        let (status, said) = browser.show_key(&mut key, name).await;
        assert_eq!(
            (status, said["location"].as_str()),
            (StatusCode::OK, Some("/batches/")),
            "{said}"
        );
        assert!(browser.is_inside().await, "{name}");
    }
    let methods = "SELECT string_agg(DISTINCT properties->>'login_method', ' ') FROM domain_events \
                    WHERE event_name = 'user_login_succeeded'";
    assert_eq!(site.text(methods).await, "passkey signup");
    assert!(
        !page(&ana, "/account/passkeys")
            .await
            .contains("not used yet")
    );

    let id = site.number("SELECT id FROM account_passkeys").await;
    let remove = format!("/account/passkeys/{id}/remove");
    assert_eq!(bob.post(&remove, &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(go(&ana, &remove, &[]).await, "/account/passkeys");
    let mut browser = site.stranger();
    browser.open("/auth/login").await;
    let (status, said) = browser.show_key(&mut key, "").await;
    assert_eq!(
        (status, said["code"].as_str()),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            Some("identity.bad_passkey")
        )
    );
    assert!(!browser.is_inside().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_good_once_for_its_own_question_and_its_own_browser() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    ana.open("/account/passkeys").await;
    let mut key = Authenticator::new();
    assert_eq!(ana.register(&mut key, "key").await.0, StatusCode::OK);
    let mut browser = site.stranger();
    browser.open("/auth/login").await;
    let refused = async |browser: &Browser, answer: &Value| {
        let (status, said) = browser
            .say("/auth/passkey/finish", &json!({ "answer": answer }))
            .await;
        assert_eq!(
            (status.as_u16(), said["code"].as_str()),
            (422, Some("identity.bad_passkey"))
        );
        assert!(!browser.is_inside().await);
    };
    let begin = json!({});
    // Without a question.
    let old = browser.asked("/auth/passkey/begin", &begin).await;
    let answer = key.get(&old);
    // Of an older question.
    browser.asked("/auth/passkey/begin", &begin).await;
    refused(&browser, &answer).await;
    refused(&browser, &answer).await;
    // In another browser.
    let asked = browser.asked("/auth/passkey/begin", &begin).await;
    let answer = key.get(&asked);
    let mut other = site.stranger();
    other.open("/auth/login").await;
    refused(&other, &answer).await;
    // For another site, and without anybody's finger.
    let asked = browser.asked("/auth/passkey/begin", &begin).await;
    key.origin = "https://evil.example";
    refused(&browser, &key.get(&asked)).await;
    key.origin = super::authenticator::ORIGIN;
    key.verifies = false;
    let asked = browser.asked("/auth/passkey/begin", &begin).await;
    refused(&browser, &key.get(&asked)).await;
    key.verifies = true;
    // Tampered with.
    let asked = browser.asked("/auth/passkey/begin", &begin).await;
    let mut answer = key.get(&asked);
    answer["response"]["authenticatorData"] =
        key.get(&asked)["response"]["authenticatorData"].clone();
    refused(&browser, &answer).await;
    // Twice.
    let asked = browser.asked("/auth/passkey/begin", &begin).await;
    let answer = json!({ "answer": key.get(&asked) });
    assert_eq!(
        browser.say("/auth/passkey/finish", &answer).await.0,
        StatusCode::OK
    );
    let (status, _) = browser.say("/auth/passkey/finish", &answer).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_and_without_keys_are_asked_alike() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    ana.open("/account/passkeys").await;
    let mut key = Authenticator::new();
    assert_eq!(ana.register(&mut key, "key").await.0, StatusCode::OK);
    site.owner("bob").await;
    let mut browser = site.stranger();
    browser.open("/auth/login").await;
    let mut shapes = Vec::new();
    for name in ["ana@example.com", "bob@example.com", "nobody"] {
        let asked = async || {
            browser
                .asked("/auth/passkey/begin", &json!({ "username": name }))
                .await
        };
        let (mut one, two) = (asked().await, asked().await);
        let key = &mut one["publicKey"];
        let known = key["allowCredentials"].as_array().unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!(
            known,
            two["publicKey"]["allowCredentials"].as_array().unwrap(),
            "always the same"
        );
        assert_eq!(known[0]["id"].as_str().unwrap().len(), 43);
        key["allowCredentials"][0]["id"] = Value::Null;
        key["challenge"] = Value::Null;
        shapes.push(one);
    }
    assert_eq!(shapes[0], shapes[1]);
    assert_eq!(shapes[1], shapes[2]);
    // Whoever has a key signs in with it, though an app is asked for after a password.
    site.execute("UPDATE users SET second_factor = 'totp' WHERE email = 'ana@example.com'")
        .await;
    let (status, _) = browser.show_key(&mut key, "ana@example.com").await;
    assert_eq!(status, StatusCode::OK);
    assert!(browser.is_inside().await);
    let answer = site.stranger().sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(location(&answer), "/auth/second-step");
}
