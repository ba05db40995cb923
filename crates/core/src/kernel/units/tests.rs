use super::*;
use proptest::prelude::*;

fn q(text: &str) -> Quantity {
    text.parse().unwrap()
}
fn unit(name: &str) -> &'static Unit {
    Unit::find(name).unwrap()
}

#[test]
fn units_answer_to_name_symbol_and_usual_spelling() {
    assert_eq!(unit("G").name, "gram");
    assert_eq!(unit("fl oz"), unit("floz"));
    assert_ne!(unit("oz").dimension, unit("floz").dimension);
    assert!(Unit::find("furlong").is_none());
    assert!(Unit::find("").is_none());
}

#[test]
fn no_two_units_share_a_name_symbol_or_number() {
    let mut seen = std::collections::HashSet::new();
    for u in Unit::all() {
        assert!(seen.insert(u.id.to_string()), "{u:?}");
        assert!(seen.insert(u.name.to_lowercase()), "{u:?}");
        assert!(
            u.symbol == u.name || seen.insert(u.symbol.to_lowercase()),
            "{u:?}"
        );
    }
    for (spelling, name) in SPELLINGS {
        assert!(seen.insert((*spelling).to_owned()), "{spelling}");
        assert!(Unit::find(name).is_some(), "{name}");
    }
    for &d in Dimension::ALL {
        assert_eq!(d.base().dimension, d);
    }
}

#[test]
fn a_line_is_scaled_then_converted_then_rounded_once() {
    let lavender = Density::micros(885_000).unwrap();
    let into_volume = |scale: &str| {
        unit("g")
            .to_base(q("48"), scale.parse().unwrap(), Volume, Some(lavender))
            .unwrap()
            .get()
    };
    assert_eq!(into_volume("1"), 54_237_288);
    assert_eq!(into_volume("3"), 162_711_864);
    assert_eq!(into_volume("7"), 379_661_017);
}

#[test]
fn dimensions_do_not_mix_by_accident() {
    let one = Scale::ONE;
    assert_eq!(
        unit("g").to_base(q("1"), one, Volume, None),
        Err(ConversionError::MissingDensity)
    );
    assert!(matches!(
        unit("g").to_base(q("1"), one, Count, None),
        Err(ConversionError::Unsupported { .. })
    ));
    assert_eq!(
        unit("sqkm").to_base(q("9000000000000"), one, Area, None),
        Err(ConversionError::TooLarge)
    );
}

proptest! {
    #[test]
    fn there_and_back_is_off_by_no_more_than_the_rounding(
        micros in 1_i64..1_000_000_000_000,
        from in 0..STANDARD.len(),
        to in 0..STANDARD.len(),
        density in 1_i64..=50_000_000,
    ) {
        let (from, to) = (&STANDARD[from], &STANDARD[to]);
        let density = Density::micros(density).ok();
        let amount = Quantity::micros(micros);
        if let Ok(there) = from.convert(amount, to, density) {
            let back = to.convert(there, from, density).unwrap();
            // Half a millionth of `to`, seen in `from`, and half a millionth of `from`.
            let slack = to.convert(Quantity::micros(1), from, density).unwrap().get() + 1;
            prop_assert!((back.get() - micros).abs() <= slack, "{micros} {} -> {there:?} {} -> {back:?}", from.name, to.name);
        }
    }

    #[test]
    fn base_and_display_agree_within_a_dimension(micros in 0_i64..1_000_000_000_000, at in 0..STANDARD.len()) {
        let unit = &STANDARD[at];
        if unit.factor >= MICROS
            && let Ok(base) = unit.to_base(Quantity::micros(micros), Scale::ONE, unit.dimension, None)
        {
            prop_assert_eq!(unit.from_base(base, unit.dimension, None), Ok(Quantity::micros(micros)));
        }
    }
}
