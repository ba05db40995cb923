//! Exact quotas across all replicas. Which apply follows from what is asked and by whom, alone.
use super::{client, flood::bucket};
use crate::{
    app::App,
    extract::Meta,
    problem::{Problem, whole_seconds},
    session::Visit,
};
use actix_session::SessionExt as _;
use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use batchtrack_core::{
    kernel::Kind,
    platform::{
        Settings,
        quota::{Ask, Left, Policy, Quota},
    },
};
use std::net::IpAddr;

/// What sort of endpoint an address is, as far as limits go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Health and assets: not counted.
    Exempt,
    Page,
    Api,
    /// Where secrets are tried.
    Auth,
}

impl Class {
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/healthz" | "/readyz" | "/metrics" => Self::Exempt,
            _ if path.starts_with("/assets/") => Self::Exempt,
            _ if path.starts_with("/auth/") || path.starts_with("/api/v1/auth/") => Self::Auth,
            _ if path.starts_with("/api/v1/") => Self::Api,
            _ => Self::Page,
        }
    }
}

/// The quotas of this installation.
pub(crate) struct Policies {
    /// Of a person, a token or an address.
    default: Vec<Policy>,
    /// Of an address.
    auth: Policy,
    api: Policy,
    /// Of a person or a token.
    writes: Policy,
}

impl Policies {
    pub(crate) fn of(settings: &Settings) -> Self {
        let policy = |name: &'static str, per_minute| Policy {
            name: name.into(),
            quota: Quota::per_minute(per_minute),
        };
        Self {
            default: settings.limits.default.policies("default"),
            auth: policy("auth", 100),
            api: policy("api", 1_000),
            writes: policy("writes", 200),
        }
    }

    /// What a request takes from.
    fn asks(&self, asked: &Asked) -> Vec<Ask<'_>> {
        let of = |policy, subject: &str| Ask {
            policy,
            subject: subject.to_owned(),
        };
        let address = asked
            .address
            .map(|address| format!("ip:{}", bucket(address)));
        let who = asked.caller.as_ref().or(address.as_ref());
        let mut asks = Vec::with_capacity(4);
        if asked.class == Class::Exempt {
            return asks;
        }
        if let Some(who) = who {
            asks.extend(self.default.iter().map(|policy| of(policy, who)));
        }
        if let Some(who) = asked.caller.as_ref().filter(|_| !asked.is_safe) {
            asks.push(of(&self.writes, who));
        }
        match (asked.class, &address) {
            (Class::Auth, Some(address)) => asks.push(of(&self.auth, address)),
            (Class::Api, Some(address)) => asks.push(of(&self.api, address)),
            _ => {}
        }
        asks
    }
}

/// All that decides about quotas.
struct Asked {
    class: Class,
    is_safe: bool,
    address: Option<IpAddr>,
    /// The person or the token, as far as it is known before anything is looked up.
    caller: Option<String>,
}

pub(crate) async fn around<B: MessageBody + 'static>(
    app: Data<App>,
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let meta = Meta::of(req.request());
    let trusted = &app.settings.http.trusted_clients;
    let is_trusted = meta
        .client
        .is_some_and(|address| client::contains(trusted, address));
    if is_trusted || !app.settings.limits.enabled {
        return Ok(next.call(req).await?.map_into_left_body());
    }
    let asked = Asked {
        class: Class::of(req.path()),
        is_safe: req.method().is_safe(),
        address: meta.client,
        caller: caller(&req),
    };
    let asks = app.quotas.asks(&asked);
    let left = app.limiter.take(&asks).await;
    let taken: Vec<_> = asks.iter().map(|ask| ask.policy).zip(left).collect();
    if !taken.is_empty() {
        meta.limits.replace(Some(LimitFields::of(&taken)));
    }
    match refusal(&taken) {
        None => Ok(next.call(req).await?.map_into_left_body()),
        Some(problem) => {
            // `req.into_response` would lose the problem behind the answer.
            let (req, _) = req.into_parts();
            let refused = ServiceResponse::new(req, HttpResponse::from_error(problem));
            Ok(refused.map_into_right_body())
        }
    }
}

fn caller(req: &ServiceRequest) -> Option<String> {
    if let Some(bearer) = &Meta::of(req.request()).bearer {
        return bearer.subject();
    }
    let caller = Visit::new(req.get_session()).caller()?;
    Some(format!("user:{}", caller.user))
}

fn refusal(taken: &[(&Policy, Left)]) -> Option<Problem> {
    let violated = taken.iter().filter(|(_, left)| left.wait.is_some());
    let wait = violated.clone().filter_map(|(_, left)| left.wait).max()?;
    let names: Vec<&str> = violated.map(|(policy, _)| &*policy.name).collect();
    let problem = Problem::new(
        Kind::Limited,
        "limit.quota",
        format!(
            "That was a lot in a short time. Go on in {}.",
            in_words(whole_seconds(wait))
        ),
    );
    Some(problem.retry_after(wait).with("violated-policies", names))
}

pub(crate) fn in_words(seconds: u64) -> String {
    match seconds {
        1 => "a second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// `RateLimit-Policy` and `RateLimit`, as the IETF's draft (-10) has them.
#[derive(Debug)]
pub(crate) struct LimitFields {
    policies: HeaderValue,
    left: HeaderValue,
}

impl LimitFields {
    fn of(taken: &[(&Policy, Left)]) -> Self {
        let list = |item: &dyn Fn(&Policy, &Left) -> String| {
            let items: Vec<_> = taken
                .iter()
                .map(|(policy, left)| item(policy, left))
                .collect();
            // Names are ours, and the rest are numbers.
            HeaderValue::from_str(&items.join(", ")).expect("names and numbers can be printed")
        };
        Self {
            policies: list(&|policy, _| {
                let Quota { count, seconds } = policy.quota;
                format!("\"{}\";q={count};w={seconds}", policy.name)
            }),
            left: list(&|policy, left| {
                let whole_in = whole_seconds(left.whole_in);
                format!("\"{}\";r={};t={whole_in}", policy.name, left.remaining)
            }),
        }
    }

    pub(crate) fn put(&self, headers: &mut HeaderMap) {
        headers.insert(
            HeaderName::from_static("ratelimit-policy"),
            self.policies.clone(),
        );
        headers.insert(HeaderName::from_static("ratelimit"), self.left.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use batchtrack_core::platform::quota::Quotas;

    fn asked(path: &str, is_safe: bool, caller: Option<&str>) -> Vec<String> {
        let policy = |name: &'static str| Policy {
            name: name.into(),
            quota: Quota::per_minute(1),
        };
        let policies = Policies {
            default: Quotas::try_from("9 per hour; 3 per minute".to_owned())
                .unwrap()
                .policies("default"),
            auth: policy("auth"),
            api: policy("api"),
            writes: policy("writes"),
        };
        let asked = Asked {
            class: Class::of(path),
            is_safe,
            address: Some("203.0.113.7".parse().unwrap()),
            caller: caller.map(str::to_owned),
        };
        let asks = policies.asks(&asked);
        asks.iter()
            .map(|ask| format!("{} {}", ask.policy.name, ask.subject))
            .collect()
    }

    #[test]
    fn what_is_counted_follows_from_who_asks_for_what() {
        let defaults = |who: &str| {
            vec![
                format!("default-hour {who}"),
                format!("default-minute {who}"),
            ]
        };
        let with = |mut asks: Vec<String>, more: &[&str]| {
            asks.extend(more.iter().map(|more| (*more).to_owned()));
            asks
        };
        let (ip, user) = ("ip:203.0.113.7", "user:7");
        assert_eq!(asked("/recipes/", true, None), defaults(ip));
        assert_eq!(asked("/recipes/", true, Some(user)), defaults(user));
        assert_eq!(
            asked("/recipes/new", false, Some(user)),
            with(defaults(user), &["writes user:7"])
        );
        assert_eq!(
            asked("/api/v1/items", false, Some(user)),
            with(defaults(user), &["writes user:7", "api ip:203.0.113.7"])
        );
        for path in ["/auth/login", "/api/v1/auth/token"] {
            assert_eq!(
                asked(path, false, None),
                with(defaults(ip), &["auth ip:203.0.113.7"]),
                "{path}"
            );
        }
        for path in ["/healthz", "/readyz", "/metrics", "/assets/app.css"] {
            assert_eq!(
                asked(path, true, Some(user)),
                Vec::<String>::new(),
                "{path}"
            );
        }
    }

    #[test]
    fn the_longest_wait_is_told_and_every_quota_that_is_used_up() {
        use std::time::Duration;
        let policy = |name: &'static str| Policy {
            name: name.into(),
            quota: Quota::per_minute(10),
        };
        let (a, b, c) = (policy("a"), policy("b"), policy("c"));
        let left = |wait| Left {
            remaining: 0,
            whole_in: Duration::from_millis(59_001),
            wait,
        };
        let millis = |millis| Some(Duration::from_millis(millis));
        let taken = [
            (&a, left(millis(300))),
            (&b, left(None)),
            (&c, left(millis(4_100))),
        ];
        let said = refusal(&taken).unwrap();
        assert_eq!(
            said.detail(),
            "That was a lot in a short time. Go on in 5 seconds."
        );
        assert!(refusal(&[(&b, left(None))]).is_none());
        let fields = LimitFields::of(&taken[..2]);
        assert_eq!(fields.policies, "\"a\";q=10;w=60, \"b\";q=10;w=60");
        assert_eq!(fields.left, "\"a\";r=0;t=60, \"b\";r=0;t=60");
    }
}
