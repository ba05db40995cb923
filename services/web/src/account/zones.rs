//! Time zones to choose from.
use chrono::{DateTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// Parts of the world that the database of zones names its zones after. What else it holds are
/// older names of the same zones.
const REGIONS: [&str; 9] = [
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// Zones of one part of the world: names and what people read.
pub(super) struct Region {
    pub(super) name: &'static str,
    pub(super) zones: Vec<(&'static str, String)>,
}

/// All zones by region and city, and the one that is `chosen` wherever it belongs.
pub(super) fn regions(chosen: &str, now: DateTime<Utc>) -> Vec<Region> {
    let of = |region: &'static str| Region {
        name: region,
        zones: TZ_VARIANTS
            .iter()
            .filter_map(|zone| Some((zone, zone.name().strip_prefix(region)?.strip_prefix('/')?)))
            .map(|(zone, place)| (zone.name(), words(place, *zone, now)))
            .collect(),
    };
    let mut regions: Vec<Region> = REGIONS.into_iter().map(of).collect();
    regions.insert(
        0,
        Region {
            name: "Everywhere",
            zones: vec![(Tz::UTC.name(), words("UTC", Tz::UTC, now))],
        },
    );
    let is_there = |region: &Region| region.zones.iter().any(|(name, _)| *name == chosen);
    if !regions.iter().any(is_there)
        && let Ok(zone) = chosen.parse::<Tz>()
        && let Some(everywhere) = regions.first_mut()
    {
        let own = (zone.name(), words(zone.name(), zone, now));
        everywhere.zones.push(own);
    }
    regions
}

/// `Argentina, Buenos Aires (−03:00)`
fn words(place: &str, zone: Tz, now: DateTime<Utc>) -> String {
    let place = place.replace('/', ", ").replace('_', " ");
    let minutes = zone
        .offset_from_utc_datetime(&now.naive_utc())
        .fix()
        .local_minus_utc()
        / 60;
    let sign = if minutes < 0 { '−' } else { '+' };
    let minutes = minutes.abs();
    format!("{place} ({sign}{:02}:{:02})", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_by_city_and_an_old_name_stays() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let all = regions("Asia/Calcutta", now);
        let text = |name: &str| {
            all.iter()
                .flat_map(|region| &region.zones)
                .find(|(found, _)| *found == name)
                .map(|(_, text)| text.as_str())
        };
        assert_eq!(text("Europe/Berlin"), Some("Berlin (+01:00)"));
        assert_eq!(
            text("America/Argentina/Buenos_Aires"),
            Some("Argentina, Buenos Aires (−03:00)")
        );
        assert_eq!(text("Asia/Kathmandu"), Some("Kathmandu (+05:45)"));
        assert_eq!(text("US/Eastern"), None);
        let old = regions("US/Eastern", now);
        let first = old.first().unwrap();
        assert_eq!(first.zones.len(), 2, "UTC and the one that was chosen");
        assert_eq!(regions("Mars/Olympus", now).first().unwrap().zones.len(), 1);
    }
}
