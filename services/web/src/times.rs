//! How moments and days read on a page: in the zone of whoever reads it.
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use chrono_tz::Tz;

/// A moment or a day for `<time>`: machines read `iso`, people `text`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moment {
    pub iso: String,
    pub text: String,
    /// With the zone; "" for a day, which has none.
    pub title: String,
}

/// Where and when a page is read.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    zone: Tz,
    now: DateTime<Utc>,
}

impl Times {
    /// `zone` by its name in the database of time zones; UTC where that is not known any more.
    pub fn new(zone: &str, now: DateTime<Utc>) -> Self {
        Self {
            zone: zone.parse().unwrap_or(Tz::UTC),
            now,
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// To the minute.
    pub fn moment(&self, at: DateTime<Utc>) -> Moment {
        let local = at.with_timezone(&self.zone);
        Moment {
            iso: at.to_rfc3339_opts(SecondsFormat::Secs, true),
            text: local.format("%-d %b %Y, %H:%M").to_string(),
            title: local.format("%A, %-d %B %Y, %H:%M:%S %Z").to_string(),
        }
    }

    /// From one moment to another, beside the day of the latter: `From 9:05 to 11:20`.
    pub fn span(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
        let (begun, done) = (from.with_timezone(&self.zone), to.with_timezone(&self.zone));
        let day = if begun.date_naive() == done.date_naive() {
            ""
        } else {
            "%-d %b %Y, "
        };
        let begun = begun.format(&format!("{day}%-H:%M")).to_string();
        format!("From {begun} to {}", done.format("%-H:%M"))
    }

    /// When something happened: with the time of day where that is known.
    pub fn happened(&self, at: DateTime<Utc>) -> Moment {
        if is_date(at) {
            self.day(at)
        } else {
            self.moment(at)
        }
    }

    /// Only the day, as of receipts and expiry dates.
    pub fn day(&self, at: DateTime<Utc>) -> Moment {
        let day = self.date_of(at);
        Moment {
            iso: day.format("%Y-%m-%d").to_string(),
            text: day.format("%-d %b %Y").to_string(),
            title: String::new(),
        }
    }

    /// How long ago something was, as people say it.
    pub fn ago(&self, at: DateTime<Utc>) -> String {
        let days = (self.today() - self.date_of(at)).num_days();
        let passed = self.now - at;
        match days {
            ..=0 if is_date(at) => "today".to_owned(),
            ..=1 if !is_date(at) && passed.num_hours() < 24 => {
                match (passed.num_hours(), passed.num_minutes()) {
                    (1.., _) => format!("{} h ago", passed.num_hours()),
                    (_, 1..) => format!("{} min ago", passed.num_minutes()),
                    _ => "just now".to_owned(),
                }
            }
            ..=1 => "yesterday".to_owned(),
            2..=59 => format!("{days} days ago"),
            60..=729 => format!("{} months ago", days / 30),
            _ => format!("{} years ago", days / 365),
        }
    }

    /// A day that somebody typed as the day on which something happened. Today has begun in their
    /// zone, even where it has not in UTC: then it is now.
    pub fn that_has_begun(&self, day: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        day.filter(|day| *day <= self.now || day.date_naive() != self.today())
    }

    fn date_of(&self, at: DateTime<Utc>) -> NaiveDate {
        if is_date(at) {
            at.date_naive()
        } else {
            at.with_timezone(&self.zone).date_naive()
        }
    }
}

/// What was entered as a date stands at midnight in UTC, and is the same date in every zone.
fn is_date(at: DateTime<Utc>) -> bool {
    at.time() == NaiveTime::MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn moments_move_with_the_reader_and_dates_do_not() {
        let times = Times::new("Pacific/Auckland", at("2026-11-21T12:30:00Z"));
        assert_eq!(times.today().to_string(), "2026-11-22");
        let moment = times.moment(at("2026-11-20T22:05:00Z"));
        assert_eq!(
            (moment.iso.as_str(), moment.text.as_str()),
            ("2026-11-20T22:05:00Z", "21 Nov 2026, 11:05")
        );
        assert_eq!(moment.title, "Saturday, 21 November 2026, 11:05:00 NZDT");
        assert_eq!(times.day(at("2026-11-20T22:05:00Z")).text, "21 Nov 2026");
        assert_eq!(times.day(at("2026-11-20T00:00:00Z")).text, "20 Nov 2026");
        assert_eq!(times.happened(at("2026-11-20T00:00:00Z")).iso, "2026-11-20");
        let lost = Times::new("Mars/Olympus", at("2026-11-21T12:30:00Z"));
        assert_eq!(
            lost.moment(at("2026-11-20T22:05:00Z")).text,
            "20 Nov 2026, 22:05"
        );
    }

    #[test]
    fn a_span_names_the_day_only_where_it_is_another() {
        let times = Times::new("Europe/Berlin", at("2026-11-21T12:00:00Z"));
        let span = |from: &str| times.span(at(from), at("2026-11-20T09:20:00Z"));
        assert_eq!(span("2026-11-20T08:05:00Z"), "From 9:05 to 10:20");
        assert_eq!(
            span("2026-11-19T22:30:00Z"),
            "From 19 Nov 2026, 23:30 to 10:20"
        );
    }

    #[test]
    fn people_say_how_long_ago() {
        let times = Times::new("America/New_York", at("2026-11-21T03:00:00Z"));
        for (then, words) in [
            ("2026-11-21T02:59:40Z", "just now"),
            ("2026-11-21T02:50:00Z", "10 min ago"),
            ("2026-11-20T08:00:00Z", "19 h ago"),
            ("2026-11-20T00:00:00Z", "today"), // the 20th, where it is still the 20th
            ("2026-11-19T00:00:00Z", "yesterday"),
            ("2026-11-20T01:00:00Z", "yesterday"),
            ("2026-11-17T12:00:00Z", "3 days ago"),
            ("2026-08-17T12:00:00Z", "3 months ago"),
            ("2020-08-17T12:00:00Z", "6 years ago"),
        ] {
            assert_eq!(times.ago(at(then)), words, "{then}");
        }
    }

    #[test]
    fn today_is_no_day_in_the_future() {
        let times = Times::new("Pacific/Auckland", at("2026-11-21T12:30:00Z"));
        assert_eq!(times.that_has_begun(Some(at("2026-11-22T00:00:00Z"))), None);
        for day in ["2026-11-21T00:00:00Z", "2026-11-23T00:00:00Z"] {
            assert_eq!(times.that_has_begun(Some(at(day))), Some(at(day)), "{day}");
        }
    }
}
