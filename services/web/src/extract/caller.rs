use super::{
    Meta,
    bearer::{Bearer, bad_token, people_only},
};
use crate::{app::App, problem::Problem, session::Visit};
use actix_session::SessionExt as _;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use batchtrack_core::{
    kernel::ids::{OrganizationId, UserId},
    tokens::Presented,
};
use std::{
    future::{Ready, ready},
    rc::Rc,
};

/// Somebody signed in, in a browser or by an app. That their account is still open is checked when it is
/// looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    /// Where they act; none for somebody who belongs nowhere.
    pub organization: Option<OrganizationId>,
    /// Of the account when they signed in; once it has another, this session is over.
    pub(crate) epoch: i32,
}

/// Whoever acts inside one organisation. That they may is checked when the unit of work begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub(crate) who: Who,
    pub organization: OrganizationId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Person {
        user: UserId,
        epoch: i32,
    },
    /// As the person or the organisation whose token it turns out to be.
    Token(Presented),
}

impl Caller {
    pub(crate) fn member(self) -> Option<Member> {
        Some(Member {
            who: Who::Person {
                user: self.user,
                epoch: self.epoch,
            },
            organization: self.organization?,
        })
    }
}

/// What the extractors of people share.
pub(super) struct Facts {
    pub(super) meta: Rc<Meta>,
    pub(super) visit: Visit,
    pub(super) app: Data<App>,
    pub(super) caller: Option<Caller>,
}

impl Facts {
    pub(super) fn caller(&self) -> Result<Caller, Problem> {
        match self.meta.bearer {
            Some(Bearer::Token(_)) => return Err(people_only()),
            Some(Bearer::Unknown) => return Err(bad_token()),
            Some(Bearer::Access(_)) | None => {}
        }
        self.visit.check()?;
        self.caller.ok_or_else(Problem::sign_in_first)
    }

    pub(super) fn member(&self) -> Result<Member, Problem> {
        if let Some(Bearer::Token(token)) = self.meta.bearer {
            return Ok(Member {
                who: Who::Token(token),
                organization: token.organization,
            });
        }
        self.caller()?.member().ok_or_else(Problem::nowhere)
    }
}

pub(super) fn facts(req: &HttpRequest) -> Facts {
    let meta = Meta::of(req);
    let visit = Visit::new(req.get_session());
    let app = req
        .app_data::<Data<App>>()
        .expect("App is registered at start-up")
        .clone();
    let caller = match &meta.bearer {
        None => {
            let (now, lives) = (app.clock.now(), &app.settings.session);
            visit.end_if_old(now, lives);
            let caller = visit.caller();
            if caller.is_some() {
                visit.extend(now, lives);
            }
            caller
        }
        Some(Bearer::Access(claims)) => Some(Caller {
            user: claims.user,
            organization: claims.organization,
            epoch: claims.session_epoch,
        }),
        Some(Bearer::Token(_) | Bearer::Unknown) => None,
    };
    if caller.is_some() || meta.bearer.is_some() {
        meta.private.set(true);
        meta.caller.set(caller);
        meta.stay.set(visit.stay());
    }
    Facts {
        meta,
        visit,
        app,
        caller,
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(facts(req).caller())
    }
}
