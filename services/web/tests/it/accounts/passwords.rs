use super::post::change;
use crate::{
    harness::{PASSWORD, Site, location},
    pages::{go, has, refused},
};
use batchtrack_core::mail::AccountChange;
use reqwest::StatusCode;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NEW: &str = "a staple of horses";

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_whoever_knows_it_and_others_are_signed_out() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    let mut phone = site.stranger();
    phone.sign_in("ana@example.com", PASSWORD).await;
    ana.open("/account/password").await;
    for (current, new, words) in [
        ("not mine at all", NEW, "That is not your current password."),
        (PASSWORD, "short", "Use at least 8 characters."),
        (PASSWORD, "qwertyuiop", "Too many people use this password"),
    ] {
        let fields = [("current_password", current), ("password", new)];
        let html = refused(&ana, "/account/password", &fields).await;
        has(&html, words);
        assert!(!html.contains(NEW), "a password is never sent back");
    }
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    assert_eq!(
        go(&ana, "/account/password", &fields).await,
        "/account/password"
    );
    assert!(ana.is_inside().await && !phone.is_inside().await);
    assert_eq!(change(&site.letter().await), &AccountChange::Password);
    let answer = phone.sign_in("ana@example.com", NEW).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_session_does_not_guess_the_password() {
    let site = Site::trusting().await;
    let mut ana = site.owner("ana").await;
    ana.open("/account/password").await;
    let fields = [("current_password", "a guess"), ("password", NEW)];
    for _ in 0..10 {
        refused(&ana, "/account/password", &fields).await;
    }
    let right = [("current_password", PASSWORD), ("password", NEW)];
    has(
        &refused(&ana, "/account/password", &right).await,
        "a quarter of an hour",
    );
    site.wait(15 * 60 + 1);
    assert_eq!(
        go(&ana, "/account/password", &right).await,
        "/account/password"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_passwords_are_refused_at_sign_up_and_long_ones_taken() {
    let site = Site::start().await;
    let mut ana = site.stranger();
    ana.open("/auth/signup").await;
    let long = "é".repeat(128);
    let mut fields = [
        ("first_name", "Ana"),
        ("last_name", "Maker"),
        ("email", "ana.maker@example.com"),
        ("password", "iloveyou1"),
    ];
    for (password, words) in [
        ("iloveyou1", "Too many people use this password"),
        ("Ana.Maker2026", "only your own name"),
        ("1234567", "Use at least 8 characters."),
    ] {
        fields[3].1 = password;
        has(&refused(&ana, "/auth/signup", &fields).await, words);
    }
    let too_long = format!("{long}é");
    fields[3].1 = &too_long;
    has(
        &refused(&ana, "/auth/signup", &fields).await,
        "Use at most 128 characters.",
    );
    fields[3].1 = &long;
    let answer = ana.post("/auth/signup", &fields).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let mut again = site.stranger();
    let answer = again.sign_in("ana.maker@example.com", &long).await;
    assert_eq!(location(&answer), "/user_dashboard");
}

/// Stands in for the service that knows stolen passwords: it knows the one whose hash it is given.
async fn service(known: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let questions = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let read = socket.read(&mut head).await.unwrap();
            let line = String::from_utf8_lossy(&head[..read]);
            let line = line.lines().next().unwrap_or_default().to_owned();
            questions.lock().unwrap().push(line);
            let body = format!("0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n{known}:42\r\n");
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn stolen_passwords_are_asked_for_by_five_digits_and_nobody_waits_for_the_answer() {
    // SHA-1 of "a staple of horses" is 6E4CB… : the rest is what the service knows.
    use sha1::{Digest as _, Sha1};
    let hash = hex::encode_upper(Sha1::digest(NEW.as_bytes()));
    let (digits, rest) = hash.split_at(5);
    let (address, asked) = service(String::leak(rest.to_owned())).await;
    let base = format!("http://{address}/range").parse().unwrap();
    let site = Site::with(|settings| settings.accounts.breached_passwords_url = Some(base)).await;
    let mut ana = site.stranger();
    ana.open("/auth/signup").await;
    let mut fields = [
        ("first_name", "Ana"),
        ("last_name", "Maker"),
        ("email", "ana@example.com"),
        ("password", NEW),
    ];
    let html = refused(&ana, "/auth/signup", &fields).await;
    has(&html, "found among those stolen");
    assert_eq!(
        asked.lock().unwrap().as_slice(),
        [format!("GET /range/{digits} HTTP/1.1")]
    );
    fields[3].1 = PASSWORD;
    assert_eq!(
        ana.post("/auth/signup", &fields).await.status(),
        StatusCode::FOUND
    );

    // Out of reach, it keeps nobody out.
    let nobody = "http://127.0.0.1:1/range/".parse().unwrap();
    let site = Site::with(|settings| settings.accounts.breached_passwords_url = Some(nobody)).await;
    fields[3].1 = NEW;
    let mut ana = site.stranger();
    ana.open("/auth/signup").await;
    assert_eq!(
        ana.post("/auth/signup", &fields).await.status(),
        StatusCode::FOUND
    );
}
