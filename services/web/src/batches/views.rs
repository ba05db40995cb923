//! What the templates of batches show, ready to print.
use crate::{
    figures::{self, Currency, Figure},
    inventory::views::{item_name, kind_icon, type_icon},
    recipes::views::kind_title,
    times::{Moment, Times},
};
use batchtrack_core::{
    batches::{Batch, BatchLine, BatchStatus, BatchType, Made, Step},
    inventory::Item,
    kernel::{Money, Quantity, Scale, ids::ActionId},
};

/// A batch in progress, as a card.
pub(crate) struct Card {
    pub(crate) id: i64,
    pub(crate) label: String,
    pub(crate) recipe: String,
    pub(crate) yields: Figure,
    pub(crate) value: Figure,
    pub(crate) since: Moment,
    pub(crate) ago: String,
}

impl Card {
    pub(crate) fn of(batch: &Batch, money: &Currency, times: &Times) -> Self {
        Self {
            id: batch.id.get(),
            label: batch.label.clone(),
            recipe: batch.recipe_name.clone(),
            yields: figures::written(batch.projected_yield, &batch.yield_unit),
            value: money.short(batch.input_value),
            since: times.moment(batch.started_at),
            ago: times.ago(batch.started_at),
        }
    }
}

/// A batch in the list.
pub(super) struct BatchRow {
    pub(super) id: i64,
    pub(super) label: String,
    pub(super) recipe: String,
    pub(super) state: &'static str,
    pub(super) made: Option<Figure>,
    /// None where all of it went back.
    pub(super) cost: Option<Figure>,
    pub(super) at: Moment,
}

impl BatchRow {
    pub(super) fn of(batch: &Batch, money: &Currency, times: &Times) -> Self {
        Self {
            id: batch.id.get(),
            label: batch.label.clone(),
            recipe: batch.recipe_name.clone(),
            state: batch.status.as_str(),
            made: made(batch),
            cost: (batch.status != BatchStatus::Cancelled).then(|| money.short(batch.input_value)),
            at: times.moment(batch.finished_at.unwrap_or(batch.started_at)),
        }
    }
}

fn made(batch: &Batch) -> Option<Figure> {
    let unit = batch.final_unit.as_deref()?;
    Some(figures::written(batch.final_quantity?, unit))
}

/// The facts of one batch.
pub(super) struct BatchView {
    pub(super) id: i64,
    pub(super) label: String,
    pub(super) recipe: String,
    pub(super) recipe_id: i64,
    pub(super) state: &'static str,
    pub(super) becomes: &'static str,
    pub(super) times: String,
    pub(super) projected: Figure,
    pub(super) made: Option<Figure>,
    /// Made beside projected, in percent, where both are in one unit.
    pub(super) yield_percent: Option<i64>,
    pub(super) cost: Figure,
    pub(super) lost: Option<Figure>,
    pub(super) cost_each: Option<Figure>,
    pub(super) notes: String,
    pub(super) reason: String,
    pub(super) started: Moment,
    pub(super) ago: String,
    /// The day on which it ended.
    pub(super) finished: Option<Moment>,
    /// From when to when it was made.
    pub(super) span: String,
}

impl BatchView {
    pub(super) fn of(batch: &Batch, money: &Currency, times: &Times) -> Self {
        let of_quantity = batch
            .final_quantity
            .filter(|_| batch.status == BatchStatus::Completed);
        let same_unit = batch.final_unit.as_deref() == Some(batch.yield_unit.as_str());
        Self {
            id: batch.id.get(),
            label: batch.label.clone(),
            recipe: batch.recipe_name.clone(),
            recipe_id: batch.recipe_id.get(),
            state: batch.status.as_str(),
            becomes: match batch.batch_type {
                BatchType::Product => "product",
                BatchType::Ingredient => "ingredient",
            },
            times: batch.scale.to_string(),
            projected: figures::written(batch.projected_yield, &batch.yield_unit),
            made: made(batch),
            yield_percent: of_quantity
                .filter(|_| same_unit)
                .and_then(|made| ratio(made, batch.projected_yield)),
            cost: money.exact(batch.input_value),
            lost: (!batch.lost_value.is_zero()).then(|| money.exact(batch.lost_value)),
            cost_each: of_quantity
                .and_then(|made| batch.output_value.per_unit(made.get()))
                .map(|each| money.exact(each)),
            notes: batch.notes.clone(),
            reason: batch.status_reason.clone(),
            started: times.moment(batch.started_at),
            ago: times.ago(batch.started_at),
            finished: batch.finished_at.map(|at| times.day(at)),
            span: batch
                .finished_at
                .map_or_else(String::new, |at| times.span(batch.started_at, at)),
        }
    }
}

fn ratio(made: Quantity, projected: Quantity) -> Option<i64> {
    batchtrack_core::kernel::quantity::mul_div_half_up(made.get(), 100, projected.get())
}

/// A line as the batch took it.
pub(super) struct LineRow {
    pub(super) item: i64,
    pub(super) name: String,
    pub(super) icon: &'static str,
    pub(super) kind: &'static str,
    pub(super) written: Figure,
    pub(super) taken: Option<Figure>,
    pub(super) value: Figure,
    pub(super) share: i64,
}

impl LineRow {
    pub(super) fn of(
        line: &BatchLine,
        item: &Item,
        scale: Scale,
        share: i64,
        money: &Currency,
    ) -> Self {
        let scaled = scale.apply(line.amount).unwrap_or(line.amount);
        Self {
            item: line.item_id.get(),
            name: line.item_name.clone(),
            icon: type_icon(item.item_type),
            kind: kind_title(line.kind),
            written: figures::written(scaled, &line.unit),
            taken: (!line.is_skipped).then(|| figures::stock(item, line.quantity)),
            value: money.exact(line.value),
            share,
        }
    }
}

/// Something that was done with a batch.
pub(super) struct StepRow {
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    pub(super) at: Moment,
    pub(super) is_undone: bool,
    pub(super) undo: Option<i64>,
    /// Can't be undone before what was taken of it is put back.
    pub(super) is_used: bool,
}

impl StepRow {
    /// Only the last step can be undone, and only while nothing that it made was used since.
    pub(super) fn of(step: &Step, last_step: Option<ActionId>, times: &Times) -> Self {
        let action = &step.action;
        let is_whole = step
            .made
            .iter()
            .all(|made| made.lot.quantity == made.output.quantity);
        let is_cancelling =
            action.kind == batchtrack_core::inventory::ActionKind::BatchCancellation;
        Self {
            title: action.kind.title(),
            icon: kind_icon(action.kind),
            at: times.moment(action.recorded_at),
            is_undone: step.undone_by.is_some() && !is_cancelling,
            undo: (last_step == Some(action.id) && is_whole && !is_cancelling)
                .then(|| action.id.get()),
            is_used: last_step == Some(action.id) && !is_whole,
        }
    }
}

/// A lot that came of a batch.
pub(super) struct OutputRow {
    pub(super) item: i64,
    pub(super) name: String,
    pub(super) icon: &'static str,
    pub(super) lot: String,
    pub(super) quantity: Figure,
    pub(super) left: Figure,
    pub(super) percent_left: i64,
    pub(super) value: Figure,
    pub(super) each: Option<Figure>,
    pub(super) expires: Option<Moment>,
}

impl OutputRow {
    pub(super) fn of(made: &Made, money: &Currency, times: &Times) -> Self {
        let Made { output, item, lot } = made;
        let one = item.unit().one().get();
        let each = batchtrack_core::kernel::quantity::mul_div_half_up(
            output.value.get(),
            one,
            output.quantity.get(),
        );
        Self {
            item: item.id.get(),
            name: item_name(item),
            icon: type_icon(item.item_type),
            lot: lot.code.clone(),
            quantity: figures::stock(item, output.quantity),
            left: figures::stock(item, lot.quantity),
            percent_left: figures::percent(lot.quantity.get(), lot.received_quantity.get()),
            value: money.exact(output.value),
            each: each.map(|each| money.exact(Money::micros(each))),
            expires: lot.expires_at.map(|at| times.day(at)),
        }
    }
}
