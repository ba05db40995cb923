use super::{Answer, Caller, Meta, bearer::bad_token, caller};
use crate::{
    app::App, endpoint::Access, page::Shell, problem::Problem, session::Visit, times::Times,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web::Data};
use batchtrack_core::{
    identity::{self, Person as Account},
    operators::{self, Stay},
    organizations::{self, Place, audit::By},
};
use std::{
    future::{Ready, ready},
    rc::Rc,
};

/// Somebody signed in, before a page about themselves: it needs no organisation. Holds no connection.
pub struct Person {
    pub caller: Caller,
    pub meta: Rc<Meta>,
    pub(crate) visit: Visit,
    app: Data<App>,
}

/// A [`Person`] whose account was found open at this moment.
pub struct Known {
    pub account: Account,
    /// Where they belong, by name.
    pub places: Vec<Place>,
    /// Where they act now.
    pub here: Option<Place>,
    /// Of an operator who acts as an organisation.
    pub stay: Option<Stay>,
}

impl Person {
    /// Looks the account up. Whoever was closed or signed out meanwhile is signed out here too.
    pub async fn known(&self) -> Result<Known, Problem> {
        let mut tx = self.app.system.begin().await?;
        let account = identity::person(&mut tx, self.caller.user).await?;
        let Some(account) = account.filter(|found| found.session_epoch == self.caller.epoch) else {
            if self.meta.bearer.is_some() {
                return Err(bad_token());
            }
            self.visit.sign_out();
            return Err(Problem::sign_in_first());
        };
        if self.meta.declared()? == Access::Operator && !account.is_operator {
            return Err(Problem::not_found());
        }
        let places = organizations::places(&mut tx, self.caller.user).await?;
        let here = places
            .iter()
            .find(|place| Some(place.organization) == self.caller.organization)
            .filter(|place| !place.is_suspended)
            .cloned();
        let stay = match self.visit.stay() {
            Some(id) => operators::stay(&mut tx, self.caller.user, id).await?,
            None => None,
        };
        Ok(Known {
            account,
            places,
            here,
            stay,
        })
    }

    /// The frame of a page.
    pub fn shell(&self, known: &Known) -> Shell {
        Shell::for_person(&self.meta, &self.visit, known)
    }

    /// How they read moments.
    pub fn times(&self, known: &Known) -> Times {
        Times::new(&known.account.timezone, self.app.clock.now())
    }

    /// What a form led to: the next page, with a message. For writes that repeat without harm.
    pub fn answer(&self, answer: Answer) -> HttpResponse {
        answer.into_response(&self.app, &self.meta, false)
    }

    /// Whether to show the form again: a person sent it, and can mend what is wrong.
    pub fn shows_again(&self, problem: &Problem) -> bool {
        problem.is_mendable() && !self.meta.wants_json()
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// Who does something, for the list of who did what.
    pub fn by(&self) -> By {
        By {
            user: Some(self.caller.user),
            client: self.meta.client,
            correlation: self.meta.id.to_string(),
            ..By::default()
        }
    }
}

impl FromRequest for Person {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let facts = caller::facts(req);
        ready(facts.caller().map(|caller| Self {
            caller,
            meta: facts.meta,
            visit: facts.visit,
            app: facts.app,
        }))
    }
}
