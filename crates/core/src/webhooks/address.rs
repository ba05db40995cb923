//! Where deliveries may go: the public internet, and what the operator allows besides. Pure.
//!
//! Looked at twice: when an endpoint is saved, for a clear answer, and when the connection is made,
//! for a name may lead elsewhere by then.
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

const MOST: usize = 2_048;

/// Ours, our neighbours', nobody's: what the public internet does not route (IANA's registries).
const NOT_PUBLIC_4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),           // this host
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carriers' own
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local: metadata of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];
/// All of IPv6 that is public so far; NAT64, unique local, link-local and multicast lie outside…
const GLOBAL_6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// …but for these.
const NOT_PUBLIC_6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocols: Teredo, ORCHID…
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: an IPv4 address in disguise
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Above 1023, where somebody's own service may well be: databases, caches, consoles.
const NOT_PORTS: &[u16] = &[
    1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 5984, 6000, 6379,
    6443, 6667, 9042, 9092, 9200, 9300, 10250, 11211, 15672, 27017,
];

/// Why nothing is sent to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("Enter a complete address, such as https://example.com/hooks/batchtrack.")]
    NotAnAddress,
    #[error("An address may have at most {MOST} characters.")]
    TooLong,
    #[error("The address must begin with https:// or http://.")]
    Scheme,
    #[error("Leave user name and password out of the address: each delivery is signed instead.")]
    Credentials,
    #[error("Leave out what follows “#”: it never reaches a server.")]
    Fragment,
    #[error("Port {0} is not used for webhooks. Use 443, or one above 1023 that no database uses.")]
    Port(u16),
    #[error("{0} is not on the public internet, so nothing is sent there.")]
    NotPublic(String),
}

/// What may be reached.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Networks that the operator allows although they are not public.
    allowed: Vec<IpNet>,
}

impl Reach {
    pub const fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether a connection may be made to `ip`, however it is written.
    pub fn may_reach(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        is_public(ip) || self.allowed.iter().any(|net| net.contains(&ip))
    }

    /// Looks at an address as far as that can be done without asking for its name.
    pub fn check(&self, address: &str) -> Result<Url, BadAddress> {
        let address = address.trim();
        if address.len() > MOST {
            return Err(BadAddress::TooLong);
        }
        let url = Url::parse(address).map_err(|_malformed| BadAddress::NotAnAddress)?;
        self.check_url(&url)?;
        Ok(url)
    }

    pub fn check_url(&self, url: &Url) -> Result<(), BadAddress> {
        if !["https", "http"].contains(&url.scheme()) {
            return Err(BadAddress::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadAddress::Credentials);
        }
        if url.fragment().is_some() {
            return Err(BadAddress::Fragment);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !is_port_for_webhooks(port) {
            return Err(BadAddress::Port(port));
        }
        let open = match url.host().ok_or(BadAddress::NotAnAddress)? {
            Host::Ipv4(ip) => self.may_reach(ip.into()),
            Host::Ipv6(ip) => self.may_reach(ip.into()),
            Host::Domain(name) => !is_own_name(name) || self.may_reach(Ipv4Addr::LOCALHOST.into()),
        };
        if !open {
            let host = url.host_str().unwrap_or_default();
            return Err(BadAddress::NotPublic(host.to_owned()));
        }
        Ok(())
    }
}

/// Whether the public internet leads to `ip`.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !NOT_PUBLIC_4.iter().any(|net| lies_in_4(ip, *net)),
        IpAddr::V6(ip) => {
            lies_in_6(ip, GLOBAL_6) && !NOT_PUBLIC_6.iter().any(|net| lies_in_6(ip, *net))
        }
    }
}

fn lies_in_4(ip: Ipv4Addr, (net, length): (Ipv4Addr, u8)) -> bool {
    Ipv4Net::new_assert(net, length).contains(&ip)
}

fn lies_in_6(ip: Ipv6Addr, (net, length): (Ipv6Addr, u8)) -> bool {
    Ipv6Net::new_assert(net, length).contains(&ip)
}

fn is_port_for_webhooks(port: u16) -> bool {
    [80, 443].contains(&port) || (port > 1_023 && !NOT_PORTS.contains(&port))
}

/// Names that mean this machine wherever they are asked for.
fn is_own_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests;
