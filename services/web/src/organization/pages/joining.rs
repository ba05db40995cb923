//! The page that the letter of an invitation leads to. Looking at it changes nothing: programs that look
//! for harm follow links, too.
use super::super::{forms, problem};
use crate::{
    extract::{Caller, Fields, FormBody, Visitor},
    middleware::flash,
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{HttpResponse, http::header, web::Path};
use batchtrack_core::{
    identity::{self, Person},
    kernel::ids::{OrganizationId, UserId},
    organizations::{self, InvitationState, Offer, OrganizationError, audit::By},
};
use secrecy::ExposeSecret as _;

const FIELDS: [&str; 3] = ["first_name", "last_name", "password"];

/// Who looks at it.
enum Guest {
    /// Signed in as whom it is for.
    Invited(Person),
    /// Signed in as somebody else.
    Other(Person),
    /// Not signed in, and has an account.
    Absent,
    /// Has no account yet.
    New,
}

#[derive(askama::Template)]
#[template(path = "organization/invitation.html")]
struct InvitationPage {
    shell: Shell,
    token: String,
    offer: Offer,
    roles: String,
    guest: Guest,
    sheet: Sheet,
}

impl InvitationPage {
    fn is_new(&self) -> bool {
        matches!(self.guest, Guest::New)
    }
}

pub(super) async fn show(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    let (offer, guest) = look(&visitor, &token).await?;
    let sheet = Sheet::of(&FIELDS, Fields::default());
    page(&visitor, &token, offer, guest, sheet)
}

fn page(
    visitor: &Visitor,
    token: &str,
    offer: Offer,
    guest: Guest,
    sheet: Sheet,
) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(InvitationPage {
        shell: visitor.shell_with_form()?,
        token: token.to_owned(),
        roles: offer.roles.join(", "),
        offer,
        guest,
        sheet,
    })
    .with_forms(refused)
}

/// An open invitation, and who looks at it.
async fn look(visitor: &Visitor, token: &str) -> Result<(Offer, Guest), Problem> {
    let mut tx = visitor.app.system.begin().await?;
    let offer = organizations::offer(&mut tx, token)
        .await?
        .ok_or(OrganizationError::NoInvitation)?;
    if offer.state != InvitationState::Open {
        return Err(OrganizationError::InvitationOver(offer.state.as_str()).into());
    }
    if offer.is_suspended {
        return Err(OrganizationError::Suspended(offer.organization_name).into());
    }
    let person = match visitor.caller {
        Some(caller) => identity::person(&mut tx, caller.user)
            .await?
            .filter(|person| person.session_epoch == caller.epoch),
        None => None,
    };
    let guest = match person {
        Some(person) if person.email == offer.email => Guest::Invited(person),
        Some(person) => Guest::Other(person),
        None if offer.has_account => Guest::Absent,
        None => Guest::New,
    };
    Ok((offer, guest))
}

pub(super) async fn accept(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    let (offer, guest) = look(&visitor, &token).await?;
    let person = match guest {
        Guest::Invited(person) => person,
        Guest::Other(_) => return Err(OrganizationError::ForSomebodyElse(offer.email).into()),
        Guest::Absent | Guest::New => return Err(Problem::sign_in_first()),
    };
    let by = by(&visitor, Some(&person));
    let organization = organizations::accept_by_letter(&visitor.app.system, &offer, &person, &by)
        .await
        .map_err(problem)?;
    if visitor.visit.stay().is_none() {
        visitor.visit.act_in(Some(organization))?;
    }
    Ok(onward(&visitor, &offer))
}

pub(super) async fn decline(
    visitor: Visitor,
    token: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (offer, guest) = look(&visitor, &token).await?;
    let person = match &guest {
        Guest::Invited(person) => Some(person),
        Guest::Other(_) => return Err(OrganizationError::ForSomebodyElse(offer.email).into()),
        Guest::Absent | Guest::New => None,
    };
    let by = by(&visitor, person);
    organizations::decline(&visitor.app.system, &offer, &by)
        .await
        .map_err(problem)?;
    let words = format!(
        "You have declined. {} can invite you again.",
        offer.organization_name
    );
    Ok(redirect(&visitor, "/", &Flash::success(words)))
}

/// Makes an account, joins and signs in, in one step.
pub(super) async fn join(
    visitor: Visitor,
    token: Path<String>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let (offer, guest) = look(&visitor, &token).await?;
    match guest {
        Guest::New => {}
        Guest::Absent => return Err(OrganizationError::HasAccount.into()),
        Guest::Invited(_) | Guest::Other(_) => {
            return Err(OrganizationError::ForSomebodyElse(offer.email).into());
        }
    }
    match make_and_join(&visitor, &offer, &form.fields).await {
        Ok(user) => {
            enter(&visitor, user, offer.organization).await?;
            Ok(onward(&visitor, &offer))
        }
        Err(problem) if problem.is_mendable() && !visitor.meta.wants_json() => {
            let sheet = Sheet::refused(&FIELDS, form.fields, problem);
            page(&visitor, &token, offer, Guest::New, sheet)
        }
        Err(problem) => Err(problem),
    }
}

async fn make_and_join(
    visitor: &Visitor,
    offer: &Offer,
    fields: &Fields,
) -> Result<UserId, Problem> {
    let new = forms::new_member(fields, &offer.email)?;
    let app = &visitor.app;
    app.breached.refuse(new.password.expose_secret()).await?;
    organizations::join(&app.system, &app.accounts, offer, new, &by(visitor, None))
        .await
        .map_err(problem)
}

/// Begins a session of somebody whose account was made just now.
async fn enter(
    visitor: &Visitor,
    user: UserId,
    organization: OrganizationId,
) -> Result<(), Problem> {
    let mut tx = visitor.app.system.begin().await?;
    let person = identity::person(&mut tx, user)
        .await?
        .ok_or_else(Problem::sign_in_first)?;
    drop(tx);
    visitor
        .enter(Caller {
            user,
            organization: Some(organization),
            epoch: person.session_epoch,
        })
        .await
}

fn by(visitor: &Visitor, person: Option<&Person>) -> By {
    By {
        user: person.map(|person| person.user),
        client: visitor.meta.client,
        correlation: visitor.meta.id.to_string(),
        ..By::default()
    }
}

fn onward(visitor: &Visitor, offer: &Offer) -> HttpResponse {
    let words = format!("Welcome to {}.", offer.organization_name);
    redirect(visitor, "/user_dashboard", &Flash::success(words))
}

fn redirect(visitor: &Visitor, to: &str, words: &Flash) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, to));
    if let Some(cookie) = flash::cookie(words, &visitor.app, &visitor.meta) {
        response.cookie(cookie);
    }
    response.finish()
}
