//! Servers that will not have a letter.
use super::{
    desk::{in_an_hour, keys, low_stock, mailer, sealed, send, standing, to},
    responder::Responder,
};
use batchtrack_core::mail::{Letter, LetterKind, Standing};
use batchtrack_dispatcher::mail::{Mailer, Settled, Skipped, Trouble};
use batchtrack_testkit::TestDb;
use secrecy::SecretString;
use tokio::net::TcpListener;

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
            after_password: true,
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
