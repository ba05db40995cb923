//! Sending events again.
use super::{
    actor,
    dispatch::{emit, fails, jobs_for_hook},
    done,
};
use crate::sql::{change, lines, number};
use batchtrack_core::{
    kernel::ids::{EventId, OrganizationId, WebhookEndpointId},
    operators::{self, Act, OperatorError, Replayed, Stretch},
    webhooks,
};
use batchtrack_testkit::TestDb;
use chrono::{DateTime, TimeDelta, Utc};

async fn endpoint(t: &TestDb, of: OrganizationId, events: &str) -> WebhookEndpointId {
    let sql = format!(
        "INSERT INTO webhook_endpoints (organization_id, url, events, created_at) \
         VALUES ({of}, 'https://example.com', '{events}', now()) RETURNING id::text AS line"
    );
    lines(&mut t.owner_conn().await, &sql).await[0]
        .parse()
        .unwrap()
}

async fn events_of(t: &TestDb, of: OrganizationId) -> Vec<EventId> {
    let sql = format!(
        "SELECT id::text AS line FROM domain_events WHERE organization_id = {of} ORDER BY id"
    );
    let found = lines(&mut t.owner_conn().await, &sql).await;
    found.iter().map(|id| id.parse().unwrap()).collect()
}

/// A stretch around now: events are recorded by the database's clock.
async fn around_now(t: &TestDb) -> Stretch {
    let sql = "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS line";
    let now: DateTime<Utc> = lines(&mut t.owner_conn().await, sql).await[0]
        .parse()
        .unwrap();
    Stretch {
        from: now - TimeDelta::hours(1),
        to: now + TimeDelta::hours(1),
        organization: None,
        endpoint: None,
        only_unmet: false,
    }
}

async fn waiting(t: &TestDb, kind: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM jobs WHERE kind = '{kind}'");
    number(&mut t.owner_conn().await, &sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_goes_to_whoever_hears_of_it() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Rival").await);
    let (all, _other) = (
        endpoint(&t, ours, "{}").await,
        endpoint(&t, ours, "{batch_started}").await,
    );
    let foreign = endpoint(&t, theirs, "{}").await;
    emit(&t, ours, 1).await;
    let event = *events_of(&t, ours).await.last().unwrap();
    let (system, by) = (&t.system, actor());
    let replay = async |organization, endpoint, hook| {
        operators::replay_event(system, &by, event, organization, endpoint, hook).await
    };
    let first = replay(None, None, true).await.unwrap();
    let expected = Replayed {
        deliveries: 1,
        to_hook: 1,
        under_way: 0,
    };
    assert_eq!(first, expected);
    // Said twice: the hook is not told twice.
    let again = replay(Some(ours), None, true).await.unwrap();
    assert_eq!((again.to_hook, again.under_way), (0, 1));
    let to_one = replay(None, Some(all), true).await.unwrap();
    assert_eq!((to_one.deliveries, to_one.to_hook), (1, 0));
    for (organization, endpoint) in [(Some(theirs), None), (None, Some(foreign))] {
        let refused = replay(organization, endpoint, false).await.unwrap_err();
        assert!(matches!(
            refused,
            OperatorError::NoEvent | OperatorError::NoEndpoint(_)
        ));
    }
    let causes = "SELECT DISTINCT cause || ' ' || message_id AS line FROM webhook_deliveries";
    let causes = lines(&mut t.owner_conn().await, causes).await;
    assert_eq!(causes, [format!("replay evt_{event}")], "under the same id");
    assert_eq!(waiting(&t, "webhooks.deliver.v1").await, 3);
    assert_eq!(waiting(&t, "webhooks.operator.v1").await, 1);
    let subject = format!("event {event} of organisation {ours}");
    let line = (Act::EventsReplayed, subject, 1);
    assert_eq!(done(&t).await, [line.clone(), line.clone(), line]);
    let gone = operators::replay_event(system, &by, EventId::new(999_999), None, None, true).await;
    assert!(matches!(gone, Err(OperatorError::NoEvent)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stretch_of_time_is_begun_for_everybody_who_listens() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Rival").await);
    let _deaf = t.organization("Deaf").await;
    let (mine, _) = (
        endpoint(&t, ours, "{}").await,
        endpoint(&t, theirs, "{}").await,
    );
    endpoint(&t, ours, "{}").await;
    let all = around_now(&t).await;
    let (system, by) = (&t.system, actor());
    let begun = operators::replay_events(system, &by, &all).await.unwrap();
    assert_eq!(begun.len(), 2, "one for each organisation: {begun:?}");
    let one = Stretch {
        endpoint: Some(mine),
        only_unmet: true,
        ..all
    };
    let begun = operators::replay_events(system, &by, &one).await.unwrap();
    assert_eq!(begun, [ours]);
    let ours_only = Stretch {
        organization: Some(theirs),
        ..one
    };
    let refused = operators::replay_events(system, &by, &ours_only).await;
    assert!(matches!(refused, Err(OperatorError::NoEndpoint(_))));
    let empty = Stretch {
        to: all.from,
        ..all
    };
    let refused = operators::replay_events(system, &by, &empty).await;
    assert!(matches!(refused, Err(OperatorError::EmptyStretch)));
    assert_eq!(waiting(&t, "webhooks.replay.v1").await, 3);
    assert_eq!(done(&t).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hook_is_told_again_of_what_it_did_not_take_and_of_nothing_twice() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    emit(&t, ours, 4).await;
    let jobs = jobs_for_hook(&t, ours).await;
    // Of all there is, one job is delayed, one is dead and noted; of two the dead job was discarded.
    fails(&t, &jobs[0], 3, false).await;
    for job in &jobs[1..4] {
        fails(&t, job, 12, true).await;
        let mut tx = t.system.begin().await.unwrap();
        webhooks::note_operator_failure(&mut tx, job, 12, "no")
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let discarded = format!(
        "DELETE FROM jobs_dead WHERE args ->> 'event' IN ('{}', '{}')",
        jobs[2].event, jobs[3].event
    );
    change(&mut t.owner_conn().await, &discarded).await.unwrap();
    let others = i64::try_from(jobs.len()).unwrap() - 4;
    let (system, by) = (&t.system, actor());

    let mut tx = system.begin().await.unwrap();
    let first = operators::given_up(&mut tx, None, 2).await.unwrap();
    let rest = operators::given_up(&mut tx, first.next.as_ref(), 2)
        .await
        .unwrap();
    drop(tx);
    let shown: Vec<_> = first.rows.iter().chain(&rest.rows).collect();
    let events: Vec<_> = shown.iter().map(|one| one.event).collect();
    assert_eq!(events, [jobs[3].event, jobs[2].event, jobs[1].event]);
    assert!(
        shown
            .iter()
            .all(|one| !one.is_under_way && one.attempts == 12)
    );

    let told = operators::replay_given_up(system, &by, t.clock.now())
        .await
        .unwrap();
    assert_eq!((told.to_hook, told.under_way), (3, 0));
    let again = operators::replay_given_up(system, &by, t.clock.now())
        .await
        .unwrap();
    assert_eq!((again.to_hook, again.under_way), (0, 3));
    assert_eq!(waiting(&t, "webhooks.operator.v1").await, others + 3);
    let dead = "SELECT count(*) AS n FROM jobs_dead";
    assert_eq!(number(&mut t.owner_conn().await, dead).await, 0);
    let mut tx = system.begin().await.unwrap();
    let page = operators::given_up(&mut tx, None, 10).await.unwrap();
    assert!(page.rows.iter().all(|one| one.is_under_way));
    drop(tx);

    let stretch = around_now(&t).await;
    let told = operators::replay_to_hook(system, &by, &stretch, ours)
        .await
        .unwrap();
    assert_eq!(told.to_hook, 0, "each is on its way");
    change(&mut t.owner_conn().await, "DELETE FROM jobs")
        .await
        .unwrap();
    let told = operators::replay_to_hook(system, &by, &stretch, ours)
        .await
        .unwrap();
    assert_eq!((told.to_hook, told.under_way), (others + 3, 1));
    let mut tx = system.begin().await.unwrap();
    let found = operators::organizations_with_events(&mut tx, &stretch).await;
    assert_eq!(found.unwrap(), [ours]);
}
