//! What a quota is, and how people write one.
use serde::Deserialize;
use std::{borrow::Cow, fmt, num::NonZeroU32, str::FromStr, time::Duration};

/// So many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub count: NonZeroU32,
    /// At most a day.
    pub seconds: NonZeroU32,
}

/// A quota by the name that answers call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub name: Cow<'static, str>,
    pub quota: Quota,
}

/// Several that hold at once, as `5000 per hour; 1000 per minute`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Quotas(Vec<Quota>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write it as “5000 per hour; 1000 per minute”")]
pub struct BadQuota;

const DAY: u32 = 86_400;

impl Quota {
    /// # Panics
    /// When either is zero: for quotas that stand in the program.
    pub const fn per_minute(count: u32) -> Self {
        Self {
            count: NonZeroU32::new(count).expect("a quota is not zero"),
            seconds: NonZeroU32::new(60).expect("a minute is not zero"),
        }
    }

    pub const fn window(self) -> Duration {
        Duration::from_secs(self.seconds.get() as u64)
    }

    /// For the name of its policy: the unit where there is one of that length.
    fn unit(self) -> Cow<'static, str> {
        match self.seconds.get() {
            1 => "second".into(),
            60 => "minute".into(),
            3_600 => "hour".into(),
            DAY => "day".into(),
            seconds => format!("{seconds}s").into(),
        }
    }
}

impl Quotas {
    /// Policies that begin with `name`.
    pub fn policies(&self, name: &str) -> Vec<Policy> {
        let policy = |quota: &Quota| Policy {
            name: format!("{name}-{}", quota.unit()).into(),
            quota: *quota,
        };
        self.0.iter().map(policy).collect()
    }
}

impl FromStr for Quota {
    type Err = BadQuota;
    fn from_str(text: &str) -> Result<Self, BadQuota> {
        let text = text.replace('/', " per ").to_ascii_lowercase();
        let mut words = text.split_whitespace();
        let count = words.next().and_then(|word| word.parse().ok());
        if words.next() != Some("per") {
            return Err(BadQuota);
        }
        let mut unit = words.next().ok_or(BadQuota)?;
        let mut times = 1;
        if let Ok(given) = unit.parse::<u32>() {
            times = given;
            unit = words.next().ok_or(BadQuota)?;
        }
        let length = match unit.strip_suffix('s').unwrap_or(unit) {
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            "day" => DAY,
            _ => return Err(BadQuota),
        };
        let seconds = times
            .checked_mul(length)
            .filter(|seconds| *seconds <= DAY)
            .and_then(NonZeroU32::new);
        match (count.and_then(NonZeroU32::new), seconds, words.next()) {
            (Some(count), Some(seconds), None) => Ok(Self { count, seconds }),
            _ => Err(BadQuota),
        }
    }
}

impl TryFrom<String> for Quotas {
    type Error = BadQuota;
    fn try_from(text: String) -> Result<Self, BadQuota> {
        let quotas = text
            .split([';', ',', '|'])
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self(quotas))
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.count, self.unit())
    }
}

impl fmt::Display for Quotas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.0.iter().map(Quota::to_string).collect();
        f.write_str(&all.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotas(text: &str) -> Result<Vec<(u32, u32)>, BadQuota> {
        let quotas = Quotas::try_from(text.to_owned())?;
        let pair = |quota: &Quota| (quota.count.get(), quota.seconds.get());
        Ok(quotas.0.iter().map(pair).collect())
    }

    #[test]
    fn quotas_are_written_as_people_say_them() {
        let both = Ok(vec![(5_000, 3_600), (1_000, 60)]);
        assert_eq!(quotas("5000 per hour; 1000 per minute"), both);
        assert_eq!(quotas("5000/hour,1000/minute"), both);
        let written = "5000 per hour; 1000 per minute";
        let read = Quotas::try_from(written.to_owned()).unwrap();
        assert_eq!(read.to_string(), written);
        assert_eq!(quotas(" 20 per 5 Minutes "), Ok(vec![(20, 300)]));
        for bad in [
            "",
            "5000",
            "0 per hour",
            "5 per 0 hours",
            "5 per fortnight",
            "5 per hour or so",
            "5 per 2 days",
            "-1 per hour",
            "5 per hour;",
        ] {
            assert_eq!(quotas(bad), Err(BadQuota), "{bad}");
        }
    }

    #[test]
    fn policies_are_told_apart_by_their_unit() {
        let all = Quotas::try_from("9 per day; 8 per 90 seconds".to_owned()).unwrap();
        let names: Vec<_> = all
            .policies("default")
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(names, ["default-day", "default-90s"]);
    }
}
