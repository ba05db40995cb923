use super::decimal::{self, BadDecimal};
use std::fmt;

/// An amount in whole millionths of the organisation's currency. In JSON a decimal string.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct Money(i64);

/// The sum or product does not fit; no real shop gets near nine trillion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large")]
pub struct TooLarge;

impl Money {
    pub const ZERO: Self = Self(0);

    pub const fn micros(micros: i64) -> Self {
        Self(micros)
    }
    pub const fn get(self) -> i64 {
        self.0
    }
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
    pub fn checked_add(self, other: Self) -> Result<Self, TooLarge> {
        self.0.checked_add(other.0).map(Self).ok_or(TooLarge)
    }
    pub fn checked_sub(self, other: Self) -> Result<Self, TooLarge> {
        self.0.checked_sub(other.0).map(Self).ok_or(TooLarge)
    }
    /// The opposite amount. Amounts are checked on the way in, so the least `i64` never occurs.
    pub const fn opposite(self) -> Self {
        Self(self.0.saturating_neg())
    }
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, TooLarge> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
    /// What one whole unit costs when `self` buys `units` millionths of it, rounded half up.
    /// `None` for nothing bought.
    pub fn per_unit(self, units: i64) -> Option<Self> {
        super::quantity::mul_div_half_up(self.0, decimal::MICROS, units).map(Self)
    }
    /// What `units` millionths cost when one whole unit costs `self`, rounded half up.
    pub fn times(self, units: i64) -> Result<Self, TooLarge> {
        super::quantity::mul_div_half_up(self.0, units, decimal::MICROS)
            .map(Self)
            .ok_or(TooLarge)
    }
}

impl std::str::FromStr for Money {
    type Err = BadDecimal;
    fn from_str(text: &str) -> Result<Self, BadDecimal> {
        decimal::parse(text).map(Self)
    }
}

/// `148.75`: two digits after the point, more where the amount needs them.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::format(self.0, 2))
    }
}

super::quantity::decimal_column!(Money);
