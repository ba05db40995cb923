//! Somebody signs up where addresses are proved, guards the account with an app, loses the password, and comes
//! back with a key.
use batchtrack_e2e::{Browser, PASSWORD, Stack, until_async};
use batchtrack_testkit::MailSink;
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use totp_rs::{Builder, Secret, Totp};

const EMAIL: &str = "greta@example.com";
const NEW_PASSWORD: &str = "a staple of horses";
const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_proved_and_guarded() {
    let sink = MailSink::start().await;
    let stack = Stack::up_with("accounts", &[("MAIL_SMTP_URL", &sink.smtp_url())]);
    let greta = Browser::start(stack.http()).await;
    sign_up(&greta, &sink).await;
    let app = set_up_app(&greta, &sink).await;
    sign_out(&greta).await;
    sign_in_with_both(&greta, &app).await;
    sign_out(&greta).await;
    reset_password(&greta, &sink, &app).await;
    add_key(&greta, &sink).await;
    sign_out(&greta).await;
    come_back_with_key(&greta).await;
    greta.must_be_content().await;
    greta.quit().await;
}

async fn sign_up(greta: &Browser, sink: &MailSink) {
    greta.open("/auth/signup").await;
    for (field, text) in [
        ("First name", "Greta"),
        ("Last name", "Guarded"),
        ("E-mail address", EMAIL),
        ("Password", PASSWORD),
    ] {
        greta.type_in(field, text).await;
    }
    greta.go("Create workspace").await;
    greta.see("Check your mail").await;
    greta.see(EMAIL).await;
    greta.picture("account-check-mail").await;
    // The password alone opens nothing yet.
    sign_in(greta, PASSWORD).await;
    greta.see("Check your mail").await;

    let link = link_in(&letter(sink, "Confirm your e-mail address").await);
    greta.open(&link).await;
    greta.see("Confirm your address").await;
    greta.picture("account-confirm").await;
    greta.type_in("Password", PASSWORD).await;
    greta.go("Confirm and sign in").await;
    assert_eq!(greta.path().await, "/user_dashboard");
    greta.open(&link).await;
    greta.see("This link leads nowhere").await;
    greta.must_be_refused(404).await;
    greta.picture("account-bad-link").await;
}

async fn set_up_app(greta: &Browser, sink: &MailSink) -> Totp {
    greta.open("/account").await;
    greta.picture("account-you").await;
    for (tab, name) in [
        ("E-mail address", "email"),
        ("Password", "password"),
        ("Passkeys", "passkeys"),
        ("Letters", "letters"),
        ("Export and delete", "delete"),
        ("Two-step sign-in", "two-step"),
    ] {
        greta.go(tab).await;
        greta.picture(&format!("account-{name}")).await;
    }
    greta.go("Set up an app").await;
    greta.picture("account-app").await;
    let typed = greta.value("Or type this secret into it").await;
    let secret = Secret::try_from_base32(typed.replace(' ', "")).expect("base32");
    let app = Builder::new()
        .with_secret(secret)
        .build()
        .expect("a secret as the RFC wants it");
    greta.type_in("Code", &code(&app)).await;
    greta.go("Switch it on").await;
    greta.see("Your recovery codes").await;
    greta.picture("account-recovery-codes").await;
    greta.go("I have kept them").await;
    greta.see("Two-step sign-in is on").await;
    greta.picture("account-two-step-on").await;
    letter(sink, "Two-step sign-in is on").await;
    app
}

async fn sign_in_with_both(greta: &Browser, app: &Totp) {
    sign_in(greta, PASSWORD).await;
    greta.see("One more step").await;
    greta.picture("account-second-step").await;
    second_step(greta, app).await;
}

/// Types codes until one is taken: that of the present half minute may have been used already.
async fn second_step(greta: &Browser, app: &Totp) {
    until_async("a code is taken", Duration::from_mins(2), async || {
        greta.type_in("Code", &code(app)).await;
        greta.go("Sign in").await;
        if greta.path().await == "/user_dashboard" {
            return Some(());
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        None
    })
    .await;
}

async fn reset_password(greta: &Browser, sink: &MailSink, app: &Totp) {
    greta.open("/auth/login").await;
    greta.picture("account-sign-in").await;
    greta.go("Forgot your password?").await;
    greta.picture("account-forgot").await;
    greta.type_in("E-mail address", EMAIL).await;
    greta.go("Mail me a link").await;
    greta.see("If there is an account").await;
    let link = link_in(&letter(sink, "Choose a new password").await);
    greta.open(&link).await;
    greta.picture("account-reset").await;
    greta.type_in("New password", "password1").await;
    greta.go("Change my password").await;
    greta.see("Too many people use this password").await;
    greta.type_in("New password", NEW_PASSWORD).await;
    greta.go("Change my password").await;
    greta.see("Your password is changed").await;
    letter(sink, "Your password was changed").await;
    sign_in(greta, NEW_PASSWORD).await;
    greta.see("One more step").await;
    second_step(greta, app).await;
}

async fn add_key(greta: &Browser, sink: &MailSink) {
    greta.give_finger().await;
    greta.open("/account/passkeys").await;
    greta.type_in("What to call it", "Greta's laptop").await;
    greta.type_in("Your password", NEW_PASSWORD).await;
    greta.press("Add a passkey").await;
    greta.see("is added.").await;
    greta.see("Greta's laptop").await;
    greta.picture("account-passkeys-one").await;
    letter(sink, "A passkey was added").await;
}

async fn come_back_with_key(greta: &Browser) {
    greta.open("/auth/login").await;
    greta.press("Use a passkey").await;
    greta.see("Hello, Greta").await;
}

async fn sign_in(greta: &Browser, password: &str) {
    greta.open("/auth/login").await;
    greta.type_in("User name or e-mail address", EMAIL).await;
    greta.type_in("Password", password).await;
    greta.go("Sign in").await;
}

async fn sign_out(greta: &Browser) {
    greta.open("/account").await;
    greta.press("Your account").await;
    greta.go("Sign out").await;
    greta.see("You are signed out.").await;
}

fn code(app: &Totp) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    app.generate(now.expect("it is later than 1970").as_secs())
        .to_string()
}

/// The latest letter with that subject.
async fn letter(sink: &MailSink, subject: &str) -> Value {
    until_async(&format!("the letter “{subject}”"), SOON, async || {
        let mut letters = sink.letters().await.into_iter().rev();
        letters.find(|letter| letter.get("subject").is_some_and(|found| found == subject))
    })
    .await
}

/// Where its link leads on our site.
fn link_in(letter: &Value) -> String {
    let text = letter
        .get("text")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let link = text
        .split_whitespace()
        .find(|word| word.contains("/auth/") && word.starts_with("http"))
        .unwrap_or_else(|| panic!("a link in {text}"));
    let (_, path) = link.split_once("/auth/").expect("it was looked for");
    format!("/auth/{path}")
}
