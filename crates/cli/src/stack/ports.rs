//! Ports: the ones people type, and the ones nobody needs to know.
use super::{home::Home, keyfile};
use anyhow::{Context as _, bail};
use std::{
    collections::BTreeSet,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
};

/// Below the range from which the system takes ports for outgoing connections: a port found free
/// here is still free when the server gets to it.
const FIRST: u16 = 15_000;
const COUNT: u16 = 17_000;

/// Hands out ports, never one twice.
#[derive(Default)]
pub(crate) struct Ports {
    given: BTreeSet<u16>,
}

impl Ports {
    /// A free port on every one of these addresses.
    pub(crate) fn free(&mut self, addresses: &[IpAddr]) -> anyhow::Result<u16> {
        for _ in 0..500 {
            let mut dice = [0_u8; 2];
            getrandom::fill(&mut dice).context("asking the system for random numbers")?;
            let port = FIRST + u16::from_ne_bytes(dice) % COUNT;
            let free = addresses
                .iter()
                .all(|address| TcpListener::bind((*address, port)).is_ok());
            if free && self.given.insert(port) {
                return Ok(port);
            }
        }
        bail!("no free port between {FIRST} and {}", FIRST + COUNT);
    }

    /// The same port on this machine as last time, while it is free.
    pub(crate) fn remembered(&mut self, home: &Home, name: &str) -> anyhow::Result<u16> {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let path = home.root().join("ports");
        let mut known = keyfile::read(&path)?;
        let last = known.get(name).and_then(|port| port.parse().ok());
        if let Some(port) = last
            && TcpListener::bind((loopback, port)).is_ok()
            && self.given.insert(port)
        {
            return Ok(port);
        }
        let port = self.free(&[loopback])?;
        known.insert(name.to_owned(), port.to_string());
        keyfile::write(&path, &known)?;
        Ok(port)
    }

    /// The port that was asked for by `setting`; 0 asks for any.
    pub(crate) fn asked_for(
        &mut self,
        port: u16,
        setting: &str,
        addresses: &[IpAddr],
    ) -> anyhow::Result<u16> {
        if port == 0 {
            return self.free(addresses);
        }
        for address in addresses {
            let address = SocketAddr::new(*address, port);
            let Err(error) = TcpListener::bind(address) else {
                continue;
            };
            match error.kind() {
                ErrorKind::AddrInUse => bail!(
                    "another program already uses {address}. Stop it, or choose another port: {setting}={} (0 takes any free one)",
                    port.saturating_add(1)
                ),
                ErrorKind::PermissionDenied => bail!(
                    "{address} may not be used by this account. Choose a port above 1023: {setting}=8080"
                ),
                ErrorKind::AddrNotAvailable => bail!(
                    "{} is not an address of this machine: change BATCHTRACK_BIND",
                    address.ip()
                ),
                _ => return Err(error).with_context(|| format!("trying {address} ({setting})")),
            }
        }
        if !self.given.insert(port) {
            bail!("{setting}={port} is asked for twice");
        }
        Ok(port)
    }
}

/// The addresses to serve at. The loopback of IPv6 is left out where the machine has none.
pub(crate) fn usable(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let absent = |address: &IpAddr| {
        address.is_ipv6() && address.is_loopback() && TcpListener::bind((*address, 0)).is_err()
    };
    addresses
        .iter()
        .copied()
        .filter(|address| !absent(address))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_names_the_setting() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let taken = TcpListener::bind((loopback, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Ports::default()
            .asked_for(port, "BATCHTRACK_HTTP_PORT", &[loopback])
            .unwrap_err()
            .to_string();
        assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
        assert!(error.contains("BATCHTRACK_HTTP_PORT="), "{error}");
    }

    #[test]
    fn no_port_is_given_twice() {
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
        let mut ports = Ports::default();
        let first = ports.free(&loopback).unwrap();
        assert!(ports.asked_for(first, "X", &loopback).is_err());
    }
}
