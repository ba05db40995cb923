//! Webhooks, letters and sign-ins, with and without trouble, at the most talkative level of the logs that an
//! operator would choose: nothing in there lets anybody in, sign for us, or read a letter.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop where it is"
)]
mod doors;
mod letters;

use self::{
    doors::{listen, reset_password, sign_in},
    letters::write_letters,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use batchtrack_e2e::{
    Api, PASSWORD,
    chaos::{
        Manner, Mode, Receivers, SECRET_KEY, SERVERS_PASSWORD, Servers, Service, fresh_folder,
    },
    client, until_async,
};
use batchtrack_testkit::MailSink;
use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, time::Duration};
use tokio::time;

const SMTP_USER: &str = "postmaster";
const SMTP_PASSWORD: &str = "smtp-pa55word-7b1d";
const WRONG_PASSWORD: &str = "not-this-pa55word-99";
const OPERATOR_KEY: &str = "operator-key-5e1f";
const OPERATOR_SECRET: &str = "whsec_b3BlcmF0b3Igc2VjcmV0IG5vYm9keSBzZWVzIQ==";
const OTHER_KEY: &str = "beefcafebeefcafebeefcafebeefcafebeefcafebeefcafebeefcafebeefcafe";
const TOKENS: [&str; 4] = [
    "verify-tok-a81c",
    "reset-tok-b92d",
    "code-Q7X-493",
    "invite-tok-c03e",
];
const PATIENCE: Duration = Duration::from_mins(1);

/// Every secret of the story, and what it is.
type Secrets = BTreeMap<String, String>;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_the_logs_opens_a_door() {
    let folder = fresh_folder("secrets");
    let servers = Servers::start(&folder).await;
    let sink = MailSink::start_for(SMTP_USER, SMTP_PASSWORD).await;
    let receivers = Receivers::start().await;
    let mut secrets = known_beforehand();
    let web = [
        ("LOG_LEVEL", "debug"),
        ("TRUSTED_CLIENTS", "127.0.0.0/8"),
        ("WEBHOOK_ALLOWED_ADDRESSES", "127.0.0.0/8"),
    ];
    let mut web = Service::start(&folder, &servers, "batchtrack-web", "web", &web);
    let mut dispatcher = dispatcher(
        &folder,
        &servers,
        &receivers,
        "dispatcher",
        &sink.smtp_url_for(SMTP_USER, SMTP_PASSWORD),
        SECRET_KEY,
    );
    web.until_ready().await;
    dispatcher.until_ready().await;

    let ada = Api::sign_up(&web.base(), "ada").await;
    sign_in(&web.base(), &servers, &mut secrets).await;
    let endpoints = listen(&ada, &receivers, &mut secrets).await;
    write_letters(&servers, 0).await;
    happens(&ada, "well").await;
    let letters = sink.until(TOKENS.len() + 1).await;
    follow_the_link(&web.base(), &letters, &mut secrets).await;
    reset_password(&web.base(), &sink, &mut secrets).await;
    arrived(&receivers, "the first", 5).await;

    // Everybody loses their connections in the middle of it.
    for proxy in [&servers.database, &servers.cache] {
        proxy.set(Mode::Cut);
        for number in 0..4 {
            let path = format!("/api/v1/items?cut={number}");
            let _ = ada.request(Method::GET, &path).send().await;
            time::sleep(Duration::from_millis(250)).await;
        }
        proxy.set(Mode::Open);
        dispatcher.until_ready().await;
        web.until_ready().await;
        happens(&ada, &format!("again {}", proxy.port())).await;
    }
    arrived(&receivers, "what happened since", 9).await;
    dispatcher.process.signal(Signal::SIGTERM);
    dispatcher.process.ended(Duration::from_secs(40)).await;

    // A mail server that lets nobody in, one that is not there, and secrets sealed with another key.
    let refused = sink.smtp_url_for(SMTP_USER, WRONG_PASSWORD);
    let absent = format!("smtp://{SMTP_USER}:{SMTP_PASSWORD}@127.0.0.1:1");
    for (name, smtp, key) in [
        ("refused", &refused, SECRET_KEY),
        ("absent", &absent, OTHER_KEY),
    ] {
        let mut unlucky = self::dispatcher(&folder, &servers, &receivers, name, smtp, key);
        unlucky.until_ready().await;
        write_letters(&servers, 100).await;
        happens(&ada, name).await;
        let expected = if key == OTHER_KEY {
            "the secrets of endpoint"
        } else {
            "job failed"
        };
        until_async(&format!("{name} fails"), PATIENCE, async || {
            unlucky.process.log().contains(expected).then_some(())
        })
        .await;
        time::sleep(Duration::from_secs(1)).await;
        unlucky.process.kill().await;
    }
    web.process.signal(Signal::SIGTERM);
    web.process.ended(Duration::from_secs(40)).await;
    assert!(!endpoints.is_empty());

    let logs = logs(&folder);
    let all = logs
        .values()
        .fold(String::new(), |all, log| all + log.as_str());
    for proof in [
        "DEBUG",
        "webhook sent",
        "job failed",
        "mail.send_now.v1",
        "/auth/login",
        "/u/{token}",
        "/auth/reset-password/{token}",
        "accounts.errand.v1",
    ] {
        assert!(
            all.contains(proof),
            "{proof} is not in the logs, so they prove nothing"
        );
    }
    println!("{} bytes of logs, {} secrets", all.len(), secrets.len());
    let found = leaks(&secrets, &logs);
    assert!(found.is_empty(), "{}", found.join("\n"));
    std::fs::remove_dir_all(&folder).expect("our own folder");
}

/// Lines that hold a secret, and what it is.
fn leaks(secrets: &Secrets, logs: &BTreeMap<String, String>) -> Vec<String> {
    let leaks = secrets.iter().flat_map(|(secret, what)| {
        logs.iter().filter_map(move |(name, log)| {
            let line = log.lines().find(|line| line.contains(secret.as_str()))?;
            Some(format!("{what} in {name}: {line}"))
        })
    });
    leaks.collect()
}

fn known_beforehand() -> Secrets {
    let mut secrets = Secrets::new();
    let mut keep = |secret: &str, what: &str| {
        secrets.insert(secret.to_owned(), what.to_owned());
        // As it is written where it is sent.
        secrets.insert(STANDARD.encode(secret), format!("{what}, encoded"));
    };
    keep(SECRET_KEY, "APP_SECRET_KEY");
    keep(OTHER_KEY, "another APP_SECRET_KEY");
    keep(
        SERVERS_PASSWORD,
        "the password of the database and of Redis",
    );
    keep(PASSWORD, "a person's password");
    keep(WRONG_PASSWORD, "a password that is wrong");
    keep(SMTP_PASSWORD, "the password of the mail server");
    keep(
        &format!("\0{SMTP_USER}\0{SMTP_PASSWORD}"),
        "what is said to the mail server",
    );
    keep(
        &format!("\0{SMTP_USER}\0{WRONG_PASSWORD}"),
        "what is said to the mail server in vain",
    );
    keep(OPERATOR_KEY, "what is secret in the operator's address");
    keep(
        OPERATOR_SECRET.trim_start_matches("whsec_"),
        "the operator's secret",
    );
    for token in TOKENS {
        keep(token, "a token in a letter");
    }
    keep("$argon2", "the hash of a password");
    secrets
}

fn dispatcher(
    folder: &Path,
    servers: &Servers,
    receivers: &Receivers,
    name: &str,
    smtp: &str,
    key: &str,
) -> Service {
    receivers.set(9, Manner::Prompt, &[OPERATOR_SECRET]);
    let operator = format!("{}?key={OPERATOR_KEY}", receivers.url(9));
    let settings = [
        ("LOG_LEVEL", "debug"),
        ("LOG_FORMAT", "json"),
        ("MAIL_SMTP_URL", smtp),
        ("DOMAIN_EVENT_WEBHOOK_URL", operator.as_str()),
        ("DOMAIN_EVENT_WEBHOOK_SECRET", OPERATOR_SECRET),
        ("WEBHOOK_ALLOWED_ADDRESSES", "127.0.0.0/8"),
        ("APP_SECRET_KEY", key),
    ];
    Service::start(folder, servers, "batchtrack-dispatcher", name, &settings)
}

async fn happens(ada: &Api, what: &str) {
    let item = json!({ "name": format!("Wax {what}"), "unit": "g" });
    for _ in 0..50 {
        match ada.post("/api/v1/items", what, &item).await {
            Ok(reply) if reply.status == 201 => return,
            _ => time::sleep(Duration::from_millis(200)).await,
        }
    }
    panic!("{what} can't happen");
}

/// Says no to letters as a mailbox does, and as somebody does who has changed the link.
async fn follow_the_link(base: &str, letters: &[Value], secrets: &mut Secrets) {
    let link = letters
        .iter()
        .find_map(|letter| letter["headers"]["list-unsubscribe"].as_str())
        .expect("one can be unsubscribed from");
    let token = link
        .trim_matches(['<', '>'])
        .rsplit('/')
        .next()
        .expect("a token");
    secrets.insert(token.to_owned(), "a link in a letter".to_owned());
    let http = client();
    let path = format!("{base}/u/{token}");
    assert_eq!(
        http.get(&path).send().await.expect("an answer").status(),
        200
    );
    let once = http
        .post(&path)
        .form(&[("List-Unsubscribe", "One-Click")])
        .send();
    assert!(once.await.expect("an answer").status().is_success());
    let wrong = http
        .get(format!("{path}x"))
        .send()
        .await
        .expect("an answer");
    assert!(wrong.status().is_client_error());
}

/// Requests at all receivers, the operator's included.
async fn arrived(receivers: &Receivers, what: &str, number: usize) {
    until_async(what, PATIENCE, async || {
        let arrivals = receivers.arrivals();
        let operators = arrivals.iter().filter(|one| one.endpoint == 9).count();
        (arrivals.len() >= number && operators > 0).then_some(())
    })
    .await;
}

fn logs(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).expect("our own folder");
    files
        .flatten()
        .filter_map(|file| {
            let name = file.file_name().to_str()?.to_owned();
            let is_ours = name.starts_with("web")
                || ["dispatcher.log", "refused.log", "absent.log"].contains(&name.as_str());
            let log = is_ours.then(|| std::fs::read_to_string(file.path()).expect("a log"))?;
            Some((name, log))
        })
        .collect()
}
