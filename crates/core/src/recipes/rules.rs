//! Codes made from names.

/// Candidates for a recipe's prefix, the best first: letters and digits of its name, at most eight.
/// One word gives its first letters, two give 2+1, more give initials; then numbers are appended.
pub fn prefixes(name: &str) -> impl Iterator<Item = String> {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| {
            word.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_ascii_uppercase()
        })
        .filter(|word| !word.is_empty())
        .collect();
    let head = |word: &str, n: usize| word.chars().take(n).collect::<String>();
    let stems = match words.as_slice() {
        [] => vec!["RCP".to_owned()],
        [one] => vec![head(one, 3), head(one, 4)],
        [a, b] => vec![head(a, 2) + &head(b, 1), head(a, 1) + &head(b, 2)],
        [a, b, c, ..] => vec![
            head(a, 1) + &head(b, 1) + &head(c, 1),
            head(a, 1) + &head(b, 2) + &head(c, 1),
        ],
    };
    let first = stems.first().cloned().unwrap_or_default();
    stems
        .into_iter()
        .chain((1_u32..10_000).map(move |n| format!("{first}{n}")))
        .chain((1_u32..100_000).map(|n| format!("RCP{n}")))
        .filter(|prefix| prefix.len() <= 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_from_the_words() {
        let first = |name: &str, n: usize| prefixes(name).take(n).collect::<Vec<_>>();
        assert_eq!(first("Lavender", 3), ["LAV", "LAVE", "LAV1"]);
        assert_eq!(first("Lavender Bar", 3), ["LAB", "LBA", "LAB1"]);
        assert_eq!(first("Oat & Honey Soap", 2), ["OHS", "OHOS"]);
        assert_eq!(first("🧼", 2), ["RCP", "RCP1"]);
        assert!(prefixes("X").all(|p| p.len() <= 8));
    }
}
