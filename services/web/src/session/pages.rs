//! Where somebody is signed in, and ending what should not be.
use super::{Facts, end_all, index};
use crate::{
    endpoint::{Access, Endpoint},
    extract::{Answer, FormBody, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
    times::Moment,
};
use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use batchtrack_core::tokens::devices::{self, Device};

const HERE: &str = "/account/sessions";
/// Before the number of an app's sign-in; handles are hex digits.
const DEVICE: &str = "device-";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get(HERE, Access::Person, || web::to(show)),
    Endpoint::post(HERE, Access::Person, || web::to(end)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

#[derive(askama::Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    shell: Shell,
    rows: Vec<Row>,
    has_others: bool,
}

struct Row {
    /// What the button sends.
    end: String,
    browser: String,
    address: String,
    begun: Moment,
    seen: String,
    is_this: bool,
}

async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let times = person.times(&known);
    let this = person.visit.handle();
    let (app, user) = (person.app(), person.caller.user);
    let browsers = index::list(&app.redis, user).await?;
    let mut tx = app.system.begin().await?;
    let devices = devices::list(&mut tx, user, known.account.session_epoch).await?;
    drop(tx);
    let browser = |facts: Facts| {
        let is_this = Some(&facts.handle) == this.as_ref();
        let seen = if is_this { times.now() } else { facts.seen };
        let row = Row {
            is_this,
            end: facts.handle,
            browser: facts.browser,
            address: facts.address,
            begun: times.moment(facts.begun),
            seen: times.ago(seen),
        };
        (seen, row)
    };
    let device = |device: Device| {
        let row = Row {
            is_this: false,
            end: format!("{DEVICE}{}", device.id),
            browser: device.name,
            address: device.address,
            begun: times.moment(device.begun_at),
            seen: times.ago(device.renewed_at),
        };
        (device.renewed_at, row)
    };
    let browsers = browsers.into_iter().map(browser);
    let mut rows: Vec<_> = browsers.chain(devices.into_iter().map(device)).collect();
    rows.sort_by_key(|(seen, row)| (!row.is_this, std::cmp::Reverse(*seen)));
    let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
    Page(SessionsPage {
        shell: person.shell(&known),
        has_others: rows.iter().any(|row| !row.is_this),
        rows,
    })
    .into_response()
}

/// Ends `others`, `all`, a device by its number, or a browser's session by its handle. Doing it again changes nothing.
async fn end(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    drop(person.known().await?);
    let (app, user) = (person.app(), person.caller.user);
    let this = person.visit.handle();
    let (to, words) = match form.fields.text("end") {
        "" => return Err(Problem::not_found()),
        "all" => {
            end_all(app, user).await?;
            person.visit.sign_out();
            ("/auth/login", "You are signed out everywhere.")
        }
        "others" => {
            index::end(&app.redis, user, |one| Some(&one.handle) != this.as_ref()).await?;
            devices::end_all(&app.system, user).await?;
            (HERE, "You are signed out everywhere else.")
        }
        device if device.starts_with(DEVICE) => {
            let id = device.trim_start_matches(DEVICE).parse();
            let id = id.map_err(|_not_a_number| Problem::not_found())?;
            devices::end(&app.system, user, id).await?;
            (HERE, "That device is signed out.")
        }
        handle => {
            index::end(&app.redis, user, |one| one.handle == handle).await?;
            if this.as_deref() == Some(handle) {
                person.visit.sign_out();
                ("/auth/login", "You are signed out.")
            } else {
                (HERE, "That device is signed out.")
            }
        }
    };
    Ok(person.answer(Answer::redirect(to).flash(Flash::success(words))))
}
