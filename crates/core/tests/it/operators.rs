//! Operators: who they are, what they do about work that failed, and the list of what they did.
mod dispatch;
mod replay;

use crate::sql::{change, lines, number};
use batchtrack_core::{
    jobs::{self, Job, NewJob, Queue, operate::Retried},
    kernel::{
        ids::{JobId, OrganizationId},
        text::Email,
    },
    mail,
    operators::{self, Act, Actor, Appointed, OperatorError},
    organizations,
};
use batchtrack_testkit::{Role, TestDb};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Errand;

impl Job for Errand {
    const KIND: &'static str = "test.errand.v1";
    const QUEUE: Queue = Queue::Bulk;
}

pub(crate) fn actor() -> Actor {
    Actor {
        user: None,
        name: "root@here".to_owned(),
        correlation: "test".to_owned(),
    }
}

/// What was done, the latest first.
async fn done(t: &TestDb) -> Vec<(Act, String, i64)> {
    let mut tx = t.system.begin().await.unwrap();
    let page = operators::audit(&mut tx, None, 100).await.unwrap();
    page.rows
        .into_iter()
        .map(|entry| {
            assert_eq!(
                (entry.actor.as_str(), entry.correlation.as_str()),
                ("root@here", "test")
            );
            (entry.act, entry.subject, entry.how_many)
        })
        .collect()
}

async fn owner_address(t: &TestDb, of: OrganizationId) -> Email {
    let user = t.owner_of(of);
    let sql = format!("SELECT email AS line FROM users WHERE id = {user}");
    lines(&mut t.owner_conn().await, &sql).await[0]
        .parse()
        .unwrap()
}

/// Jobs that have died.
async fn dead_jobs(t: &TestDb, many: usize) -> Vec<JobId> {
    let mut tx = t.system.begin().await.unwrap();
    let jobs = (0..many).map(|_| NewJob::of(&Errand)).collect();
    jobs::enqueue_for_system(&mut tx, "test", jobs)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut owner = t.owner_conn().await;
    change(
        &mut owner,
        "WITH gone AS (DELETE FROM jobs RETURNING *) \
         INSERT INTO jobs_dead (id, died_at, queue, kind, args, correlation_id, enqueued_at, attempt, failures, last_error) \
         SELECT id, enqueued_at, queue, kind, args, correlation_id, enqueued_at, 10, 10, 'no' FROM gone",
    )
    .await
    .unwrap();
    let ids = lines(
        &mut owner,
        "SELECT id::text AS line FROM jobs_dead ORDER BY id",
    )
    .await;
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_of_the_tables_makes_an_operator() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let email = owner_address(&t, ours).await;
    let is_operator = async || {
        let mut tx = t.begin(ours).await;
        let member = organizations::membership(&mut tx).await.unwrap();
        member.unwrap().is_operator
    };
    assert!(!is_operator().await);
    let (owner, clock) = (t.owner_url(), t.clock.clone());
    let appoint = async |email: &Email, is_operator| {
        operators::appoint(&owner, &clock, &actor(), email, is_operator).await
    };
    assert_eq!(appoint(&email, true).await.unwrap(), Appointed::Changed);
    assert_eq!(appoint(&email, true).await.unwrap(), Appointed::AsBefore);
    assert!(is_operator().await);
    assert_eq!(appoint(&email, false).await.unwrap(), Appointed::Changed);
    assert!(!is_operator().await);
    let nobody = appoint(&"nobody@example.com".parse().unwrap(), true).await;
    assert!(matches!(nobody, Err(OperatorError::NoSuchPerson)));
    let address = email.as_str().to_owned();
    assert_eq!(
        done(&t).await,
        [
            (Act::OperatorRemoved, address.clone(), 1),
            (Act::OperatorAdded, address, 1)
        ]
    );
    // It was ended by somebody, so a start of the local stack does not bring it back.
    let once = operators::appoint_once(&owner, &clock, &actor(), &email).await;
    assert_eq!(once.unwrap(), Appointed::AsBefore);
    assert!(!is_operator().await);

    for role in [Role::App, Role::System] {
        let mut conn = t.conn(role).await;
        for forbidden in [
            "UPDATE users SET is_operator = true",
            "INSERT INTO users (username, email, password_hash, created_at, is_operator) \
             VALUES ('eve', 'eve@example.com', '', now(), true)",
        ] {
            let refused = change(&mut conn, forbidden).await.unwrap_err();
            assert!(refused.contains("permission denied"), "{role:?} {refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_what_was_done_is_only_ever_added_to() {
    let t = TestDb::new().await;
    let job = dead_jobs(&t, 1).await[0];
    operators::discard_job(&t.system, &actor(), job)
        .await
        .unwrap();
    for (role, why) in [
        (Role::App, "permission denied"),
        (Role::System, "permission denied"),
        (Role::Owner, "only ever added"),
        (Role::Admin, "only ever added"),
    ] {
        let mut conn = t.conn(role).await;
        for forbidden in [
            "UPDATE operator_audit SET actor = 'somebody else'",
            "DELETE FROM operator_audit",
            "TRUNCATE operator_audit",
        ] {
            let refused = change(&mut conn, forbidden).await.unwrap_err();
            assert!(refused.contains(why), "{role:?}: {refused}");
        }
    }
    let refused = change(&mut t.app_conn().await, "SELECT FROM operator_audit").await;
    assert!(refused.unwrap_err().contains("permission denied"));
    assert_eq!(done(&t).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_about_the_dead_is_written_down_once() {
    let t = TestDb::new().await;
    let dead = dead_jobs(&t, 5).await;
    let by = actor();
    let retried = operators::retry_job(&t.system, &by, dead[0]).await.unwrap();
    assert_eq!(retried.back, 1);
    operators::discard_job(&t.system, &by, dead[1])
        .await
        .unwrap();
    for (id, expected) in [(dead[0], "not_dead"), (dead[1], "no_job")] {
        let again = operators::retry_job(&t.system, &by, id).await.unwrap_err();
        let dropped = operators::discard_job(&t.system, &by, id)
            .await
            .unwrap_err();
        for error in [again, dropped] {
            use batchtrack_core::kernel::Fault as _;
            assert_eq!(error.code(), format!("operators.{expected}"));
        }
    }
    let now = t.clock.now();
    let kind = "test.errand.v1";
    let (one, other) = tokio::join!(
        operators::retry_kind(&t.system, &by, kind, now),
        operators::retry_kind(&t.system, &by, kind, now)
    );
    assert_eq!(one.unwrap().back + other.unwrap().back, 3);
    let again = operators::retry_kind(&t.system, &by, kind, now).await;
    assert_eq!(again.unwrap(), Retried::default());
    let done = done(&t).await;
    let of = |which: Act| done.iter().filter(move |(act, ..)| *act == which);
    assert_eq!(of(Act::JobsRetried).map(|(.., many)| many).sum::<i64>(), 4);
    let discarded: Vec<_> = of(Act::JobsDiscarded).collect();
    assert_eq!(discarded.len(), 1);
    assert_eq!(discarded[0].1, format!("{kind} {}", dead[1]));
    let waiting = "SELECT count(*) AS n FROM jobs";
    assert_eq!(number(&mut t.owner_conn().await, waiting).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suppressed_address_can_be_written_to_again() {
    let t = TestDb::new().await;
    let mut tx = t.system.begin().await.unwrap();
    for address in ["Ada@Example.com", "bob@example.com"] {
        mail::suppress(&mut tx, address, "550 no such mailbox")
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let by = actor();
    operators::lift_suppression(&t.system, &by, "ADA@example.com")
        .await
        .unwrap();
    let again = operators::lift_suppression(&t.system, &by, "ada@example.com").await;
    assert!(matches!(again, Err(OperatorError::NotSuppressed)));
    let mut tx = t.system.begin().await.unwrap();
    let left = mail::suppressions(&mut tx, "", 10).await.unwrap();
    assert_eq!(
        (left.len(), left[0].address.as_str()),
        (1, "bob@example.com")
    );
    assert_eq!(left[0].said, "550 no such mailbox");
    let after = mail::suppressions(&mut tx, "bob@example.com", 10).await;
    assert!(after.unwrap().is_empty());
    assert_eq!(
        done(&t).await,
        [(Act::SuppressionLifted, "ada@example.com".to_owned(), 1)]
    );
}
