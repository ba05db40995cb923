//! What may be shown of a payload. Pure.
use chrono::{DateTime, NaiveDate};
use serde_json::Value;

/// In place of what is not shown.
const HIDDEN: &str = "(hidden)";
/// Under these a payload has words of ours, and never somebody's own.
const OURS: [&str; 2] = ["kind", "event_name"];

/// The payload with every text left out that may be somebody's: secrets, addresses, names. What stays
/// are its names, numbers and moments, and words of ours.
pub fn redacted(args: &Value) -> Value {
    of(args, "")
}

fn of(value: &Value, name: &str) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::String(text) if is_moment(text) || OURS.contains(&name) && is_word(text) => {
            value.clone()
        }
        Value::String(_) => HIDDEN.into(),
        Value::Array(values) => values.iter().map(|value| of(value, name)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), of(value, name)))
            .collect(),
    }
}

fn is_moment(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok() || text.parse::<NaiveDate>().is_ok()
}

fn is_word(text: &str) -> bool {
    text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_and_moments_stay_and_texts_go() {
        let args = json!({
            "organization": 3, "recorded_at": "2026-11-21T12:30:00.123456Z", "on": "2026-11-21",
            "letter": { "kind": "one_time_code", "code": "hunter2", "many": ["hunter2", 7, null, true] },
            "kind": "whsec_MfKQ9r8G", "event_name": "batch_completed",
        });
        let shown = json!({
            "organization": 3, "recorded_at": "2026-11-21T12:30:00.123456Z", "on": "2026-11-21",
            "letter": { "kind": "one_time_code", "code": HIDDEN, "many": [HIDDEN, 7, null, true] },
            "kind": HIDDEN, "event_name": "batch_completed",
        });
        assert_eq!(redacted(&args), shown);
    }

    proptest! {
        #[test]
        fn no_text_is_shown(secret in "[A-Z]{3}[ -~]{5,40}", name in "[a-z]{1,12}", deep in 0..4_usize) {
            let args = (0..deep).fold(json!(secret), |inner, at| {
                if at % 2 == 0 { json!({ name.as_str(): inner }) } else { json!([inner]) }
            });
            prop_assert!(!redacted(&args).to_string().contains(&secret[..6]));
        }
    }
}
