//! Acting as an organisation: begun with a reason, shown on every page, stopped by a button or by time.
use super::{actor_of, organization};
use crate::{
    again::Again,
    extract::{Answer, FormBody, Person},
    page::Flash,
    problem::Problem,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::OrganizationId,
    operators::{self, OperatorError},
};

pub(super) async fn begin(
    person: Person,
    id: Path<OrganizationId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let fields = form.fields;
    let begun = if person.visit.stay().is_some() {
        Err(OperatorError::StaysAlready)
    } else {
        let by = actor_of(&person, &known);
        operators::begin_stay(&person.app().system, &by, *id, fields.text("reason")).await
    };
    match begun {
        Ok(stay) => {
            person.visit.begin_stay(stay.id, stay.organization)?;
            let words = format!(
                "You act as {} now, for an hour at most. It can read what you do and why.",
                stay.organization_name
            );
            let answer = Answer::redirect("/user_dashboard").flash(Flash::warning(words));
            Ok(person.answer(answer))
        }
        Err(error) => {
            let problem = Problem::from(error);
            if !person.shows_again(&problem) {
                return Err(problem);
            }
            let again = Again::of("act-as", fields, problem);
            organization::page(&person, &known, *id, again).await
        }
    }
}

pub(super) async fn end(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let mut page = "/account/organizations".to_owned();
    if let Some(id) = person.visit.stay() {
        let by = actor_of(&person, &known);
        let user = person.caller.user;
        operators::end_stay(&person.app().system, &by, user, id).await?;
        person.visit.end_stay()?;
        if let Some(stay) = known.stay.filter(|_| known.account.is_operator) {
            page = format!("/operator/organizations/{}", stay.organization);
        }
    }
    let words = Flash::success("You act for yourself again.");
    Ok(person.answer(Answer::redirect(page).flash(words)))
}
