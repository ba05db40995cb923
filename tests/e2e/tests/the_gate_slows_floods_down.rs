//! The real nginx with the configuration that is delivered, before a service that only echoes: how much
//! it lets through, and from whom.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may spawn freely, and should stop where it can't go on"
)]
use batchtrack_e2e::{client, until};
use reqwest::{Client, StatusCode};
use std::{
    env, fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

struct Gate {
    nginx: Child,
    folder: PathBuf,
    url: String,
}

impl Gate {
    /// With nobody exempt but `trusted`.
    async fn open(story: &str, trusted: &str) -> Self {
        let folder = env::temp_dir().join(format!("bt-gate-{story}-{}", std::process::id()));
        fs::create_dir_all(folder.join("pages/.answers")).unwrap();
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for name in ["429.html", "429.json"] {
            let page = project.join("deploy/nginx/pages").join(name);
            fs::copy(page, folder.join("pages/.answers").join(name)).unwrap();
        }
        let service = serve().await;
        let port = free_port();
        let text = fs::read_to_string(project.join("deploy/nginx/nginx.conf")).unwrap();
        let run = folder.display().to_string();
        let is_root = nix::unistd::Uid::effective().is_root();
        let text = text
            .replace("{{user}}", if is_root { "user root;" } else { "" })
            .replace("{{open_files}}", "1024")
            .replace("{{connections}}", "256")
            .replace("{{run}}", &run)
            .replace("{{pages}}", &format!("{run}/pages"))
            .replace("{{upstream_idle}}", "60s")
            .replace("{{listen}}", &format!("listen 127.0.0.1:{port};"))
            .replace("{{replicas}}", &format!("server 127.0.0.1:{service};"))
            .replace("{{trusted}}", &format!("{trusted} 1;"));
        // What is looked at here is the same over TLS.
        let text: Vec<_> = text
            .lines()
            .filter(|line| !line.contains("ssl_certificate"))
            .collect();
        let configuration = folder.join("nginx.conf");
        fs::write(&configuration, text.join("\n")).unwrap();
        let path = env::var("PATH").unwrap_or_default();
        let nginx = Command::new("nginx")
            .env("PATH", format!("{path}:/usr/sbin"))
            .args(["-e", "stderr", "-p", &run, "-c"])
            .arg(configuration)
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx is installed");
        let gate = Self {
            nginx,
            folder,
            url: format!("http://127.0.0.1:{port}"),
        };
        until("nginx listens", Duration::from_secs(20), || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
        gate
    }

    async fn get(&self, http: &Client, path: &str) -> reqwest::Response {
        let request = http.get(format!("{}{path}", self.url));
        request.send().await.expect("nginx answers")
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.nginx.id().cast_signed());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.nginx.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Answers every request with its head; what is asked for at `/slow` takes a second.
async fn serve() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                let mut buffer = [0; 4096];
                while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                    let read = socket.read(&mut buffer).await.unwrap_or(0);
                    if read == 0 {
                        return;
                    }
                    head.extend_from_slice(&buffer[..read]);
                }
                if head.starts_with(b"GET /slow") {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                let start = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    head.len()
                );
                let _ = socket.write_all(start.as_bytes()).await;
                let _ = socket.write_all(&head).await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_gets_so_much_and_no_more() {
    let gate = Gate::open("limited", "203.0.113.0/24").await;
    let http = client();

    // Passwords: five at once, and ten a minute. To look at the form is free.
    let started = Instant::now();
    let mut passed = 0;
    for _ in 0..12 {
        let try_one = http.post(format!("{}/auth/login", gate.url)).send();
        passed += usize::from(try_one.await.unwrap().status() == StatusCode::OK);
    }
    let gained = usize::try_from(started.elapsed().as_secs() / 6).unwrap() + 1;
    assert!((6..=6 + gained).contains(&passed), "{passed}");
    let refused = http.post(format!("{}/api/v1/auth/token", gate.url)).send();
    let refused = refused.await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let kind = refused.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/problem+json"), "{kind}");
    assert_eq!(
        gate.get(&http, "/auth/login").await.status(),
        StatusCode::OK
    );

    // What a client says of its own address is written over.
    let forged = http
        .get(format!("{}/echo", gate.url))
        .header("X-Forwarded-For", "198.51.100.1")
        .header("X-Real-IP", "198.51.100.1");
    let head = forged.send().await.unwrap().text().await.unwrap();
    assert!(!head.contains("198.51.100.1"), "{head}");
    assert!(head.contains("X-Forwarded-For: 127.0.0.1"), "{head}");

    // Twenty under way at a time.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let slow = (0..30).map(|_| {
        let (http, url) = (http.clone(), format!("{}/slow", gate.url));
        tokio::spawn(async move { http.get(url).send().await.unwrap().status() })
    });
    let mut passed = 0;
    for one in slow.collect::<Vec<_>>() {
        passed += usize::from(one.await.unwrap() == StatusCode::OK);
    }
    assert!((20..30).contains(&passed), "{passed}");

    // A hundred a second, and fifty at once beyond that.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let started = Instant::now();
    let runs = (0..10).map(|_| {
        let (http, url) = (http.clone(), format!("{}/", gate.url));
        tokio::spawn(async move {
            let mut passed = 0;
            for _ in 0..60 {
                passed +=
                    u64::from(http.get(&url).send().await.unwrap().status() == StatusCode::OK);
            }
            passed
        })
    });
    let mut passed = 0;
    for run in runs.collect::<Vec<_>>() {
        passed += run.await.unwrap();
    }
    let most = 52 + 100 * (started.elapsed().as_secs() + 1);
    assert!(
        (51..=most).contains(&passed),
        "{passed} of 600, at most {most}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_trusted_passes() {
    let gate = Gate::open("trusted", "127.0.0.0/8").await;
    let http = client();
    for _ in 0..200 {
        assert_eq!(gate.get(&http, "/").await.status(), StatusCode::OK);
    }
    for _ in 0..20 {
        let try_one = http.post(format!("{}/auth/login", gate.url)).send();
        assert_eq!(try_one.await.unwrap().status(), StatusCode::OK);
    }
}
