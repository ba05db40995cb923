//! What may happen in a random history.
use super::{Did, Run, quantity};
use batchtrack_core::{
    batches::{self, BatchError},
    inventory::{self, ActionKind, InventoryError},
    kernel::{
        Money, Quantity,
        ids::{ActionId, BatchId},
    },
    products::{self, Finish, Into, ProductError},
};
use batchtrack_testkit::{adjustment, batch_of, receipt, unit};
use chrono::Duration as Days;

impl Run {
    pub(super) async fn receive(&mut self) {
        let item = *self.dice.pick(&self.items).unwrap();
        let amount = quantity(1 + self.dice.up_to(900_000_000), self.unit_of(item));
        let cost = Money::micros(self.dice.up_to(30_000_000)).to_string();
        let mut parcel = receipt(item, &amount, &cost);
        let now = self.t.clock.now();
        parcel.received_at = Some(now - Days::hours(self.dice.up_to(700)));
        if self.dice.roll(3) == 0 {
            parcel.expires_at = Some(now + Days::hours(1 + self.dice.up_to(2_000)));
        }
        let done = self
            .t
            .attempt(self.ours, async |tx| inventory::receive(tx, parcel).await)
            .await;
        self.note(
            done.map(|done| (done.action, Did::In(done.value.get()))),
            false,
        );
    }

    pub(super) async fn take(&mut self) {
        let item = *self.dice.pick(&self.items).unwrap();
        let kinds: Vec<_> = ActionKind::ALL
            .iter()
            .filter(|k| k.is_consumption() || k.is_disposal())
            .collect();
        let kind = **self.dice.pick(&kinds).unwrap();
        let (held, _) = self.t.on_hand(self.ours, item).await;
        let wanted = match self.dice.roll(4) {
            0 => held.max(1),
            _ => 1 + self.dice.up_to(held / 2 + held / 3 + 2),
        };
        let out = adjustment(item, kind, &quantity(wanted, self.unit_of(item)));
        let done = self.t.take_out(self.ours, out).await;
        let may_fail = matches!(done, Err(InventoryError::Short { .. }));
        self.note(
            done.map(|done| (done.action, Did::Out(done.value.get()))),
            may_fail,
        );
    }

    pub(super) async fn recount(&mut self) {
        let item = *self.dice.pick(&self.items).unwrap();
        let (held, _) = self.t.on_hand(self.ours, item).await;
        let counted = self.dice.up_to(held + held / 5 + 1);
        let count = adjustment(
            item,
            ActionKind::Recount,
            &quantity(counted, self.unit_of(item)),
        );
        let done = self.t.take_out(self.ours, count).await;
        let may_fail = matches!(done, Err(InventoryError::NothingToDo));
        let did = |value: i64| {
            if counted > held {
                Did::In(value)
            } else {
                Did::Out(value)
            }
        };
        self.note(
            done.map(|done| (done.action, did(done.value.get()))),
            may_fail,
        );
    }

    pub(super) async fn start(&mut self) {
        let recipe = *self.dice.pick(&self.recipes).unwrap();
        let scale = Quantity::micros(1_000 + self.dice.up_to(3_000_000)).to_string();
        let start = batches::Start {
            force: self.dice.roll(4) == 0,
            ..batch_of(recipe, &scale)
        };
        let done = self
            .t
            .attempt(self.ours, async |tx| batches::start(tx, start).await)
            .await;
        let may_fail = matches!(done, Err(BatchError::Short(_)));
        let done = match done {
            Ok(begun) => {
                self.in_progress.insert(begun.id, begun.input_value.get());
                let action = self.last_step(begun.id).await;
                Ok((action, Did::Began(begun.id)))
            }
            Err(error) => Err(error),
        };
        self.note(done, may_fail);
    }

    async fn last_step(&self, batch: BatchId) -> ActionId {
        let mut tx = self.t.begin(self.ours).await;
        batches::last_step(&mut tx, batch)
            .await
            .unwrap()
            .unwrap()
            .id
    }

    pub(super) async fn finish(&mut self) {
        let open: Vec<BatchId> = self.in_progress.keys().copied().collect();
        let Some(&batch) = self.dice.pick(&open) else {
            return;
        };
        let into = match self.dice.roll(3) {
            0 => Into::Item(self.items[4]),
            1 => Into::Intermediate,
            _ => Into::Product("Thing".parse().unwrap()),
        };
        let amount = Quantity::micros(1 + self.dice.up_to(50_000_000));
        let finish = Finish {
            batch,
            into,
            amount,
            unit: unit("count"),
            expires_at: None,
        };
        let done = self
            .t
            .attempt(self.ours, async |tx| products::finish(tx, finish).await)
            .await;
        if let Ok(done) = &done {
            assert_eq!(
                self.in_progress.remove(&batch),
                Some(done.recorded.value.get())
            );
            if !self.items.contains(&done.item) {
                self.items.push(done.item);
            }
        }
        self.note::<ProductError>(
            done.map(|done| (done.recorded.action, Did::Made(batch))),
            false,
        );
    }

    /// Fails a batch, or calls it off.
    pub(super) async fn end(&mut self) {
        let open: Vec<BatchId> = self.in_progress.keys().copied().collect();
        let Some(&batch) = self.dice.pick(&open) else {
            return;
        };
        let value = self.in_progress.remove(&batch).unwrap();
        if self.dice.roll(2) == 0 {
            self.t
                .commit(self.ours, async |tx| {
                    batches::fail(tx, batch, String::new()).await
                })
                .await;
            self.lost.insert(batch, value);
            let action = self.last_step(batch).await;
            self.note::<BatchError>(Ok((action, Did::Lost(batch))), false);
        } else {
            self.t
                .commit(self.ours, async |tx| batches::cancel(tx, batch).await)
                .await;
            self.stands
                .retain(|(_, did)| !matches!(did, Did::Began(began) if *began == batch));
            self.worked += 1;
        }
    }
}
