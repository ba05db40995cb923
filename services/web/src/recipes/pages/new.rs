use crate::{
    catalog,
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    figures,
    page::{Flash, Page, Shell},
    problem::Problem,
    recipes::forms::{self, Known},
    sheet::Sheet,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::{
    inventory::{self, ItemFilter, ItemType, NewItem},
    kernel::ids::RecipeId,
    recipes::{self, LineKind, RecipeError, RecipeStatus},
};
use serde::Deserialize;

const FIELDS: [&str; 5] = [
    "name",
    "instructions",
    "category_id",
    "predicted_yield",
    "predicted_yield_unit",
];
/// Names that are offered while typing; any other item can be typed as well.
const OFFERED: u16 = 300;
/// Empty lines that the page starts with.
const SPARE: usize = 4;

/// A line of the form, and what is wrong with it.
#[derive(Default)]
struct LineView {
    name: String,
    amount: String,
    unit: String,
    problem: String,
    is_name_wrong: bool,
    is_amount_wrong: bool,
}

/// The lines of one kind.
struct Group {
    title: &'static str,
    hint: &'static str,
    one: &'static str,
    names: &'static str,
    amounts: &'static str,
    units: &'static str,
    list: &'static str,
    lines: Vec<LineView>,
    default_unit: &'static str,
    offered: Vec<String>,
    is_open: bool,
}

#[derive(askama::Template)]
#[template(path = "recipes/new.html")]
struct NewPage {
    shell: Shell,
    sheet: Sheet,
    /// Names in the form that no item bears.
    unknown: Vec<String>,
    groups: Vec<Group>,
    units: Vec<(&'static str, &'static str)>,
    categories: Vec<(i64, String)>,
}

/// A recipe to begin with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Begin {
    /// A draft to go on with; saving replaces it.
    draft: Option<RecipeId>,
    /// A recipe to write a changed copy of.
    from: Option<RecipeId>,
}

pub(super) async fn blank(tenant: Tenant, begin: Query<Begin>) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let typed = match begin.draft.or(begin.from) {
        None => Fields::of([("predicted_yield_unit", "count".to_owned())]),
        Some(id) => {
            let recipe = recipes::recipe(&mut unit.tx, id)
                .await?
                .ok_or(RecipeError::NoRecipe)?;
            let lines = recipes::stocked_lines(&mut unit.tx, id).await?;
            let is_draft = begin.draft.is_some() && recipe.status == RecipeStatus::Draft;
            forms::of_recipe(&recipe, &lines, is_draft)
        }
    };
    page(&tenant, unit, Sheet::of(&FIELDS, typed), &Known::default()).await
}

pub(super) async fn create(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = tenant
        .write(once, async |unit| {
            let mut known = resolve(unit, &fields).await?;
            keep_library(unit, &fields, &mut known).await?;
            if fields.is_ticked("create_missing") {
                create_missing(unit, &fields, &mut known).await?;
            }
            let new = forms::new_recipe(&fields, &known)?;
            replace_draft(unit, &fields).await?;
            let words = match new.status {
                RecipeStatus::Draft => format!("{} is kept as a draft.", new.name),
                RecipeStatus::Published => format!("{} is ready to be made.", new.name),
            };
            let id = recipes::create(&mut unit.tx, new).await?;
            Ok(Answer::redirect(format!("/recipes/{id}/view")).flash(Flash::success(words)))
        })
        .await;
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let mut unit = tenant.begin().await?;
            let known = resolve(&mut unit, &fields).await?;
            let sheet = Sheet::refused(&FIELDS, fields, problem);
            page(&tenant, unit, sheet, &known).await
        }
        other => other,
    }
}

/// Takes a draft away that what is being saved continues. Nothing was ever made of it.
async fn replace_draft(unit: &mut Unit, fields: &Fields) -> Result<(), Problem> {
    let Ok(id) = fields.text("draft_id").parse::<RecipeId>() else {
        return Ok(());
    };
    match recipes::recipe(&mut unit.tx, id).await? {
        Some(draft) if draft.status == RecipeStatus::Draft => {
            Ok(recipes::withdraw(&mut unit.tx, &[draft]).await?)
        }
        _ => Ok(()),
    }
}

/// Finds the items that names stand for.
async fn resolve(unit: &mut Unit, fields: &Fields) -> Result<Known, Problem> {
    let mut known = Known::default();
    let named = forms::named(fields);
    if !named.is_empty() {
        let texts = named.iter().map(|(_, line)| line.name.as_str());
        known.by_name = inventory::items_by_names(&mut unit.tx, texts).await?;
    }
    Ok(known)
}

/// Entries of the library become items of the organisation.
async fn keep_library(unit: &mut Unit, fields: &Fields, known: &mut Known) -> Result<(), Problem> {
    for line in forms::of_library(fields) {
        if let Ok(id) = line.global_id.parse() {
            let kept = catalog::keep::put_on_list(unit, id).await?;
            known.by_entry.insert(line.global_id, kept.item);
        }
    }
    Ok(())
}

/// Makes the items whose names nothing bears, in the unit of their line.
async fn create_missing(
    unit: &mut Unit,
    fields: &Fields,
    known: &mut Known,
) -> Result<(), Problem> {
    // In one order, so that two forms with the same new names wait for each other in one direction.
    let mut named = forms::named(fields);
    named.sort_by_key(|(_, line)| line.name.to_lowercase());
    for (kind, line) in named {
        let key = line.name.to_lowercase();
        if known.by_name.contains_key(&key) {
            continue;
        }
        if let Some((name, measured)) = forms::missing(&line) {
            let new = NewItem::new(name, item_type(kind), measured);
            let item = inventory::find_or_create_item(&mut unit.tx, new).await?;
            known.by_name.insert(key, item);
        }
    }
    Ok(())
}

fn item_type(kind: LineKind) -> ItemType {
    match kind {
        LineKind::Ingredient => ItemType::Ingredient,
        LineKind::Container => ItemType::Container,
        LineKind::Consumable => ItemType::Consumable,
    }
}

async fn page(
    tenant: &Tenant,
    mut unit: Unit,
    sheet: Sheet,
    known: &Known,
) -> Result<HttpResponse, Problem> {
    let offered = inventory::items(&mut unit.tx, &ItemFilter::default(), None, OFFERED)
        .await?
        .rows;
    let categories = tenant.app().reference.categories(&mut unit).await?;
    let unknown = if sheet.is_refused() {
        let named = forms::named(sheet.typed())
            .into_iter()
            .map(|(_, line)| line.name);
        let mut unknown: Vec<String> = named
            .filter(|name| !known.by_name.contains_key(&name.to_lowercase()))
            .collect();
        unknown.dedup();
        unknown
    } else {
        Vec::new()
    };
    let of = |types: &[ItemType]| -> Vec<String> {
        let fitting = offered
            .iter()
            .filter(|item| types.contains(&item.item_type));
        fitting.map(|item| item.name.clone()).collect()
    };
    let mut counted = 0;
    let mut lines = |kind: LineKind, least: usize| lines(&sheet, kind, least, &mut counted);
    let ingredients = lines(LineKind::Ingredient, SPARE);
    let containers = lines(LineKind::Container, 1);
    let consumables = lines(LineKind::Consumable, 1);
    let filled = |lines: &[LineView]| lines.iter().any(|line| !line.name.is_empty());
    let groups = vec![
        Group {
            title: "Ingredients",
            hint: "Type a name and choose it. Write amounts as you measure them; units convert.",
            one: "ingredient",
            names: "ingredient_names[]",
            amounts: "amounts[]",
            units: "units[]",
            list: "offer-ingredients",
            default_unit: "gram",
            offered: of(&[ItemType::Ingredient]),
            is_open: true,
            lines: ingredients,
        },
        Group {
            title: "Containers",
            hint: "Jars, bottles and tins that a batch is filled into.",
            one: "container",
            names: "container_names[]",
            amounts: "container_amounts[]",
            units: "container_units[]",
            list: "offer-containers",
            default_unit: "count",
            offered: of(&[ItemType::Container, ItemType::Packaging]),
            is_open: filled(&containers),
            lines: containers,
        },
        Group {
            title: "Consumables",
            hint: "Gloves, wicks, labels: used up, but not part of the mix.",
            one: "consumable",
            names: "consumable_names[]",
            amounts: "consumable_amounts[]",
            units: "consumable_units[]",
            list: "offer-consumables",
            default_unit: "count",
            offered: of(&[ItemType::Consumable, ItemType::Packaging]),
            is_open: filled(&consumables),
            lines: consumables,
        },
    ];
    let refused = sheet.is_refused();
    Page(NewPage {
        shell: tenant.shell(&unit),
        unknown,
        groups,
        units: figures::unit_choices(),
        categories: categories.product_options(),
        sheet,
    })
    .with_forms(refused)
}

/// The lines as they were typed and what is wrong with each; `counted` numbers those that the
/// domain saw.
fn lines(sheet: &Sheet, kind: LineKind, least: usize, counted: &mut usize) -> Vec<LineView> {
    let mut views: Vec<LineView> = forms::lines(sheet.typed(), kind)
        .into_iter()
        .map(|line| {
            let problem = sheet.problem().filter(|_| line.counts(kind));
            let at = *counted;
            *counted += usize::from(line.counts(kind));
            let said = |field| problem.map_or("", |problem| at_line(problem, at, field));
            let words = ["item_id", "amount", "unit"].into_iter().map(said);
            let words: Vec<&str> = words.filter(|words| !words.is_empty()).collect();
            LineView {
                name: line.name,
                amount: line.amount,
                unit: line.unit,
                is_name_wrong: !said("item_id").is_empty(),
                is_amount_wrong: !said("amount").is_empty(),
                problem: words.join(" "),
            }
        })
        .collect();
    while views.len() < least {
        views.push(LineView::default());
    }
    views
}

/// What is wrong with a field of the line of that number.
fn at_line<'a>(problem: &'a Problem, line: usize, field: &str) -> &'a str {
    problem.at(&format!("lines[{line}].{field}"))
}
