//! What is thrown away of the log, and what becomes of it in another cluster.
use crate::{
    outbox::{FOLLOWER, emit, read, read_all},
    sql::{change, lines, number},
};
use batchtrack_core::outbox;
use batchtrack_testkit::{Role, TestDb, event};

/// Makes a partition for a day that has passed and moves the facts there, as if that had been when
/// they were recorded.
async fn days_ago(t: &TestDb, days: i32) {
    let mut owner = t.owner_conn().await;
    let day = lines(
        &mut owner,
        &format!("SELECT to_char((now() AT TIME ZONE 'UTC')::date - {days}, 'YYYY_MM_DD') AS line"),
    )
    .await
    .remove(0);
    let bound = |days: i32| {
        format!(
            "SELECT format('%L', ((now() AT TIME ZONE 'UTC')::date - {days})::timestamp AT TIME ZONE 'UTC') AS line"
        )
    };
    let from = lines(&mut owner, &bound(days)).await.remove(0);
    let to = lines(&mut owner, &bound(days - 1)).await.remove(0);
    change(
        &mut owner,
        &format!(
            "CREATE TABLE IF NOT EXISTS partitions.domain_events_{day} PARTITION OF domain_events FOR VALUES FROM ({from}) TO ({to})"
        ),
    )
    .await
    .unwrap();
    change(
        &mut owner,
        &format!("UPDATE domain_events SET recorded_at = {from}::timestamptz + interval '1 hour' WHERE recorded_at > now() - interval '1 day'"),
    )
    .await
    .unwrap();
}

async fn days(t: &TestDb) -> i64 {
    number(
        &mut t.owner_conn().await,
        "SELECT count(*) AS n FROM pg_inherits WHERE inhparent = 'domain_events'::regclass",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn old_days_go_as_a_whole_unless_something_in_them_is_still_to_be_done() {
    let t = TestDb::new().await;
    // The template may be of yesterday.
    outbox::rotate(&t.system, 30).await.unwrap();
    let before = days(&t).await;
    emit(&t, 3).await;
    days_ago(&t, 40).await;
    let facts = "SELECT count(*) AS n FROM domain_events";
    let mut owner = t.owner_conn().await;

    let held = outbox::rotate(&t.system, 30).await.unwrap();
    assert_eq!((held.dropped, held.held_back), (0, 10));
    assert_eq!(
        number(&mut owner, facts).await,
        3,
        "nobody has heard of them"
    );

    // Nor in the middle of a stretch.
    read(&t.system, 2).await;
    let held = outbox::rotate(&t.system, 30).await.unwrap();
    assert_eq!((held.dropped, held.held_back), (0, 10));
    assert_eq!(read_all(&t).await.len(), 1);

    let kept = outbox::rotate(&t.system, 41).await.unwrap();
    assert_eq!((kept.dropped, kept.held_back), (0, 0));
    let gone = outbox::rotate(&t.system, 30).await.unwrap();
    assert_eq!((gone.dropped, gone.held_back), (1, 0));
    assert_eq!(number(&mut owner, facts).await, 0);
    assert_eq!(days(&t).await, before);
    let again = outbox::rotate(&t.system, 30).await.unwrap();
    assert_eq!((again.made, again.dropped), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_gives_up_rather_than_keep_everybody_waiting() {
    let t = TestDb::new().await;
    emit(&t, 1).await;
    read_all(&t).await;
    days_ago(&t, 40).await;
    let ours = t.organization("Busy").await;
    let mut busy = t.begin(ours).await;
    outbox::emit(&mut busy, vec![event(1)]).await.unwrap();
    outbox::rotate(&t.system, 30)
        .await
        .expect_err("somebody holds the table");
    busy.commit().await.unwrap();
    assert_eq!(outbox::rotate(&t.system, 30).await.unwrap().dropped, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_positions_are_forgotten_but_never_the_newest() {
    let t = TestDb::new().await;
    for _ in 0..3 {
        emit(&t, 1).await;
        read_all(&t).await;
    }
    let positions = "SELECT count(*) AS n FROM outbox_positions";
    let mut owner = t.owner_conn().await;
    let there = number(&mut owner, positions).await;
    assert!(there > 2);
    assert_eq!(outbox::forget_positions(&t.system).await.unwrap(), 0);
    change(
        &mut owner,
        "UPDATE outbox_positions SET taken_at = taken_at - interval '2 days'",
    )
    .await
    .unwrap();
    let forgotten = outbox::forget_positions(&t.system).await.unwrap();
    assert_eq!(i64::try_from(forgotten).unwrap(), there - 1);
    assert_eq!(number(&mut owner, positions).await, 1);
    assert!(read_all(&t).await.is_empty(), "it still knows where it is");
}

/// A restore brings rows whose transaction numbers are another cluster's: here far higher than any
/// that this one has given.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_into_another_cluster_what_was_to_come_still_comes_and_nothing_else() {
    let t = TestDb::new().await;
    emit(&t, 4).await;
    read_all(&t).await;
    let ours = t.organization("Later").await;
    t.commit(ours, async |tx| {
        outbox::emit(tx, (11..=13).map(event).collect()).await
    })
    .await;
    // One of the three was passed on, in a stretch that is still under way.
    assert_eq!(read(&t.system, 1).await.unwrap()[0].entity_id, 11);
    let mut admin = t.conn(Role::Admin).await;
    for made_foreign in [
        "UPDATE domain_events SET xid = xid + 5000000000",
        "UPDATE outbox_positions SET cluster = 1, after_xid = after_xid + 5000000000, \
            done = (SELECT string_agg((part::bigint + 5000000000)::text, ':') \
                      FROM unnest((string_to_array(done, ':'))[1:2]) part) || ':' \
          , upto = (SELECT string_agg((part::bigint + 5000000000)::text, ':') \
                      FROM unnest((string_to_array(upto, ':'))[1:2]) part) || ':'",
    ] {
        change(&mut admin, made_foreign).await.unwrap();
    }
    // The web came up before the relay.
    t.commit(ours, async |tx| outbox::emit(tx, vec![event(21)]).await)
        .await;
    let held = outbox::rotate(&t.system, 1).await.unwrap();
    assert_eq!(held.dropped, 0, "nobody knows what has been dealt with");
    // Somebody writes while the numbers are made anew.
    let mut slow = t.begin(ours).await;
    outbox::emit(&mut slow, vec![event(31)]).await.unwrap();
    let came: Vec<_> = read_all(&t)
        .await
        .iter()
        .map(|fact| fact.entity_id)
        .collect();
    assert_eq!(came, [12, 13, 21]);
    slow.commit().await.unwrap();
    let came: Vec<_> = read_all(&t)
        .await
        .iter()
        .map(|fact| fact.entity_id)
        .collect();
    assert_eq!(came, [31]);
    assert!(read_all(&t).await.is_empty());
    assert_eq!(outbox::lag(&t.system, FOLLOWER).await.unwrap().facts, 0);
}
