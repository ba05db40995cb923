//! A Redis that counts what it is asked, and that can be made to fall silent.
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

#[derive(Clone)]
pub(crate) struct RedisProxy {
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
    silent: Arc<AtomicBool>,
}

impl RedisProxy {
    /// Before the server at `url`.
    pub(crate) async fn before(url: &str) -> Self {
        let target = url::Url::parse(url).unwrap();
        let address = format!(
            "{}:{}",
            target.host_str().unwrap(),
            target.port().unwrap_or(6379)
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut own = target.clone();
        own.set_host(Some("127.0.0.1")).unwrap();
        own.set_port(Some(listener.local_addr().unwrap().port()))
            .unwrap();
        let proxy = Self {
            url: own.to_string(),
            asked: Arc::default(),
            silent: Arc::default(),
        };
        let serving = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&address).await.unwrap();
                tokio::spawn(serving.clone().carry(client, server));
            }
        });
        proxy
    }

    async fn carry(self, client: TcpStream, server: TcpStream) {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let there = async {
            let mut buffer = vec![0; 65_536];
            while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
                self.asked.fetch_add(1, SeqCst);
                while self.silent.load(SeqCst) {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
                to_server.write_all(&buffer[..read]).await.unwrap();
            }
        };
        let back = async {
            let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
        };
        tokio::select! { () = there => {}, () = back => {} }
    }

    /// How often it was asked since the last time.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, SeqCst)
    }

    pub(crate) fn fall_silent(&self, silent: bool) {
        self.silent.store(silent, SeqCst);
    }
}
