//! One address may not flood one process. Exact quotas across replicas are another matter.
use super::{client, quota::Class};
use crate::extract::Meta;
use actix_governor::{
    GovernorConfig, GovernorConfigBuilder, KeyExtractor, SimpleKeyExtractionError,
    governor::{
        NotUntil,
        clock::{Clock as _, DefaultClock, QuantaInstant},
        middleware::NoOpMiddleware,
    },
};
use actix_web::{HttpResponse, HttpResponseBuilder, dev::ServiceRequest, http::header};
use batchtrack_core::platform::{Lifecycle, Settings};
use ipnet::IpNet;
use std::{net::IpAddr, sync::Arc, time::Duration};

pub(crate) type Flood = GovernorConfig<ByAddress, NoOpMiddleware>;

#[derive(Clone)]
pub(crate) struct ByAddress {
    trusted: Arc<[IpNet]>,
    enabled: bool,
}

/// Whose bucket a request is taken from; those without one are not limited.
type Bucket = Option<IpAddr>;

/// Built once, outside of the `App` factory: every worker thread would get buckets of its own.
pub(crate) fn config(settings: &Settings) -> Flood {
    let each = settings.http.requests_per_minute;
    GovernorConfigBuilder::default()
        .key_extractor(ByAddress {
            trusted: settings.http.trusted_clients.clone().into(),
            enabled: settings.limits.enabled,
        })
        .requests_per_minute(u64::from(each.get()))
        .burst_size(each.get())
        .finish()
        .expect("the quota is not zero")
}

/// Forgets addresses whose buckets are full again; otherwise they are kept for ever.
pub(crate) fn forget_regularly(flood: &Flood, life: &Lifecycle) {
    let limiter = flood.limiter();
    let alive = life.clone();
    life.spawn(async move {
        while alive.pause(Duration::from_mins(1)).await {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    });
}

impl KeyExtractor for ByAddress {
    type Key = Bucket;
    type KeyExtractionError = SimpleKeyExtractionError<&'static str>;

    fn extract(&self, req: &ServiceRequest) -> Result<Bucket, Self::KeyExtractionError> {
        if !self.enabled || Class::of(req.path()) == Class::Exempt {
            return Ok(None);
        }
        Ok(Meta::of(req.request())
            .client
            .filter(|address| !client::contains(&self.trusted, *address))
            .map(bucket))
    }

    fn whitelisted_keys(&self) -> Vec<Bucket> {
        vec![None]
    }

    fn exceed_rate_limit_response(
        &self,
        negative: &NotUntil<QuantaInstant>,
        _: HttpResponseBuilder,
    ) -> HttpResponse {
        let wait = negative.wait_time_from(DefaultClock::default().now());
        // Bare: `middleware::problems` finds the words.
        HttpResponse::TooManyRequests()
            .insert_header((header::RETRY_AFTER, wait.as_secs() + 1))
            .finish()
    }
}

/// A household or office has at least a /56 of IPv6 addresses to choose from.
pub(crate) fn bucket(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let bits = v6.to_bits() & (u128::MAX << (128 - 56));
            IpAddr::V6(bits.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bucket;

    #[test]
    fn neighbours_of_one_ipv6_line_share_a_bucket() {
        let of = |text: &str| bucket(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2ff::1"), "2001:db8:1:200::");
        assert_eq!(of("2001:db8:1:2aa:9::7"), "2001:db8:1:200::");
        assert_ne!(of("2001:db8:1:300::1"), of("2001:db8:1:2ff::1"));
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
    }
}
