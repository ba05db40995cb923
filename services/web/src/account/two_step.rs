use super::password::shows;
use crate::{
    again::Again,
    extract::{Answer, Fields, FormBody, Known, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::{
    identity::{self, Proof, SecondFactor, TotpSecret},
    kernel::Kind,
};
use secrecy::{ExposeSecret as _, SecretString};

const FIELDS: [&str; 1] = ["code"];
/// Of the two forms of the page that ask who sits there; templates say the same.
const PROOF_FIELDS: [&str; 2] = ["current_password", "code"];

#[derive(askama::Template)]
#[template(path = "account/two_step.html")]
struct TwoStepPage {
    shell: Shell,
    factor: Option<SecondFactor>,
    codes_left: i64,
    email: String,
    has_mail: bool,
    again: Again,
}

impl TwoStepPage {
    fn above(&self, form: &str) -> String {
        self.again.above(form, &PROOF_FIELDS)
    }

    fn has_app(&self) -> bool {
        self.factor == Some(SecondFactor::Totp)
    }

    /// What does in place of the password.
    fn or_code(&self) -> &'static str {
        if self.has_app() {
            "Or a code of your app"
        } else {
            "Or a recovery code"
        }
    }
}

#[derive(askama::Template)]
#[template(path = "account/two_step_app.html")]
struct AppPage {
    shell: Shell,
    /// The dark squares, as `d` of an SVG path, and how many there are along a side.
    picture: String,
    side: usize,
    typed: String,
    sheet: Sheet,
}

#[derive(askama::Template)]
#[template(path = "account/two_step_email.html")]
struct EmailPage {
    shell: Shell,
    email: String,
    sheet: Sheet,
}

/// Shown once, in the answer itself: nothing keeps them.
#[derive(askama::Template)]
#[template(path = "account/recovery_codes.html")]
struct CodesPage {
    shell: Shell,
    lead: &'static str,
    codes: Vec<String>,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    page(&person, &known, Again::default()).await
}

/// Makes a new secret; a look at its page makes none.
pub(super) async fn begin_app(person: Person) -> Result<HttpResponse, Problem> {
    drop(person.known().await?);
    let app = person.app();
    let begun = identity::begin_totp(&app.system, &app.accounts, person.caller.user).await;
    match begun.map_err(Problem::from) {
        Ok(_) => Ok(person.answer(Answer::redirect("/account/two-step/app"))),
        Err(problem) => back(&person, problem),
    }
}

pub(super) async fn show_app(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    app_page(&person, &known, Sheet::of(&FIELDS, Fields::default())).await
}

pub(super) async fn confirm_app(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let (app, code) = (person.app(), form.fields.text("code"));
    let (user, id) = (person.caller.user, &person.meta.id);
    let on = identity::confirm_totp(&app.system, &app.accounts, user, code, id).await;
    match on.map_err(Problem::from) {
        Ok(codes) => codes_page(&person, &known, ON, &codes),
        Err(problem) if problem.kind() == Kind::Conflict => back(&person, problem),
        Err(problem) if shows(&person, &problem) => {
            let sheet = Sheet::refused(&FIELDS, form.fields, problem);
            app_page(&person, &known, sheet).await
        }
        Err(problem) => Err(problem),
    }
}

pub(super) async fn begin_email(person: Person) -> Result<HttpResponse, Problem> {
    drop(person.known().await?);
    let (app, ticket) = (person.app(), person.visit.ensure_ticket()?);
    let (user, id) = (person.caller.user, &person.meta.id);
    let begun = identity::begin_email_codes(&app.system, &app.accounts, user, &ticket, id).await;
    match begun.map_err(Problem::from) {
        Ok(()) => Ok(person.answer(Answer::redirect("/account/two-step/email"))),
        Err(problem) => back(&person, problem),
    }
}

pub(super) async fn show_email(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    email_page(&person, &known, Sheet::of(&FIELDS, Fields::default()))
}

pub(super) async fn confirm_email(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let (app, ticket) = (person.app(), person.visit.ensure_ticket()?);
    let (user, id) = (person.caller.user, &person.meta.id);
    let code = form.fields.text("code");
    let on =
        identity::confirm_email_codes(&app.system, &app.accounts, user, &ticket, code, id).await;
    match on.map_err(Problem::from) {
        Ok(codes) => codes_page(&person, &known, ON, &codes),
        Err(problem) if problem.kind() == Kind::Conflict => back(&person, problem),
        Err(problem) if shows(&person, &problem) => {
            let sheet = Sheet::refused(&FIELDS, form.fields, problem);
            email_page(&person, &known, sheet)
        }
        Err(problem) => Err(problem),
    }
}

pub(super) async fn renew(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let (app, proof) = (person.app(), proof(&form.fields));
    let (user, id) = (person.caller.user, &person.meta.id);
    let made = identity::renew_recovery_codes(&app.system, &app.accounts, user, proof, id).await;
    match made.map_err(Problem::from) {
        Ok(codes) => codes_page(
            &person,
            &known,
            "The codes you had before no longer work.",
            &codes,
        ),
        Err(problem) => refused(&person, &known, "renew", problem).await,
    }
}

pub(super) async fn switch_off(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let (app, proof) = (person.app(), proof(&form.fields));
    let (user, id) = (person.caller.user, &person.meta.id);
    let off = identity::switch_off_second_factor(&app.system, &app.accounts, user, proof, id).await;
    match off.map_err(Problem::from) {
        Ok(()) => {
            let flash = Flash::success("Two-step sign-in is off.");
            Ok(person.answer(Answer::redirect("/account/two-step").flash(flash)))
        }
        Err(problem) => refused(&person, &known, "off", problem).await,
    }
}

const ON: &str = "Two-step sign-in is on.";

/// Whichever of the two was filled in.
fn proof(fields: &Fields) -> Proof {
    match fields.filled("code") {
        Some(code) => Proof::Code(code.to_owned()),
        None => Proof::Password(fields.get("current_password").unwrap_or_default().into()),
    }
}

/// Things are not as the form took them to be: back to where they are shown.
fn back(person: &Person, problem: Problem) -> Result<HttpResponse, Problem> {
    if matches!(problem.kind(), Kind::Conflict | Kind::Limited) && !person.meta.wants_json() {
        let flash = Flash::warning(problem.detail());
        return Ok(person.answer(Answer::redirect("/account/two-step").flash(flash)));
    }
    Err(problem)
}

async fn refused(
    person: &Person,
    known: &Known,
    form: &'static str,
    problem: Problem,
) -> Result<HttpResponse, Problem> {
    if problem.kind() == Kind::Conflict {
        return back(person, problem);
    }
    if shows(person, &problem) {
        return page(person, known, Again::of(form, Fields::default(), problem)).await;
    }
    Err(problem)
}

async fn page(person: &Person, known: &Known, again: Again) -> Result<HttpResponse, Problem> {
    let app = person.app();
    let stands = identity::two_step(&app.system, person.caller.user).await?;
    let refused = again.is_any();
    Page(TwoStepPage {
        shell: person.shell(known),
        factor: stands.factor,
        codes_left: stands.recovery_codes_left,
        email: known.account.email.clone(),
        has_mail: app.settings.sends_mail(),
        again,
    })
    .with_forms(refused)
}

async fn app_page(person: &Person, known: &Known, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let app = person.app();
    let pending = identity::pending_totp(&app.system, &app.accounts, person.caller.user).await;
    let secret = match pending.map_err(Problem::from) {
        Ok(secret) => secret,
        Err(problem) => return back(person, problem),
    };
    let refused = sheet.is_refused();
    let (picture, side) = picture(&secret);
    Page(AppPage {
        shell: person.shell(known),
        picture,
        side,
        typed: secret.typed.expose_secret().to_owned(),
        sheet,
    })
    .with_forms(refused)
}

/// A square for each dark square.
fn picture(secret: &TotpSecret) -> (String, usize) {
    let rows = secret.squares();
    let dark = rows.iter().enumerate().flat_map(|(y, row)| {
        let dark = row.iter().enumerate().filter(|(_, dark)| **dark);
        dark.map(move |(x, _)| format!("M{x} {y}h1v1h-1z"))
    });
    (dark.collect(), rows.len())
}

fn email_page(person: &Person, known: &Known, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(EmailPage {
        shell: person.shell(known),
        email: known.account.email.clone(),
        sheet,
    })
    .with_forms(refused)
}

fn codes_page(
    person: &Person,
    known: &Known,
    lead: &'static str,
    codes: &[SecretString],
) -> Result<HttpResponse, Problem> {
    let codes = codes.iter().map(|code| code.expose_secret().to_owned());
    Page(CodesPage {
        shell: person.shell(known),
        lead,
        codes: codes.collect(),
    })
    .into_response()
}
