//! Letters, all the way to a mail server.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't set up should stop loudly"
)]
use batchtrack_core::{
    kernel::ids::{ItemId, JobId, LotId, UserId, WebhookEndpointId},
    mail::{
        self, ExpiringLot, Letter, LetterKind, Letters, LowItem, Mailbox, Posted, Sealed, Standing,
        To, UnsubscribeLinks,
    },
    platform::{Settings, seal::Keyring},
};
use batchtrack_dispatcher::mail::{Mailer, Settled, Skipped, Trouble, deliver};
use batchtrack_testkit::{MailSink, TestDb};
use chrono::{DateTime, Duration, Utc};
use secrecy::SecretString;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinSet,
};

const BASE: &str = "https://batchtrack.example.com";

fn keys(settings: &Settings) -> Keyring {
    Keyring::new(settings.http.secret_key.as_ref()).unwrap()
}

fn mailer(t: &TestDb, smtp_url: Option<String>) -> Mailer {
    let mut settings = t.settings.clone();
    settings.http.base_url = BASE.parse().unwrap();
    settings.mail.smtp_url = smtp_url.map(SecretString::from);
    settings.mail.timeout_seconds = 5.try_into().unwrap();
    Mailer::new(&settings, &keys(&settings)).unwrap()
}

fn sealed(t: &TestDb, secret: &str) -> Sealed {
    Letters::new(&keys(&t.settings)).seal(&SecretString::from(secret))
}

fn to(address: &str, user: Option<UserId>) -> To {
    To::new(&address.parse().unwrap(), "Ana Ångström 🧼", user)
}

fn low_stock() -> Letter {
    Letter::LowStock {
        organization: "Ana's Soaps".to_owned(),
        items: vec![LowItem {
            item: ItemId::new(4),
            name: "Olive <Oil>".to_owned(),
            on_hand: "250 gram".to_owned(),
            threshold: "1000 gram".to_owned(),
        }],
        more: 3,
    }
}

async fn send(
    t: &TestDb,
    mailer: &Mailer,
    job: i64,
    to: To,
    letter: Letter,
) -> Result<Settled, Trouble> {
    let posted = Posted {
        to,
        organization: None,
        letter,
    };
    deliver(&t.system, mailer, JobId::new(job), &posted).await
}

async fn standing(t: &TestDb, job: i64, to: &To, kind: LetterKind) -> Standing {
    let mut tx = t.system.begin().await.unwrap();
    let mailbox = Mailbox {
        job: JobId::new(job),
        kind,
        organization: None,
        to,
    };
    mail::standing(&mut tx, mailbox).await.unwrap()
}

fn in_an_hour(t: &TestDb) -> DateTime<Utc> {
    t.clock.now() + Duration::hours(1)
}

/// One of each kind, and what must stand in both its forms.
fn all(t: &TestDb) -> Vec<(Letter, &'static str, Vec<&'static str>)> {
    let expires_at = in_an_hour(t);
    let token = || sealed(t, "to/ken+1");
    vec![
        (
            Letter::VerifyAddress {
                token: token(),
                expires_at,
            },
            "Confirm your e-mail address",
            vec![
                "https://batchtrack.example.com/auth/verify-email/to%2Fken%2B1",
                "for 60 minutes",
            ],
        ),
        (
            Letter::ResetPassword {
                token: token(),
                expires_at,
            },
            "Choose a new password",
            vec!["https://batchtrack.example.com/auth/reset-password/to%2Fken%2B1"],
        ),
        (
            Letter::OneTimeCode {
                code: sealed(t, "493 021"),
                expires_at,
            },
            "Your code to sign in",
            vec!["493 021"],
        ),
        (
            Letter::Invitation {
                organization: "Ana's Soaps".to_owned(),
                invited_by: "Ana Ångström".to_owned(),
                token: token(),
                expires_at: t.clock.now() + Duration::days(7),
            },
            "Ana Ångström invites you to Ana's Soaps",
            vec![
                "https://batchtrack.example.com/onboarding/invite-setup/to%2Fken%2B1",
                "until 8 November 2026",
            ],
        ),
        (
            low_stock(),
            "4 items run low at Ana's Soaps",
            vec![
                "https://batchtrack.example.com/inventory/view/4",
                "250 gram",
                "1000 gram",
                "And 3 more.",
            ],
        ),
        (
            Letter::LotsExpiring {
                organization: "Ana's Soaps".to_owned(),
                lots: vec![ExpiringLot {
                    item: ItemId::new(4),
                    lot: LotId::new(9),
                    name: "Milk".to_owned(),
                    code: "L-9".to_owned(),
                    on_hand: "2 liter".to_owned(),
                    expires_on: "2026-11-05".parse().unwrap(),
                }],
                more: 0,
            },
            "1 lot expires soon at Ana's Soaps",
            vec!["Milk (L-9)", "2 liter", "5 November 2026"],
        ),
        (
            Letter::EndpointDisabled {
                endpoint: WebhookEndpointId::new(5),
                url: "https://hooks.example.com/in".to_owned(),
                failing_since: Some(t.clock.now()),
                last_error: Some("503 Service Unavailable".to_owned()),
            },
            "A webhook endpoint was switched off",
            vec![
                "https://hooks.example.com/in",
                "503 Service Unavailable",
                "https://batchtrack.example.com/webhooks/5",
            ],
        ),
        (
            Letter::PaymentFailed {
                organization: "Ana's Soaps".to_owned(),
                amount: "29.00 USD".to_owned(),
                next_attempt_on: Some("2026-11-05".parse().unwrap()),
            },
            "The payment for Ana's Soaps did not go through",
            vec!["29.00 USD", "5 November 2026"],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_arrives_as_it_was_written() {
    let t = TestDb::new().await;
    let sink = MailSink::start().await;
    let mailer = mailer(&t, Some(sink.smtp_url()));
    let user = t.owner_of(t.organization("Acme").await);
    let all = all(&t);
    assert_eq!(all.len(), LetterKind::ALL.len());
    for (job, (letter, ..)) in (1..).zip(&all) {
        let to = to("ana@example.com", Some(user));
        let settled = send(&t, &mailer, job, to, letter.clone()).await.unwrap();
        assert_eq!(settled, Settled::Sent);
    }
    let came = sink.until(all.len()).await;
    assert_eq!(came.len(), all.len());
    for (letter, subject, words) in &all {
        let kind = letter.kind();
        let one = came
            .iter()
            .find(|one| one["subject"] == *subject)
            .unwrap_or_else(|| panic!("{subject} is not among {came:#?}"));
        assert_eq!(one["to"][0]["address"], "ana@example.com", "{kind}");
        assert_eq!(one["to"][0]["name"], "Ana Ångström 🧼", "{kind}");
        assert_eq!(one["envelope"]["to"].as_array().unwrap().len(), 1, "{kind}");
        let (text, html) = (one["text"].as_str().unwrap(), one["html"].as_str().unwrap());
        for word in words {
            assert!(text.contains(word), "{word} in the text of {kind}: {text}");
            assert!(html.contains(word), "{word} in the HTML of {kind}: {html}");
        }
        assert!(!text.contains("&#"), "nothing is escaped in text: {text}");
        let source = sink.source(one).await;
        assert!(
            source.contains("\r\nAuto-Submitted: auto-generated\r\n"),
            "{source}"
        );
        assert!(source.contains("multipart/alternative"), "{source}");
        let link = list_unsubscribe(one);
        assert_eq!(link.is_none(), kind.is_awaited(), "{kind}: {link:?}");
        if let Some(link) = link {
            assert_eq!(
                one["headers"]["list-unsubscribe-post"],
                "List-Unsubscribe=One-Click"
            );
            let token = link.strip_prefix(&format!("{BASE}/u/")).unwrap();
            let links = UnsubscribeLinks::new(&keys(&t.settings));
            assert_eq!(links.read(token), Some((user, kind)));
            assert!(text.contains(&link) && html.contains(&link), "{text}");
        }
    }
    let ids: std::collections::BTreeSet<_> = came.iter().map(message_id).collect();
    assert_eq!(ids.len(), all.len(), "each has an id of its own");
}

fn list_unsubscribe(letter: &Value) -> Option<String> {
    let value = letter["headers"]["list-unsubscribe"].as_str()?;
    Some(value.trim_matches(['<', '>']).to_owned())
}

fn message_id(letter: &Value) -> String {
    letter["headers"]["message-id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_chose_can_be_no_header_and_no_markup() {
    let t = TestDb::new().await;
    let sink = MailSink::start().await;
    let mailer = mailer(&t, Some(sink.smtp_url()));
    let mut mallory = to("mallory@example.com", None);
    mallory.name = "Mallory\r\nBcc: victim@example.com\r\n\r\n<b>".to_owned();
    let letter = Letter::Invitation {
        organization: "Soaps\r\nBcc: victim@example.com".to_owned(),
        invited_by: "<script>alert(1)</script>\n\u{0}".to_owned(),
        token: sealed(&t, "\"><script>"),
        expires_at: in_an_hour(&t),
    };
    let settled = send(&t, &mailer, 1, mallory, letter).await.unwrap();
    assert_eq!(settled, Settled::Sent);
    let came = sink.until(1).await;
    let one = &came[0];
    assert!(one["headers"].get("bcc").is_none(), "{one:#?}");
    assert_eq!(one["envelope"]["to"].as_array().unwrap().len(), 1);
    assert_eq!(one["to"].as_array().unwrap().len(), 1);
    let html = one["html"].as_str().unwrap();
    assert!(!html.contains("<script>"), "{html}");
    for broken in [
        "no-at.example.com",
        "a@b@c.example",
        "a@[127.0.0.1]",
        "a b@example.com",
        "a@",
        "a\r\nRCPT TO:<x@y.de>@example.com",
    ] {
        let to = To {
            address: broken.to_owned(),
            name: String::new(),
            user: None,
        };
        let settled = send(&t, &mailer, 2, to, low_stock()).await.unwrap();
        assert!(
            matches!(
                settled,
                Settled::Refused | Settled::Skipped(Skipped::Already)
            ),
            "{broken}: {settled:?}"
        );
    }
    assert_eq!(
        sink.letters().await.len(),
        1,
        "nothing went to what is no address"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_other_scripts_are_reached() {
    let t = TestDb::new().await;
    let sink = MailSink::start().await;
    let mailer = mailer(&t, Some(sink.smtp_url()));
    for (job, address) in (1..).zip(["ana@münchen.example", "åna@example.com"]) {
        let settled = send(&t, &mailer, job, to(address, None), low_stock())
            .await
            .unwrap();
        assert_eq!(settled, Settled::Sent, "{address}");
    }
    let came = sink.until(2).await;
    let mut reached: Vec<_> = came
        .iter()
        .map(|one| {
            one["envelope"]["to"][0]["address"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    reached.sort();
    assert_eq!(reached, ["ana@münchen.example", "åna@example.com"]);

    // This one knows no SMTPUTF8. A domain has a spelling for it; the rest of an address has none.
    let plain = Responder::start().await;
    let mailer = self::mailer(&t, Some(plain.url.clone()));
    let domain = to("ana@münchen.example", None);
    let local = to("åna@example.com", None);
    let settled = send(&t, &mailer, 3, domain, low_stock()).await.unwrap();
    assert_eq!(settled, Settled::Sent);
    assert_eq!(plain.heard("RCPT TO:<ana@xn--mnchen-3ya.example>"), 1);
    let settled = send(&t, &mailer, 4, local, low_stock()).await.unwrap();
    assert_eq!(settled, Settled::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_done_again_sends_nothing_again() {
    let t = TestDb::new().await;
    let sink = MailSink::start().await;
    let mailer = mailer(&t, Some(sink.smtp_url()));
    let ana = to("ana@example.com", None);
    let first = send(&t, &mailer, 1, ana.clone(), low_stock())
        .await
        .unwrap();
    let again = send(&t, &mailer, 1, ana.clone(), low_stock())
        .await
        .unwrap();
    assert_eq!(
        (first, again),
        (Settled::Sent, Settled::Skipped(Skipped::Already))
    );
    let other = send(&t, &mailer, 2, ana, low_stock()).await.unwrap();
    assert_eq!(other, Settled::Sent);
    assert_eq!(sink.until(2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_that_is_late_unwanted_or_while_mail_is_off() {
    let t = TestDb::new().await;
    let sink = MailSink::start().await;
    let on = mailer(&t, Some(sink.smtp_url()));
    let off = mailer(&t, None);
    assert!(on.is_on() && !off.is_on());
    let user = t.owner_of(t.organization("Acme").await);
    let ana = to("ana@example.com", Some(user));
    let code = || Letter::OneTimeCode {
        code: sealed(&t, "123456"),
        expires_at: in_an_hour(&t),
    };
    let late = Letter::OneTimeCode {
        code: sealed(&t, "123456"),
        expires_at: t.clock.now(),
    };
    let skipped = |result: Result<Settled, Trouble>| match result.unwrap() {
        Settled::Skipped(why) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        skipped(send(&t, &off, 1, ana.clone(), low_stock()).await),
        Skipped::Off
    );
    assert_eq!(
        skipped(send(&t, &on, 1, ana.clone(), low_stock()).await),
        Skipped::Already,
        "it was settled then"
    );
    assert_eq!(
        skipped(send(&t, &on, 2, ana.clone(), late).await),
        Skipped::Late
    );

    let mut tx = t.system.begin().await.unwrap();
    for kind in LetterKind::ALL {
        mail::set_preference(&mut tx, user, *kind, false)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(
        skipped(send(&t, &on, 3, ana.clone(), low_stock()).await),
        Skipped::Unwanted
    );
    let colleague = to("bo@example.com", None);
    for (job, to, letter) in [(4, colleague, low_stock()), (5, ana, code())] {
        assert_eq!(send(&t, &on, job, to, letter).await.unwrap(), Settled::Sent);
    }
    let came = sink.until(2).await;
    assert_eq!(
        came.len(),
        2,
        "what one waits for comes whatever one said: {came:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_opens_no_letter() {
    let t = TestDb::new().await;
    let sink = MailSink::start().await;
    let mut settings = t.settings.clone();
    settings.mail.smtp_url = Some(SecretString::from(sink.smtp_url()));
    let other = Keyring::new(Some(&SecretString::from("feed".repeat(16)))).unwrap();
    let mailer = Mailer::new(&settings, &other).unwrap();
    let code = Letter::OneTimeCode {
        code: sealed(&t, "123456"),
        expires_at: in_an_hour(&t),
    };
    let trouble = send(&t, &mailer, 1, to("ana@example.com", None), code)
        .await
        .unwrap_err();
    assert!(matches!(trouble, Trouble::Hopeless(_)), "{trouble:?}");
    assert!(trouble.to_string().contains("APP_SECRET_KEY"), "{trouble}");
}

/// A mail server that answers each recipient as it is told to, and remembers what it was sent.
struct Responder {
    url: String,
    answers: Arc<Mutex<Vec<&'static str>>>,
    heard: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Responder {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (answers, heard) = (Arc::new(Mutex::new(vec![])), Arc::new(Mutex::new(vec![])));
        let shared = (Arc::clone(&answers), Arc::clone(&heard));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut served = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, heard) = (Arc::clone(&shared.0), Arc::clone(&shared.1));
                served.spawn(async move {
                    let (read, mut write) = stream.into_split();
                    let mut lines = BufReader::new(read).lines();
                    let mut say = async |words: &str| {
                        write.write_all(format!("{words}\r\n").as_bytes()).await
                    };
                    let _ = say("220 responder").await;
                    let mut in_data = false;
                    while let Ok(Some(line)) = lines.next_line().await {
                        heard.lock().unwrap().push(line.clone());
                        let answer = if in_data {
                            if line != "." {
                                continue;
                            }
                            in_data = false;
                            "250 taken"
                        } else if line.starts_with("RCPT") {
                            answers.lock().unwrap().pop().unwrap_or("250 fine")
                        } else if line == "DATA" {
                            in_data = true;
                            "354 go on"
                        } else if line == "QUIT" {
                            "221 bye"
                        } else {
                            "250 fine"
                        };
                        if say(answer).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self {
            url,
            answers,
            heard,
            _serving: serving,
        }
    }

    /// To the next recipient.
    fn will_say(&self, answer: &'static str) {
        self.answers.lock().unwrap().push(answer);
    }

    fn heard(&self, start: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|line| line.starts_with(start)).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_there_is_never_written_to_again() {
    let t = TestDb::new().await;
    let responder = Responder::start().await;
    let mailer = mailer(&t, Some(responder.url.clone()));
    let gone = to("gone@example.com", None);
    responder.will_say("550 5.1.1 <gone@example.com>: no such user");
    let settled = send(&t, &mailer, 1, gone.clone(), low_stock())
        .await
        .unwrap();
    assert_eq!(settled, Settled::Refused);
    assert_eq!(
        standing(&t, 2, &gone, LetterKind::LowStock).await,
        Standing::Suppressed
    );
    assert_eq!(responder.heard("RCPT"), 1);

    for letter in [
        low_stock(),
        Letter::OneTimeCode {
            code: sealed(&t, "1"),
            expires_at: in_an_hour(&t),
        },
    ] {
        let job = if letter.kind().is_awaited() { 3 } else { 2 };
        let again = send(&t, &mailer, job, gone.clone(), letter).await.unwrap();
        assert_eq!(again, Settled::Skipped(Skipped::Suppressed));
    }
    assert_eq!(responder.heard("RCPT"), 1, "the server is not asked again");

    // A letter that is not wanted says nothing of the address.
    let there = to("there@example.com", None);
    responder.will_say("550 5.7.1 looks like spam");
    assert_eq!(
        send(&t, &mailer, 4, there.clone(), low_stock())
            .await
            .unwrap(),
        Settled::Refused
    );
    assert_eq!(
        send(&t, &mailer, 5, there, low_stock()).await.unwrap(),
        Settled::Sent
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_go_better_later_is_tried_again() {
    let t = TestDb::new().await;
    let responder = Responder::start().await;
    let with_server = mailer(&t, Some(responder.url.clone()));
    let ana = to("ana@example.com", None);
    responder.will_say("451 4.7.1 <ana@example.com>: greylisted, come back later");
    let trouble = send(&t, &with_server, 1, ana.clone(), low_stock())
        .await
        .unwrap_err();
    let said = trouble.to_string();
    assert!(matches!(trouble, Trouble::Server(_)), "{said}");
    assert!(
        said.contains("greylisted") && !said.contains("ana@"),
        "{said}"
    );
    assert_eq!(
        standing(&t, 1, &ana, LetterKind::LowStock).await,
        Standing::Due
    );
    assert_eq!(
        send(&t, &with_server, 1, ana.clone(), low_stock())
            .await
            .unwrap(),
        Settled::Sent
    );
    assert_eq!((responder.heard("RCPT"), responder.heard("DATA")), (2, 1));

    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let without = mailer(&t, Some(format!("smtp://{nobody}")));
    let trouble = send(&t, &without, 2, ana.clone(), low_stock())
        .await
        .unwrap_err();
    assert!(matches!(trouble, Trouble::Server(_)), "{trouble}");
    // Where TLS is asked for, nothing goes out without.
    let encrypted = mailer(&t, Some(format!("{}?tls=required", responder.url)));
    let trouble = send(&t, &encrypted, 3, ana, low_stock()).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Server(_)), "{trouble}");
    assert_eq!(responder.heard("DATA"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_can_not_work_are_refused_without_their_password() {
    let t = TestDb::new().await;
    for (url, from, names) in [
        ("mail.example.com", "a@example.com", "MAIL_SMTP_URL"),
        (
            "http://us:hunter2@mail.example.com",
            "a@example.com",
            "MAIL_SMTP_URL",
        ),
        (
            "smtp://us:hunter2@mail.example.com?tls=perhaps",
            "a@example.com",
            "MAIL_SMTP_URL",
        ),
        ("smtp://mail.example.com", "nobody", "MAIL_FROM"),
    ] {
        let mut settings = t.settings.clone();
        settings.mail.smtp_url = Some(SecretString::from(url));
        from.clone_into(&mut settings.mail.from);
        let refused = Mailer::new(&settings, &keys(&settings))
            .err()
            .unwrap()
            .to_string();
        assert!(
            refused.starts_with(names) && !refused.contains("hunter2"),
            "{refused}"
        );
    }
}
