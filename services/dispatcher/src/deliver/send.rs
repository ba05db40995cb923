//! One request to somebody else's server, with caps on everything: time, headers, what is read.
use super::{
    guard::{Guard, Lookup, NotPublic},
    policy::Answer,
};
use batchtrack_core::webhooks::address::Reach;
use chrono::DateTime;
use reqwest::{Client, Response, header, redirect, retry};
use serde_json::{Value, json};
use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};
use url::Url;

/// For the whole of it: connecting, sending, the answer to its end.
pub const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that failed so quickly gets a second try at once: most often it was an idle one that
/// the other side had just closed.
const QUICKLY: Duration = Duration::from_secs(1);
/// What is read of an answer, and what is kept of it.
const MOST_READ: usize = 65_536;
const MOST_KEPT: usize = 4_096;
const MOST_HEADERS: usize = 64;
const MOST_HEADERS_KEPT: usize = 32;
const MOST_OF_A_HEADER: usize = 256;
const AGENT: &str = concat!("BatchTrack-Webhooks/", env!("CARGO_PKG_VERSION"));

/// What is sent.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Report {
    pub answer: Answer,
    pub duration: Duration,
    pub request_headers: Value,
    pub answer_headers: Option<Value>,
    pub answer_body: Option<String>,
    /// What went wrong, for people.
    pub error: Option<String>,
}

/// Sends. Cheap to clone: the connections are shared.
#[derive(Debug, Clone)]
pub struct Sender {
    client: Client,
    /// `None` goes wherever it is told.
    reach: Option<Arc<Reach>>,
}

impl Sender {
    /// Goes only where `reach` allows.
    pub fn guarded(reach: Reach, lookup: Arc<dyn Lookup>) -> Result<Self, reqwest::Error> {
        let reach = Arc::new(reach);
        let guard = Guard {
            reach: Arc::clone(&reach),
            lookup,
        };
        Ok(Self {
            client: client().dns_resolver(Arc::new(guard)).build()?,
            reach: Some(reach),
        })
    }

    /// Goes anywhere: to the operator's own addresses.
    pub fn unguarded() -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: client().build()?,
            reach: None,
        })
    }

    pub async fn send(&self, parcel: &Parcel) -> Report {
        let start = Instant::now();
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", AGENT.to_owned()),
        ];
        headers.extend(parcel.headers.iter().cloned());
        let mut received = self.try_once(parcel, &headers).await;
        if received.is_broken && start.elapsed() < QUICKLY {
            received = self.try_once(parcel, &headers).await;
        }
        Report {
            answer: received.answer,
            duration: start.elapsed(),
            request_headers: json!(headers),
            answer_headers: received.headers,
            answer_body: received.body,
            error: received.error,
        }
    }

    async fn try_once(&self, parcel: &Parcel, headers: &[(&'static str, String)]) -> Received {
        // The resolver is never asked about an address that needs no looking up.
        let url = match Url::parse(&parcel.url) {
            Ok(url) => url,
            Err(_malformed) => return Received::refused("the address can't be read"),
        };
        if let Some(Err(closed)) = self.reach.as_ref().map(|reach| reach.check_url(&url)) {
            return Received::refused(closed.to_string());
        }
        let request = headers
            .iter()
            .fold(self.client.post(url), |request, (name, value)| {
                request.header(*name, value)
            });
        match request.body(parcel.body.clone()).send().await {
            Ok(response) => Received::of(response).await,
            Err(error) => Received::nothing(&error.without_url()),
        }
    }
}

fn client() -> reqwest::ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .http1_max_headers(MOST_HEADERS)
        .pool_max_idle_per_host(4)
        .pool_idle_timeout(Duration::from_secs(20))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
}

struct Received {
    answer: Answer,
    headers: Option<Value>,
    body: Option<String>,
    error: Option<String>,
    /// Whether the connection failed, rather than the other side.
    is_broken: bool,
}

impl Received {
    async fn of(response: Response) -> Self {
        let status = response.status();
        let answer = Answer::Status {
            code: status.as_u16(),
            retry_after: retry_after(&response),
        };
        let headers = Some(excerpt(response.headers()));
        let body = beginning(response).await;
        let error = match status.as_u16() {
            200..=299 => None,
            300..=399 => Some(format!("answered {status}; redirects are not followed")),
            _ => Some(format!("answered {status}")),
        };
        Self {
            answer,
            headers,
            body: Some(body),
            error,
            is_broken: false,
        }
    }

    fn nothing(error: &reqwest::Error) -> Self {
        let mut innermost: &(dyn Error + 'static) = error;
        let mut is_closed = false;
        while let Some(cause) = innermost.source() {
            innermost = cause;
            is_closed |= cause.is::<NotPublic>();
        }
        let words = if is_closed {
            NotPublic.to_string()
        } else if error.is_timeout() {
            format!("no answer within {} seconds", TIMEOUT.as_secs())
        } else if error.is_connect() {
            format!("no connection could be made: {innermost}")
        } else {
            format!("the connection broke before there was an answer: {innermost}")
        };
        Self {
            is_broken: !is_closed && !error.is_timeout(),
            ..Self::refused(words)
        }
    }

    fn refused(words: impl Into<String>) -> Self {
        Self {
            answer: Answer::Nothing,
            headers: None,
            body: None,
            error: Some(printable(&words.into(), MOST_OF_A_HEADER)),
            is_broken: false,
        }
    }
}

/// Seconds; dates are rare among webhooks and no better.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?;
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    let sent = response.headers().get(header::DATE)?.to_str().ok()?;
    let sent = DateTime::parse_from_rfc2822(sent).ok()?;
    (at - sent).to_std().ok()
}

fn excerpt(headers: &header::HeaderMap) -> Value {
    let kept: Vec<_> = headers
        .iter()
        .filter(|(name, _)| *name != header::SET_COOKIE)
        .take(MOST_HEADERS_KEPT)
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str(), printable(&value, MOST_OF_A_HEADER))
        })
        .collect();
    json!(kept)
}

/// Reads on to the cap, so that the connection can be used again, and keeps the beginning. What
/// breaks off is no matter: the status has been given.
async fn beginning(mut response: Response) -> String {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        let room = MOST_KEPT - kept.len();
        kept.extend(chunk.iter().take(room));
        if read >= MOST_READ {
            break;
        }
    }
    printable(&String::from_utf8_lossy(&kept), MOST_KEPT)
}

/// Text that the database takes, of no more than `most` bytes.
fn printable(text: &str, most: usize) -> String {
    let mut end = String::with_capacity(text.len().min(most));
    for c in text.chars() {
        let c = if c == '\0' { '\u{fffd}' } else { c };
        if end.len() + c.len_utf8() > most {
            break;
        }
        end.push(c);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_fits_the_table() {
        assert_eq!(printable("a\0b", 10), "a\u{fffd}b");
        assert_eq!(printable(&"ö".repeat(10), 5), "öö");
        assert_eq!(printable(&"\0".repeat(5_000), MOST_KEPT).len(), 4_095);
    }
}
