use super::model::{Batch, BatchLine, BatchOutput};
use crate::{
    inventory::{Action, Item, Lot},
    kernel::{
        Money, Quantity,
        ids::{ActionId, BatchId, RecipeId},
    },
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The making of an organisation at a glance.
#[derive(Debug, Clone)]
pub struct Overview {
    pub in_progress: i64,
    /// What has gone into those.
    pub tied_up: Money,
    /// The newest of those.
    pub current: Vec<BatchBrief>,
    /// Weeks in which something was completed, oldest first.
    pub weeks: Vec<Week>,
    pub newest_recipe: Option<RecipeId>,
    /// Whether a batch was ever started.
    pub has_made: bool,
}

/// As much of a batch in progress as a card shows.
#[derive(Debug, Clone, Deserialize)]
pub struct BatchBrief {
    pub id: BatchId,
    pub label: String,
    pub recipe_name: String,
    #[serde(deserialize_with = "quantity")]
    pub projected_yield: Quantity,
    pub yield_unit: String,
    #[serde(deserialize_with = "money")]
    pub input_value: Money,
    pub started_at: DateTime<Utc>,
}

/// What was completed in one week.
#[derive(Debug, Clone, Deserialize)]
pub struct Week {
    /// Its Monday.
    #[serde(rename = "week")]
    pub starts: DateTime<Utc>,
    pub batches: i64,
    #[serde(deserialize_with = "money")]
    pub value: Money,
}

/// How a batch is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchKey {
    Id(BatchId),
    Label(String),
}

impl std::str::FromStr for BatchKey {
    type Err = std::convert::Infallible;
    /// Labels hold hyphens, so a bare number is an id.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text
            .parse()
            .map_or_else(|_not_a_number| Self::Label(text.to_owned()), Self::Id))
    }
}

/// A batch with its lines, their items, and the last of its steps that nothing has taken back.
#[derive(Debug, Clone)]
pub struct BatchPage {
    pub batch: Batch,
    pub last_step: Option<ActionId>,
    pub lines: Vec<(BatchLine, Item)>,
}

/// Something that was done with a batch.
#[derive(Debug, Clone)]
pub struct Step {
    pub action: Action,
    pub undone_by: Option<ActionId>,
    pub made: Vec<Made>,
}

/// A lot that came of a batch.
#[derive(Debug, Clone)]
pub struct Made {
    pub output: BatchOutput,
    pub item: Item,
    pub lot: Lot,
}

/// The database writes whole millionths.
fn money<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
    i64::deserialize(from).map(Money::micros)
}

fn quantity<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Quantity, D::Error> {
    i64::deserialize(from).map(Quantity::micros)
}
