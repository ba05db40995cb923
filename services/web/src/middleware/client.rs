//! Where a request comes from: believed from a trusted proxy, else as the socket says.
use actix_web::{
    dev::ServiceRequest,
    http::header::{self, HeaderMap},
};
use batchtrack_core::platform::config::HttpSettings;
use ipnet::IpNet;
use std::net::IpAddr;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) client: Option<IpAddr>,
    pub(crate) is_https: bool,
    pub(crate) host: String,
}

pub(crate) fn origin(req: &ServiceRequest, settings: &HttpSettings) -> Origin {
    let peer = req.peer_addr().map(|address| address.ip().to_canonical());
    from_headers(
        req.headers(),
        peer,
        &settings.trusted_proxies,
        req.uri().host(),
    )
}

fn from_headers(
    headers: &HeaderMap,
    peer: Option<IpAddr>,
    proxies: &[IpNet],
    authority: Option<&str>,
) -> Origin {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let host = text(header::HOST.as_str())
        .or(authority)
        .unwrap_or_default();
    if !peer.is_some_and(|peer| contains(proxies, peer)) {
        return Origin {
            client: peer,
            is_https: false,
            host: host.to_owned(),
        };
    }
    // From the right: what stands left of the first stranger is only what that stranger claims.
    let hops = headers
        .get_all("X-Forwarded-For")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|hop| hop.trim().parse::<IpAddr>().map(|hop| hop.to_canonical()))
        .collect::<Vec<_>>();
    let mut client = peer;
    for hop in hops.iter().rev() {
        let Ok(hop) = hop else { break };
        client = Some(*hop);
        if !contains(proxies, *hop) {
            break;
        }
    }
    Origin {
        client,
        is_https: text("X-Forwarded-Proto")
            .is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
        host: text("X-Forwarded-Host").unwrap_or(host).to_owned(),
    }
}

pub(crate) fn contains(nets: &[IpNet], address: IpAddr) -> bool {
    nets.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(
                HeaderName::from_static("x-forwarded-for"),
                HeaderValue::from_static(value),
            );
        }
        let proxies = [
            "127.0.0.0/8".parse().unwrap(),
            "10.0.0.0/8".parse().unwrap(),
        ];
        from_headers(&headers, Some(peer.parse().unwrap()), &proxies, None)
            .client
            .unwrap()
            .to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(client("127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("198.51.100.1", &["203.0.113.7"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn what_a_client_puts_in_front_does_not_count() {
        assert_eq!(
            client("127.0.0.1", &["1.2.3.4, 203.0.113.7, 10.0.0.2"]),
            "203.0.113.7"
        );
        assert_eq!(
            client("127.0.0.1", &["1.2.3.4", "203.0.113.7"]),
            "203.0.113.7"
        );
        assert_eq!(client("127.0.0.1", &["203.0.113.7, junk"]), "127.0.0.1");
    }

    #[test]
    fn scheme_and_host_are_the_proxys_to_say() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "inner:5000"),
            ("x-forwarded-host", "soap.example"),
            ("x-forwarded-proto", "https"),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let proxies = ["127.0.0.0/8".parse().unwrap()];
        let seen = |peer: &str| from_headers(&headers, Some(peer.parse().unwrap()), &proxies, None);
        assert_eq!(
            (seen("127.0.0.1").host.as_str(), seen("127.0.0.1").is_https),
            ("soap.example", true)
        );
        assert_eq!(
            (seen("9.9.9.9").host.as_str(), seen("9.9.9.9").is_https),
            ("inner:5000", false)
        );
    }
}
