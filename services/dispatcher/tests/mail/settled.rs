//! When a letter is not sent, or not again.
use super::desk::{in_an_hour, low_stock, mailer, sealed, send, to};
use batchtrack_core::{
    mail::{self, Letter, LetterKind},
    platform::seal::Keyring,
};
use batchtrack_dispatcher::mail::{Mailer, Settled, Skipped, Trouble};
use batchtrack_testkit::{MailSink, TestDb};
use secrecy::SecretString;

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
        after_password: true,
    };
    let late = Letter::OneTimeCode {
        code: sealed(&t, "123456"),
        expires_at: t.clock.now(),
        after_password: true,
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
        after_password: true,
    };
    let trouble = send(&t, &mailer, 1, to("ana@example.com", None), code)
        .await
        .unwrap_err();
    assert!(matches!(trouble, Trouble::Hopeless(_)), "{trouble:?}");
    assert!(trouble.to_string().contains("APP_SECRET_KEY"), "{trouble}");
}
