//! What the template parts ask Rust for: the looks of a state, the icon of a message, the id of a field.

/// Tone, icon and words of a state. Never colour alone: each has its own icon and text.
pub fn status(state: impl AsRef<str>) -> (&'static str, &'static str, String) {
    let (tone, icon, text) = match state.as_ref() {
        "planned" => ("info", "calendar", "Planned"),
        "in_progress" => ("info", "loader-2", "In progress"),
        "completed" => ("success", "circle-check", "Completed"),
        "failed" => ("danger", "circle-x", "Failed"),
        "cancelled" => ("muted", "ban", "Cancelled"),
        "draft" => ("muted", "pencil", "Draft"),
        "archived" => ("muted", "archive", "Archived"),
        "active" => ("success", "check", "Active"),
        "ok" => ("success", "check", "In stock"),
        "low_stock" => ("warning", "alert-triangle", "Low stock"),
        "out_of_stock" => ("danger", "package-off", "Out of stock"),
        "expiring" => ("warning", "calendar-due", "Expires soon"),
        "expired" => ("danger", "alert-circle", "Expired"),
        "sold" => ("primary", "cash", "Sold"),
        "enabled" => ("success", "check", "Enabled"),
        "disabled" => ("muted", "player-stop", "Disabled"),
        "failing" => ("danger", "alert-triangle", "Failing"),
        "pending" => ("info", "clock", "Pending"),
        "delivered" => ("success", "circle-check", "Delivered"),
        "running" => ("info", "loader-2", "Running"),
        "waiting" => ("muted", "clock", "Waiting"),
        "delayed" => ("warning", "history", "Waits to be tried again"),
        "dead" => ("danger", "circle-x", "Dead"),
        "reversed" => ("muted", "history", "Undone"),
        other => return ("muted", "info-circle", in_words(other)),
    };
    (tone, icon, text.into())
}

/// `quality_control` reads as "Quality control".
fn in_words(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The icon of a message in the corner.
pub fn tone_icon(tone: &str) -> &'static str {
    match tone {
        "success" => "circle-check",
        "danger" => "alert-circle",
        "warning" => "alert-triangle",
        _ => "info-circle",
    }
}

/// A field's id: the given one, or made from its name (`units[]` becomes `f-units`).
pub fn field_id(id: &str, name: &str) -> String {
    if !id.is_empty() {
        return id.to_owned();
    }
    let plain = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    "f-".chars().chain(plain).collect()
}

/// Whether a choice is the one that was made; numbers and texts alike.
pub fn is_same(value: impl std::fmt::Display, chosen: impl std::fmt::Display) -> bool {
    value.to_string() == chosen.to_string()
}

/// `text`, or what stands in for nothing.
pub fn or<'a>(text: &'a str, instead: &'a str) -> &'a str {
    if text.is_empty() { instead } else { text }
}

#[cfg(test)]
mod tests {
    use super::{field_id, status};

    #[test]
    fn unknown_states_are_still_readable() {
        assert_eq!(status("quality_control").2, "Quality control");
        assert_eq!(status("").2, "");
    }

    #[test]
    fn ids_hold_no_brackets() {
        assert_eq!(field_id("", "units[]"), "f-units");
        assert_eq!(field_id("mine", "units[]"), "mine");
    }
}
