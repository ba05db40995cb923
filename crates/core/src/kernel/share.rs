//! Dividing a value so that nothing is lost: the taker's part and the largest remainder.
use super::{Money, Quantity};

/// What leaves a pool of `quantity` worth `value` with `taken` of it: `value * taken / quantity`
/// rounded down, and all that is left for the taker of the last. The caller has made sure that
/// `0 < taken <= quantity` and `value >= 0`.
pub fn value_of_part(value: Money, quantity: Quantity, taken: Quantity) -> Money {
    if taken >= quantity {
        return value;
    }
    let part = i128::from(value.get()) * i128::from(taken.get()) / i128::from(quantity.get());
    Money::micros(i64::try_from(part).expect("a part is no larger than the whole"))
}

/// Shares proportional to `weights`, rounded down, with the spare millionths going to the largest
/// remainders (ties to the first), so the shares add up to the whole. `None` when `value` is
/// negative, or the weights are negative or all zero.
pub fn split(value: Money, weights: &[i64]) -> Option<Vec<Money>> {
    let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if value.is_negative() || total <= 0 || weights.iter().any(|w| *w < 0) {
        return None;
    }
    let whole = i128::from(value.get());
    let mut shares: Vec<(i128, i128)> = weights
        .iter()
        .map(|w| {
            let product = whole * i128::from(*w);
            (product / total, product % total)
        })
        .collect();
    let spare = whole - shares.iter().map(|(share, _)| share).sum::<i128>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(shares.get(i).map(|(_, remainder)| *remainder)));
    for i in order.into_iter().take(usize::try_from(spare).ok()?) {
        shares.get_mut(i)?.0 += 1;
    }
    shares
        .into_iter()
        .map(|(share, _)| i64::try_from(share).ok().map(Money::micros))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_add_up_to_the_whole(value in 0..=i64::MAX, weights in prop::collection::vec(0..=i64::MAX, 1..20)) {
            let shares = split(Money::micros(value), &weights);
            if weights.iter().all(|w| *w == 0) {
                prop_assert!(shares.is_none());
            } else {
                let shares = shares.unwrap();
                prop_assert_eq!(shares.iter().map(|m| i128::from(m.get())).sum::<i128>(), i128::from(value));
                for (share, weight) in shares.iter().zip(&weights) {
                    prop_assert!(*weight > 0 || share.is_zero());
                }
            }
        }

        #[test]
        fn a_pool_taken_bit_by_bit_gives_up_all_its_value(
            value in 0..=i64::MAX,
            bits in prop::collection::vec(1_i64..1_000_000_000_000, 1..40),
        ) {
            let mut quantity: i64 = bits.iter().sum();
            let (mut left, mut out) = (Money::micros(value), 0_i64);
            for bit in bits {
                let part = value_of_part(left, Quantity::micros(quantity), Quantity::micros(bit));
                prop_assert!(!part.is_negative() && part <= left);
                left = left.checked_sub(part).unwrap();
                quantity -= bit;
                out += part.get();
            }
            prop_assert_eq!(out, value);
            prop_assert!(left.is_zero());
        }
    }
}
