use crate::sql::{change, number};
use batchtrack_core::{
    kernel::ids::OrganizationId,
    outbox::{self, Consumer, Fact, NewEvent},
    platform::{SystemDb, statements::counted},
};
use batchtrack_testkit::{CORRELATION, TestDb, event};
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) const FOLLOWER: Consumer = Consumer::Dispatcher;

fn events(how_many: i64) -> Vec<NewEvent> {
    (1..=how_many).map(event).collect()
}

pub(crate) async fn emit(t: &TestDb, how_many: i64) {
    let ours = t.organization("Acme").await;
    emit_for(t, ours, how_many).await;
}

pub(crate) async fn emit_for(t: &TestDb, ours: OrganizationId, how_many: i64) {
    t.commit(ours, async |tx| outbox::emit(tx, events(how_many)).await)
        .await;
}

/// Takes one turn, by a pool of its own where several do so at once.
pub(crate) async fn read(system: &SystemDb, limit: u32) -> Option<Vec<Fact>> {
    let turn = outbox::turn(system, FOLLOWER, limit).await.unwrap()?;
    let facts = turn.facts().to_vec();
    turn.finish().await.unwrap();
    Some(facts)
}

pub(crate) async fn read_all(t: &TestDb) -> Vec<Fact> {
    let mut all = Vec::new();
    loop {
        let turn = outbox::turn(&t.system, FOLLOWER, 1000).await.unwrap();
        let turn = turn.expect("nobody else reads");
        all.extend_from_slice(turn.facts());
        if !turn.finish().await.unwrap() {
            return all;
        }
    }
}

fn subjects(facts: &[Fact]) -> Vec<i64> {
    facts.iter().map(|fact| fact.entity_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_is_there_when_and_only_if_its_cause_is() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut tx = t.begin(ours).await;
    outbox::emit(&mut tx, vec![event(1)]).await.unwrap();
    drop(tx);
    assert!(read_all(&t).await.is_empty(), "it never happened");

    let mut tx = t.begin(ours).await;
    outbox::emit(&mut tx, vec![event(2)]).await.unwrap();
    assert!(read_all(&t).await.is_empty(), "it has not happened yet");
    tx.commit().await.unwrap();
    let facts = read_all(&t).await;
    assert_eq!(facts.len(), 1);
    let fact = &facts[0];
    assert_eq!(fact.organization, ours);
    assert_eq!(fact.user, Some(t.owner_of(ours)));
    assert_eq!(
        (
            fact.name.as_str(),
            fact.entity_type.as_str(),
            fact.entity_id
        ),
        ("product_created", "product", 2)
    );
    assert_eq!(fact.properties, json!({ "product_name": "Soap 2" }));
    assert_eq!(fact.occurred_at, t.clock.now());
    assert_eq!(
        (fact.correlation.as_str(), fact.schema_version),
        (CORRELATION, 1)
    );
    assert_eq!(fact.traceparent, None, "there is no collector");

    let mut tx = t.system.begin().await.unwrap();
    let again = outbox::fact(&mut tx, ours, fact.event, fact.recorded_at).await;
    assert_eq!(again.unwrap().as_ref(), Some(fact));
    let theirs = t.organization("Other").await;
    let other = outbox::fact(&mut tx, theirs, fact.event, fact.recorded_at).await;
    assert_eq!(other.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_facts_is_one_statement_and_keeps_its_order() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut tx = t.begin(ours).await;
    let (emitted, statements) = counted(outbox::emit(&mut tx, events(350))).await;
    emitted.unwrap();
    assert_eq!(statements, 1);
    let (emitted, statements) = counted(outbox::emit(&mut tx, vec![])).await;
    emitted.unwrap();
    assert_eq!(statements, 0);
    tx.commit().await.unwrap();
    assert_eq!(subjects(&read_all(&t).await), (1..=350).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_records_facts_of_an_organisation_it_has_just_made() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut tx = t.system.begin().await.unwrap();
    outbox::emit_for_system(&mut tx, ours, None, "sign-up", vec![event(1)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let facts = read_all(&t).await;
    assert_eq!(
        (
            facts[0].organization,
            facts[0].user,
            facts[0].correlation.as_str()
        ),
        (ours, None, "sign-up")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_stretch_is_read_in_turns_of_a_constant_number_of_statements() {
    let t = TestDb::new().await;
    emit(&t, 61).await;
    let mut seen = vec![];
    for size in [25, 25, 11, 0, 0] {
        let (facts, statements) = counted(read(&t.system, 25)).await;
        let facts = facts.unwrap();
        assert_eq!(facts.len(), size);
        assert!(statements <= 4, "{statements}");
        seen.extend(subjects(&facts));
    }
    assert_eq!(seen, (1..=61).collect::<Vec<_>>());
    let kept = "SELECT count(*) AS n FROM domain_events";
    assert_eq!(
        number(&mut t.owner_conn().await, kept).await,
        61,
        "facts stay"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_nothing_leaves_no_trace() {
    let t = TestDb::new().await;
    emit(&t, 1).await;
    read_all(&t).await;
    let mut owner = t.owner_conn().await;
    let positions = "SELECT count(*) AS n FROM outbox_positions";
    let before = number(&mut owner, positions).await;
    for _ in 0..5 {
        assert_eq!(read(&t.system, 10).await, Some(vec![]));
    }
    assert_eq!(number(&mut owner, positions).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commits_late_is_still_to_come_though_its_number_is_lower() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut slow = t.begin(ours).await;
    outbox::emit(&mut slow, vec![event(1)]).await.unwrap();
    t.commit(ours, async |tx| outbox::emit(tx, vec![event(2)]).await)
        .await;
    let first = read_all(&t).await;
    assert_eq!(subjects(&first), [2]);
    // More happens, in turns that end in the middle of a stretch.
    for n in 3..=6 {
        t.commit(ours, async |tx| outbox::emit(tx, vec![event(n)]).await)
            .await;
    }
    assert_eq!(subjects(&read(&t.system, 2).await.unwrap()), [3, 4]);
    slow.commit().await.unwrap();
    assert_eq!(subjects(&read(&t.system, 2).await.unwrap()), [5, 6]);
    let late = read_all(&t).await;
    assert_eq!(subjects(&late), [1]);
    assert!(late[0].event < first[0].event, "else this shows nothing");
    assert!(read_all(&t).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_is_not_finished_never_was() {
    let t = TestDb::new().await;
    emit(&t, 3).await;
    let turn = outbox::turn(&t.system, FOLLOWER, 10)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(turn.facts().len(), 3);
    let other = outbox::turn(&t.system, FOLLOWER, 10).await.unwrap();
    assert!(other.is_none(), "one at a time");
    drop(turn);
    // The rollback is on its way.
    let mut again = None;
    while again.is_none() {
        again = read(&t.system, 10).await;
    }
    assert_eq!(again.unwrap().len(), 3);
    assert!(read_all(&t).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_whose_connection_is_cut_before_the_commit_loses_nothing() {
    let t = TestDb::new().await;
    emit(&t, 3).await;
    let turn = outbox::turn(&t.system, FOLLOWER, 10)
        .await
        .unwrap()
        .unwrap();
    let cut = "SELECT count(pg_terminate_backend(pid, 5000)) AS n FROM pg_stat_activity \
                WHERE datname = current_database() AND usename = 'batchtrack_system'";
    let mut admin = t.conn(batchtrack_testkit::Role::Admin).await;
    assert!(number(&mut admin, cut).await >= 1);
    turn.finish()
        .await
        .expect_err("there is nobody to commit it");
    assert_eq!(read_all(&t).await.len(), 3);
}

/// Six followers race while facts are recorded by transactions that overlap at random.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_followers_at_once_read_each_fact_exactly_once() {
    let t = TestDb::with_pool(8).await;
    let ours = t.organization("Acme").await;
    let writing = async {
        let writers = (0..8_i64).map(|writer| {
            let t = &t;
            async move {
                for n in 0..20 {
                    let mut tx = t.begin(ours).await;
                    let of_this = (0..5).map(|k| event(writer * 1000 + n * 10 + k)).collect();
                    outbox::emit(&mut tx, of_this).await.unwrap();
                    if n % 3 == 0 {
                        tokio::task::yield_now().await;
                    }
                    if n % 7 == 6 {
                        drop(tx);
                    } else {
                        tx.commit().await.unwrap();
                    }
                }
            }
        });
        futures_util::future::join_all(writers).await;
    };
    let recorded = "SELECT count(*) AS n FROM domain_events";
    let done = std::sync::atomic::AtomicBool::new(false);
    let follow = async || {
        let mut mine = vec![];
        loop {
            let was_done = done.load(std::sync::atomic::Ordering::SeqCst);
            match read(&t.system, 7).await {
                Some(facts) if facts.is_empty() && was_done => return mine,
                Some(facts) => mine.extend(subjects(&facts)),
                None => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
            }
        }
    };
    let following = futures_util::future::join_all((0..6).map(|_| Box::pin(follow())));
    let writing = async {
        writing.await;
        done.store(true, std::sync::atomic::Ordering::SeqCst);
    };
    let ((), read) = tokio::join!(writing, following);
    let all: Vec<i64> = read.into_iter().flatten().collect();
    let once: BTreeSet<i64> = all.iter().copied().collect();
    assert_eq!(all.len(), once.len(), "none twice");
    let kept = number(&mut t.owner_conn().await, recorded).await;
    assert_eq!(i64::try_from(all.len()).unwrap(), kept, "and all of them");
    assert_eq!(kept, 8 * 18 * 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_ahead_is_known() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let lag = async || outbox::lag(&t.system, FOLLOWER).await.unwrap();
    assert_eq!((lag().await.facts, lag().await.since), (0, None));
    let mut slow = t.begin(ours).await;
    outbox::emit(&mut slow, vec![event(1)]).await.unwrap();
    t.commit(ours, async |tx| outbox::emit(tx, events(9)).await)
        .await;
    assert_eq!(lag().await.facts, 9);
    assert!(lag().await.age() > chrono::TimeDelta::zero());
    read(&t.system, 4).await;
    assert_eq!(lag().await.facts, 5);
    slow.commit().await.unwrap();
    assert_eq!(lag().await.facts, 6, "also what comes beside the stretch");
    read_all(&t).await;
    assert_eq!(
        (lag().await.facts, lag().await.age().num_microseconds()),
        (0, Some(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_without_a_position_begins_with_what_the_log_holds() {
    let t = TestDb::new().await;
    emit(&t, 3).await;
    read_all(&t).await;
    change(&mut t.owner_conn().await, "DELETE FROM outbox_positions")
        .await
        .unwrap();
    assert_eq!(read_all(&t).await.len(), 3);
    assert!(read_all(&t).await.is_empty());
}
