//! Units of measure and exact conversion. A unit is how a quantity is written, not what it is:
//! stock is kept in millionths of its dimension's base unit, whatever unit people type.
//!
//! Factors are those of `domain/03`, as whole millionths of the base unit.
use super::{
    decimal::{self, BadDecimal, MICROS},
    quantity::{Quantity, Scale, round_half_up},
};
use std::fmt;

super::words::words! {
    /// What kind of amount something is. Mass and volume convert into each other by density; no
    /// other two dimensions do.
    pub enum Dimension {
        Mass = "weight",
        Volume = "volume",
        Count = "count",
        Length = "length",
        Area = "area",
        Time = "time",
    }
}

impl Dimension {
    /// The unit whose millionths stock is kept in.
    pub fn base(self) -> &'static Unit {
        STANDARD
            .iter()
            .find(|u| u.dimension == self && u.factor == MICROS)
            .expect("every dimension lists its base unit")
    }
}

/// A unit of measure.
#[derive(Debug, PartialEq, Eq)]
pub struct Unit {
    /// Stable number of a standard unit in the public API.
    pub id: i64,
    pub name: &'static str,
    pub symbol: &'static str,
    pub dimension: Dimension,
    /// Millionths of the dimension's base unit in one of this unit.
    factor: i64,
}

/// Grams in a millilitre, in millionths: above zero and at most 50.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct Density(i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDensity {
    #[error(transparent)]
    Decimal(#[from] BadDecimal),
    #[error("a density lies above 0 and at most 50 grams per millilitre")]
    OutOfRange,
}

impl Density {
    pub fn micros(micros: i64) -> Result<Self, BadDensity> {
        if (1..=50 * MICROS).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(BadDensity::OutOfRange)
        }
    }
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl std::str::FromStr for Density {
    type Err = BadDensity;
    fn from_str(text: &str) -> Result<Self, BadDensity> {
        Self::micros(decimal::parse(text)?)
    }
}

impl fmt::Display for Density {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::format(self.0, 0))
    }
}

super::quantity::decimal_column!(Density);

/// Why an amount can't be expressed in another unit or dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConversionError {
    /// Mass and volume meet and nobody said how heavy the stuff is.
    #[error("needs a density (grams per millilitre) to convert between weight and volume")]
    MissingDensity,
    #[error("{} can't be converted into {}", .from.as_str(), .into.as_str())]
    Unsupported { from: Dimension, into: Dimension },
    #[error("the quantity is too large")]
    TooLarge,
}

impl Unit {
    /// Finds a standard unit by its name or symbol, in any case; a few usual spellings too.
    pub fn find(text: &str) -> Option<&'static Self> {
        let wanted = text.trim();
        let by = |wanted: &str| {
            STANDARD.iter().find(|u| {
                u.name.eq_ignore_ascii_case(wanted) || u.symbol.eq_ignore_ascii_case(wanted)
            })
        };
        by(wanted).or_else(|| {
            SPELLINGS
                .iter()
                .find(|(spelling, _)| spelling.eq_ignore_ascii_case(wanted))
                .and_then(|(_, name)| by(name))
        })
    }

    pub fn all() -> &'static [Self] {
        STANDARD
    }

    /// Stock quantity of `amount` of this unit times `scale`, in millionths of the base unit of
    /// `into`. Scaled first, then converted, then rounded half up: once.
    pub fn to_base(
        &self,
        amount: Quantity,
        scale: Scale,
        into: Dimension,
        density: Option<Density>,
    ) -> Result<Quantity, ConversionError> {
        let mut above = vec![amount.get(), scale.get(), self.factor];
        let mut below = vec![MICROS, MICROS];
        cross(self.dimension, into, density, &mut above, &mut below)?;
        ratio(&above, &below)
    }

    /// `stock`, millionths of the base unit of `from`, written in this unit; rounded half up.
    pub fn from_base(
        &self,
        stock: Quantity,
        from: Dimension,
        density: Option<Density>,
    ) -> Result<Quantity, ConversionError> {
        let mut above = vec![stock.get(), MICROS];
        let mut below = vec![self.factor];
        cross(from, self.dimension, density, &mut above, &mut below)?;
        ratio(&above, &below)
    }

    /// `amount` of this unit in `into`, rounded half up to the millionth.
    pub fn convert(
        &self,
        amount: Quantity,
        into: &Self,
        density: Option<Density>,
    ) -> Result<Quantity, ConversionError> {
        let mut above = vec![amount.get(), self.factor];
        let mut below = vec![into.factor];
        cross(
            self.dimension,
            into.dimension,
            density,
            &mut above,
            &mut below,
        )?;
        ratio(&above, &below)
    }

    /// Stock quantity of exactly one of this unit, in millionths of its base unit.
    pub const fn one(&self) -> Quantity {
        Quantity::micros(self.factor)
    }
}

/// Adds the density to the fraction where mass and volume meet.
fn cross(
    from: Dimension,
    into: Dimension,
    density: Option<Density>,
    above: &mut Vec<i64>,
    below: &mut Vec<i64>,
) -> Result<(), ConversionError> {
    match (from, into) {
        (a, b) if a == b => {}
        (Volume, Mass) => {
            above.push(density.ok_or(ConversionError::MissingDensity)?.get());
            below.push(MICROS);
        }
        (Mass, Volume) => {
            above.push(MICROS);
            below.push(density.ok_or(ConversionError::MissingDensity)?.get());
        }
        _ => return Err(ConversionError::Unsupported { from, into }),
    }
    Ok(())
}

/// The product of `above` over the product of `below` (all positive), rounded half up. Common
/// factors go first, so that what fits as an answer fits on the way.
fn ratio(above: &[i64], below: &[i64]) -> Result<Quantity, ConversionError> {
    let mut above: Vec<i128> = above.iter().map(|n| i128::from(*n)).collect();
    let mut below: Vec<i128> = below.iter().map(|n| i128::from(*n)).collect();
    for a in &mut above {
        for b in &mut below {
            let common = gcd(a.unsigned_abs(), b.unsigned_abs());
            if common > 1 {
                let common = i128::try_from(common).map_err(|_wide| ConversionError::TooLarge)?;
                *a /= common;
                *b /= common;
            }
        }
    }
    let product = |terms: &[i128]| {
        terms
            .iter()
            .try_fold(1_i128, |product, term| product.checked_mul(*term))
            .ok_or(ConversionError::TooLarge)
    };
    round_half_up(product(&above)?, product(&below)?)
        .map(Quantity::micros)
        .ok_or(ConversionError::TooLarge)
}

const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

const fn unit(
    id: i64,
    name: &'static str,
    symbol: &'static str,
    dimension: Dimension,
    factor: i64,
) -> Unit {
    Unit {
        id,
        name,
        symbol,
        dimension,
        factor,
    }
}

use Dimension::{Area, Count, Length, Mass, Time, Volume};

const STANDARD: &[Unit] = &[
    unit(1, "gram", "g", Mass, MICROS),
    unit(2, "milligram", "mg", Mass, 1_000),
    unit(3, "kilogram", "kg", Mass, 1_000_000_000),
    unit(4, "ounce", "oz", Mass, 28_349_500),
    unit(5, "pound", "lb", Mass, 453_592_000),
    unit(6, "ton", "ton", Mass, 907_184_740_000),
    unit(10, "milliliter", "ml", Volume, MICROS),
    unit(11, "drop", "drop", Volume, 50_000),
    unit(12, "teaspoon", "tsp", Volume, 4_928_920),
    unit(13, "tablespoon", "tbsp", Volume, 14_786_800),
    unit(14, "fluid ounce", "floz", Volume, 29_573_500),
    unit(15, "dram", "dram", Volume, 3_696_690),
    unit(16, "cup", "cup", Volume, 236_588_000),
    unit(17, "pint", "pint", Volume, 473_176_000),
    unit(18, "quart", "quart", Volume, 946_353_000),
    unit(19, "liter", "l", Volume, 1_000_000_000),
    unit(20, "gallon", "gallon", Volume, 3_785_410_000),
    unit(21, "cubicinch", "cuin", Volume, 16_387_100),
    unit(22, "cubicfoot", "cuft", Volume, 28_316_800_000),
    unit(23, "cubicyard", "cuyd", Volume, 764_555_000_000),
    unit(30, "count", "ct", Count, MICROS),
    unit(31, "unit", "unit", Count, MICROS),
    unit(32, "piece", "pc", Count, MICROS),
    unit(33, "pack", "pack", Count, MICROS),
    unit(34, "batch", "batch", Count, MICROS),
    unit(35, "bar", "bar", Count, MICROS),
    unit(36, "slice", "slice", Count, MICROS),
    unit(37, "cookie", "cookie", Count, MICROS),
    unit(38, "bottle", "bottle", Count, MICROS),
    unit(39, "jar", "jar", Count, MICROS),
    unit(40, "tablet", "tablet", Count, MICROS),
    unit(41, "capsule", "capsule", Count, MICROS),
    unit(42, "bomb", "bomb", Count, MICROS),
    unit(43, "loaf", "loaf", Count, MICROS),
    unit(44, "cupcake", "cupcake", Count, MICROS),
    unit(45, "muffin", "muffin", Count, MICROS),
    unit(46, "pair", "pair", Count, 2_000_000),
    unit(47, "dozen", "dozen", Count, 12_000_000),
    unit(50, "centimeter", "cm", Length, MICROS),
    unit(51, "millimeter", "mm", Length, 100_000),
    unit(52, "inch", "in", Length, 2_540_000),
    unit(53, "foot", "ft", Length, 30_480_000),
    unit(54, "yard", "yd", Length, 91_440_000),
    unit(55, "meter", "m", Length, 100_000_000),
    unit(60, "square centimeter", "sqcm", Area, MICROS),
    unit(61, "square millimeter", "sqmm", Area, 10_000),
    unit(62, "square inch", "sqinch", Area, 6_451_600),
    unit(63, "square foot", "sqft", Area, 929_030_000),
    unit(64, "square yard", "sqyard", Area, 8_361_270_000),
    unit(65, "square meter", "sqm", Area, 10_000_000_000),
    unit(66, "acre", "acre", Area, 40_468_564_000_000),
    unit(67, "hectare", "hectare", Area, 100_000_000_000_000),
    unit(68, "square kilometer", "sqkm", Area, 10_000_000_000_000_000),
    unit(69, "square mile", "sqmile", Area, 25_899_881_103_360_000),
    unit(70, "second", "s", Time, MICROS),
    unit(71, "minute", "min", Time, 60_000_000),
    unit(72, "hour", "h", Time, 3_600_000_000),
    unit(73, "day", "day", Time, 86_400_000_000),
    unit(74, "week", "week", Time, 604_800_000_000),
    unit(75, "month", "month", Time, 2_592_000_000_000),
    unit(76, "year", "year", Time, 31_536_000_000_000),
];

/// Other ways people write the same units.
const SPELLINGS: &[(&str, &str)] = &[
    ("grams", "gram"),
    ("gr", "gram"),
    ("kilograms", "kilogram"),
    ("kilo", "kilogram"),
    ("ounces", "ounce"),
    ("pounds", "pound"),
    ("lbs", "pound"),
    ("fl oz", "fluid ounce"),
    ("fl. oz", "fluid ounce"),
    ("fluidounce", "fluid ounce"),
    ("fluid ounces", "fluid ounce"),
    ("millilitre", "milliliter"),
    ("milliliters", "milliliter"),
    ("millilitres", "milliliter"),
    ("litre", "liter"),
    ("liters", "liter"),
    ("litres", "liter"),
    ("gal", "gallon"),
    ("gallons", "gallon"),
    ("cups", "cup"),
    ("drops", "drop"),
    ("teaspoons", "teaspoon"),
    ("tablespoons", "tablespoon"),
    ("each", "count"),
    ("ea", "count"),
    ("pcs", "piece"),
    ("pieces", "piece"),
    ("units", "unit"),
    ("centimetre", "centimeter"),
    ("millimetre", "millimeter"),
    ("metre", "meter"),
    ("inches", "inch"),
    ("feet", "foot"),
    ("sqmeter", "sqm"),
];

#[cfg(test)]
mod tests;
