//! The pages of tokens: one's own, and those of the organisation.
use super::forms::{self, FIELDS, Group, LIFETIMES};
use crate::{
    endpoint::{
        Access::{self, May, Member},
        Endpoint,
    },
    extract::{Answer, Fields, FormBody, Idempotency, Tenant, Unit},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
    times::Moment,
};
use actix_web::{
    HttpResponse,
    web::{self, Path, ServiceConfig},
};
use batchtrack_core::{
    kernel::ids::ApiTokenId,
    tiers::Permission as P,
    tokens::{self, ApiToken, Sort, Whose},
};
use secrecy::{ExposeSecret as _, SecretString};

/// Where one looks after tokens, and which.
#[derive(Clone, Copy)]
struct Place {
    base: &'static str,
    sort: Sort,
    whose: Whose,
}

const MINE: Place = Place {
    base: "/account/tokens",
    sort: Sort::Personal,
    whose: Whose::Mine,
};
const OURS: Place = Place {
    base: "/organization/tokens",
    sort: Sort::Organization,
    whose: Whose::All,
};

type Id = Path<ApiTokenId>;

const MAKE: Access = May(P::IntegrationsApiAccess);
const LOOK_AFTER: Access = May(P::OrganizationManageUsers);

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/account/tokens", Member, || {
        web::to(|tenant: Tenant| list(MINE, tenant))
    }),
    Endpoint::get("/account/tokens/new", MAKE, || {
        web::to(|tenant: Tenant| blank(MINE, tenant))
    }),
    Endpoint::post("/account/tokens/new", MAKE, || {
        web::to(|tenant: Tenant, form: FormBody| create(MINE, tenant, form))
    }),
    Endpoint::post("/account/tokens/{id}/revoke", Member, || {
        web::to(|tenant: Tenant, id: Id, form: FormBody| revoke(MINE, tenant, id, form))
    }),
    Endpoint::get("/organization/tokens", LOOK_AFTER, || {
        web::to(|tenant: Tenant| list(OURS, tenant))
    }),
    Endpoint::get("/organization/tokens/new", LOOK_AFTER, || {
        web::to(|tenant: Tenant| blank(OURS, tenant))
    }),
    Endpoint::post("/organization/tokens/new", LOOK_AFTER, || {
        web::to(|tenant: Tenant, form: FormBody| create(OURS, tenant, form))
    }),
    Endpoint::post("/organization/tokens/{id}/revoke", LOOK_AFTER, || {
        web::to(|tenant: Tenant, id: Id, form: FormBody| revoke(OURS, tenant, id, form))
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

#[derive(askama::Template)]
#[template(path = "tokens/list.html")]
struct ListPage {
    shell: Shell,
    place: Place,
    rows: Vec<Row>,
    /// Whether they may make one.
    may_make: bool,
}

struct Row {
    id: ApiTokenId,
    name: String,
    prefix: String,
    /// Whose, where that is not plain.
    owner: String,
    scopes: usize,
    /// All of them, for whoever asks.
    words: String,
    created: Moment,
    used: String,
    expires: Option<Moment>,
    is_expired: bool,
}

#[derive(askama::Template)]
#[template(path = "tokens/new.html")]
struct NewPage {
    shell: Shell,
    place: Place,
    sheet: Sheet,
    groups: Vec<Group>,
    lifetimes: &'static [(&'static str, &'static str)],
}

#[derive(askama::Template)]
#[template(path = "tokens/secret.html")]
struct SecretPage {
    shell: Shell,
    place: Place,
    secret: String,
}

impl Place {
    fn is_mine(&self) -> bool {
        self.whose == Whose::Mine
    }
}

async fn list(place: Place, tenant: Tenant) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let tokens = tokens::list(&mut unit.tx, place.whose).await?;
    Page(ListPage {
        shell: tenant.shell(&unit),
        place,
        may_make: unit.may(P::IntegrationsApiAccess),
        rows: tokens
            .into_iter()
            .map(|token| row(&unit, place, token))
            .collect(),
    })
    .into_response()
}

fn row(unit: &Unit, place: Place, token: ApiToken) -> Row {
    let times = unit.times();
    Row {
        id: token.id,
        owner: match token.user {
            _ if place.is_mine() => String::new(),
            Some(_) => token.user_name,
            None => "The organisation".to_owned(),
        },
        name: token.name,
        prefix: token.prefix,
        scopes: token.scopes.iter().count(),
        words: token.scopes.words().join(", "),
        created: times.moment(token.created_at),
        used: token
            .last_used_at
            .map_or_else(|| "Never".to_owned(), |at| times.ago(at)),
        is_expired: token.expires_at.is_some_and(|at| at <= times.now()),
        expires: token.expires_at.map(|at| times.moment(at)),
    }
}

async fn blank(place: Place, tenant: Tenant) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    unit.need(P::IntegrationsApiAccess)?;
    let typed = Fields::of([("expires_in_days", "90".to_owned())]);
    page(place, &tenant, &unit, Sheet::of(&FIELDS, typed))
}

async fn create(place: Place, tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let mut told = None;
    let done = match forms::token(&fields, place.sort) {
        Ok(new) => {
            tenant
                .write(once, async |unit| {
                    unit.need(P::IntegrationsApiAccess)?;
                    let (_, secret) = tokens::create(&mut unit.tx, &unit.grants, &new).await?;
                    told = Some(secret);
                    // What whoever sends the form again is sent on to.
                    Ok(Answer::redirect(place.base)
                        .flash(Flash::success("The token was made already.")))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match (done, told) {
        (Ok(_), Some(secret)) => shown_once(place, &tenant, &secret).await,
        (Ok(answer), None) => Ok(answer),
        (Err(problem), _) if tenant.shows_again(&problem) => {
            let unit = tenant.begin().await?;
            page(
                place,
                &tenant,
                &unit,
                Sheet::refused(&FIELDS, fields, problem),
            )
        }
        (Err(problem), _) => Err(problem),
    }
}

async fn shown_once(
    place: Place,
    tenant: &Tenant,
    secret: &SecretString,
) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    Page(SecretPage {
        shell: tenant.shell(&unit).under(place.base),
        place,
        secret: secret.expose_secret().to_owned(),
    })
    .into_response()
}

async fn revoke(
    place: Place,
    tenant: Tenant,
    id: Id,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let once: Idempotency = form.once;
    tenant
        .write(once, async |unit| {
            tokens::revoke(&mut unit.tx, *id, place.whose).await?;
            Ok(Answer::redirect(place.base)
                .flash(Flash::success("Revoked. It is good for nothing any more.")))
        })
        .await
}

fn page(place: Place, tenant: &Tenant, unit: &Unit, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    let ticked: Vec<_> = sheet.typed().all("scopes").collect();
    Page(NewPage {
        shell: tenant.shell(unit).under(place.base),
        place,
        groups: forms::groups(unit.grants.effective(), &ticked),
        lifetimes: &LIFETIMES,
        sheet,
    })
    .with_forms(refused)
}
