use super::{Answer, Idempotency, Member, Meta, member};
use crate::{app::App, page::Shell, problem::Problem, session::Visit, times::Times};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web::Data};
use batchtrack_core::{
    organizations::{self, Membership},
    platform::{
        OrgTx,
        db::Acting,
        idempotency::{self, Claim},
    },
};
use std::{
    future::{Ready, ready},
    rc::Rc,
    sync::Arc,
};

/// A [`Member`] and the means to act for their organisation. Holds no connection.
pub struct Tenant {
    pub member: Member,
    pub meta: Rc<Meta>,
    visit: Visit,
    app: Data<App>,
}

/// A unit of work of somebody who belongs to the organisation at this moment.
#[must_use = "an uncommitted unit of work is rolled back"]
pub struct Unit {
    pub tx: OrgTx,
    pub membership: Membership,
}

impl Unit {
    /// How its user reads moments.
    pub fn times(&self) -> Times {
        Times::new(&self.membership.timezone, self.tx.now())
    }
}

impl Tenant {
    /// Opens a unit of work. Whoever was removed meanwhile is signed out instead.
    pub async fn begin(&self) -> Result<Unit, Problem> {
        let acting = Acting {
            organization: self.member.organization,
            user: Some(self.member.user),
            correlation: Arc::clone(&self.meta.id),
        };
        let mut tx = self.app.db.begin(acting).await?;
        let Some(membership) = organizations::membership(&mut tx).await? else {
            self.visit.sign_out();
            return Err(Problem::sign_in_first());
        };
        Ok(Unit { tx, membership })
    }

    /// The frame of a page.
    pub fn shell(&self, unit: &Unit) -> Shell {
        Shell::for_member(&self.meta, &self.visit, &unit.membership)
    }

    /// Whether to answer with JSON rather than with a page or a redirect.
    pub fn wants_json(&self) -> bool {
        self.meta.wants_json()
    }

    /// Whether to show the form again: a person sent it, and can mend what is wrong.
    pub fn shows_again(&self, problem: &Problem) -> bool {
        problem.is_mendable() && !self.wants_json()
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// Carries out one write: once per idempotency key, and the answer is kept with the effect.
    pub async fn write<F>(&self, once: Idempotency, work: F) -> Result<HttpResponse, Problem>
    where
        F: AsyncFnOnce(&mut Unit) -> Result<Answer, Problem>,
    {
        let mut unit = self.begin().await?;
        if let Some(key) = &once.key {
            match idempotency::claim(&mut unit.tx, key, once.fingerprint).await? {
                Claim::New => {}
                Claim::Replay(kept) => {
                    return Ok(Answer::from_kept(kept).into_response(&self.app, &self.meta, true));
                }
                Claim::Mismatch => return Err(Idempotency::reused()),
            }
        }
        let answer = work(&mut unit).await?;
        if let Some(key) = &once.key {
            idempotency::store(&mut unit.tx, key, answer.to_keep()).await?;
        }
        unit.tx.commit().await?;
        Ok(answer.into_response(&self.app, &self.meta, false))
    }
}

impl FromRequest for Tenant {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let facts = member::facts(req);
        ready(facts.member().map(|member| Self {
            member,
            meta: facts.meta,
            visit: facts.visit,
            app: facts.app,
        }))
    }
}
