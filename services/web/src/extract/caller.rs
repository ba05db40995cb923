use super::Meta;
use crate::{app::App, problem::Problem, session::Visit};
use actix_session::SessionExt as _;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use batchtrack_core::kernel::ids::{OrganizationId, UserId};
use std::{
    future::{Ready, ready},
    rc::Rc,
};

/// Somebody signed in. That their account is still open is checked when it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    /// Where they act; none for somebody who belongs nowhere.
    pub organization: Option<OrganizationId>,
    /// Of the account when they signed in; once it has another, this session is over.
    pub(crate) epoch: i32,
}

/// A [`Caller`] who acts inside one organisation. That they still belong to it is checked when the
/// unit of work begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub organization: OrganizationId,
    pub(crate) epoch: i32,
}

impl Caller {
    pub(crate) fn member(self) -> Option<Member> {
        Some(Member {
            user: self.user,
            organization: self.organization?,
            epoch: self.epoch,
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
        self.visit.check()?;
        self.caller.ok_or_else(Problem::sign_in_first)
    }

    pub(super) fn member(&self) -> Result<Member, Problem> {
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
    let caller = visit.caller();
    if caller.is_some() {
        visit.extend(app.clock.now(), app.settings.session.lifetime_minutes.get());
        meta.private.set(true);
        meta.caller.set(caller);
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
