use super::{by, execute, noted, one};
use crate::sql::change;
use batchtrack_core::{
    kernel::ids::UserId,
    organizations::audit::{self, Act, By, Entry, Filter, Line, OperatorReason},
    platform::{
        OrgTx,
        db::{OperatorStay, Origin},
    },
};
use batchtrack_testkit::TestDb;
use serde_json::json;
use std::sync::Arc;

async fn entries(tx: &mut OrgTx, filter: &Filter) -> Vec<Entry> {
    audit::entries(tx, filter, None, 100).await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_says_who_did_it_and_from_where() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let origin = Origin {
        client: Some("192.0.2.7".parse().unwrap()),
        stay: None,
    };
    let mut tx = t.db.begin_from(t.acting(ours), origin).await.unwrap();
    let line = Line::new(Act::RoleCreated, "Packer").about(7);
    audit::note(
        &mut tx,
        line.with(json!({ "permissions": ["tags.manage"] })),
    )
    .await
    .unwrap();
    let found = entries(&mut tx, &Filter::default()).await;
    let [entry] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (entry.actor.as_str(), entry.user),
        ("Acme", Some(t.owner_of(ours)))
    );
    assert_eq!(
        (
            entry.act.as_str(),
            entry.label(),
            entry.subject.as_str(),
            entry.subject_id
        ),
        ("roles.created", "Role made", "Packer", Some(7))
    );
    assert_eq!(entry.details, json!({ "permissions": ["tags.manage"] }));
    assert_eq!(entry.client.as_deref(), Some("192.0.2.7"));
    assert_eq!((entry.by_operator, &entry.reason), (false, &None));
    // What is not kept was not done.
    drop(tx);
    assert_eq!(noted(&t, ours).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_named_with_the_reason() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Ops").await);
    let operator = t.owner_of(theirs);
    let origin = Origin {
        client: None,
        stay: Some(Arc::new(OperatorStay {
            id: batchtrack_core::kernel::ids::OperatorStayId::new(1),
            name: "Olga Operator".to_owned(),
            email: "olga@example.com".to_owned(),
            reason: "Ticket 4711".to_owned(),
        })),
    };
    let mut acting = t.acting(ours);
    acting.user = Some(operator);
    let mut tx = t.db.begin_from(acting, origin).await.unwrap();
    audit::note(&mut tx, Line::new(Act::OperatorActed, "POST /x"))
        .await
        .unwrap();
    let found = entries(&mut tx, &Filter::default()).await;
    assert_eq!(found[0].actor, "Olga Operator");
    assert_eq!(
        (found[0].user, found[0].by_operator),
        (Some(operator), true)
    );
    assert_eq!(found[0].reason.as_deref(), Some("Ticket 4711"));
    tx.commit().await.unwrap();

    let command = By {
        name: Some("root@here".to_owned()),
        operator: Some(OperatorReason::default()),
        ..By::default()
    };
    let mut tx = t.system.begin().await.unwrap();
    let line = Line::new(Act::TierChanged, "Acme");
    audit::note_for_system(&mut tx, ours, &command, line)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = t.begin(ours).await;
    let found = entries(&mut tx, &Filter::default()).await;
    assert_eq!(
        (found[0].actor.as_str(), found[0].user, found[0].by_operator),
        ("root@here", None, true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_found_by_words_person_act_and_time() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let start = t.clock.now();
    for (nth, subject) in ["Soap 50%", "Candle", "soap"].into_iter().enumerate() {
        let act = if nth == 1 {
            Act::RoleDeleted
        } else {
            Act::RoleCreated
        };
        t.commit(ours, async |tx| {
            audit::note(tx, Line::new(act, subject)).await
        })
        .await;
        t.clock.advance(chrono::TimeDelta::hours(1));
    }
    let mut tx = t.begin(ours).await;
    let subjects = async |tx: &mut OrgTx, filter: Filter| -> Vec<String> {
        let found = entries(tx, &filter).await;
        found.into_iter().map(|entry| entry.subject).collect()
    };
    let words = |words: &str| Filter {
        words: Some(words.to_owned()),
        ..Filter::default()
    };
    assert_eq!(subjects(&mut tx, words("SOAP")).await, ["soap", "Soap 50%"]);
    assert_eq!(subjects(&mut tx, words("50%")).await, ["Soap 50%"]);
    assert_eq!(subjects(&mut tx, words("acme")).await.len(), 3);
    let act = Filter {
        act: Some(Act::RoleDeleted),
        ..Filter::default()
    };
    assert_eq!(subjects(&mut tx, act).await, ["Candle"]);
    for (person, many) in [(t.owner_of(ours), 3), (UserId::new(999), 0)] {
        let filter = Filter {
            person: Some(person),
            ..Filter::default()
        };
        assert_eq!(subjects(&mut tx, filter).await.len(), many);
    }
    let between = Filter {
        from: Some(start + chrono::TimeDelta::hours(1)),
        until: Some(start + chrono::TimeDelta::hours(2)),
        ..Filter::default()
    };
    assert_eq!(subjects(&mut tx, between).await, ["Candle"]);
    // A page at a time, none twice.
    let all = Filter::default();
    let first = audit::entries(&mut tx, &all, None, 2).await.unwrap();
    let rest = audit::entries(&mut tx, &all, first.next.as_ref(), 2)
        .await
        .unwrap();
    assert_eq!((first.rows.len(), rest.rows.len(), rest.next), (2, 1, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_the_list_or_reads_anothers() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Rival").await);
    t.commit(ours, async |tx| {
        audit::note(tx, Line::new(Act::RoleCreated, "Secret")).await
    })
    .await;
    assert_eq!(noted(&t, theirs).await, Vec::<String>::new());
    let unfenced = t.unfenced_db().await;
    let mut tx = unfenced.begin(t.acting(theirs)).await.unwrap();
    assert_eq!(entries(&mut tx, &Filter::default()).await, []);
    let mut owner = t.owner_conn().await;
    for sql in [
        "UPDATE audit_entries SET actor = 'x'",
        "DELETE FROM audit_entries",
    ] {
        let refused = change(&mut owner, sql).await.unwrap_err();
        assert!(refused.contains("only ever added"), "{refused}");
    }
    assert_eq!(
        one(&t, "SELECT count(*)::text AS line FROM audit_entries").await,
        "1"
    );
    // A word of a newer program is shown as it is.
    execute(&t, "INSERT INTO audit_entries (organization_id, at, actor, act, subject, correlation_id) \
                 SELECT id, created_at, 'x', 'kiln.lit', 'y', 'z' FROM organizations WHERE name = 'Acme'").await;
    let mut tx = t.begin(ours).await;
    assert_eq!(
        entries(&mut tx, &Filter::default()).await[0].label(),
        "kiln.lit"
    );
    let _ = by(t.owner_of(ours));
}

#[test]
fn every_act_is_documented() {
    let page = include_str!("../../../../../docs/AUDIT.md");
    let listed: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let known: Vec<_> = Act::ALL.iter().map(|act| act.as_str()).collect();
    assert_eq!(listed, known, "docs/AUDIT.md, in the order of the enum");
}
