//! Plans: what each allows, and how much of it.
use super::actor_of;
use crate::{
    extract::{Answer, Fields, FormBody, Known, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
    typed::Typed,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::text,
    operators::{self, OperatorError},
    tiers::{self, Area, Limits, MoreLimits, Permission, Permissions, Tier, TierChange},
};

const FIELDS: [&str; 11] = [
    "name",
    "summary",
    "users",
    "recipes",
    "products",
    "monthly_batches",
    "monthly_api_requests",
    "sources",
    "daily_source_events",
    "retention_days",
    "permissions",
];

/// Limits by the names of their fields, and what people read.
const LIMITS: [(&str, &str); 8] = [
    ("users", "Members"),
    ("recipes", "Recipes"),
    ("products", "Products"),
    ("monthly_batches", "Batches a month"),
    ("monthly_api_requests", "API requests a month"),
    ("sources", "Sources of live events"),
    ("daily_source_events", "Live events a day"),
    ("retention_days", "Days that finished records are kept"),
];

#[derive(askama::Template)]
#[template(path = "operator/tiers.html")]
struct TiersPage {
    shell: Shell,
    rows: Vec<TierRow>,
}

struct TierRow {
    key: String,
    name: String,
    summary: String,
    provider: String,
    is_public: bool,
    permissions: usize,
    members: String,
    organizations: i64,
}

#[derive(askama::Template)]
#[template(path = "operator/tier.html")]
struct TierPage {
    shell: Shell,
    key: String,
    organizations: i64,
    sheet: Sheet,
    limits: Vec<(&'static str, &'static str)>,
    /// Whether it has every permission, those to come included.
    has_all: bool,
    is_public: bool,
    areas: Vec<(&'static str, Vec<PermissionTick>)>,
    addons: Vec<AddonRow>,
}

struct PermissionTick {
    word: &'static str,
    label: &'static str,
    is_ticked: bool,
}

struct AddonRow {
    key: String,
    name: String,
    summary: String,
    /// `none`, `sold` or `included`.
    chosen: String,
}

pub(super) async fn list(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let mut tx = person.app().system.begin().await?;
    let tiers = tiers::catalogue_for_system(&mut tx).await?;
    let row = |tier: Tier| TierRow {
        permissions: tier.permissions().iter().count(),
        members: words(tier.limits.users),
        key: tier.key,
        name: tier.name,
        summary: tier.summary,
        provider: tier.provider,
        is_public: tier.is_public,
        organizations: tier.organizations,
    };
    Page(TiersPage {
        shell: person.shell(&known),
        rows: tiers.into_iter().map(row).collect(),
    })
    .into_response()
}

/// A limit, where none is no limit.
fn words(limit: Option<i32>) -> String {
    limit.map_or_else(|| "No limit".to_owned(), |limit| limit.to_string())
}

pub(super) async fn show(person: Person, key: Path<String>) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let tier = found(&person, &key).await?;
    let sheet = Sheet::of(&FIELDS, typed(&tier));
    page(&person, &known, &tier, sheet).await
}

async fn found(person: &Person, key: &str) -> Result<Tier, Problem> {
    let mut tx = person.app().system.begin().await?;
    let tiers = tiers::catalogue_for_system(&mut tx).await?;
    let tier = tiers.into_iter().find(|tier| tier.key == key);
    tier.ok_or_else(Problem::not_found)
}

/// A tier as its form holds it.
fn typed(tier: &Tier) -> Fields {
    let limit = |limit: Option<i32>| limit.map(|limit| limit.to_string()).unwrap_or_default();
    let (some, more) = (tier.limits, tier.more);
    let texts = [
        ("name", tier.name.clone()),
        ("summary", tier.summary.clone()),
        ("users", limit(some.users)),
        ("recipes", limit(some.recipes)),
        ("products", limit(some.products)),
        ("monthly_batches", limit(some.monthly_batches)),
        ("monthly_api_requests", limit(more.monthly_api_requests)),
        ("sources", limit(more.sources)),
        ("daily_source_events", limit(more.daily_source_events)),
        ("retention_days", limit(more.retention_days)),
    ];
    let flags = [
        ("is_public", tier.is_public),
        ("has_all", tier.own.is_none()),
    ];
    let flags = flags.map(|(name, is_set)| (name, if is_set { "on" } else { "" }.to_owned()));
    let own = tier.own.unwrap_or(Permissions::ALL);
    let permissions = own
        .iter()
        .map(|one| ("permissions", one.as_str().to_owned()));
    let included = tier.included_addons.iter().cloned();
    let sold = tier.sold_addons.iter().cloned();
    Fields::of(
        texts
            .into_iter()
            .chain(flags)
            .chain(permissions)
            .chain(included.map(|key| ("included", key)))
            .chain(sold.map(|key| ("sold", key))),
    )
}

async fn page(
    person: &Person,
    known: &Known,
    tier: &Tier,
    sheet: Sheet,
) -> Result<HttpResponse, Problem> {
    let mut tx = person.app().system.begin().await?;
    let addons = tiers::addons(&mut tx).await?;
    drop(tx);
    let fields = sheet.typed();
    let ticked = Permissions::of_words(fields.all("permissions"));
    let tick = |permission: Permission| PermissionTick {
        word: permission.as_str(),
        label: permission.label(),
        is_ticked: ticked.contains(permission),
    };
    let areas = Area::ALL
        .iter()
        .map(|area| (area.label(), area.permissions().map(tick).collect()));
    let addons = addons.into_iter().map(|addon| AddonRow {
        chosen: chosen(fields, &addon.key).to_owned(),
        key: addon.key,
        name: addon.name,
        summary: addon.summary,
    });
    let refused = sheet.is_refused();
    Page(TierPage {
        shell: person.shell(known).under("/operator/tiers"),
        key: tier.key.clone(),
        organizations: tier.organizations,
        limits: LIMITS.to_vec(),
        has_all: fields.is_ticked("has_all"),
        is_public: fields.is_ticked("is_public"),
        areas: areas.collect(),
        addons: addons.collect(),
        sheet,
    })
    .with_forms(refused)
}

/// What the form says of an add-on: as it was read, or as it was typed.
fn chosen<'a>(fields: &'a Fields, key: &str) -> &'a str {
    match fields.get(&format!("addon-{key}")) {
        Some(typed) => typed,
        None if fields.all("included").any(|one| one == key) => "included",
        None if fields.all("sold").any(|one| one == key) => "sold",
        None => "none",
    }
}

pub(super) async fn save(
    person: Person,
    key: Path<String>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let tier = found(&person, &key).await?;
    let fields = form.fields;
    let done = match change(&fields) {
        Ok(change) => {
            let by = actor_of(&person, &known);
            operators::change_tier(&person.app().system, &by, &key, &change)
                .await
                .map_err(|error: OperatorError| Problem::from(error))
        }
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => {
            let words = "Saved. It counts for every organisation that has it, from now on.";
            Ok(person.answer(Answer::redirect("/operator/tiers").flash(Flash::success(words))))
        }
        Err(problem) if person.shows_again(&problem) => {
            page(
                &person,
                &known,
                &tier,
                Sheet::refused(&FIELDS, fields, problem),
            )
            .await
        }
        Err(problem) => Err(problem),
    }
}

fn change(fields: &Fields) -> Result<TierChange, Problem> {
    let mut typed = Typed::new(fields);
    let name = text::line(fields.text("name"), 64).map_err(|error| format!("The name {error}"));
    let name = typed.keep("name", name);
    let summary = typed.line("summary", 300).unwrap_or_default();
    let mut limit = |field: &'static str| {
        let limit = typed.maybe::<i32>(field)?;
        let good = if limit < 0 {
            Err("Enter zero or more")
        } else {
            Ok(limit)
        };
        typed.keep(field, good)
    };
    let limits = Limits {
        users: limit("users"),
        recipes: limit("recipes"),
        products: limit("products"),
        monthly_batches: limit("monthly_batches"),
    };
    let more = MoreLimits {
        monthly_api_requests: limit("monthly_api_requests"),
        sources: limit("sources"),
        daily_source_events: limit("daily_source_events"),
        retention_days: limit("retention_days"),
    };
    if more.retention_days == Some(0) {
        typed.wrong(
            "retention_days",
            "Enter one or more, or nothing for as long as they stay",
        );
    }
    let own =
        (!fields.is_ticked("has_all")).then(|| Permissions::of_words(fields.all("permissions")));
    let named = |what: &str| -> Vec<String> {
        fields
            .iter()
            .filter(|(_, value)| *value == what)
            .filter_map(|(name, _)| name.strip_prefix("addon-").map(str::to_owned))
            .collect()
    };
    typed.finish(name.map(|name| TierChange {
        name,
        summary,
        is_public: fields.is_ticked("is_public"),
        own,
        limits,
        more,
        included_addons: named("included"),
        sold_addons: named("sold"),
    }))
}
