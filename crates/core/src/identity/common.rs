//! Passwords that everybody tries first.

/// In lower case, sorted by their bytes, one a line.
const LIST: &str = include_str!("../../passwords/common.txt");

/// Whether a password, in whatever case, is one of them. Takes no memory: the list is searched where
/// it lies in the program.
pub(super) fn is_common(password: &str) -> bool {
    // The longest of the list is shorter.
    if password.len() > 64 {
        return false;
    }
    let list = LIST.as_bytes();
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = list
            .get(..middle)
            .and_then(|before| before.iter().rposition(|b| *b == b'\n'))
            .map_or(0, |newline| newline + 1)
            .max(low);
        let rest = list.get(start..).unwrap_or_default();
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        let wanted = password.bytes().map(|b| b.to_ascii_lowercase());
        match line.iter().copied().cmp(wanted) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = start + length + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_every_line_of_it_is_found() {
        let lines: Vec<&str> = LIST.lines().collect();
        assert!(lines.len() > 10_000, "{}", lines.len());
        assert!(lines.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
        for line in &lines {
            assert!(is_common(line), "{line}");
            assert_eq!(*line, line.to_ascii_lowercase());
            assert!(line.len() <= 64 && line.chars().count() >= 8, "{line}");
        }
    }

    #[test]
    fn others_are_not() {
        assert!(is_common("PassWord") && is_common("iloveyou1"));
        for fine in [
            "",
            "\n",
            "passwor",
            "password\n123456",
            "correct horse",
            "zzzzzzzzzzzzzzzzzzzzz",
            &"a".repeat(500),
        ] {
            assert!(!is_common(fine), "{fine}");
        }
    }
}
