use super::{Caller, Meta, caller};
use crate::{
    app::App,
    page::Shell,
    problem::Problem,
    session::{Browser, Entrance, Visit},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use batchtrack_core::{organizations, tokens::devices};
use std::{
    convert::Infallible,
    future::{Ready, ready},
    rc::Rc,
};

/// Anyone: signed in or not. While sessions are away, everybody is a stranger.
#[derive(Clone)]
pub struct Visitor {
    pub caller: Option<Caller>,
    pub meta: Rc<Meta>,
    pub(crate) visit: Visit,
    pub(crate) app: Data<App>,
    pub(crate) browser: Browser,
}

impl Visitor {
    /// Begins a session of `caller`, under a new id. Where an organisation wants its members in one
    /// place at a time, their other sessions are over.
    pub(crate) async fn enter(&self, caller: Caller) -> Result<(), Problem> {
        let mut tx = self.app.system.begin().await?;
        let entrance = Entrance {
            address: self.meta.client,
            browser: self.browser,
            is_alone: organizations::wants_single_session(&mut tx, caller.user).await?,
        };
        drop(tx);
        if entrance.is_alone {
            devices::end_all(&self.app.system, caller.user).await?;
        }
        self.visit.sign_in(caller, entrance, self.app.clock.now())?;
        self.meta.caller.set(Some(caller));
        Ok(())
    }

    /// The frame of a page without forms; it starts no session.
    pub fn shell(&self) -> Shell {
        Shell::for_anyone(&self.meta, self.visit.csrf().unwrap_or_default())
    }

    /// The frame of a page with a form, which needs a session for its token.
    pub fn shell_with_form(&self) -> Result<Shell, Problem> {
        self.meta.private.set(true);
        let csrf = self.visit.ensure_csrf()?;
        Ok(Shell::for_anyone(&self.meta, csrf))
    }
}

impl FromRequest for Visitor {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let facts = caller::facts(req);
        ready(Ok(Self {
            caller: facts.caller,
            meta: facts.meta,
            visit: facts.visit,
            app: facts.app,
            browser: Browser::of(req),
        }))
    }
}
