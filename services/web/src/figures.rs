//! How figures read on a page: short in lists, exact in the title or on demand.
use batchtrack_core::{
    inventory::Item,
    kernel::{Dimension, Money, Quantity, Unit, decimal::MICROS, share},
};

/// A figure as it is shown, and as it is to the millionth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    pub text: String,
    pub exact: String,
    /// Of a quantity; money carries its sign in the text.
    pub unit: &'static str,
    pub is_negative: bool,
}

impl Figure {
    /// For the tooltip: "" when what is shown is all there is.
    pub fn title(&self) -> String {
        if self.text == self.exact {
            return String::new();
        }
        format!("{} {}", self.exact, self.unit)
            .trim_end()
            .to_owned()
    }

    /// In one piece, for sentences and attributes.
    pub fn whole(&self) -> String {
        format!("{} {}", self.text, self.unit).trim_end().to_owned()
    }
}

/// How an organisation writes its money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    sign: String,
    digits: u32,
    hides_costs: bool,
}

/// In the place of a cost that is not for whoever reads.
const HIDDEN: &str = "—";

impl Currency {
    /// By its ISO 4217 code.
    pub fn of(code: &str) -> Self {
        let sign = match code {
            "USD" => "$".to_owned(),
            "EUR" => "€".to_owned(),
            "GBP" => "£".to_owned(),
            // A no-break space keeps the code with its amount.
            other => format!("{other}\u{a0}"),
        };
        let whole = [
            "JPY", "KRW", "VND", "CLP", "ISK", "UGX", "PYG", "XAF", "XOF", "XPF",
        ];
        Self {
            sign,
            digits: if whole.contains(&code) { 0 } else { 2 },
            hides_costs: false,
        }
    }

    /// For somebody who may see prices and no costs.
    #[must_use]
    pub fn hiding_costs(self) -> Self {
        Self {
            hides_costs: true,
            ..self
        }
    }

    /// Whether costs are written at all.
    pub const fn hides_costs(&self) -> bool {
        self.hides_costs
    }

    /// What something is sold for.
    pub fn price(&self, amount: Money) -> Figure {
        self.written(amount, self.digits)
    }

    /// For input groups: `$`, or the code.
    pub fn sign(&self) -> &str {
        self.sign.trim_end_matches('\u{a0}')
    }

    /// A cost as in a list: cents.
    pub fn short(&self, amount: Money) -> Figure {
        self.figure(amount, self.digits)
    }

    /// A cost to the millionth, with no more digits than that needs.
    pub fn exact(&self, amount: Money) -> Figure {
        self.figure(amount, 6)
    }

    /// The cost of one of something: what costs less than one needs more than cents to tell.
    pub fn each(&self, amount: Money) -> Figure {
        let small = amount.get().unsigned_abs() < MICROS.unsigned_abs();
        self.figure(
            amount,
            if small {
                self.digits.max(4)
            } else {
                self.digits
            },
        )
    }

    fn figure(&self, amount: Money, most: u32) -> Figure {
        if self.hides_costs {
            return Figure {
                text: HIDDEN.to_owned(),
                exact: HIDDEN.to_owned(),
                ..Figure::default()
            };
        }
        self.written(amount, most)
    }

    fn written(&self, amount: Money, most: u32) -> Figure {
        let least = usize::try_from(self.digits).unwrap_or_default();
        let is_negative = amount.is_negative();
        let minus = if is_negative { "−" } else { "" };
        let write = |most| {
            let sign = &self.sign;
            format!("{minus}{sign}{}", digits(amount.get(), most, least))
        };
        Figure {
            text: write(most),
            exact: write(6),
            unit: "",
            is_negative,
        }
    }
}

/// `amount` of `unit`: three digits after the point, a few more for what is less than one.
pub fn quantity(amount: Quantity, unit: &Unit) -> Figure {
    let is_negative = amount.get() < 0;
    let minus = if is_negative { "−" } else { "" };
    let small = amount.get().unsigned_abs() < MICROS.unsigned_abs();
    let most = if small { 5 } else { 3 };
    Figure {
        text: format!("{minus}{}", digits(amount.get(), most, 0)),
        exact: format!("{minus}{}", digits(amount.get(), 6, 0)),
        unit: unit.symbol,
        is_negative,
    }
}

/// What one of a unit is called beside its cost: `ct` only counts.
pub fn one_of(symbol: &str) -> &str {
    if symbol == "ct" { "piece" } else { symbol }
}

/// `stock` of an item in the unit that its quantities are written in.
pub fn stock(item: &Item, stock: Quantity) -> Figure {
    quantity(item.written(stock), item.unit())
}

/// A quantity in a unit by its name, as recipes and batches keep it.
pub fn written(amount: Quantity, unit: &str) -> Figure {
    match Unit::find(unit) {
        Some(unit) => quantity(amount, unit),
        None => Figure {
            text: format!("{amount} {unit}"),
            exact: format!("{amount} {unit}"),
            ..Figure::default()
        },
    }
}

/// Magnitude of `micros` with grouped thousands, at most `most` digits after the point (rounded
/// half away from zero) and at least `least`.
fn digits(micros: i64, most: u32, least: usize) -> String {
    let step = 10_u64.pow(6_u32.saturating_sub(most));
    let rounded = (micros.unsigned_abs() + step / 2) / step * step;
    let whole = group(&(rounded / MICROS.unsigned_abs()).to_string());
    let mut fraction = format!("{:06}", rounded % MICROS.unsigned_abs());
    while fraction.len() > least && fraction.ends_with('0') {
        fraction.pop();
    }
    if fraction.is_empty() {
        whole
    } else {
        format!("{whole}.{fraction}")
    }
}

fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with grouped thousands.
pub fn count(n: i64) -> String {
    group(&n.unsigned_abs().to_string())
}

/// Units to choose from: what goes into recipes and onto shelves, the everyday ones first.
pub fn unit_choices() -> Vec<(&'static str, &'static str)> {
    let everyday = [
        Dimension::Mass,
        Dimension::Volume,
        Dimension::Count,
        Dimension::Length,
        Dimension::Area,
    ];
    everyday.into_iter().flat_map(units_in).collect()
}

/// Units in which amounts of `item` may be entered.
pub fn units_of(item: &Item) -> Vec<(&'static str, &'static str)> {
    let other = match item.dimension {
        Dimension::Mass => Some(Dimension::Volume),
        Dimension::Volume => Some(Dimension::Mass),
        _ => None,
    };
    let other = other.filter(|_| item.density.is_some());
    [Some(item.dimension), other]
        .into_iter()
        .flatten()
        .flat_map(units_in)
        .collect()
}

/// Name and text of the units of one dimension. Pieces go by their names, the rest by symbols.
pub fn units_in(dimension: Dimension) -> impl Iterator<Item = (&'static str, &'static str)> {
    Unit::all()
        .iter()
        .filter(move |unit| unit.dimension == dimension)
        .map(|unit| match unit.dimension {
            Dimension::Count if unit.name == "count" => (unit.name, "pieces"),
            Dimension::Count => (unit.name, unit.name),
            _ => (unit.name, unit.symbol),
        })
}

/// A count and what is counted: `1 batch`, `1,200 batches`.
pub fn counted(n: i64, one: &str, many: &str) -> String {
    let noun = if n == 1 { one } else { many };
    format!("{} {noun}", count(n))
}

/// `part` of `whole` in percent, 0 to 100, rounded half up.
pub fn percent(part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    let share = (part * 200 + whole).div_euclid(whole * 2);
    i64::try_from(share.clamp(0, 100)).unwrap_or(100)
}

/// What each part is of all of them, in percent: shares that add up to 100, or all 0 where the
/// parts are nothing together.
pub fn shares(parts: &[i64]) -> Vec<i64> {
    let parts: Vec<i64> = parts.iter().map(|part| (*part).max(0)).collect();
    share::split(Money::micros(100), &parts).map_or_else(
        || vec![0; parts.len()],
        |shares| shares.into_iter().map(Money::get).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> (String, String) {
        let figure = Currency::of("USD").short(text.parse().unwrap());
        let title = figure.title();
        (figure.text, title)
    }

    #[test]
    fn money_shows_cents_and_keeps_the_rest_in_the_title() {
        assert_eq!(
            usd("1234567.891"),
            ("$1,234,567.89".into(), "$1,234,567.891".into())
        );
        assert_eq!(usd("5"), ("$5.00".into(), String::new()));
        assert_eq!(usd("-0.005"), ("−$0.01".into(), "−$0.005".into()));
        assert_eq!(
            Currency::of("CHF").short(Money::micros(2_500_000)).text,
            "CHF\u{a0}2.50"
        );
        assert_eq!(
            Currency::of("JPY").short(Money::micros(1_500_400_000)).text,
            "JPY\u{a0}1,500"
        );
        assert_eq!(
            Currency::of("EUR").each(Money::micros(9_371)).text,
            "€0.0094"
        );
        assert_eq!(
            Currency::of("GBP").exact(Money::micros(-1)).text,
            "−£0.000001"
        );
        assert_eq!(
            Currency::of("USD").exact(Money::micros(i64::MAX)).text,
            "$9,223,372,036,854.775807"
        );
    }

    #[test]
    fn quantities_show_what_is_needed() {
        let text = |micros, unit| {
            let figure = quantity(Quantity::micros(micros), Unit::find(unit).unwrap());
            (figure.whole(), figure.title())
        };
        assert_eq!(
            text(15_875_720_000, "gram"),
            ("15,875.72 g".into(), String::new())
        );
        assert_eq!(
            text(15_875_720_123, "g"),
            ("15,875.72 g".into(), "15,875.720123 g".into())
        );
        assert_eq!(text(62_500, "lb"), ("0.0625 lb".into(), String::new()));
        assert_eq!(text(-3_000_000, "count"), ("−3 ct".into(), String::new()));
        assert_eq!(text(0, "count"), ("0 ct".into(), String::new()));
    }

    #[test]
    fn shares_stay_between_nothing_and_all() {
        assert_eq!((percent(1, 3), percent(5, 0), percent(7, 5)), (33, 0, 100));
        assert_eq!((percent(2, 3), percent(1, 200), percent(-1, 5)), (67, 1, 0));
        assert_eq!(percent(i64::MAX, i64::MAX), 100);
    }

    #[test]
    fn shares_of_a_whole_add_up_to_it() {
        assert_eq!(shares(&[1, 1, 1]), [34, 33, 33]);
        assert_eq!(shares(&[995, 5]), [100, 0]);
        assert_eq!(shares(&[0, 0]), [0, 0]);
        assert_eq!(shares(&[]), [0; 0]);
    }

    #[test]
    fn one_is_not_many() {
        let batches = |n| counted(n, "batch", "batches");
        assert_eq!(
            (batches(0), batches(1), batches(1200)),
            ("0 batches".into(), "1 batch".into(), "1,200 batches".into())
        );
    }
}
