//! What the pages of webhooks show.
use crate::times::{Moment, Times};
use batchtrack_core::{
    outbox::{Category, Event},
    webhooks::{
        Attempt, Cause, Delivery, DeliveryState, DisabledReason, Endpoint, EndpointState, Recent,
        Replay, TEST,
    },
};
use serde_json::Value;
use url::Url;

/// An endpoint in the list and on its page.
pub(super) struct EndpointRow {
    pub(super) id: i64,
    pub(super) url: String,
    pub(super) site: String,
    pub(super) description: String,
    pub(super) events: Vec<String>,
    pub(super) state: &'static str,
    pub(super) is_enabled: bool,
    /// Why it is out of service or in danger of being so; may be empty.
    pub(super) reason: &'static str,
    pub(super) since: Option<Moment>,
    pub(super) last: Option<String>,
    pub(super) created: Moment,
    pub(super) share: Option<Share>,
}

/// How many of the latest deliveries arrived.
pub(super) struct Share {
    pub(super) delivered: i64,
    pub(super) of: i64,
    pub(super) percent: i64,
    pub(super) tone: &'static str,
}

impl Share {
    fn of(recent: Recent) -> Option<Self> {
        let of = recent.delivered + recent.failed;
        let percent = recent.delivered.checked_mul(100)?.checked_div(of)?;
        Some(Self {
            delivered: recent.delivered,
            of,
            percent,
            tone: match percent {
                99.. => "success",
                90.. => "warning",
                _ => "danger",
            },
        })
    }
}

impl EndpointRow {
    pub(super) fn of(endpoint: Endpoint, recent: Recent, times: &Times) -> Self {
        let is_enabled = endpoint.state == EndpointState::Enabled;
        let is_failing = endpoint.failing_since.is_some();
        let reason = match endpoint.disabled_reason {
            Some(DisabledReason::ByOwner) => "You disabled it.",
            Some(DisabledReason::Failing) => "Nothing arrived there for five days.",
            Some(DisabledReason::Gone) => "It answered that it is gone (410).",
            None if is_failing => "Every attempt fails.",
            None => "",
        };
        let since = endpoint.disabled_at.or(endpoint.failing_since);
        Self {
            id: endpoint.id.get(),
            site: site(&endpoint.url),
            state: match (is_enabled, is_failing) {
                (true, true) => "failing",
                (true, false) => "enabled",
                (false, _) => "disabled",
            },
            url: endpoint.url,
            description: endpoint.description,
            events: endpoint.events,
            is_enabled,
            reason,
            since: since.map(|at| times.moment(at)),
            last: endpoint.last_delivered_at.map(|at| times.ago(at)),
            created: times.moment(endpoint.created_at),
            share: Share::of(recent),
        }
    }

    /// What it hears of, in a few words.
    pub(super) fn hears(&self) -> String {
        match self.events.as_slice() {
            [] => "Everything".to_owned(),
            [one] => one.clone(),
            events => format!("{} events", events.len()),
        }
    }
}

/// The host, by which people know their endpoints apart.
pub(super) fn site(url: &str) -> String {
    Url::parse(url)
        .ok()
        .and_then(|url| Some(url.host_str()?.to_owned()))
        .unwrap_or_else(|| url.to_owned())
}

/// A delivery in a list and on its page.
pub(super) struct DeliveryRow {
    pub(super) id: i64,
    pub(super) endpoint: i64,
    pub(super) site: String,
    pub(super) event: String,
    pub(super) message_id: String,
    pub(super) cause: &'static str,
    pub(super) is_test: bool,
    pub(super) is_pending: bool,
    pub(super) state: &'static str,
    pub(super) attempts: i32,
    pub(super) status: Option<i32>,
    pub(super) error: String,
    pub(super) created: Moment,
    pub(super) ago: String,
    pub(super) next: Option<Moment>,
}

impl DeliveryRow {
    pub(super) fn of(delivery: &Delivery, times: &Times) -> Self {
        Self {
            id: delivery.id.get(),
            endpoint: delivery.endpoint.get(),
            site: site(&delivery.endpoint_url),
            event: delivery.event_name.clone(),
            message_id: delivery.message_id.clone(),
            cause: match delivery.cause {
                Cause::Event => "",
                Cause::Replay => "sent again",
                Cause::Test => "test",
            },
            is_test: delivery.cause == Cause::Test,
            is_pending: delivery.state == DeliveryState::Pending,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            status: delivery.last_status,
            error: delivery.last_error.clone().unwrap_or_default(),
            created: times.moment(delivery.created_at),
            ago: times.ago(delivery.created_at),
            next: delivery.next_attempt_at.map(|at| times.moment(at)),
        }
    }
}

/// What was sent and what came back.
pub(super) struct AttemptCard {
    pub(super) number: i32,
    pub(super) started: Moment,
    pub(super) took: String,
    pub(super) url: String,
    pub(super) tone: &'static str,
    /// The status, or that there was no answer.
    pub(super) result: String,
    pub(super) error: String,
    pub(super) sent: Vec<(String, String)>,
    pub(super) answered: Vec<(String, String)>,
    pub(super) answer: String,
}

impl AttemptCard {
    pub(super) fn of(attempt: Attempt, times: &Times) -> Self {
        let is_good = matches!(attempt.status, Some(200..=299));
        Self {
            number: attempt.number,
            started: times.moment(attempt.started_at),
            took: took(attempt.duration_us),
            url: attempt.url,
            tone: if is_good { "success" } else { "danger" },
            result: attempt
                .status
                .map_or_else(|| "No answer".to_owned(), |status| status.to_string()),
            error: attempt.error.unwrap_or_default(),
            sent: pairs(&attempt.request_headers),
            answered: attempt
                .answer_headers
                .as_ref()
                .map(pairs)
                .unwrap_or_default(),
            answer: attempt.answer_body.unwrap_or_default(),
        }
    }
}

fn pairs(headers: &Value) -> Vec<(String, String)> {
    serde_json::from_value(headers.clone()).unwrap_or_default()
}

/// `0.4 ms`, `128 ms`, `15.0 s`.
fn took(micros: i64) -> String {
    match micros {
        ..=9_999 => format!("{}.{} ms", micros / 1_000, micros / 100 % 10),
        10_000..=999_999 => format!("{} ms", micros / 1_000),
        _ => format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10),
    }
}

/// A body as people read it.
pub(super) fn pretty(body: &[u8]) -> String {
    serde_json::from_slice::<Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_default()
}

/// Events to tick, by category.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) events: Vec<Tick>,
}

pub(super) struct Tick {
    pub(super) name: &'static str,
    pub(super) is_ticked: bool,
}

pub(super) fn groups(ticked: &[&str]) -> Vec<Group> {
    Category::ALL
        .iter()
        .map(|category| {
            let events: Vec<_> = Event::ALL
                .iter()
                .filter(|event| event.entry().category == *category)
                .map(|event| Tick {
                    name: event.as_str(),
                    is_ticked: ticked.contains(&event.as_str()),
                })
                .collect();
            Group {
                title: category.title(),
                events,
            }
        })
        .collect()
}

/// Every name that the log can be narrowed by.
pub(super) fn event_choices() -> Vec<(&'static str, &'static str)> {
    let names = Event::ALL.iter().map(|event| event.as_str());
    let mut names: Vec<_> = names.chain([TEST]).map(|name| (name, name)).collect();
    names.sort_unstable();
    names
}

pub(super) const STATES: &[(&str, &str)] = &[
    ("pending", "Pending"),
    ("delivered", "Delivered"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
];

/// How far a replay has come.
pub(super) struct ReplayView {
    pub(super) from: Option<Moment>,
    pub(super) to: Moment,
    pub(super) event: String,
    pub(super) endpoint: Option<i64>,
    pub(super) only_unmet: bool,
    pub(super) planned: i64,
    pub(super) is_finished: bool,
}

impl ReplayView {
    pub(super) fn of(replay: Replay, times: &Times) -> Self {
        let has_start = replay.from > chrono::DateTime::UNIX_EPOCH;
        Self {
            from: has_start.then(|| times.moment(replay.from)),
            to: times.moment(replay.to),
            event: replay.event_name.unwrap_or_default(),
            endpoint: replay
                .endpoint
                .map(batchtrack_core::kernel::ids::WebhookEndpointId::get),
            only_unmet: replay.only_unmet,
            planned: replay.planned,
            is_finished: replay.finished_at.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short_to_read() {
        assert_eq!(took(412), "0.4 ms");
        assert_eq!(took(128_400), "128 ms");
        assert_eq!(took(15_002_000), "15.0 s");
    }

    #[test]
    fn a_share_is_of_what_has_ended() {
        let share = |delivered, failed| {
            Share::of(Recent {
                delivered,
                failed,
                pending: 7,
            })
        };
        assert!(share(0, 0).is_none());
        let all = share(100, 0).unwrap();
        assert_eq!((all.percent, all.tone), (100, "success"));
        assert_eq!(share(1, 1).unwrap().tone, "danger");
    }

    #[test]
    fn every_event_can_be_ticked_and_looked_for() {
        let groups = groups(&["batch_started"]);
        let events: usize = groups.iter().map(|group| group.events.len()).sum();
        assert_eq!(events, Event::ALL.len());
        let ticked = groups.iter().flat_map(|group| &group.events);
        assert_eq!(ticked.filter(|event| event.is_ticked).count(), 1);
        assert_eq!(event_choices().len(), Event::ALL.len() + 1);
    }
}
