//! A moment as it is typed.
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// `2026-11-21`, `2026-11-21T14:30` (both in UTC) or anything that RFC 3339 knows.
pub(super) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let with_zone = || DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    let in_utc = |format| NaiveDateTime::parse_from_str(text, format).map(|at| at.and_utc());
    let day = || {
        text.parse::<NaiveDate>()
            .map(|day| day.and_time(NaiveTime::MIN).and_utc())
    };
    with_zone()
        .or_else(|_| in_utc("%Y-%m-%dT%H:%M:%S"))
        .or_else(|_| in_utc("%Y-%m-%dT%H:%M"))
        .or_else(|_| day())
        .map_err(|_unreadable| {
            "write a moment as 2026-11-21, 2026-11-21T14:30 or 2026-11-21T14:30:00Z".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2026-11-21", "2026-11-21 00:00:00 UTC"),
            ("2026-11-21T14:30", "2026-11-21 14:30:00 UTC"),
            ("2026-11-21T14:30:05", "2026-11-21 14:30:05 UTC"),
            ("2026-11-21T14:30:05+02:00", "2026-11-21 12:30:05 UTC"),
        ] {
            assert_eq!(
                moment(text).map(|at| at.to_string()),
                Ok(expected.to_owned())
            );
        }
        for text in ["", "yesterday", "21.11.2026", "2026-13-01"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
