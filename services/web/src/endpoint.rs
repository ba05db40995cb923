//! What the site is made of: one address and method at a time, and who may use it.
use crate::{
    extract::Meta,
    problem::{PLACES, Problem},
};
use actix_web::{
    Route,
    guard::fn_guard,
    http::Method,
    web::{self, ServiceConfig},
};
use batchtrack_core::{
    kernel::Kind,
    organizations::{Grants, Standing},
    tiers::Permission,
};
use std::rc::Rc;

/// Who may use an endpoint. Extractors and units of work hold it; a handler need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Public,
    /// Anybody signed in, whether or not they belong to an organisation: it is about themselves.
    Person,
    /// Whoever belongs to the organisation, whatever their roles.
    Member,
    /// Members whose roles give it, where the organisation's tier allows it.
    May(Permission),
    /// The one who owns the organisation.
    Owner,
    /// Those who run the installation. For others there is nothing at this address.
    Operator,
}

/// One method of one address. The tables of these are what is routed, and what tests walk.
pub struct Endpoint {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    to: fn() -> Route,
}

impl Endpoint {
    pub const fn get(path: &'static str, access: Access, to: fn() -> Route) -> Self {
        Self {
            method: Method::GET,
            path,
            access,
            to,
        }
    }
    pub const fn head(path: &'static str, access: Access, to: fn() -> Route) -> Self {
        Self {
            method: Method::HEAD,
            path,
            access,
            to,
        }
    }
    pub const fn post(path: &'static str, access: Access, to: fn() -> Route) -> Self {
        Self {
            method: Method::POST,
            path,
            access,
            to,
        }
    }
    pub const fn patch(path: &'static str, access: Access, to: fn() -> Route) -> Self {
        Self {
            method: Method::PATCH,
            path,
            access,
            to,
        }
    }
    pub const fn put(path: &'static str, access: Access, to: fn() -> Route) -> Self {
        Self {
            method: Method::PUT,
            path,
            access,
            to,
        }
    }
    pub const fn delete(path: &'static str, access: Access, to: fn() -> Route) -> Self {
        Self {
            method: Method::DELETE,
            path,
            access,
            to,
        }
    }

    /// Routes a table, with the methods of one address together, so that the others are 405.
    pub fn register<'a>(endpoints: impl IntoIterator<Item = &'a Self>, cfg: &mut ServiceConfig) {
        let mut by_path: Vec<(&str, Vec<&Self>)> = Vec::new();
        for endpoint in endpoints {
            match by_path.iter_mut().find(|(path, _)| *path == endpoint.path) {
                Some((_, same)) => same.push(endpoint),
                None => by_path.push((endpoint.path, vec![endpoint])),
            }
        }
        for (path, same) in by_path {
            let resource = same
                .into_iter()
                .fold(web::resource(path), |resource, endpoint| {
                    resource.route(endpoint.route())
                });
            cfg.service(resource);
        }
    }

    /// The route, which tells the request who may use it before any extractor runs.
    fn route(&self) -> Route {
        let access = self.access;
        (self.to)()
            .method(self.method.clone())
            .guard(fn_guard(move |req| {
                if let Some(meta) = req.req_data().get::<Rc<Meta>>() {
                    meta.access.set(Some(access));
                }
                true
            }))
    }
}

impl Meta {
    /// Who may use the endpoint of this request. One that doesn't say lets nobody in.
    pub(crate) fn declared(&self) -> Result<Access, Problem> {
        let undeclared = || Problem::internal(format!("{} says not who may use it", self.path));
        self.access.get().ok_or_else(undeclared)
    }
}

impl Problem {
    /// Signed in, and a member of nothing.
    pub(crate) fn nowhere() -> Self {
        Self::new(
            Kind::Forbidden,
            "organizations.none",
            "You belong to no organisation just now. Open your account to see your invitations, or found an organisation of your own.",
        )
        .going_to(PLACES)
    }

    /// A member of the organisation no longer, or one that can't act in it.
    pub(crate) fn shut_out(standing: &Standing) -> Self {
        match standing {
            Standing::In => Self::nowhere(),
            Standing::Gone { organization } => Self::new(
                Kind::Forbidden,
                "organizations.not_a_member",
                format!("You don't belong to {organization} any more."),
            )
            .going_to(PLACES),
            Standing::Deactivated { organization } => Self::new(
                Kind::Forbidden,
                "organizations.deactivated",
                format!(
                    "You can't act in {organization} just now: somebody there has deactivated you. Ask whoever looks after its members."
                ),
            )
            .going_to(PLACES),
            Standing::Suspended {
                organization,
                reason,
            } => {
                let why = reason.as_deref().unwrap_or_default().trim_end_matches('.');
                let colon = if why.is_empty() { "" } else { ": " };
                Self::new(
                    Kind::Forbidden,
                    "organizations.suspended",
                    format!(
                        "{organization} is suspended{colon}{why}. Nothing is lost. Write to whoever runs BatchTrack here."
                    ),
                )
            }
        }
    }

    /// An operator whose time is up, or who is none any more.
    pub(crate) fn stay_over() -> Self {
        Self::new(
            Kind::Forbidden,
            "operators.stay_over",
            "You don't act as that organisation any more.",
        )
        .going_to(PLACES)
    }

    /// An operator who acts as an organisation is told no secret of it.
    pub(crate) fn not_for_operators() -> Self {
        Self::new(
            Kind::Forbidden,
            "operators.no_secrets",
            "Operators who act as an organisation see no secrets of it and make none. Ask one of its members.",
        )
    }

    /// A member whose roles, or whose organisation's tier, don't go as far.
    pub(crate) fn may_not(permission: Permission, grants: &Grants) -> Self {
        let what = permission.label();
        let problem = if grants.without_scopes().contains(permission) {
            let detail = format!("This token may not {what}. Make one that may, or use another.");
            Self::new(Kind::Forbidden, "access.not_in_scope", detail)
        } else if grants.allowance.permissions.contains(permission) {
            let detail = format!(
                "Your roles don't let you {what}. Ask whoever looks after members in your organisation."
            );
            Self::new(Kind::Forbidden, "access.denied", detail)
        } else {
            let tier = &grants.allowance.tier_name;
            let detail = format!("To {what} is not part of {tier}, your organisation's plan.");
            Self::new(Kind::Forbidden, "access.not_in_tier", detail)
        };
        problem.with("permission", permission.as_str())
    }

    pub(crate) fn owners_only() -> Self {
        Self::new(
            Kind::Forbidden,
            "access.owners_only",
            "Only the owner of the organisation can do this.",
        )
    }
}
