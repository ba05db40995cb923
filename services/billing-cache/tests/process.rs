//! The real binary answers for itself.
use batchtrack_testkit::{Role, TestDb};
use secrecy::ExposeSecret as _;
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// Killed with the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_names_what_it_depends_on() {
    let t = TestDb::new().await;
    let child = Command::new(env!("CARGO_BIN_EXE_batchtrack-billing-cache"))
        .env_clear()
        .env("DATABASE_URL", t.url(Role::App))
        .env("DATABASE_SYSTEM_URL", t.url(Role::System))
        .env("REDIS_URL", t.settings.redis.url.expose_secret())
        .env("HTTP_PORT", "0")
        .env("LOG_FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Killed(child);
    let log = BufReader::new(child.0.stderr.take().unwrap());
    let address = log
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(&line).ok())
        .find(|line| line["message"] == "listening")
        .and_then(|line| line["address"].as_str().map(ToOwned::to_owned))
        .unwrap();
    let answer = reqwest::get(format!("http://{address}/readyz"))
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(
        answer.text().await.unwrap(),
        r#"{"status":"ready","dependencies":{"cache":"ok","database":"ok"}}"#
    );
}
