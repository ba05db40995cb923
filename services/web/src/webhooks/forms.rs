//! What arrives from the forms of webhooks.
use super::wire::event_name;
use crate::{extract::Fields, problem::Problem, typed::Typed};
use batchtrack_core::{
    kernel::ids::WebhookEndpointId,
    webhooks::{Change, NewEndpoint, NewReplay},
};
use chrono::TimeDelta;

/// What is typed into the form of an endpoint. "Only these" with nothing ticked would silently be
/// everything, so it is asked about.
pub(super) fn endpoint(fields: &Fields) -> Result<NewEndpoint, Problem> {
    let is_everything = fields.text("hears") != "some";
    let events: Vec<String> = if is_everything {
        Vec::new()
    } else {
        fields.all("events").map(str::to_owned).collect()
    };
    let mut typed = Typed::new(fields);
    if !is_everything && events.is_empty() {
        typed.wrong("events", "Tick at least one event, or choose everything");
    }
    typed.finish(Some(NewEndpoint {
        url: fields.text("url").to_owned(),
        description: fields.text("description").to_owned(),
        events,
    }))
}

pub(super) fn change(fields: &Fields) -> Result<Change, Problem> {
    let new = endpoint(fields)?;
    Ok(Change {
        url: Some(new.url),
        description: Some(new.description),
        events: Some(new.events),
        state: None,
    })
}

/// Days are whole days, the last included.
pub(super) fn replay(fields: &Fields) -> Result<NewReplay, Problem> {
    let event_name = event_name(fields.filled("event_type"))?;
    let mut typed = Typed::new(fields);
    let new = NewReplay {
        endpoint: typed
            .maybe::<i64>("endpoint_id")
            .map(WebhookEndpointId::new),
        event_name,
        from: typed.day("from"),
        to: typed.day("to").map(|day| day + TimeDelta::days(1)),
        only_unmet: fields.text("which") != "all",
    };
    typed.finish(Some(new))
}
