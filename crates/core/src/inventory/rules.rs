//! How stock leaves and comes back: pure, so that it can be tested to death.
use crate::kernel::{Money, Quantity, ids::LotId, share};
use crate::organizations::CostingMethod;
use chrono::{DateTime, Utc};

/// What one lot holds just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LotBalance {
    pub(super) id: LotId,
    pub(super) quantity: Quantity,
    pub(super) value: Money,
    pub(super) received_at: DateTime<Utc>,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

/// What one lot gives up: positive quantity and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Draw {
    pub(crate) lot: LotId,
    pub(crate) quantity: Quantity,
    pub(crate) value: Money,
}

/// One item's pool, and those of its lots that may be taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stock {
    pub(super) quantity: Quantity,
    pub(super) value: Money,
    /// The value lives with the item; the lots hold quantity only.
    pub(super) is_pooled: bool,
    pub(super) lots: Vec<LotBalance>,
}

impl Stock {
    /// Puts the lots in the order in which `method` takes them; ties go by id.
    pub(super) fn sort(&mut self, method: CostingMethod) {
        match method {
            CostingMethod::Fifo | CostingMethod::Average => {
                self.lots.sort_by_key(|lot| (lot.received_at, lot.id));
            }
            CostingMethod::Fefo => self.lots.sort_by_key(|lot| {
                let never = lot.expires_at.is_none();
                (never, lot.expires_at, lot.received_at, lot.id)
            }),
        }
    }

    pub(super) fn available(&self) -> Quantity {
        let sum: i128 = self
            .lots
            .iter()
            .map(|lot| i128::from(lot.quantity.get()))
            .sum();
        Quantity::micros(i64::try_from(sum).unwrap_or(i64::MAX))
    }

    /// Takes `wanted` from the first lots on, or nothing and says how much there is.
    pub(super) fn take(&mut self, wanted: Quantity) -> Result<Vec<Draw>, Quantity> {
        let available = self.available();
        if available < wanted {
            return Err(available);
        }
        let mut left = wanted;
        let mut draws = Vec::new();
        for lot in &mut self.lots {
            let quantity = lot.quantity.min(left);
            if !quantity.is_positive() {
                continue;
            }
            let value = if self.is_pooled {
                share::value_of_part(self.value, self.quantity, quantity)
            } else {
                share::value_of_part(lot.value, lot.quantity, quantity)
            };
            less(&mut lot.quantity, quantity);
            less(&mut self.quantity, quantity);
            less(&mut left, quantity);
            if !self.is_pooled {
                lot.value = lot
                    .value
                    .checked_sub(value)
                    .expect("a part of the lot's value");
            }
            self.value = self
                .value
                .checked_sub(value)
                .expect("a part of the pool's value");
            draws.push(Draw {
                lot: lot.id,
                quantity,
                value,
            });
        }
        Ok(draws)
    }
}

fn less(quantity: &mut Quantity, taken: Quantity) {
    *quantity = quantity.checked_sub(taken).expect("taken is a part of it");
}

/// Whether a lot (or pool) that holds `quantity` worth `value` can take this change and still hold
/// nothing negative, and no value without stock.
pub(super) fn bears(
    quantity: Quantity,
    value: Money,
    change: (Quantity, Money),
) -> Option<(Quantity, Money)> {
    let quantity = quantity.checked_add(change.0)?;
    let value = value.checked_add(change.1).ok()?;
    let sound =
        quantity.get() >= 0 && !value.is_negative() && (quantity.is_positive() || value.is_zero());
    sound.then_some((quantity, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const METHODS: [CostingMethod; 3] = [
        CostingMethod::Fifo,
        CostingMethod::Fefo,
        CostingMethod::Average,
    ];

    #[derive(Debug, Clone)]
    enum Step {
        Receive {
            quantity: i64,
            value: i64,
            day: i64,
            expires: Option<i64>,
        },
        Take {
            share: u8,
        },
        UndoSome {
            pick: u8,
        },
    }

    #[derive(Debug, Clone)]
    enum Done {
        Received {
            lot: LotId,
            quantity: Quantity,
            value: Money,
        },
        Taken(Vec<Draw>),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (
                1_i64..5_000_000_000,
                0_i64..900_000_000,
                0_i64..30,
                prop::option::of(31_i64..90)
            )
                .prop_map(|(quantity, value, day, expires)| Step::Receive {
                    quantity,
                    value,
                    day,
                    expires
                }),
            any::<u8>().prop_map(|share| Step::Take { share }),
            any::<u8>().prop_map(|pick| Step::UndoSome { pick }),
        ]
    }

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::Duration::days(n)
    }

    /// Undoes `done` exactly, or says no and changes nothing.
    fn undo(stock: &mut Stock, done: &Done) -> bool {
        match done {
            Done::Received {
                lot,
                quantity,
                value,
            } => {
                let at = stock.lots.iter().position(|l| l.id == *lot).unwrap();
                let own = if stock.is_pooled { Money::ZERO } else { *value };
                let kept = bears(
                    stock.lots[at].quantity,
                    stock.lots[at].value,
                    (quantity.opposite(), own.opposite()),
                );
                let pool = bears(
                    stock.quantity,
                    stock.value,
                    (quantity.opposite(), value.opposite()),
                );
                let (Some(kept), Some(pool)) = (kept, pool) else {
                    return false;
                };
                (stock.lots[at].quantity, stock.lots[at].value) = kept;
                (stock.quantity, stock.value) = pool;
            }
            Done::Taken(draws) => {
                for draw in draws {
                    let lot = stock.lots.iter_mut().find(|l| l.id == draw.lot).unwrap();
                    lot.quantity = lot.quantity.checked_add(draw.quantity).unwrap();
                    if !stock.is_pooled {
                        lot.value = lot.value.checked_add(draw.value).unwrap();
                    }
                    stock.quantity = stock.quantity.checked_add(draw.quantity).unwrap();
                    stock.value = stock.value.checked_add(draw.value).unwrap();
                }
            }
        }
        true
    }

    fn sound(stock: &Stock) {
        assert_eq!(stock.available(), stock.quantity);
        assert!(bears(stock.quantity, stock.value, (Quantity::ZERO, Money::ZERO)).is_some());
        if !stock.is_pooled {
            let lots = Money::sum(stock.lots.iter().map(|l| l.value)).unwrap();
            assert_eq!(lots, stock.value);
            for lot in &stock.lots {
                assert!(
                    bears(lot.quantity, lot.value, (Quantity::ZERO, Money::ZERO)).is_some(),
                    "{lot:?}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn value_is_conserved_over_any_history_and_undoing_it_all_leaves_nothing(
            steps in prop::collection::vec(step(), 1..60),
            method in prop::sample::select(&METHODS[..]),
        ) {
            let mut stock = Stock {
                quantity: Quantity::ZERO,
                value: Money::ZERO,
                is_pooled: method == CostingMethod::Average,
                lots: vec![],
            };
            let (mut done, mut next, mut bought, mut gone) = (Vec::<Done>::new(), 1, 0_i64, 0_i64);
            for step in steps {
                match step {
                    Step::Receive { quantity, value, day: received, expires } => {
                        let (id, quantity, value) = (LotId::new(next), Quantity::micros(quantity), Money::micros(value));
                        next += 1;
                        let own = if stock.is_pooled { Money::ZERO } else { value };
                        stock.lots.push(LotBalance { id, quantity, value: own, received_at: day(received), expires_at: expires.map(day) });
                        stock.quantity = stock.quantity.checked_add(quantity).unwrap();
                        stock.value = stock.value.checked_add(value).unwrap();
                        bought += value.get();
                        done.push(Done::Received { lot: id, quantity, value });
                    }
                    Step::Take { share } => {
                        let wanted = stock.quantity.get() / 255 * i64::from(share);
                        stock.sort(method);
                        let before = stock.clone();
                        let draws = stock.take(Quantity::micros(wanted)).unwrap();
                        prop_assert_eq!(draws.iter().map(|d| d.quantity.get()).sum::<i64>(), wanted);
                        // In order, and every lot but the last is emptied.
                        for draw in draws.iter().rev().skip(1) {
                            let lot = before.lots.iter().find(|l| l.id == draw.lot).unwrap();
                            prop_assert_eq!(draw.quantity, lot.quantity);
                        }
                        gone += draws.iter().map(|d| d.value.get()).sum::<i64>();
                        done.push(Done::Taken(draws));
                        prop_assert_eq!(stock.take(stock.quantity.checked_add(Quantity::micros(1)).unwrap()), Err(stock.quantity));
                    }
                    Step::UndoSome { pick } => {
                        if done.is_empty() { continue }
                        let at = usize::from(pick) % done.len();
                        // Whoever took from a pool since took part of the value this brought.
                        let shared = stock.is_pooled
                            && matches!(done[at], Done::Received { .. })
                            && done[at..].iter().any(|d| matches!(d, Done::Taken(draws) if !draws.is_empty()));
                        if !shared && undo(&mut stock, &done[at]) {
                            match done.remove(at) {
                                Done::Received { value, .. } => bought -= value.get(),
                                Done::Taken(draws) => gone -= draws.iter().map(|d| d.value.get()).sum::<i64>(),
                            }
                        }
                    }
                }
                sound(&stock);
                prop_assert_eq!(bought, gone + stock.value.get());
            }
            for step in done.iter().rev() {
                prop_assert!(undo(&mut stock, step));
                sound(&stock);
            }
            prop_assert!(stock.quantity.is_zero() && stock.value.is_zero());
        }
    }
}
