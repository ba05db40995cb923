use super::Meta;
use crate::{app::App, problem::Problem, session::Visit};
use actix_session::SessionExt as _;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use batchtrack_core::kernel::ids::{OrganizationId, UserId};
use std::{
    future::{Ready, ready},
    rc::Rc,
};

/// Someone signed in, acting inside one organisation. That they still belong to it is checked
/// when the unit of work begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub organization: OrganizationId,
}

/// What the extractors of people share.
pub(super) struct Facts {
    pub(super) meta: Rc<Meta>,
    pub(super) visit: Visit,
    pub(super) app: Data<App>,
    pub(super) member: Option<Member>,
}

impl Facts {
    pub(super) fn member(&self) -> Result<Member, Problem> {
        self.visit.check()?;
        self.member.ok_or_else(Problem::sign_in_first)
    }
}

pub(super) fn facts(req: &HttpRequest) -> Facts {
    let meta = Meta::of(req);
    let visit = Visit::new(req.get_session());
    let app = req
        .app_data::<Data<App>>()
        .expect("App is registered at start-up")
        .clone();
    let member = visit.member();
    if member.is_some() {
        visit.extend(app.clock.now(), app.settings.session.lifetime_minutes.get());
        meta.private.set(true);
        meta.member.set(member);
    }
    Facts {
        meta,
        visit,
        app,
        member,
    }
}

impl FromRequest for Member {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(facts(req).member())
    }
}
