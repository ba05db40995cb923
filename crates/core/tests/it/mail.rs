//! Letters as they are asked for: who they go to, how often, and what of them lies in a table.
use crate::sql::{change, lines, number};
use batchtrack_core::{
    inventory::{self, ActionKind, NewItem, Told},
    jobs,
    kernel::ids::{ItemId, JobId, OrganizationId, UserId},
    mail::{self, Letter, LetterKind, Letters, Mailbox, Outcome, Standing, To},
    outbox::Event,
    platform::seal::Keyring,
};
use batchtrack_testkit::{TestDb, adjustment, amount, ingredient, receipt};
use chrono::Duration;
use secrecy::SecretString;

/// An item of which at least 500 g are to be there.
async fn watched(t: &TestDb, organization: OrganizationId, name: &str) -> ItemId {
    let new = NewItem {
        low_stock_threshold: Some(amount("500 gram").0),
        ..ingredient(name, "gram")
    };
    t.commit(organization, async |tx| {
        inventory::create_item(tx, new).await
    })
    .await
}

async fn tell(t: &TestDb, organization: OrganizationId) -> Told {
    t.commit(organization, async |tx| {
        inventory::tell_of_low_stock(tx).await
    })
    .await
}

/// The letters that wait to be sent, as `address: names`.
async fn waiting(t: &TestDb, list: &str) -> Vec<String> {
    let sql = format!(
        "SELECT (args->'to'->>'address') || ': ' || \
                (SELECT string_agg(one->>'name', ', ') FROM jsonb_array_elements(args->'letter'->'{list}') one) AS line \
           FROM jobs WHERE kind = 'mail.send.v1' ORDER BY id"
    );
    lines(&mut t.owner_conn().await, &sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_hear_once_of_each_item_that_runs_low_and_once_a_day_at_most() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Ours").await, t.organization("Theirs").await);
    let (oil, lye) = (
        watched(&t, ours, "Oil").await,
        watched(&t, ours, "Lye").await,
    );
    let milk = watched(&t, theirs, "Milk").await;
    for (organization, item) in [(ours, oil), (ours, lye), (theirs, milk)] {
        t.receive(organization, receipt(item, "800 gram", "8"))
            .await;
    }
    assert_eq!(tell(&t, ours).await, Told::Nothing);

    t.take_out(ours, adjustment(oil, ActionKind::Use, "400 gram"))
        .await
        .unwrap();
    assert_eq!(tell(&t, ours).await, Told::Owners(1));
    assert_eq!(tell(&t, ours).await, Told::Nothing, "they know of it");
    let owner = t.owner_of(ours);
    let ours_owner = format!("owner-{ours}@example.test");
    assert_eq!(waiting(&t, "items").await, [format!("{ours_owner}: Oil")]);
    let to = number(
        &mut t.owner_conn().await,
        "SELECT (args->'to'->>'user')::bigint AS n FROM jobs WHERE kind = 'mail.send.v1'",
    )
    .await;
    assert_eq!(to, owner.get());

    // A second item on the same day waits for the next.
    t.take_out(ours, adjustment(lye, ActionKind::Use, "400 gram"))
        .await
        .unwrap();
    assert_eq!(tell(&t, ours).await, Told::Tomorrow);
    assert_eq!(tell(&t, ours).await, Told::Tomorrow);
    let delayed = "SELECT to_char(run_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' ' || unique_key AS line \
                     FROM jobs_delayed WHERE kind = 'mail.low_stock.v1'";
    assert_eq!(
        lines(&mut t.owner_conn().await, delayed).await,
        [format!("2026-11-02 00:00 {ours}")],
        "one waits, however often it was asked for"
    );
    t.clock.advance(Duration::hours(13));
    assert_eq!(tell(&t, ours).await, Told::Owners(1));

    // There was enough of it again, so it may be told of again.
    t.clock.advance(Duration::days(1));
    t.receive(ours, receipt(oil, "800 gram", "8")).await;
    assert_eq!(tell(&t, ours).await, Told::Nothing);
    t.take_out(ours, adjustment(oil, ActionKind::Use, "800 gram"))
        .await
        .unwrap();
    assert_eq!(tell(&t, ours).await, Told::Owners(1));
    let told = waiting(&t, "items").await;
    assert_eq!(
        told,
        ["Oil", "Lye", "Oil"].map(|name| format!("{ours_owner}: {name}"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_hear_once_of_each_lot_that_is_about_to_expire() {
    let t = TestDb::new().await;
    let ours = t.organization("Ours").await;
    let (milk, oil) = (
        t.item(ours, "Milk", "gram").await,
        t.item(ours, "Oil", "gram").await,
    );
    for (item, days) in [(milk, 3), (milk, 30), (oil, 2)] {
        let mut receipt = receipt(item, "10 gram", "1");
        receipt.expires_at = Some(t.clock.now() + Duration::days(days));
        t.receive(ours, receipt).await;
    }
    t.take_out(ours, adjustment(oil, ActionKind::Use, "10 gram"))
        .await
        .unwrap();
    let tell = async || {
        t.commit(ours, async |tx| {
            inventory::tell_of_expiring_lots(tx, 7).await
        })
        .await
    };
    assert_eq!(tell().await, Told::Owners(1));
    assert_eq!(tell().await, Told::Nothing);
    let owner = format!("owner-{ours}@example.test");
    assert_eq!(
        waiting(&t, "lots").await,
        [format!("{owner}: Milk")],
        "of what is used up there is nothing to say"
    );
    t.clock.advance(Duration::days(25));
    assert_eq!(tell().await, Told::Owners(1), "the other one has come near");
    t.clock.advance(Duration::days(25));
    assert_eq!(
        tell().await,
        Told::Nothing,
        "it is too late to use it first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_to_the_owner_in_office_and_to_nobody_else() {
    let t = TestDb::new().await;
    let ours = t.organization("Ours").await;
    t.organization("Theirs").await;
    let mut conn = t.owner_conn().await;
    for (name, role, active) in [("cy", "member", false), ("di", "member", true)] {
        let sql = format!(
            "WITH u AS (INSERT INTO users (username, email, password_hash, created_at) \
                VALUES ('{name}', '{name}@example.test', '!', now()) RETURNING id) \
             INSERT INTO memberships (organization_id, user_id, role, is_active, created_at) \
             SELECT {ours}, id, '{role}', {active}, now() FROM u"
        );
        change(&mut conn, &sql).await.unwrap();
    }
    let letter = Letter::PaymentFailed {
        organization: "Ours".to_owned(),
        amount: "29.00 USD".to_owned(),
        next_attempt_on: None,
    };
    let asked = letter.clone();
    let number = t
        .commit(ours, async |tx| {
            mail::send_to_owners(tx, asked.clone()).await
        })
        .await;
    let mut tx = t.system.begin().await.unwrap();
    let of_system = mail::send_to_owners_for_system(&mut tx, "test", ours, letter)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!((number, of_system), (1, 1));
    let addresses = lines(
        &mut conn,
        "SELECT DISTINCT args->'to'->>'address' AS line FROM jobs ORDER BY 1",
    )
    .await;
    assert_eq!(addresses, [format!("owner-{ours}@example.test")]);
    // Nor to one whose account is closed.
    change(
        &mut conn,
        "UPDATE users SET is_active = false WHERE username LIKE 'owner-%'",
    )
    .await
    .unwrap();
    let number = t
        .commit(ours, async |tx| mail::send_to_owners(tx, asked).await)
        .await;
    assert_eq!(number, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_waits_for_goes_first_and_its_secret_lies_nowhere() {
    let t = TestDb::new().await;
    let ours = t.organization("Ours").await;
    let keys = Keyring::new(t.settings.http.secret_key.as_ref()).unwrap();
    let letters = Letters::new(&keys);
    let letter = Letter::OneTimeCode {
        code: letters.seal(&SecretString::from("493021")),
        expires_at: t.clock.now(),
        after_password: true,
    };
    assert!(!format!("{letter:?}").contains("493021"));
    let to = To::new(&"ana@example.com".parse().unwrap(), "Ana", None);
    let (asked, reader) = (letter.clone(), to.clone());
    t.commit(ours, async |tx| mail::send(tx, reader, asked).await)
        .await;
    let mut tx = t.system.begin().await.unwrap();
    mail::send_for_system(&mut tx, "test", None, to, letter)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let rows = lines(
        &mut t.owner_conn().await,
        "SELECT queue || ' ' || kind || ' ' || coalesce(organization_id::text, 'none') || ' ' || args::text AS line FROM jobs ORDER BY id",
    )
    .await;
    assert_eq!(rows.len(), 2);
    for (row, organization) in rows.iter().zip([ours.to_string(), "none".to_owned()]) {
        assert!(
            row.starts_with(&format!("critical mail.send_now.v1 {organization} ")),
            "{row}"
        );
        assert!(
            row.contains("one_time_code") && !row.contains("493021"),
            "{row}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_letters_and_what_people_want_is_remembered() {
    let t = TestDb::new().await;
    let user = t.owner_of(t.organization("Ours").await);
    let to = To::new(&"ana@example.com".parse().unwrap(), "Ana", Some(user));
    let kind = LetterKind::LowStock;
    let mailbox = |job| Mailbox {
        job: JobId::new(job),
        kind,
        organization: None,
        to: &to,
    };
    let mut tx = t.system.begin().await.unwrap();
    assert_eq!(
        mail::standing(&mut tx, mailbox(1)).await.unwrap(),
        Standing::Due
    );
    for outcome in [Outcome::Sent, Outcome::Refused] {
        mail::note(&mut tx, mailbox(1), outcome, "").await.unwrap();
    }
    assert_eq!(
        mail::standing(&mut tx, mailbox(1)).await.unwrap(),
        Standing::Settled
    );
    mail::set_preference(&mut tx, user, kind, false)
        .await
        .unwrap();
    assert_eq!(
        mail::standing(&mut tx, mailbox(2)).await.unwrap(),
        Standing::Unwanted
    );
    let wanted = mail::preferences(&mut tx, user).await.unwrap();
    assert_eq!(
        wanted,
        LetterKind::optional()
            .map(|one| (one, one != kind))
            .collect::<Vec<_>>()
    );
    mail::set_preference(&mut tx, user, kind, true)
        .await
        .unwrap();
    assert_eq!(
        mail::standing(&mut tx, mailbox(2)).await.unwrap(),
        Standing::Due
    );
    for _ in 0..2 {
        mail::suppress(&mut tx, "Ana@Example.com", "no such user")
            .await
            .unwrap();
    }
    assert_eq!(
        mail::standing(&mut tx, mailbox(2)).await.unwrap(),
        Standing::Suppressed
    );
    tx.commit().await.unwrap();

    let outcome = "SELECT outcome AS line FROM mail_letters";
    assert_eq!(
        lines(&mut t.owner_conn().await, outcome).await,
        ["sent"],
        "the first note stays"
    );
    let now = t.clock.now();
    assert_eq!(mail::forget_letters(&t.system, now, 10).await.unwrap(), 0);
    let later = now + Duration::seconds(1);
    assert_eq!(mail::forget_letters(&t.system, later, 10).await.unwrap(), 1);

    let mut tx = t.system.begin().await.unwrap();
    let stranger = mail::set_preference(&mut tx, UserId::new(404), kind, false).await;
    assert!(stranger.is_err());
}

#[test]
fn events_that_ask_for_letters_are_events() {
    let (ours, now) = (
        OrganizationId::new(1),
        "2026-11-01T12:00:00Z".parse().unwrap(),
    );
    let asking: Vec<_> = Event::ALL
        .iter()
        .filter_map(|event| inventory::letter_after(event.as_str(), ours, now))
        .collect();
    assert_eq!(
        asking.len(),
        11,
        "a name in letter_after is no event: {asking:?}"
    );
    assert!(asking.iter().all(|job| job.queue() == jobs::Queue::Mail));
    assert_eq!(
        inventory::letter_after("user_login_succeeded", ours, now),
        None
    );
}
