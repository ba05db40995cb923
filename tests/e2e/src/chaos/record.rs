//! Puts the history together: what the database holds in the end, what receivers noted, and what clients
//! were told.
use super::{
    audit::{self, Row},
    history::{Arrival, Attempt, Delivery, Endpoint, Event, History, Moment, Rescue, Told},
    receiver::Receivers,
    servers::Servers,
};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// What only the story itself knows.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub endpoints: Vec<Endpoint>,
    /// The endpoint behind each hook.
    pub hooks: BTreeMap<i64, i64>,
    pub told: Vec<Told>,
    pub lease: Duration,
    pub longest_request: Duration,
}

/// Arrivals are looked at last: what the database says to have been delivered is among them, though
/// everything goes on meanwhile.
pub async fn history(servers: &Servers, receivers: &Receivers, known: Known) -> History {
    let rows = servers.ask("SELECT * FROM chaos.rows ORDER BY seq").await;
    let rows: Vec<_> = rows.iter().map(row).collect();
    let workers = servers
        .ask("SELECT * FROM chaos.workers ORDER BY seq")
        .await;
    let is = |op: &'static str| move |row: &&Value| text(row, "op") == op;
    History {
        events: events(servers).await,
        deliveries: deliveries(servers).await,
        attempts: attempts(servers).await,
        steps: audit::steps(&rows),
        rescues: workers.iter().filter(is("DELETE")).map(rescue).collect(),
        workers: workers
            .iter()
            .filter(is("INSERT"))
            .map(|row| (number(row, "worker"), text(row, "by")))
            .collect(),
        arrivals: arrivals(receivers, &known.hooks),
        endpoints: known.endpoints,
        told: known.told,
        lease: known.lease,
        longest_request: known.longest_request,
    }
}

fn arrivals(receivers: &Receivers, hooks: &BTreeMap<i64, i64>) -> Vec<Arrival> {
    let mut arrivals = receivers.arrivals();
    for arrival in &mut arrivals {
        let endpoint = hooks.get(&arrival.endpoint);
        arrival.endpoint = *endpoint.unwrap_or_else(|| panic!("nobody was told of {arrival:?}"));
    }
    arrivals
}

async fn events(servers: &Servers) -> Vec<Event> {
    let sql = "SELECT organization_id, id, event_name, correlation_id, recorded_at FROM domain_events ORDER BY id";
    let rows = servers.ask(sql).await;
    let event = |row: &Value| Event {
        organization: number(row, "organization_id"),
        id: number(row, "id"),
        name: text(row, "event_name"),
        correlation: text(row, "correlation_id"),
        recorded: moment(row, "recorded_at"),
    };
    rows.iter().map(event).collect()
}

async fn deliveries(servers: &Servers) -> Vec<Delivery> {
    let sql = "SELECT organization_id, id, endpoint_id, event_id, cause, state FROM webhook_deliveries ORDER BY id";
    let rows = servers.ask(sql).await;
    let delivery = |row: &Value| Delivery {
        organization: number(row, "organization_id"),
        id: number(row, "id"),
        endpoint: number(row, "endpoint_id"),
        event: row.get("event_id").and_then(Value::as_i64),
        is_first: text(row, "cause") == "event",
        state: text(row, "state"),
    };
    rows.iter().map(delivery).collect()
}

async fn attempts(servers: &Servers) -> Vec<Attempt> {
    let sql =
        "SELECT delivery_id, number, started_at FROM webhook_attempts ORDER BY delivery_id, number";
    let rows = servers.ask(sql).await;
    let attempt = |row: &Value| Attempt {
        delivery: number(row, "delivery_id"),
        number: i32::try_from(number(row, "number")).expect("a small number"),
        started: moment(row, "started_at"),
    };
    rows.iter().map(attempt).collect()
}

fn row(row: &Value) -> Row {
    Row {
        tx: text(row, "tx"),
        relation: text(row, "relation"),
        op: text(row, "op"),
        job: number(row, "job"),
        kind: text(row, "kind"),
        is_unique: row.get("is_unique") == Some(&Value::Bool(true)),
        before: row.get("before").and_then(Value::as_i64),
        after: row.get("after").and_then(Value::as_i64),
        silent: row
            .get("silent_ms")
            .and_then(Value::as_u64)
            .map(Duration::from_millis),
        by: text(row, "by"),
    }
}

fn rescue(row: &Value) -> Rescue {
    Rescue {
        worker: number(row, "worker"),
        by: text(row, "by"),
        at: moment(row, "at"),
        last_heartbeat: moment(row, "heartbeat"),
    }
}

fn number(row: &Value, name: &str) -> i64 {
    let value = row.get(name).and_then(Value::as_i64);
    value.unwrap_or_else(|| panic!("{row} has no number {name}"))
}

fn text(row: &Value, name: &str) -> String {
    let value = row.get(name).and_then(Value::as_str);
    value
        .unwrap_or_else(|| panic!("{row} has no text {name}"))
        .to_owned()
}

fn moment(row: &Value, name: &str) -> Moment {
    let value = text(row, name);
    value
        .parse()
        .unwrap_or_else(|error| panic!("{value}: {error}"))
}
