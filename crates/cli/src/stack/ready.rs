//! Whether a process answers.
use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time,
};

const PATIENCE: Duration = Duration::from_secs(2);

/// What to ask a process to learn whether it is ready.
pub(crate) enum Check {
    /// PostgreSQL writes its state into its pid file; asking over the network would need a password
    /// and leave a line in its log each time.
    Postgres { pid_file: PathBuf },
    Redis {
        address: SocketAddr,
        password: String,
    },
    /// A page that must answer 200.
    Http { url: String },
}

impl Check {
    pub(crate) async fn passes(&self, client: &reqwest::Client, pid: i32) -> bool {
        match self {
            Self::Postgres { pid_file } => {
                fs::read_to_string(pid_file).is_ok_and(|text| is_ready(&text, pid))
            }
            Self::Redis { address, password } => {
                let answer = time::timeout(PATIENCE, ping(*address, password)).await;
                matches!(answer, Ok(Ok(true)))
            }
            Self::Http { url } => page_answers(client, url).await,
        }
    }
}

/// A client for questions to our own processes: never through a proxy.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()?;
    Ok(client)
}

pub(crate) async fn page_answers(client: &reqwest::Client, url: &str) -> bool {
    let answer = client.get(url).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

pub(crate) async fn port_answers(address: &str) -> bool {
    let connection = time::timeout(PATIENCE, TcpStream::connect(address)).await;
    matches!(connection, Ok(Ok(_)))
}

/// The first line is the number of the process, the eighth its state.
fn is_ready(pid_file: &str, pid: i32) -> bool {
    let mut lines = pid_file.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
}

/// Redis answers only once it has read its files.
async fn ping(address: SocketAddr, password: &str) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(format!("AUTH {password}\r\nPING\r\nQUIT\r\n").as_bytes())
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.contains("+PONG"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_ready_when_its_own_pid_file_says_so() {
        let file = "42\n/data\n1700000000\n15001\n\n127.0.0.1\n  123 0\nready   \n";
        assert!(is_ready(file, 42));
        assert!(!is_ready(file, 43));
        assert!(!is_ready(&file.replace("ready", "starting"), 42));
        assert!(!is_ready("42\n", 42));
    }
}
