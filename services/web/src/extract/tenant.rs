use super::{
    Answer, Idempotency, Member, Meta,
    bearer::{bad_token, people_only, site_refused},
    caller::{self, Who},
};
use crate::{
    app::App, endpoint::Access, figures::Currency, page::Shell, problem::Problem, session::Visit,
    times::Times, wire::Costs,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web::Data};
use batchtrack_core::{
    identity::{self, Person},
    kernel::ids::UserId,
    operators,
    organizations::{self, Grants, Membership, Standing},
    platform::{
        OrgTx,
        db::{Acting, OperatorStay, Origin},
        idempotency::{self, Claim},
    },
    tiers::{Permission, Permissions},
    tokens::{self, Presented},
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
    pub(crate) visit: Visit,
    app: Data<App>,
}

/// A unit of work of somebody who belongs to the organisation at this moment.
#[must_use = "an uncommitted unit of work is rolled back"]
pub struct Unit {
    pub tx: OrgTx,
    pub membership: Membership,
    pub grants: Arc<Grants>,
}

impl Unit {
    pub fn may(&self, permission: Permission) -> bool {
        self.grants.allows(permission)
    }

    /// Refuses, in words, whoever may not.
    pub fn need(&self, permission: Permission) -> Result<(), Problem> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(Problem::may_not(permission, &self.grants))
        }
    }

    /// Which costs they may see, as programs are told.
    pub(crate) fn costs(&self) -> Costs {
        Costs::of(&self.grants)
    }

    /// How amounts of money are shown to them: what stock costs only if they may see that.
    pub(crate) fn stock_costs(&self) -> Currency {
        self.currency(Permission::InventoryViewCosts)
    }

    /// The same for what batches cost.
    pub(crate) fn batch_costs(&self) -> Currency {
        self.currency(Permission::BatchesViewCosts)
    }

    fn currency(&self, permission: Permission) -> Currency {
        let currency = Currency::of(&self.membership.currency);
        if self.may(permission) {
            currency
        } else {
            currency.hiding_costs()
        }
    }

    fn admit(&self, access: Access) -> Result<(), Problem> {
        match access {
            Access::Public | Access::Person | Access::Member => Ok(()),
            Access::May(permission) => self.need(permission),
            Access::Owner | Access::Operator if self.tx.program().is_some() => Err(people_only()),
            Access::Owner if self.membership.is_owner() => Ok(()),
            Access::Owner => Err(Problem::owners_only()),
            Access::Operator if self.membership.is_operator => Ok(()),
            Access::Operator => Err(Problem::not_found()),
        }
    }

    /// Whether an operator acts as the organisation.
    pub fn is_stay(&self) -> bool {
        self.membership.is_stay()
    }

    /// Refuses to tell a secret to an operator who acts as the organisation.
    pub fn may_know_secrets(&self) -> Result<(), Problem> {
        if self.is_stay() {
            return Err(Problem::not_for_operators());
        }
        Ok(())
    }

    /// How its user reads moments.
    pub fn times(&self) -> Times {
        Times::new(&self.membership.timezone, self.tx.now())
    }
}

impl Tenant {
    /// Opens a unit of work of somebody who may use this endpoint at this moment. Whoever was removed
    /// meanwhile is told so, and acts nowhere; whose account was closed is signed out.
    pub async fn begin(&self) -> Result<Unit, Problem> {
        let access = self.meta.declared()?;
        let (mut tx, scopes) = match &self.member.who {
            Who::Person { user, .. } => (self.open(Some(*user)).await?, None),
            Who::Token(token) => {
                let (tx, scopes) = self.open_by(token).await?;
                (tx, Some(scopes))
            }
        };
        let membership = match self.stay(&mut tx).await? {
            Some(operator) => organizations::stay_membership(&mut tx, &operator).await?,
            None => organizations::membership(&mut tx).await?,
        };
        let Some(membership) = membership.filter(|found| self.is_theirs(found)) else {
            drop(tx);
            return Err(self.turned_away().await?);
        };
        let mut grants = self.app.grants.of(&mut tx, &membership).await?;
        if let Some(scopes) = scopes {
            let needed = Permission::IntegrationsApiAccess;
            if !grants.allows(needed) {
                return Err(Problem::may_not(needed, &grants));
            }
            grants = Arc::new(grants.within(scopes));
        }
        if self.meta.bearer.is_some()
            && let Some(site) = &self.meta.other_site
        {
            if !organizations::allows_origin(&mut tx, site).await? {
                return Err(site_refused());
            }
            self.meta.allowed_site.set(true);
        }
        let unit = Unit {
            tx,
            membership,
            grants,
        };
        unit.admit(access)?;
        Ok(unit)
    }

    async fn open(&self, user: Option<UserId>) -> Result<OrgTx, Problem> {
        let acting = Acting {
            organization: self.member.organization,
            user,
            correlation: Arc::clone(&self.meta.id),
        };
        let origin = Origin {
            client: self.meta.client,
            stay: None,
        };
        Ok(self.app.db.begin_from(acting, origin).await?)
    }

    /// Opens a unit of work by a token, with what the token may do. Once a minute it is noted that it was
    /// used, in a transaction of its own: most units of work only read, and keep nothing.
    async fn open_by(&self, token: &Presented) -> Result<(OrgTx, Permissions), Problem> {
        let mut tx = self.open(None).await?;
        let mut shown = tokens::authenticate(&mut tx, token).await?;
        if let Some(stale) = shown.filter(|shown| shown.is_stale) {
            tokens::note_use(&mut tx, &stale).await?;
            tx.commit().await?;
            tx = self.open(None).await?;
            shown = tokens::authenticate(&mut tx, token).await?;
        }
        let shown = shown.ok_or_else(bad_token)?;
        self.meta.token.set(Some(shown.id));
        Ok((tx, shown.scopes))
    }

    fn is_theirs(&self, found: &Membership) -> bool {
        match self.member.who {
            Who::Person { epoch, .. } => found.session_epoch == epoch,
            Who::Token(_) => true,
        }
    }

    /// An operator who acts as the organisation: still one, and for no longer than they said. The unit
    /// of work knows of it from here on.
    async fn stay(&self, tx: &mut OrgTx) -> Result<Option<Person>, Problem> {
        let (Some(id), Who::Person { user, epoch }) = (self.meta.stay.get(), self.member.who)
        else {
            return Ok(None);
        };
        let mut system = self.app.system.begin().await?;
        let person = identity::person(&mut system, user).await?;
        let Some(person) = person.filter(|found| found.session_epoch == epoch) else {
            self.visit.sign_out();
            return Err(Problem::sign_in_first());
        };
        let stay = operators::stay(&mut system, user, id).await?;
        let Some(stay) = stay.filter(|stay| stay.organization == self.member.organization) else {
            self.visit.end_stay()?;
            return Err(Problem::stay_over());
        };
        tx.act_as(OperatorStay {
            id: stay.id,
            name: person.display_name(),
            email: person.email.clone(),
            reason: stay.reason,
        });
        Ok(Some(person))
    }

    /// Why whoever asks can't act here any more, and what becomes of their session.
    async fn turned_away(&self) -> Result<Problem, Problem> {
        let Who::Person { user, epoch } = self.member.who else {
            return Ok(bad_token());
        };
        let mut tx = self.app.system.begin().await?;
        let person = identity::person(&mut tx, user).await?;
        let is_known = person.is_some_and(|person| person.session_epoch == epoch);
        if self.meta.bearer.is_some() && !is_known {
            return Ok(bad_token());
        }
        if !is_known {
            self.visit.sign_out();
            return Ok(Problem::sign_in_first());
        }
        let standing = organizations::standing(&mut tx, user, self.member.organization).await?;
        let why = Problem::shut_out(&standing);
        let stays = matches!(standing, Standing::Suspended { .. });
        if !stays && self.meta.bearer.is_none() {
            self.visit.lose_place(&why.detail())?;
        }
        Ok(why)
    }

    /// The frame of a page.
    pub fn shell(&self, unit: &Unit) -> Shell {
        Shell::for_member(&self.meta, &self.visit, unit)
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
        if unit.is_stay() {
            let what = format!("{} {}", self.meta.method, self.meta.path);
            operators::acted(&mut unit.tx, &what).await?;
        }
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
        let facts = caller::facts(req);
        ready(facts.member().map(|member| Self {
            member,
            meta: facts.meta,
            visit: facts.visit,
            app: facts.app,
        }))
    }
}
