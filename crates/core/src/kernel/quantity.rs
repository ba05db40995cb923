use super::decimal::{self, BadDecimal};
use std::fmt;

/// An amount of stuff in whole millionths: of the dimension's base unit when it is stock, of the
/// unit it was written in when it is what a person typed. In JSON a decimal string.
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
pub struct Quantity(i64);

impl Quantity {
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
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
    pub const fn opposite(self) -> Self {
        Self(self.0.saturating_neg())
    }
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl std::str::FromStr for Quantity {
    type Err = BadDecimal;
    fn from_str(text: &str) -> Result<Self, BadDecimal> {
        decimal::parse(text).map(Self)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::format(self.0, 0))
    }
}

/// How many times a recipe is made, in millionths: 0.001 to 1000.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct Scale(i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadScale {
    #[error(transparent)]
    Decimal(#[from] BadDecimal),
    #[error("the scale must lie between 0.001 and 1000")]
    OutOfRange,
}

impl Scale {
    pub const ONE: Self = Self(decimal::MICROS);

    pub fn micros(micros: i64) -> Result<Self, BadScale> {
        if (1_000..=1_000 * decimal::MICROS).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(BadScale::OutOfRange)
        }
    }
    pub const fn get(self) -> i64 {
        self.0
    }
    /// `amount` times the scale, rounded half up; `None` when it does not fit.
    pub fn apply(self, amount: Quantity) -> Option<Quantity> {
        mul_div_half_up(amount.get(), self.0, decimal::MICROS).map(Quantity)
    }
}

impl std::str::FromStr for Scale {
    type Err = BadScale;
    fn from_str(text: &str) -> Result<Self, BadScale> {
        Self::micros(decimal::parse(text)?)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::format(self.0, 0))
    }
}

/// `a * b / divisor`, rounded half up (half away from zero for negatives); `None` when the
/// divisor is not positive or the answer does not fit.
pub fn mul_div_half_up(a: i64, b: i64, divisor: i64) -> Option<i64> {
    if divisor <= 0 {
        return None;
    }
    let product = i128::from(a) * i128::from(b);
    round_half_up(product, i128::from(divisor))
}

/// `numerator / divisor`, rounded half away from zero; `None` when it does not fit an `i64`.
pub(super) fn round_half_up(numerator: i128, divisor: i128) -> Option<i64> {
    let twice = numerator.unsigned_abs().checked_mul(2)?;
    let divisor = divisor.unsigned_abs();
    let magnitude = twice.checked_add(divisor)? / divisor.checked_mul(2)?;
    let magnitude = i64::try_from(magnitude).ok()?;
    Some(if numerator < 0 { -magnitude } else { magnitude })
}

/// A newtype over millionths as a `bigint` column and a decimal string in JSON.
macro_rules! decimal_column {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        impl diesel::serialize::ToSql<diesel::sql_types::BigInt, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <i64 as diesel::serialize::ToSql<diesel::sql_types::BigInt, diesel::pg::Pg>>::to_sql(
                    &self.0, out,
                )
            }
        }
        impl diesel::deserialize::FromSql<diesel::sql_types::BigInt, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                <i64 as diesel::deserialize::FromSql<diesel::sql_types::BigInt, diesel::pg::Pg>>::from_sql(
                    bytes,
                )
                .map(Self)
            }
        }
    };
}
pub(crate) use decimal_column;
decimal_column!(Quantity);
decimal_column!(Scale);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(mul_div_half_up(1, 1, 2), Some(1));
        assert_eq!(mul_div_half_up(-1, 1, 2), Some(-1));
        assert_eq!(mul_div_half_up(1, 1, 3), Some(0));
        assert_eq!(mul_div_half_up(i64::MAX, i64::MAX, 1), None);
        assert_eq!(
            mul_div_half_up(i64::MAX, i64::MAX, i64::MAX),
            Some(i64::MAX)
        );
        assert_eq!(mul_div_half_up(1, 1, 0), None);
    }
}
