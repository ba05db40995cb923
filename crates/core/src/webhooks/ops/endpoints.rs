use super::super::{
    desk::Desk,
    error::WebhookError,
    model::{Change, DisabledReason, Endpoint, EndpointState, NewEndpoint},
    queries::{self, Written},
    rules::{MOST_ENDPOINTS, OVERLAP},
    secret::Secret,
};
use crate::{
    kernel::{ids::WebhookEndpointId, text},
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
};
use serde_json::json;
use url::Url;

const LONGEST_DESCRIPTION: usize = 256;

/// Makes an endpoint. Its secret is told now and never again.
pub async fn create(
    tx: &mut OrgTx,
    desk: &Desk,
    new: NewEndpoint,
) -> Result<(WebhookEndpointId, Secret), WebhookError> {
    let url = desk.reach.check(&new.url)?;
    let written = Written {
        url: url.to_string(),
        description: description(&new.description)?,
        events: events(new.events)?,
    };
    let told = json!({ "url": site(&url), "events": &written.events });
    let (id, count) = queries::insert(tx, written).await?;
    if count > MOST_ENDPOINTS {
        return Err(WebhookError::TooMany);
    }
    let secret = Secret::generate();
    let sealed = desk.safe.put(tx.organization(), id, &secret);
    queries::insert_secret(tx, id, sealed).await?;
    emit(tx, Event::WebhookEndpointCreated, id, told).await?;
    Ok((id, secret))
}

/// Changes an endpoint. Enabled again, it starts afresh: nobody remembers its failures.
pub async fn update(
    tx: &mut OrgTx,
    desk: &Desk,
    id: WebhookEndpointId,
    change: Change,
) -> Result<(), WebhookError> {
    let before = queries::lock(tx, id)
        .await?
        .ok_or(WebhookError::NoEndpoint)?;
    let after = changed(desk, before.clone(), change, tx.now())?;
    if after == before {
        return Ok(());
    }
    queries::update(tx, &after).await?;
    let is_disabled = after.state == EndpointState::Disabled && after.state != before.state;
    if is_disabled {
        let told = json!({ "url": site_of(&after), "reason": DisabledReason::ByOwner });
        emit(tx, Event::WebhookEndpointDisabled, id, told).await
    } else {
        let told = json!({ "url": site_of(&after), "events": after.events, "state": after.state });
        emit(tx, Event::WebhookEndpointUpdated, id, told).await
    }
}

fn changed(
    desk: &Desk,
    mut endpoint: Endpoint,
    change: Change,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Endpoint, WebhookError> {
    if let Some(url) = change.url {
        // One that was allowed once stays as it is, whatever has been closed since.
        if url.trim() != endpoint.url {
            endpoint.url = desk.reach.check(&url)?.to_string();
        }
    }
    if let Some(text) = change.description {
        endpoint.description = description(&text)?;
    }
    if let Some(names) = change.events {
        endpoint.events = events(names)?;
    }
    match change.state {
        Some(EndpointState::Enabled) if endpoint.state == EndpointState::Disabled => {
            endpoint.state = EndpointState::Enabled;
            endpoint.disabled_reason = None;
            endpoint.disabled_at = None;
            endpoint.failing_since = None;
            endpoint.throttled_until = None;
        }
        Some(EndpointState::Disabled) if endpoint.state == EndpointState::Enabled => {
            endpoint.state = EndpointState::Disabled;
            endpoint.disabled_reason = Some(DisabledReason::ByOwner);
            endpoint.disabled_at = Some(now);
        }
        _ => {}
    }
    Ok(endpoint)
}

/// Deletes an endpoint: once this is committed no attempt starts. Its log can still be read.
pub async fn delete(tx: &mut OrgTx, id: WebhookEndpointId) -> Result<(), WebhookError> {
    let endpoint = queries::lock(tx, id)
        .await?
        .ok_or(WebhookError::NoEndpoint)?;
    queries::delete(tx, id).await?;
    let told = json!({ "url": site_of(&endpoint) });
    emit(tx, Event::WebhookEndpointDeleted, id, told).await
}

/// Gives the endpoint another secret, told now and never again; the one before it signs for a day
/// more beside it.
pub async fn rotate_secret(
    tx: &mut OrgTx,
    desk: &Desk,
    id: WebhookEndpointId,
) -> Result<Secret, WebhookError> {
    let endpoint = queries::lock(tx, id)
        .await?
        .ok_or(WebhookError::NoEndpoint)?;
    let secret = Secret::generate();
    let sealed = desk.safe.put(tx.organization(), id, &secret);
    let until = tx.now() + OVERLAP;
    queries::replace_secret(tx, id, sealed, until).await?;
    let told = json!({ "url": site_of(&endpoint) });
    emit(tx, Event::WebhookEndpointSecretRotated, id, told).await?;
    Ok(secret)
}

async fn emit(
    tx: &mut OrgTx,
    event: Event,
    id: WebhookEndpointId,
    told: serde_json::Value,
) -> Result<(), WebhookError> {
    Ok(outbox::emit(tx, vec![NewEvent::new(event, id.get(), told)]).await?)
}

fn description(typed: &str) -> Result<String, WebhookError> {
    if typed.trim().is_empty() {
        return Ok(String::new());
    }
    text::line(typed, LONGEST_DESCRIPTION).map_err(WebhookError::Description)
}

/// Names that are registered, each once.
fn events(names: Vec<String>) -> Result<Vec<String>, WebhookError> {
    let mut known = Vec::new();
    for name in names {
        let name = name.trim();
        let event: Event = name
            .parse()
            .map_err(|_unknown| WebhookError::UnknownEvent(name.chars().take(128).collect()))?;
        known.push(event.as_str().to_owned());
    }
    known.sort_unstable();
    known.dedup();
    Ok(known)
}

/// What others are told of an address: paths and queries of hooks are often secrets.
pub(in super::super) fn site_of_url(url: &str) -> String {
    Url::parse(url).map_or_else(|_malformed| String::new(), |url| site(&url))
}

fn site_of(endpoint: &Endpoint) -> String {
    site_of_url(&endpoint.url)
}

fn site(url: &Url) -> String {
    url.origin().ascii_serialization()
}
