//! How names of the library are made and taken apart.

/// `Basil Leaf (Cut & Sifted)` is the ingredient `Basil Leaf` in the form `Cut & Sifted`; a name
/// without a form is an ingredient by itself.
pub fn ingredient_and_form(name: &str) -> (&str, Option<&str>) {
    let split = name
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("))
        .filter(|(ingredient, form)| !ingredient.trim().is_empty() && !form.trim().is_empty());
    match split {
        Some((ingredient, form)) => (ingredient.trim(), Some(form.trim())),
        None => (name, None),
    }
}

/// `text` as a part of a `LIKE` pattern that means itself alone.
pub(super) fn anywhere(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A path piece that tells people what a link is about: `olive-oil-extra-virgin`.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_form_stands_in_the_last_brackets() {
        assert_eq!(
            ingredient_and_form("Basil Leaf (Cut & Sifted)"),
            ("Basil Leaf", Some("Cut & Sifted"))
        );
        assert_eq!(
            ingredient_and_form("Reverse Osmosis (RO) Water"),
            ("Reverse Osmosis (RO) Water", None)
        );
        assert_eq!(
            ingredient_and_form("Aloe (10x) (Aqueous)"),
            ("Aloe (10x)", Some("Aqueous"))
        );
        assert_eq!(ingredient_and_form("(x)"), ("(x)", None));
        assert_eq!(ingredient_and_form("Honey"), ("Honey", None));
    }

    #[test]
    fn slugs_read_well() {
        assert_eq!(slug("Olive Oil (Extra Virgin)"), "olive-oil-extra-virgin");
        assert_eq!(slug("🧼"), "");
    }

    #[test]
    fn wildcards_mean_themselves() {
        assert_eq!(anywhere("5%_\\"), "%5\\%\\_\\\\%");
    }

    proptest! {
        #[test]
        fn no_name_panics(name in ".{0,60}") {
            let (ingredient, form) = ingredient_and_form(&name);
            prop_assert!(name.contains(ingredient) && form.is_none_or(|form| name.contains(form)));
            let _ = slug(&name);
        }
    }
}
