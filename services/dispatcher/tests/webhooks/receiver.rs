//! A server of somebody else's: says what it is told to say, and keeps what it was sent.
use batchtrack_testkit::standard_webhooks::{self, Refused, Signed};
use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// One request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(there, _)| there == name)
            .map_or("", |(_, value)| value)
    }

    /// What it tells, if `secret` has signed it at about `now` (unix seconds).
    pub(crate) fn verify(&self, secret: &str, now: i64) -> Result<serde_json::Value, Refused> {
        let signed = Signed {
            id: self.header("webhook-id"),
            timestamp: self.header("webhook-timestamp"),
            signatures: self.header("webhook-signature"),
        };
        standard_webhooks::verify(secret, signed, &self.body, now).map(|()| self.json())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What to do with the next request.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// The status, further headers and a body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// Takes the request and never answers.
    Hang,
    /// Closes the connection without a word.
    HangUp,
    /// Answers, and then a body that never ends.
    Endless,
}

impl Say {
    pub(crate) fn status(code: u16) -> Self {
        Self::Status(code, vec![], "thank you".to_owned())
    }
}

#[derive(Clone)]
pub(crate) struct Receiver {
    address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    says: Arc<Mutex<VecDeque<Say>>>,
    otherwise: Arc<Mutex<Say>>,
}

impl Receiver {
    /// Listens on a free port of this machine; says 204 to everything.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            got: Arc::default(),
            says: Arc::default(),
            otherwise: Arc::new(Mutex::new(Say::Status(204, vec![], String::new()))),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let one = serving.clone();
                tokio::spawn(async move { one.serve(stream).await });
            }
        });
        receiver
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// To the next request that has no answer yet.
    pub(crate) fn then(&self, say: Say) {
        self.says.lock().unwrap().push_back(say);
    }

    pub(crate) fn always(&self, say: Say) {
        *self.otherwise.lock().unwrap() = say;
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// One connection at a time; each request is answered and the connection closed.
    async fn serve(&self, mut stream: TcpStream) {
        let Some(got) = read(&mut stream).await else {
            return;
        };
        self.got.lock().unwrap().push(got);
        let next = self.says.lock().unwrap().pop_front();
        let say = next.unwrap_or_else(|| self.otherwise.lock().unwrap().clone());
        match say {
            Say::Status(code, headers, body) => {
                let more = headers.iter().fold(String::new(), |more, (name, value)| {
                    more + name + ": " + value + "\r\n"
                });
                let length = if code == 204 { 0 } else { body.len() };
                let head = format!(
                    "HTTP/1.1 {code} X\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(head.as_bytes()).await;
                if length > 0 {
                    let _ = stream.write_all(body.as_bytes()).await;
                }
                let _ = stream.shutdown().await;
            }
            Say::Hang => tokio::time::sleep(Duration::from_mins(5)).await,
            Say::HangUp => {}
            Say::Endless => {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                    .await;
                while stream.write_all(b"4\r\nmore\r\n").await.is_ok() {}
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    let head = loop {
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
        }
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes[head + 4..].to_vec();
    while body.len() < length {
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => body.extend_from_slice(&chunk[..n]),
        }
    }
    Some(Got {
        path,
        headers,
        body,
    })
}
