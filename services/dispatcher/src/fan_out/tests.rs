use super::*;
use batchtrack_core::{
    jobs::Queue,
    kernel::ids::{EventId, WebhookEndpointId},
};
use proptest::prelude::*;
use serde_json::json;

const NAMES: [&str; 5] = [
    "batch_started",
    "sku_sold",
    "user_login_succeeded",
    "lot_expiring",
    "of_a_newer_version",
];

fn now() -> DateTime<Utc> {
    "2026-11-01T12:00:00Z".parse().unwrap()
}

fn fact(event: usize, organization: i64, name: &str) -> Fact {
    Fact {
        organization: OrganizationId::new(organization),
        event: EventId::new(i64::try_from(event).unwrap()),
        recorded_at: now(),
        name: name.to_owned(),
        schema_version: 1,
        occurred_at: now(),
        user: None,
        entity_type: "thing".to_owned(),
        entity_id: 1,
        correlation: format!("request {event}"),
        traceparent: None,
        source: "app".to_owned(),
        properties: json!({}),
    }
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let one = (1_i64..5, prop::sample::select(&NAMES[..]));
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let number = all.into_iter().enumerate();
        number
            .map(|(at, (organization, name))| fact(at, organization, name))
            .collect()
    })
}

fn interests() -> impl Strategy<Value = Vec<Interest>> {
    let one = (1_i64..7, prop::sample::subsequence(&NAMES[..], 0..=3));
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let number = (1..).zip(all);
        number
            .map(|(id, (organization, events))| Interest {
                organization: OrganizationId::new(organization),
                endpoint: WebhookEndpointId::new(id),
                events: events.into_iter().map(ToOwned::to_owned).collect(),
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn each_endpoint_that_wants_a_fact_of_its_own_hears_of_it_once_and_in_order(
        facts in facts(), interests in interests(), tells_operator: bool,
    ) {
        let plan = fan_out(&facts, &interests, tells_operator, now());
        let mut wanted = Vec::new();
        for fact in &facts {
            for interest in &interests {
                let asked = interest.events.is_empty() || interest.events.contains(&fact.name);
                if interest.organization == fact.organization && asked {
                    wanted.push((fact.event, interest.endpoint, fact.organization));
                }
            }
        }
        let planned: Vec<_> =
            plan.deliveries.iter().map(|d| (d.event, d.endpoint, d.organization)).collect();
        prop_assert_eq!(planned, wanted);
    }

    #[test]
    fn the_operator_hears_of_all_or_nothing_and_the_log_of_the_rest(
        facts in facts(), interests in interests(), tells_operator: bool,
    ) {
        let plan = fan_out(&facts, &interests, tells_operator, now());
        let told = plan.jobs.iter().filter(|job| job.queue() == Queue::Webhooks).count();
        prop_assert_eq!(told, if tells_operator { facts.len() } else { 0 });
        for (at, fact) in facts.iter().enumerate() {
            let heard = tells_operator || plan.deliveries.iter().any(|d| d.event == fact.event);
            prop_assert_eq!(plan.unheard.contains(&at), !heard);
        }
    }

    #[test]
    fn owners_are_written_to_once_about_many_facts(facts in facts()) {
        let plan = fan_out(&facts, &[], false, now());
        for (at, job) in plan.jobs.iter().enumerate() {
            prop_assert!(!plan.jobs[..at].contains(job));
        }
        let about_stock = facts.iter().any(|fact| fact.name == "batch_started");
        let letters = plan.jobs.iter().filter(|job| job.queue() == Queue::Mail).count();
        prop_assert!(!about_stock || letters > 0);
    }
}

#[test]
fn what_is_planned_says_where_it_comes_from() {
    let fact = Fact {
        traceparent: Some("00-1-2-01".to_owned()),
        ..fact(7, 3, "sku_sold")
    };
    let interest = Interest {
        organization: OrganizationId::new(3),
        endpoint: WebhookEndpointId::new(9),
        events: vec![],
    };
    let plan = fan_out(&[fact], &[interest], true, now());
    let delivery = &plan.deliveries[0];
    assert_eq!(delivery.correlation, "request 7");
    assert_eq!(delivery.traceparent.as_deref(), Some("00-1-2-01"));
    assert_eq!(delivery.event_name, "sku_sold");
    assert!(format!("{:?}", plan.jobs).contains("request 7"));
}
