//! Numbers, and how they are said.
use std::time::Duration;

/// `many` in `time`, each second.
pub(crate) fn rate(many: u64, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate, not an account")]
    let many = many as f64;
    many / time.as_secs_f64()
}

/// The value that `share` of them do not exceed.
pub(crate) fn percentile(values: &[Duration], share: f64) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a short list"
    )]
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    f64::midpoint(at(sorted.len().saturating_sub(1) / 2), at(sorted.len() / 2))
}

/// `12,345`.
pub(crate) fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(crate) fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

/// What was asked for and what came of it, for the summary at the end.
#[derive(Default)]
pub(crate) struct Targets(Vec<(String, String, bool)>);

impl Targets {
    pub(crate) fn check(&mut self, what: &str, got: String, is_met: bool) {
        self.0.push((what.to_owned(), got, is_met));
    }

    pub(crate) fn print(&self) {
        println!("\nTargets");
        for (what, got, is_met) in &self.0 {
            let word = if *is_met { "met   " } else { "MISSED" };
            println!("  {word}  {what}: {got}");
        }
    }
}
