//! A TCP proxy that breaks when it is told to.
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch::{self, Receiver, Sender},
    task::JoinSet,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything passes.
    Open,
    /// Connections end, and new ones end as they begin.
    Cut,
    /// Connections stay, and nothing passes until it opens again.
    Stalled,
}

pub struct Proxy {
    address: SocketAddr,
    mode: Sender<Mode>,
    /// Ends with the value.
    _task: JoinSet<()>,
}

impl Proxy {
    /// Listens on a port of its own and passes on to `port` of this machine, whoever is there.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let (mode, told) = watch::channel(Mode::Open);
        let mut task = JoinSet::new();
        task.spawn(accept(listener, port, told));
        Self {
            address,
            mode,
            _task: task,
        }
    }

    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn accept(listener: TcpListener, port: u16, mode: Receiver<Mode>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        while connections.try_join_next().is_some() {}
        if *mode.borrow() != Mode::Cut {
            connections.spawn(carry(client, port, mode.clone()));
        }
    }
}

/// Carries one connection until either side closes it, or it is cut.
async fn carry(client: TcpStream, port: u16, mode: Receiver<Mode>) {
    let mut cut = mode.clone();
    let both = async {
        until_open(mode.clone()).await;
        let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else {
            return;
        };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            () = pass(from_client, to_server, mode.clone()) => {}
            () = pass(from_server, to_client, mode) => {}
        }
    };
    tokio::select! {
        () = both => {}
        _ = cut.wait_for(|mode| *mode == Mode::Cut) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mode: Receiver<Mode>) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        until_open(mode.clone()).await;
        if to
            .write_all(buffer.get(..read).unwrap_or_default())
            .await
            .is_err()
        {
            return;
        }
    }
}

async fn until_open(mut mode: Receiver<Mode>) {
    // Without a sender the proxy is gone, and with it this task.
    let _ = mode.wait_for(|mode| *mode != Mode::Stalled).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_millis(200);

    /// A server that answers each byte with the next, behind a proxy.
    async fn counting(tasks: &mut JoinSet<()>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tasks.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                clients.spawn(async move {
                    while let Ok(byte) = client.read_u8().await {
                        client.write_u8(byte + 1).await.unwrap();
                    }
                });
            }
        });
        Proxy::to(port).await
    }

    #[tokio::test]
    async fn it_passes_stalls_and_cuts() {
        let mut tasks = JoinSet::new();
        let proxy = counting(&mut tasks).await;
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        client.write_u8(1).await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), 2);

        proxy.set(Mode::Stalled);
        client.write_u8(5).await.unwrap();
        assert!(
            timeout(SOON, client.read_u8()).await.is_err(),
            "nothing passes"
        );
        proxy.set(Mode::Open);
        assert_eq!(client.read_u8().await.unwrap(), 6, "and nothing is lost");

        proxy.set(Mode::Cut);
        assert!(client.read_u8().await.is_err());
        let mut refused = TcpStream::connect(proxy.address).await.unwrap();
        assert!(refused.read_u8().await.is_err());
        proxy.set(Mode::Open);
        let mut again = TcpStream::connect(proxy.address).await.unwrap();
        again.write_u8(8).await.unwrap();
        assert_eq!(again.read_u8().await.unwrap(), 9);
    }

    #[tokio::test]
    async fn nobody_behind_it_looks_like_a_cut() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let proxy = Proxy::to(port).await;
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        assert!(client.read_u8().await.is_err());
    }
}
