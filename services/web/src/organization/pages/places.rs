//! Where somebody belongs: choosing where to act, being invited, founding, leaving.
use super::super::problem;
use crate::{
    extract::{Answer, Fields, FormBody, Known, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
    typed::Typed,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::{InvitationId, OrganizationId},
    organizations::{self, Offer, OrganizationError},
    platform::db::{Acting, Origin},
};
use std::sync::Arc;

const FIELDS: [&str; 1] = ["name"];
const PLACES: &str = "/account/organizations";
const DASHBOARD: &str = "/user_dashboard";

struct PlaceRow {
    id: OrganizationId,
    name: String,
    is_owner: bool,
    is_suspended: bool,
    is_here: bool,
}

struct OfferRow {
    id: InvitationId,
    organization: String,
    inviter: String,
    roles: String,
}

#[derive(askama::Template)]
#[template(path = "organization/places.html")]
struct PlacesPage {
    shell: Shell,
    /// Why they are not where they were any more.
    lost: String,
    places: Vec<PlaceRow>,
    offers: Vec<OfferRow>,
    sheet: Sheet,
}

#[derive(askama::Template)]
#[template(path = "organization/places_menu.html")]
struct PlacesMenu {
    shell: Shell,
    places: Vec<PlaceRow>,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    page(&person, &known, Sheet::of(&FIELDS, Fields::default())).await
}

async fn page(person: &Person, known: &Known, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let mut tx = person.app().system.begin().await?;
    let offers = organizations::offers_to(&mut tx, &known.account.email).await?;
    let refused = sheet.is_refused();
    Page(PlacesPage {
        shell: person.shell(known),
        lost: person.visit.take_lost().unwrap_or_default(),
        places: rows(known),
        offers: offers
            .into_iter()
            .map(|offer| OfferRow {
                id: offer.id,
                roles: offer.roles.join(", "),
                organization: offer.organization_name,
                inviter: offer.inviter,
            })
            .collect(),
        sheet,
    })
    .with_forms(refused)
}

fn rows(known: &Known) -> Vec<PlaceRow> {
    let here = known.here.as_ref().map(|place| place.organization);
    let row = |place: &organizations::Place| PlaceRow {
        id: place.organization,
        name: place.name.clone(),
        is_owner: place.is_owner,
        is_suspended: place.is_suspended,
        is_here: here == Some(place.organization),
    };
    known.places.iter().map(row).collect()
}

/// The same in the frame's menu, asked for when that is opened.
pub(super) async fn menu(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    Page(PlacesMenu {
        shell: person.shell(&known),
        places: rows(&known),
    })
    .into_response()
}

/// Acts in another organisation from now on.
pub(super) async fn switch(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    not_acting(&known)?;
    let wanted = form.fields.text("organization").parse().ok();
    let place = known
        .places
        .iter()
        .find(|place| Some(place.organization) == wanted && !place.is_suspended)
        .ok_or(OrganizationError::NoPlace)?;
    person.visit.act_in(Some(place.organization))?;
    let words = format!("You are in {} now.", place.name);
    Ok(person.answer(Answer::redirect(DASHBOARD).flash(Flash::success(words))))
}

pub(super) async fn found(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let fields = form.fields;
    let known = person.known().await?;
    not_acting(&known)?;
    let done = async {
        let mut typed = Typed::new(&fields);
        let name = typed.name("name");
        let name = typed.finish(name)?;
        let app = person.app();
        let by = person.by();
        let user = person.caller.user;
        organizations::found(&app.system, &app.invitations.flags, user, &name, &by)
            .await
            .map(|organization| (organization, name))
            .map_err(problem)
    };
    match done.await {
        Ok((organization, name)) => {
            person.visit.act_in(Some(organization))?;
            let words = format!("{name} is founded, and you are in it.");
            Ok(person.answer(Answer::redirect(DASHBOARD).flash(Flash::success(words))))
        }
        Err(problem) if person.shows_again(&problem) => {
            page(&person, &known, Sheet::refused(&FIELDS, fields, problem)).await
        }
        Err(problem) => Err(problem),
    }
}

pub(super) async fn leave(
    person: Person,
    id: Path<OrganizationId>,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    not_acting(&known)?;
    let acting = Acting {
        organization: *id,
        user: Some(person.caller.user),
        correlation: Arc::clone(&person.meta.id),
    };
    let origin = Origin {
        client: person.meta.client,
        stay: None,
    };
    let mut tx = person.app().db.begin_from(acting, origin).await?;
    match organizations::leave(&mut tx).await {
        Ok(()) => tx.commit().await?,
        Err(error) => return back(&person, problem(error)),
    }
    if known.here.is_some_and(|here| here.organization == *id) {
        person.visit.act_in(None)?;
    }
    Ok(person.answer(Answer::redirect(PLACES).flash(Flash::success("You have left."))))
}

pub(super) async fn accept(
    person: Person,
    id: Path<InvitationId>,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    not_acting(&known)?;
    let offer = offered(&person, &known, *id).await?;
    let (app, by) = (person.app(), person.by());
    match organizations::accept(&app.system, &offer, &known.account, &by).await {
        Ok(organization) => {
            person.visit.act_in(Some(organization))?;
            let words = format!("Welcome to {}.", offer.organization_name);
            Ok(person.answer(Answer::redirect(DASHBOARD).flash(Flash::success(words))))
        }
        Err(error) => back(&person, problem(error)),
    }
}

pub(super) async fn decline(
    person: Person,
    id: Path<InvitationId>,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let offer = offered(&person, &known, *id).await?;
    match organizations::decline(&person.app().system, &offer, &person.by()).await {
        Ok(()) => Ok(person.answer(Answer::redirect(PLACES).flash(Flash::success("Declined.")))),
        Err(error) => back(&person, problem(error)),
    }
}

/// An open invitation to the address of whoever asks.
async fn offered(person: &Person, known: &Known, id: InvitationId) -> Result<Offer, Problem> {
    let mut tx = person.app().system.begin().await?;
    let offers = organizations::offers_to(&mut tx, &known.account.email).await?;
    let offer = offers.into_iter().find(|offer| offer.id == id);
    offer.ok_or_else(|| OrganizationError::NoInvitation.into())
}

/// An operator who acts as an organisation stops that first.
fn not_acting(known: &Known) -> Result<(), Problem> {
    if known.stay.is_some() {
        return Err(batchtrack_core::operators::OperatorError::StaysAlready.into());
    }
    Ok(())
}

/// Words on the page that the button stands on.
fn back(person: &Person, problem: Problem) -> Result<HttpResponse, Problem> {
    if !person.shows_again(&problem) {
        return Err(problem);
    }
    let words = Flash::danger(problem.detail().into_owned());
    Ok(person.answer(Answer::redirect(PLACES).flash(words)))
}
