//! Other people's servers: they note what arrives before they answer, if they answer.
use super::history::Arrival;
use batchtrack_core::kernel::Clock;
use batchtrack_testkit::standard_webhooks::{Signed, verify};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};

/// How a receiver behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Prompt,
    Slow(Duration),
    /// Takes the request and never says a word.
    Hanging,
    Failing(u16),
    /// Asks to be left alone for so many seconds.
    Busy(u64),
    /// Takes the request and closes the connection.
    HangsUp,
}

#[derive(Debug, Clone)]
struct Hook {
    manner: Manner,
    /// Those it knows; during a rotation there are two.
    secrets: Vec<String>,
}

#[derive(Default)]
struct Seen {
    hooks: Mutex<BTreeMap<usize, Hook>>,
    /// With the number of the hook in place of the endpoint's.
    arrivals: Mutex<Vec<Arrival>>,
}

/// Any number of receivers at one port, told apart by their paths.
pub struct Receivers {
    address: SocketAddr,
    seen: Arc<Seen>,
    _task: JoinSet<()>,
}

impl Receivers {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let (seen, mut task) = (Arc::new(Seen::default()), JoinSet::new());
        task.spawn(accept(listener, Arc::clone(&seen)));
        Self {
            address,
            seen,
            _task: task,
        }
    }

    pub fn url(&self, hook: usize) -> String {
        format!("http://{}/hook/{hook}", self.address)
    }

    /// From now on the hook behaves so, and knows these secrets.
    pub fn set(&self, hook: usize, manner: Manner, secrets: &[&str]) {
        let secrets = secrets.iter().map(ToString::to_string).collect();
        lock(&self.seen.hooks).insert(hook, Hook { manner, secrets });
    }

    pub fn behave(&self, hook: usize, manner: Manner) {
        lock(&self.seen.hooks)
            .get_mut(&hook)
            .expect("a hook that was set")
            .manner = manner;
    }

    /// A secret that it will know as well.
    pub fn learn(&self, hook: usize, secret: &str) {
        let mut hooks = lock(&self.seen.hooks);
        let hook = hooks.get_mut(&hook).expect("a hook that was set");
        hook.secrets.push(secret.to_owned());
    }

    /// All that arrived so far; `endpoint` is the number of the hook.
    pub fn arrivals(&self) -> Vec<Arrival> {
        lock(&self.seen.arrivals).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, seen: Arc<Seen>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        while connections.try_join_next().is_some() {}
        let seen = Arc::clone(&seen);
        connections.spawn(async move {
            // Whoever is killed in the middle of a request is nothing to us.
            let _ = converse(client, &seen).await;
        });
    }
}

struct Request {
    hook: usize,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// Takes one request after the other until the client leaves.
async fn converse(client: TcpStream, seen: &Seen) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    while let Some(request) = read(&mut client).await? {
        let hook = lock(&seen.hooks).get(&request.hook).cloned();
        let (manner, secrets) = hook.map_or((Manner::Failing(404), Vec::new()), |hook| {
            (hook.manner, hook.secrets)
        });
        let answer = match manner {
            Manner::Prompt | Manner::Slow(_) => Some((204, String::new())),
            Manner::Failing(status) => Some((status, String::new())),
            Manner::Busy(seconds) => Some((429, format!("Retry-After: {seconds}\r\n"))),
            Manner::Hanging | Manner::HangsUp => None,
        };
        let status = answer.as_ref().map(|(status, _)| *status);
        lock(&seen.arrivals).push(note(&request, &secrets, status));
        match manner {
            Manner::Slow(pause) => time::sleep(pause).await,
            // Until the client has had enough.
            Manner::Hanging => drop(client.read(&mut [0]).await?),
            _ => {}
        }
        let Some((status, more)) = answer else {
            return Ok(());
        };
        let text = format!("HTTP/1.1 {status} So\r\n{more}Content-Length: 0\r\n\r\n");
        client.write_all(text.as_bytes()).await?;
    }
    Ok(())
}

/// The next request, or nothing where the connection ends.
async fn read(client: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut first = String::new();
    if client.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        client.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body).await?;
    let path = first.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let hook = path
        .rsplit('/')
        .next()
        .and_then(|number| number.parse().ok());
    Ok(Some(Request {
        hook: hook.unwrap_or(usize::MAX),
        headers,
        body,
    }))
}

fn note(request: &Request, secrets: &[String], answer: Option<u16>) -> Arrival {
    let at = Clock::System.now();
    let header = |name: &str| request.headers.get(name).map_or("", String::as_str);
    let signed = Signed {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signatures: header("webhook-signature"),
    };
    let verdicts = secrets.iter();
    let verdicts = verdicts.map(|secret| verify(secret, signed, &request.body, at.timestamp()));
    let mut forgery = Some("it knows no secret".to_owned());
    for verdict in verdicts {
        forgery = verdict.err().map(|refused| format!("{refused:?}"));
        if forgery.is_none() {
            break;
        }
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let number = |name: &str| body.pointer(name).and_then(Value::as_i64);
    Arrival {
        endpoint: i64::try_from(request.hook).unwrap_or(i64::MAX),
        at,
        message: signed.id.to_owned(),
        event: number("/data/id"),
        organization: number("/data/organization_id"),
        name: body
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        forgery,
        answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[tokio::test]
    async fn they_note_what_arrives_and_answer_in_their_manner() {
        let receivers = Receivers::start().await;
        receivers.set(1, Manner::Prompt, &[SECRET]);
        let http = client();
        let send = async |hook| {
            let body = r#"{"type":"sku_sold","data":{"id":7,"organization_id":3}}"#;
            let request = http
                .post(receivers.url(hook))
                .header("webhook-id", "evt_7")
                .body(body);
            request.timeout(Duration::from_millis(300)).send().await
        };
        assert_eq!(send(1).await.unwrap().status(), 204);
        assert_eq!(send(2).await.unwrap().status(), 404, "nobody is there");
        receivers.behave(1, Manner::Busy(2));
        let busy = send(1).await.unwrap();
        assert_eq!(
            (
                busy.status().as_u16(),
                busy.headers()["retry-after"].to_str().unwrap()
            ),
            (429, "2")
        );
        receivers.behave(1, Manner::Failing(500));
        assert_eq!(send(1).await.unwrap().status(), 500);
        receivers.behave(1, Manner::HangsUp);
        assert!(!send(1).await.unwrap_err().is_timeout());
        receivers.behave(1, Manner::Hanging);
        assert!(send(1).await.unwrap_err().is_timeout());

        let arrivals = receivers.arrivals();
        let answers: Vec<_> = arrivals.iter().map(|arrival| arrival.answer).collect();
        assert_eq!(answers[..4], [Some(204), Some(404), Some(429), Some(500)]);
        // An HTTP client may try a connection that was closed on it a second time.
        assert!(answers[4..].iter().all(Option::is_none) && answers.len() >= 6);
        let Arrival {
            message,
            event,
            organization,
            name,
            forgery,
            ..
        } = &arrivals[0];
        assert_eq!(
            (message.as_str(), *event, *organization),
            ("evt_7", Some(7), Some(3))
        );
        assert_eq!(name, "sku_sold");
        assert!(forgery.is_some(), "it was not signed");
    }
}
