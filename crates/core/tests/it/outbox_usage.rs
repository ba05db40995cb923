//! Counting the use of the product.
use crate::outbox::read_all;
use batchtrack_core::outbox::{self, Event, Fact, NewEvent, USAGE};
use batchtrack_testkit::{TestDb, event};
use chrono::TimeDelta;
use serde_json::{Value, json};

fn checked(recipe: i64) -> NewEvent {
    let properties =
        json!({ "recipe_id": recipe, "scale": "1", "success": true, "stock_item_count": 3 });
    NewEvent::new(Event::StockCheckRun, recipe, properties)
}

fn entered(user: i64) -> NewEvent {
    let properties =
        json!({ "is_first_login": true, "login_method": "password", "destination_hint": null });
    NewEvent::new(Event::UserLoginSucceeded, user, properties)
}

fn said(fact: &Fact, name: &str) -> Value {
    fact.properties.get(name).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_are_counted_for_each_and_for_all() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await, t.organization("Other").await);
    let emit = async |organization, user, events: Vec<NewEvent>| {
        let mut acting = t.acting(organization);
        acting.user = user;
        let mut tx = t.db.begin(acting).await.unwrap();
        outbox::emit(&mut tx, events).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (me, other) = (Some(t.owner_of(ours)), Some(t.owner_of(theirs)));
    emit(ours, me, vec![checked(1), event(1), checked(2)]).await;
    emit(ours, other, vec![checked(3)]).await;
    emit(ours, None, vec![checked(4)]).await;
    emit(theirs, other, vec![checked(5)]).await;
    emit(ours, me, vec![checked(6)]).await;
    let facts = read_all(&t).await;
    let of = |entity: i64| {
        facts
            .iter()
            .filter(move |f| f.entity_id == entity && f.name == "stock_check_run")
    };
    let indexes = |entity: i64| {
        let fact = of(entity).next().unwrap();
        ["user_use_index", "org_use_index"].map(|name| said(fact, name))
    };
    assert_eq!(indexes(1), [json!(1), json!(1)]);
    assert_eq!(indexes(2), [json!(2), json!(2)]);
    assert_eq!(indexes(3), [json!(1), json!(3)]);
    assert_eq!(indexes(4), [json!(null), json!(4)], "nobody in particular");
    assert_eq!(indexes(5), [json!(1), json!(1)]);
    assert_eq!(indexes(6), [json!(3), json!(5)]);
    let firsts = |entity: i64| {
        let fact = of(entity).next().unwrap();
        [
            "is_first_user_use",
            "is_second_user_use",
            "is_first_org_use",
            "is_second_org_use",
        ]
        .map(|name| said(fact, name).as_bool().unwrap())
    };
    assert_eq!(firsts(1), [true, false, true, false]);
    assert_eq!(firsts(2), [false, true, false, true]);
    assert_eq!(firsts(3), [true, false, false, false]);
    assert_eq!(firsts(4), [false; 4]);
    let plain = facts
        .iter()
        .find(|fact| fact.name == "product_created")
        .unwrap();
    assert!(
        USAGE
            .iter()
            .all(|name| plain.properties.get(name).is_none())
    );
    assert_eq!(said(of(1).next().unwrap(), "recipe_id"), json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_know_how_long_ago_somebody_came_in_first() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let emit = async |event: NewEvent| {
        t.commit(ours, async |tx| outbox::emit(tx, vec![event]).await)
            .await;
    };
    emit(checked(1)).await;
    let first = t.clock.now();
    emit(entered(2)).await;
    t.clock.advance(TimeDelta::seconds(90));
    emit(entered(3)).await;
    emit(checked(4)).await;
    let facts = read_all(&t).await;
    let ago: Vec<_> = facts
        .iter()
        .map(|f| said(f, "seconds_since_first_login"))
        .collect();
    assert_eq!(ago, [json!(null), json!(0), json!(90), json!(90)]);
    let at = said(&facts[3], "first_login_observed_at");
    let at: chrono::DateTime<chrono::Utc> = at.as_str().unwrap().parse().unwrap();
    assert_eq!(at, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_does_not_count() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut tx = t.begin(ours).await;
    outbox::emit(&mut tx, vec![checked(1)]).await.unwrap();
    drop(tx);
    t.commit(ours, async |tx| outbox::emit(tx, vec![checked(2)]).await)
        .await;
    let facts = read_all(&t).await;
    assert_eq!(said(&facts[0], "org_use_index"), json!(1));
}

/// Units of work that count several things in opposite orders, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counters_are_exact_and_nobody_deadlocks_over_them() {
    let t = TestDb::with_pool(8).await;
    let ours = t.organization("Acme").await;
    let work = (0..100_i64).map(|n| {
        let t = &t;
        async move {
            let mut events = vec![checked(n), entered(n)];
            if n % 2 == 0 {
                events.reverse();
            }
            t.commit(ours, async |tx| outbox::emit(tx, events).await)
                .await;
        }
    });
    futures_util::future::join_all(work).await;
    let facts = read_all(&t).await;
    for name in ["stock_check_run", "user_login_succeeded"] {
        let of_name = facts.iter().filter(|fact| fact.name == name);
        let mut indexes: Vec<_> = of_name
            .map(|fact| said(fact, "org_use_index").as_i64().unwrap())
            .collect();
        indexes.sort_unstable();
        assert_eq!(indexes, (1..=100).collect::<Vec<_>>());
    }
}
