//! What opens doors, as it is given to those who may: sessions, and what signs for us.
use super::{PATIENCE, Secrets, WRONG_PASSWORD};
use batchtrack_e2e::{
    Api, PASSWORD,
    chaos::{Manner, Receivers, SERVERS_PASSWORD, Servers},
    client, until_async,
};
use batchtrack_testkit::MailSink;
use reqwest::header;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const NEW_PASSWORD: &str = "bo's pa55word from now on";

/// Signs in with the wrong password and with the right one; what the browser and Redis keep is secret.
pub(crate) async fn sign_in(base: &str, servers: &Servers, secrets: &mut Secrets) {
    let (http, path) = (client(), format!("{base}/auth/login"));
    let token = token_of(&http, &path).await;
    for (password, expected) in [(WRONG_PASSWORD, false), (PASSWORD, true)] {
        let form = [
            ("username", "ada@example.com"),
            ("password", password),
            ("csrf_token", &token),
        ];
        let answer = http
            .post(&path)
            .form(&form)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status() == 302, expected, "{}", answer.status());
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let value = cookie.to_str().expect("text").split(['=', ';']).nth(1);
            if let Some(value) = value.filter(|value| value.len() > 20) {
                secrets.insert(value.to_owned(), "a session's cookie".to_owned());
            }
        }
    }
    let mut sessions = 0;
    for key in keys_in_redis(servers).await {
        if let Some((_, id)) = key
            .rsplit_once(':')
            .filter(|(kind, id)| kind.contains("session") && id.len() > 20)
        {
            sessions += 1;
            secrets.insert(id.to_owned(), "a session's id".to_owned());
        }
    }
    assert!(sessions > 0, "the sessions are elsewhere");
    assert!(secrets.values().any(|what| what == "a session's cookie"));
}

/// Has a link mailed by which somebody chooses a new password, and follows it: with a password that is
/// refused, with the new one, and once more when it is good for nothing.
pub(crate) async fn reset_password(base: &str, sink: &MailSink, secrets: &mut Secrets) {
    Api::sign_up(base, "bo").await;
    let http = client();
    let ask = format!("{base}/auth/forgot-password");
    let token = token_of(&http, &ask).await;
    let form = [("email", "bo@example.com"), ("csrf_token", &token)];
    let answer = http.post(&ask).form(&form).send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
    let letter = until_async("the letter", PATIENCE, async || {
        let letters = sink.letters().await;
        letters.into_iter().find(|letter| {
            letter["to"][0]["address"] == "bo@example.com"
                && letter["subject"] == "Choose a new password"
        })
    })
    .await;
    let text = letter["text"].as_str().expect("a letter has words");
    let secret = text
        .split_whitespace()
        .find_map(|word| word.rsplit_once("/auth/reset-password/"))
        .map(|(_, secret)| secret.to_owned())
        .expect("a link");
    let link = format!("{base}/auth/reset-password/{secret}");
    secrets.insert(secret, "the token of a link".to_owned());
    secrets.insert(NEW_PASSWORD.to_owned(), "a new password".to_owned());
    let token = token_of(&http, &link).await;
    for (password, status) in [("password1", 422), (NEW_PASSWORD, 303), (NEW_PASSWORD, 400)] {
        let form = [("password", password), ("csrf_token", &token)];
        let answer = http.post(&link).form(&form).send().await;
        assert_eq!(answer.expect("an answer").status(), status, "{password}");
    }
    assert_eq!(
        http.get(&link).send().await.expect("an answer").status(),
        404
    );
}

async fn token_of(http: &reqwest::Client, page: &str) -> String {
    let page = http.get(page).send().await.expect("the site answers");
    let page = page.text().await.expect("a page");
    let (_, token) = page
        .split_once(r#"name="csrf_token" value=""#)
        .expect("a form");
    token.split('"').next().expect("a token").to_owned()
}

async fn keys_in_redis(servers: &Servers) -> Vec<String> {
    let mut redis = TcpStream::connect(("127.0.0.1", servers.cache.port()))
        .await
        .expect("Redis answers");
    let commands = format!("AUTH {SERVERS_PASSWORD}\r\nKEYS *\r\nQUIT\r\n");
    redis
        .write_all(commands.as_bytes())
        .await
        .expect("it listens");
    let mut said = String::new();
    redis.read_to_string(&mut said).await.expect("text");
    said.lines().map(str::to_owned).collect()
}

/// Endpoints that take it, fail, hang up and ask to be left alone, each with an address that is a secret
/// in part; one has two secrets.
pub(crate) async fn listen(ada: &Api, receivers: &Receivers, secrets: &mut Secrets) -> Vec<i64> {
    let mut made = Vec::new();
    for (hook, manner) in [
        Manner::Prompt,
        Manner::Failing(500),
        Manner::HangsUp,
        Manner::Busy(1),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("address-key-{hook}-77aa");
        let url = format!("{}?key={key}", receivers.url(hook));
        secrets.insert(
            key,
            "what is secret in the address of an endpoint".to_owned(),
        );
        let body = json!({ "url": url, "description": "", "events": [] });
        let answer = ada
            .post("/api/v1/webhook-endpoints", &format!("hook {hook}"), &body)
            .await;
        let endpoint = answer.expect("an answer").must(201);
        let id = endpoint["id"].as_i64().expect("an id");
        receivers.set(hook, manner, &[keep_signing(&endpoint, secrets).as_str()]);
        made.push(id);
        let test = format!("/api/v1/webhook-endpoints/{id}/test");
        let tried = ada.post(&test, &format!("test {hook}"), &json!({})).await;
        assert!(tried.expect("an answer").status < 300, "{test}");
    }
    let rotate = format!("/api/v1/webhook-endpoints/{}/rotate-secret", made[0]);
    let rotated = ada.post(&rotate, "rotate", &json!({})).await;
    let rotated: Value = rotated.expect("an answer").json();
    receivers.learn(0, &keep_signing(&rotated, secrets));
    made
}

fn keep_signing(answer: &Value, secrets: &mut Secrets) -> String {
    let secret = answer["secret"].as_str().expect("a secret, this once");
    let (_, encoded) = secret.split_once('_').expect("whsec_ and the rest");
    secrets.insert(encoded.to_owned(), "a signing secret".to_owned());
    secret.to_owned()
}
