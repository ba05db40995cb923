//! Where a first proof leads: in, or to what is still needed.
use super::{onward, to};
use crate::{
    extract::{Caller, Visitor},
    problem::Problem,
    session::{Between, Step},
};
use actix_web::HttpResponse;
use batchtrack_core::identity::{self, Admission, SignedIn, Wanted};

/// The one way from a proof to a session.
pub(super) async fn follow(
    visitor: &Visitor,
    admission: Admission,
    next: &str,
) -> Result<HttpResponse, Problem> {
    let step = match admission {
        Admission::Entered(who) => return enter(visitor, who, next).await,
        Admission::AddressUnproved { email } => Step::Letter { email },
        Admission::SecondFactor(halfway) => Step::SecondFactor(halfway),
    };
    visitor.visit.put_between(&Between {
        step: step.clone(),
        next: next.to_owned(),
    })?;
    match step {
        Step::Letter { .. } => Ok(to("/auth/check-mail")),
        Step::Code { .. } => Ok(to("/auth/code/enter")),
        Step::SecondFactor(halfway) => {
            if halfway.wanted() == Wanted::EmailCode {
                let ticket = visitor.visit.ensure_ticket()?;
                let (app, id) = (&visitor.app, &visitor.meta.id);
                // If too many were sent of late, the page that follows says how to go on.
                identity::mail_second_code(&app.system, &app.accounts, &halfway, &ticket, id)
                    .await?;
            }
            Ok(HttpResponse::Found()
                .insert_header((actix_web::http::header::LOCATION, "/auth/second-step"))
                .finish())
        }
    }
}

/// Begins the session.
pub(super) async fn enter(
    visitor: &Visitor,
    who: SignedIn,
    next: &str,
) -> Result<HttpResponse, Problem> {
    visitor
        .enter(Caller {
            user: who.user,
            organization: who.organization,
            epoch: who.session_epoch,
        })
        .await?;
    Ok(onward(next))
}
