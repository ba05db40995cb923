//! What each kind of letter says, and whom it reaches.
use super::{
    desk::{BASE, in_an_hour, keys, low_stock, mailer, sealed, send, to},
    responder::Responder,
};
use batchtrack_core::{
    kernel::ids::{ItemId, LotId, WebhookEndpointId},
    mail::{AccountChange, ExpiringLot, Letter, LetterKind, To, UnsubscribeLinks},
};
use batchtrack_dispatcher::mail::{Settled, Skipped};
use batchtrack_testkit::{MailSink, TestDb};
use chrono::Duration;
use serde_json::Value;

/// One of each kind, and what must stand in both its forms.
type Expected = (Letter, &'static str, Vec<&'static str>);

fn all(t: &TestDb) -> Vec<Expected> {
    [asked_for(t), told(t)].concat()
}

/// What becomes of an account.
fn told(t: &TestDb) -> Vec<Expected> {
    let token = || sealed(t, "to/ken+1");
    let expires_at = in_an_hour(t);
    vec![
        (
            Letter::AccountExists {},
            "You have an account already",
            vec![
                "https://batchtrack.example.com/auth/login",
                "https://batchtrack.example.com/auth/forgot-password",
            ],
        ),
        (
            Letter::ChangeAddress {
                username: "ana_1".to_owned(),
                token: token(),
                expires_at,
            },
            "Confirm your new e-mail address",
            vec![
                "https://batchtrack.example.com/auth/change-email/to%2Fken%2B1",
                "ana_1",
            ],
        ),
        (
            Letter::AccountChanged {
                what: AccountChange::RecoveryCodeUsed { left: 1 },
                at: t.clock.now(),
            },
            "A recovery code was used",
            vec!["One is left", "1 November 2026, 12:00 UTC"],
        ),
    ]
}

fn asked_for(t: &TestDb) -> Vec<Expected> {
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
                after_password: true,
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
                "https://batchtrack.example.com/invitations/to%2Fken%2B1",
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
