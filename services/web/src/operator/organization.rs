//! One organisation, as those see it who run the installation.
use super::{
    actor_of,
    views::{CardRow, EntryRow},
};
use crate::{
    again::Again,
    extract::{Answer, Fields, FormBody, Known, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::OrganizationId,
    operators::{self, Actor, Counts, FlagRow, OperatorError},
    organizations::{self, Member},
    platform::db::Acting,
    tiers,
};
use std::sync::Arc;

/// Of those who belong to it; its own page shows all.
const MEMBERS: u16 = 50;
const LATEST: usize = 20;

#[derive(askama::Template)]
#[template(path = "operator/organization.html")]
struct OrganizationPage {
    shell: Shell,
    card: CardRow,
    counts: Counts,
    members: Vec<Member>,
    tiers: Vec<(String, String)>,
    flags: Vec<FlagRow>,
    done: Vec<EntryRow>,
    again: Again,
}

pub(super) async fn show(
    person: Person,
    id: Path<OrganizationId>,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    page(&person, &known, *id, Again::default()).await
}

pub(super) async fn page(
    person: &Person,
    known: &Known,
    id: OrganizationId,
    again: Again,
) -> Result<HttpResponse, Problem> {
    let app = person.app();
    let mut system = app.system.begin().await?;
    let card = operators::organization(&mut system, id)
        .await?
        .ok_or(OperatorError::NoOrganization)?;
    let tiers = tiers::catalogue_for_system(&mut system).await?;
    let flags = operators::flags(&mut system, Some(id)).await?;
    let done = operators::audit_of(&mut system, Some(id), None, LATEST).await?;
    drop(system);
    // Behind its fence there is no right to look further than at these.
    let acting = Acting {
        organization: id,
        user: None,
        correlation: Arc::clone(&person.meta.id),
    };
    let mut tx = app.db.begin(acting).await?;
    let counts = operators::counts(&mut tx).await?;
    let members = organizations::members(&mut tx, None, None, MEMBERS).await?;
    let times = person.times(known);
    let refused = again.is_any();
    Page(OrganizationPage {
        shell: person.shell(known).under("/operator/organizations"),
        card: CardRow::of(card, &times),
        counts,
        members: members.rows,
        tiers: tiers
            .into_iter()
            .map(|tier| (tier.key, tier.name))
            .collect(),
        flags,
        done: done
            .rows
            .into_iter()
            .map(|entry| EntryRow::of(entry, &times))
            .collect(),
        again,
    })
    .with_forms(refused)
}

/// What a form of the page does; then the page again, with what came of it or what was wrong.
async fn act(
    person: &Person,
    id: OrganizationId,
    form: (&'static str, Fields),
    words: &'static str,
    work: impl AsyncFnOnce(&Actor, &Fields) -> Result<(), OperatorError>,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let (name, fields) = form;
    match work(&actor_of(person, &known), &fields).await {
        Ok(()) => {
            let page = format!("/operator/organizations/{id}");
            Ok(person.answer(Answer::redirect(page).flash(Flash::success(words))))
        }
        Err(error) => {
            let problem = Problem::from(error);
            if !person.shows_again(&problem) {
                return Err(problem);
            }
            page(person, &known, id, Again::of(name, fields, problem)).await
        }
    }
}

pub(super) async fn set_tier(
    person: Person,
    id: Path<OrganizationId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let words = "Saved. It counts from their next click on.";
    let system = &person.app().system;
    act(
        &person,
        *id,
        ("tier", form.fields),
        words,
        async |by, fields| operators::set_tier(system, by, *id, fields.text("tier")).await,
    )
    .await
}

pub(super) async fn suspend(
    person: Person,
    id: Path<OrganizationId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let words = "Suspended. Its members are told so with their next click.";
    let system = &person.app().system;
    act(
        &person,
        *id,
        ("suspend", form.fields),
        words,
        async |by, fields| operators::suspend(system, by, *id, fields.text("reason")).await,
    )
    .await
}

pub(super) async fn activate(
    person: Person,
    id: Path<OrganizationId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let system = &person.app().system;
    let words = "Open again.";
    act(
        &person,
        *id,
        ("activate", form.fields),
        words,
        async |by, _| operators::activate(system, by, *id).await,
    )
    .await
}

pub(super) async fn set_flag(
    person: Person,
    id: Path<OrganizationId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let system = &person.app().system;
    let words = "Switched. It takes up to five seconds to count everywhere.";
    act(
        &person,
        *id,
        ("flag", form.fields),
        words,
        async |by, fields| {
            let to = switch(fields.text("to"));
            operators::set_flag(system, by, fields.text("flag"), Some(*id), to).await
        },
    )
    .await
}

/// On, off, or as for everybody.
pub(super) fn switch(to: &str) -> Option<bool> {
    match to {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}
