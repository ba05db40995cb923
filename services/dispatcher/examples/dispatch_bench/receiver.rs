//! A server on the same machine that webhooks are sent to: it notes when each arrived and says 204.
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A request to a path that begins with this is never answered.
const HANGING: &str = "/hanging";

type Arrivals = Arc<Mutex<HashMap<(String, i64), Instant>>>;

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    /// The first time each event's entity was told of at each path.
    arrivals: Arrivals,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let receiver = Self {
            address,
            arrivals: Arrivals::default(),
        };
        let arrivals = receiver.arrivals.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let arrivals = arrivals.clone();
                tokio::spawn(async move {
                    // Whoever hangs up in the middle is no concern of ours.
                    let _ = answer(stream, &arrivals).await;
                });
            }
        });
        receiver
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn hanging_url(&self) -> String {
        self.url(HANGING)
    }

    pub(crate) fn arrived(&self, path: &str, entity: i64) -> Option<Instant> {
        let arrivals = self.arrivals.lock().expect("no holder panics");
        arrivals.get(&(path.to_owned(), entity)).copied()
    }

    /// Waits until `entity` has arrived at `path`, for at most `patience`.
    pub(crate) async fn until_arrived(
        &self,
        path: &str,
        entity: i64,
        patience: Duration,
    ) -> Option<Instant> {
        let start = Instant::now();
        loop {
            if let Some(at) = self.arrived(path, entity) {
                return Some(at);
            }
            if start.elapsed() > patience {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn answer(stream: TcpStream, arrivals: &Arrivals) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if stream.read_line(&mut first).await? == 0 {
            return Ok(());
        }
        // Its first byte has come; the rest is on the way.
        let now = Instant::now();
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        if path.starts_with(HANGING) {
            std::future::pending::<()>().await;
        }
        if let Some(entity) = entity(&body) {
            let mut arrivals = arrivals.lock().expect("no holder panics");
            arrivals.entry((path, entity)).or_insert(now);
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
    }
}

/// Which entity the event is about, in an endpoint's payload and in the operator's.
fn entity(body: &[u8]) -> Option<i64> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    body.pointer("/data/entity_id")
        .or_else(|| body.get("entity_id"))?
        .as_i64()
}
