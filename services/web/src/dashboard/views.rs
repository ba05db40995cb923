//! What the dashboard shows, ready to print.
use crate::{
    batches::views::Card,
    figures::{self, Currency, Figure},
    inventory::views::{kind_icon, name_of, type_icon},
    times::{Moment, Times},
};
use batchtrack_core::{
    batches::{self, BatchBrief},
    inventory::{self, Activity, ItemBrief, ItemType},
    kernel::Money,
};
use chrono::{DateTime, Datelike as _, Days, NaiveTime, Utc};

/// Weeks in the chart, this one included.
pub(super) const WEEKS: u64 = 10;

/// Where the chart begins: a Monday.
pub(super) fn first_week(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.date_naive();
    let back = u64::from(today.weekday().num_days_from_monday()) + 7 * (WEEKS - 1);
    let monday = today.checked_sub_days(Days::new(back)).unwrap_or(today);
    monday.and_time(NaiveTime::MIN).and_utc()
}

pub(super) fn card(batch: &BatchBrief, money: &Currency, times: &Times) -> Card {
    Card {
        id: batch.id.get(),
        label: batch.label.clone(),
        recipe: batch.recipe_name.clone(),
        yields: figures::written(batch.projected_yield, &batch.yield_unit),
        value: money.short(batch.input_value),
        since: times.moment(batch.started_at),
        ago: times.ago(batch.started_at),
    }
}

/// One week of the chart. Positions are in the units of its drawing.
pub(super) struct Bar {
    pub(super) x: u64,
    pub(super) y: i64,
    pub(super) height: i64,
    pub(super) middle: u64,
    pub(super) label: String,
    pub(super) words: String,
    pub(super) is_now: bool,
}

/// What was completed per week.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) total: Figure,
    /// How many, in words.
    pub(super) batches: String,
    pub(super) is_empty: bool,
    pub(super) top: Figure,
}

const PITCH: u64 = 56;
const WIDTH: u64 = 34;
const FLOOR: i64 = 150;
const TALLEST: i64 = 130;

impl Chart {
    pub(super) const FLOOR: i64 = FLOOR;
    pub(super) const ACROSS: u64 = PITCH * WEEKS;

    /// Weeks without anything are weeks, too.
    pub(super) fn of(weeks: &[batches::Week], now: DateTime<Utc>, money: &Currency) -> Self {
        let first = first_week(now);
        // Whoever may not see what they cost sees how many there were.
        let size = |week: &batches::Week| {
            if money.hides_costs() {
                week.batches
            } else {
                week.value.get()
            }
        };
        let most = weeks.iter().map(size).max().unwrap_or_default();
        let bars = (0..WEEKS)
            .map(|at| {
                let starts = first + chrono::Duration::weeks(i64::try_from(at).unwrap_or_default());
                let week = weeks.iter().find(|week| week.starts == starts);
                let (batches, value) =
                    week.map_or((0, Money::ZERO), |week| (week.batches, week.value));
                let height = figures::percent(week.map_or(0, size), most) * TALLEST / 100;
                let height = if batches > 0 { height.max(3) } else { 0 };
                let label = starts.format("%-d %b").to_string();
                Bar {
                    x: at * PITCH + (PITCH - WIDTH) / 2,
                    y: FLOOR - height,
                    height,
                    middle: at * PITCH + PITCH / 2,
                    words: format!(
                        "Week of {label}: {}, {}",
                        figures::counted(batches, "batch", "batches"),
                        money.short(value).text
                    ),
                    label,
                    is_now: at + 1 == WEEKS,
                }
            })
            .collect();
        let total = weeks
            .iter()
            .fold(0_i64, |sum, week| sum.saturating_add(week.value.get()));
        let batches = weeks.iter().map(|week| week.batches).sum();
        Self {
            bars,
            total: money.short(Money::micros(total)),
            batches: figures::counted(batches, "batch", "batches"),
            is_empty: batches == 0,
            top: money.short(Money::micros(most)),
        }
    }
}

/// The stock of one type beside the others.
pub(super) struct TypeBar {
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    pub(super) href: String,
    pub(super) items: i64,
    pub(super) value: Figure,
    pub(super) percent: i64,
}

impl TypeBar {
    pub(super) fn list(overview: &inventory::Overview, money: &Currency) -> Vec<Self> {
        let size = |of: &inventory::TypeTotals| {
            if money.hides_costs() {
                of.items
            } else {
                of.value.get()
            }
        };
        let values: Vec<i64> = overview.types.iter().map(size).collect();
        overview
            .types
            .iter()
            .zip(figures::shares(&values))
            .map(|(of, percent)| Self {
                title: match of.item_type {
                    ItemType::Ingredient => "Ingredients",
                    ItemType::Container => "Containers",
                    ItemType::Packaging => "Packaging",
                    ItemType::Consumable => "Consumables",
                    ItemType::Product => "Products",
                },
                icon: type_icon(of.item_type),
                href: match of.item_type {
                    ItemType::Product => "/products/".to_owned(),
                    other => format!("/inventory/?type={other}"),
                },
                items: of.items,
                value: money.short(of.value),
                percent,
            })
            .collect()
    }
}

/// An item that runs low.
pub(super) struct LowRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) icon: &'static str,
    pub(super) on_hand: Figure,
    pub(super) threshold: Figure,
    pub(super) percent: i64,
    pub(super) is_product: bool,
}

impl LowRow {
    pub(super) fn of(item: &ItemBrief) -> Self {
        Self {
            id: item.id.get(),
            name: name_of(item.item_type, &item.name),
            icon: type_icon(item.item_type),
            on_hand: figures::quantity(item.on_hand(), item.unit()),
            threshold: figures::quantity(item.threshold(), item.unit()),
            percent: figures::percent(item.on_hand().get(), item.threshold().get()),
            is_product: item.item_type == ItemType::Product,
        }
    }
}

/// Something that was done.
pub(super) struct ActivityRow {
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    pub(super) what: String,
    pub(super) href: String,
    pub(super) at: Moment,
    pub(super) ago: String,
    pub(super) value: Option<Figure>,
    pub(super) is_undone: bool,
    pub(super) undo: Option<i64>,
}

impl ActivityRow {
    pub(super) fn of(done: &Activity, money: &Currency, times: &Times) -> Self {
        use batchtrack_core::inventory::ActionKind::{BatchCancellation, Revaluation};
        let may_undo = !done.is_undone
            && !done.is_reversal
            && done.is_last_step
            && !done.is_used
            && !matches!(done.kind, BatchCancellation | Revaluation);
        let item = item_of(done).unwrap_or_default();
        let (what, href) = match (done.batch_id, done.item_id) {
            (Some(batch), _) => (batch_words(done), format!("/batches/{batch}")),
            (None, Some(id)) => (more(item, done.items), format!("/inventory/view/{id}")),
            (None, None) => (item, String::new()),
        };
        Self {
            title: done.kind.title(),
            icon: kind_icon(done.kind),
            what,
            href,
            at: times.moment(done.recorded_at),
            ago: times.ago(done.recorded_at),
            value: (!done.value.is_zero()).then(|| money.short(done.value)),
            is_undone: done.is_undone,
            undo: may_undo.then(|| done.id.get()),
        }
    }
}

fn item_of(done: &Activity) -> Option<String> {
    let name = done.item_name.as_deref()?;
    Some(
        done.item_type
            .map_or_else(|| name.to_owned(), |item_type| name_of(item_type, name)),
    )
}

/// A batch's actions bear its label as their note.
fn batch_words(done: &Activity) -> String {
    match (done.note.as_str(), item_of(done)) {
        ("", Some(item)) => more(item, done.items),
        ("", None) => "Batch".to_owned(),
        (label, _) => label.to_owned(),
    }
}

fn more(item: String, items: i64) -> String {
    if items > 1 {
        format!("{item} and {} more", items - 1)
    } else {
        item
    }
}

/// A step of getting started.
pub(super) struct Todo {
    pub(super) is_done: bool,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) href: String,
    pub(super) button: &'static str,
}

impl Todo {
    /// The way from an empty shelf to the first sale; none of it once it was gone.
    pub(super) fn list(stock: &inventory::Overview, making: &batches::Overview) -> Vec<Self> {
        let recipe = making.newest_recipe;
        let steps = vec![
            Self {
                is_done: stock.items() > 0,
                title: "Put something on the shelf",
                text: "Add an oil, a wax or a flour, how much you have and what you paid for it.",
                href: "/inventory/new".to_owned(),
                button: "Add an item",
            },
            Self {
                is_done: recipe.is_some(),
                title: "Write a recipe",
                text: "What goes into one batch and how many it makes; you see what each one costs.",
                href: "/recipes/new".to_owned(),
                button: "Write a recipe",
            },
            Self {
                is_done: making.has_made,
                title: "Make a batch",
                text: "Start one from your recipe: its ingredients leave the shelf, and what comes out carries their cost.",
                href: recipe.map_or_else(
                    || "/recipes/".to_owned(),
                    |id| format!("/recipes/{id}/view#make"),
                ),
                button: "Start a batch",
            },
            Self {
                is_done: stock.has_sold,
                title: "Sell it",
                text: "Record a sale: it leaves the shelf, and you see what it cost you.",
                href: "/products/".to_owned(),
                button: "Go to products",
            },
        ];
        if steps.iter().all(|step| step.is_done) {
            Vec::new()
        } else {
            steps
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_ends_with_this_week() {
        let now: DateTime<Utc> = "2026-11-01T12:00:00Z".parse().unwrap(); // a Sunday
        assert_eq!(first_week(now).to_string(), "2026-08-24 00:00:00 UTC");
        let weeks = [batches::Week {
            starts: "2026-10-26T00:00:00Z".parse().unwrap(),
            batches: 2,
            value: Money::micros(12_340_000),
        }];
        let chart = Chart::of(&weeks, now, &Currency::of("USD"));
        let last = chart.bars.last().unwrap();
        assert_eq!((last.height, last.is_now), (TALLEST, true));
        assert_eq!(last.words, "Week of 26 Oct: 2 batches, $12.34");
        assert!(chart.bars.iter().rev().skip(1).all(|bar| bar.height == 0));
    }
}
