//! Decimal text to whole millionths and back, without a float in between.

/// Millionths in one.
pub const MICROS: i64 = 1_000_000;

/// Why a text is not a decimal number we can keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDecimal {
    #[error("enter a number such as 12 or 12.5")]
    NotANumber,
    #[error("at most six digits may follow the decimal point")]
    TooFine,
    #[error("the number is too large")]
    TooLarge,
}

/// Reads `12`, `-0.5`, `.25` or `1,234.5` as millionths. Exponents, signs other than a leading
/// one and anything that is not an ASCII digit are refused.
pub fn parse(text: &str) -> Result<i64, BadDecimal> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = without_thousands(whole)?;
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(&whole) || !all_digits(fraction) {
        return Err(BadDecimal::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 6 {
        return Err(BadDecimal::TooFine);
    }
    let whole: i64 = match whole.trim_start_matches('0') {
        "" => 0,
        digits => digits.parse().map_err(|_overflow| BadDecimal::TooLarge)?,
    };
    let fraction: i64 = format!("{fraction:0<6}").parse().expect("six ASCII digits");
    let micros = whole
        .checked_mul(MICROS)
        .and_then(|m| m.checked_add(fraction))
        .ok_or(BadDecimal::TooLarge)?;
    Ok(if negative { -micros } else { micros })
}

/// Accepts commas only where they group thousands, so `1,5` is not silently read as fifteen.
fn without_thousands(whole: &str) -> Result<String, BadDecimal> {
    if !whole.contains(',') {
        return Ok(whole.to_owned());
    }
    let mut groups = whole.split(',');
    let head = groups.next().unwrap_or_default();
    let grouped = (1..=3).contains(&head.len()) && groups.all(|g| g.len() == 3);
    if grouped {
        Ok(whole.replace(',', ""))
    } else {
        Err(BadDecimal::NotANumber)
    }
}

/// Writes millionths with at least `least` digits after the point and no more than needed.
pub fn format(micros: i64, least: usize) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let magnitude = micros.unsigned_abs();
    let (whole, fraction) = (magnitude / 1_000_000, magnitude % 1_000_000);
    let mut digits = format!("{fraction:06}");
    while digits.len() > least && digits.ends_with('0') {
        digits.pop();
    }
    if digits.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_round_trips(micros in -i64::MAX..=i64::MAX, least in 0_usize..=6) {
            prop_assert_eq!(parse(&format(micros, least)), Ok(micros));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn what_people_type_is_read_as_they_mean_it() {
        assert_eq!(parse(" 236.7 "), Ok(236_700_000));
        assert_eq!(parse(".5"), Ok(500_000));
        assert_eq!(parse("5."), Ok(5_000_000));
        assert_eq!(parse("1,234.50"), Ok(1_234_500_000));
        assert_eq!(parse("0.1000000000"), Ok(100_000));
        for (text, why) in [
            ("", BadDecimal::NotANumber),
            ("-", BadDecimal::NotANumber),
            (".", BadDecimal::NotANumber),
            ("1e400", BadDecimal::NotANumber),
            ("NaN", BadDecimal::NotANumber),
            ("1,5", BadDecimal::NotANumber),
            ("🧼", BadDecimal::NotANumber),
            ("٣", BadDecimal::NotANumber),
            ("0.0000001", BadDecimal::TooFine),
            ("9223372036855", BadDecimal::TooLarge),
            ("99999999999999999999999", BadDecimal::TooLarge),
        ] {
            assert_eq!(parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn money_keeps_its_cents() {
        assert_eq!(format(148_750_000, 2), "148.75");
        assert_eq!(format(5_000_000, 2), "5.00");
        assert_eq!(format(-1, 2), "-0.000001");
        assert_eq!(format(5_000_000, 0), "5");
    }
}
