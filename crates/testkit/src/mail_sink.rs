//! A real mail server for a test: the local stack's own, on ports of its own, with an empty inbox.
use serde_json::Value;
use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);
const STARTS: usize = 5;

/// Takes every letter. It ends, and what it took is gone, with the value.
pub struct MailSink {
    child: Child,
    folder: PathBuf,
    smtp: u16,
    inbox: u16,
    client: reqwest::Client,
}

impl MailSink {
    /// # Panics
    /// When it does not start; `make mail-sink` installs it.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, for those who know this name and password and nobody else.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_for(user: &str, password: &str) -> Self {
        Self::start_with(&["--incoming-user", user, "--incoming-pass", password]).await
    }

    async fn start_with(arguments: &[&str]) -> Self {
        for _ in 0..STARTS {
            // Between the look for a free port and its use, somebody else may take it.
            if let Some(sink) = Self::try_start(arguments).await {
                return sink;
            }
        }
        panic!("the mail sink does not start; `make mail-sink` installs it");
    }

    async fn try_start(arguments: &[&str]) -> Option<Self> {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/mail-sink");
        let folder = std::env::temp_dir().join(format!("bt-mail-{}", Uuid::now_v7().simple()));
        fs::create_dir(&folder).expect("a temporary folder");
        let (smtp, inbox) = free_ports();
        let child = Command::new("node")
            .arg(place.join("sink.cjs"))
            .args(["--ip", "127.0.0.1", "--silent"])
            .args(arguments)
            .args(["--smtp", &smtp.to_string(), "--web", &inbox.to_string()])
            .arg("--mail-directory")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("Node.js is installed");
        let mut sink = Self {
            child,
            folder,
            smtp,
            inbox,
            client: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
        };
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let ended = sink.child.try_wait().expect("a child of ours");
            if ended.is_some() {
                return None;
            }
            if sink.get("healthz").await.is_some() {
                return Some(sink);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        None
    }

    pub fn smtp_url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp)
    }

    /// The same address for somebody with a name and a password.
    pub fn smtp_url_for(&self, user: &str, password: &str) -> String {
        format!("smtp://{user}:{password}@127.0.0.1:{}", self.smtp)
    }

    /// All it has taken, the oldest first, as JSON: `subject`, `text`, `html`, `headers`, `to`…
    pub async fn letters(&self) -> Vec<Value> {
        let letters = self.get("email").await.expect("the sink answers");
        let letters: Value = serde_json::from_str(&letters).expect("a list");
        letters.as_array().cloned().unwrap_or_default()
    }

    /// Waits until it has taken so many.
    pub async fn until(&self, number: usize) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let letters = self.letters().await;
            if letters.len() >= number {
                return letters;
            }
            assert!(
                Instant::now() < deadline,
                "{number} letters were expected, {} came",
                letters.len()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A letter as it came over the wire.
    pub async fn source(&self, letter: &Value) -> String {
        let id = letter
            .get("id")
            .and_then(Value::as_str)
            .expect("a letter of this sink");
        self.get(&format!("email/{id}/source"))
            .await
            .expect("a letter of this sink")
    }

    async fn get(&self, path: &str) -> Option<String> {
        let url = format!("http://127.0.0.1:{}/{path}", self.inbox);
        let answer = self.client.get(url).send().await.ok()?;
        answer.error_for_status().ok()?.text().await.ok()
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // What can't be removed is left to the system's own cleaning of its temporary folder.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn free_ports() -> (u16, u16) {
    // Held together, so that they differ.
    let [one, other] = [(); 2]
        .map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the system has a free port"));
    let port = |listener: &TcpListener| listener.local_addr().expect("it is bound").port();
    (port(&one), port(&other))
}
