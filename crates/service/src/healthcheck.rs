//! Asks the running service whether it is alive.
use batchtrack_core::platform::config::HttpSettings;
use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Unwell {
    #[error("{0} does not answer: {1}")]
    Silent(SocketAddr, std::io::Error),
    #[error("HTTP_HOST {0} is not an address")]
    NoAddress(String),
    #[error("{0} answers, but not that it is alive")]
    Ailing(SocketAddr),
}

pub(crate) fn ask(settings: &HttpSettings) -> Result<(), Unwell> {
    let address = (settings.host.as_str(), settings.port)
        .to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next())
        .ok_or_else(|| Unwell::NoAddress(settings.host.clone()))?;
    let address = reachable(address);
    let answer = get(address).map_err(|error| Unwell::Silent(address, error))?;
    if answer.starts_with(b"HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(Unwell::Ailing(address))
    }
}

/// A service that listens everywhere is asked at home.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn get(address: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_listens_everywhere_is_asked_at_home() {
        let at = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(at("0.0.0.0:5000"), "127.0.0.1:5000");
        assert_eq!(at("[::]:5000"), "[::1]:5000");
        assert_eq!(at("10.1.2.3:5000"), "10.1.2.3:5000");
    }
}
