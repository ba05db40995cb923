//! Waking whoever waits for what a unit of work has left behind: followers of events, workers of jobs.
//!
//! A commit rings the [`Bell`]: listeners in this process wake at once, those in others by a message
//! through Redis, of which a busy process sends no more than one per topic every few milliseconds. A
//! message that gets lost costs time and nothing else, for everybody who listens also looks by
//! themselves, now and then.
use super::{Lifecycle, Redis};
use bb8_redis::redis::cmd;
use futures_util::StreamExt as _;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::sync::Notify;

const CHANNEL: &str = "wake";
/// No message goes out sooner after the last.
const APART: Duration = Duration::from_millis(20);
/// A connection that has silently gone is noticed after so long.
const STILL_THERE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// One per process; a clone is the same bell.
#[derive(Clone, Default)]
pub struct Bell {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    listeners: Mutex<BTreeMap<&'static str, Vec<Weak<Notify>>>>,
    /// What the other processes have not been told.
    unsaid: Mutex<BTreeSet<&'static str>>,
    rung: Notify,
}

/// Waits for one topic. A ring that comes while it is not waiting is not lost: the next wait ends at
/// once.
pub struct Listener {
    notify: Arc<Notify>,
}

impl Listener {
    pub async fn rung(&self) {
        self.notify.notified().await;
    }
}

impl Bell {
    pub fn listen(&self, topic: &'static str) -> Listener {
        let notify = Arc::new(Notify::new());
        let mut listeners = lock(&self.inner.listeners);
        let of_topic = listeners.entry(topic).or_default();
        of_topic.retain(|known| known.strong_count() > 0);
        of_topic.push(Arc::downgrade(&notify));
        Listener { notify }
    }

    /// After a commit: wakes listeners here and leaves word for the others.
    pub(crate) fn ring(&self, topics: &BTreeSet<&'static str>) {
        if topics.is_empty() {
            return;
        }
        for topic in topics {
            self.wake(topic);
        }
        lock(&self.inner.unsaid).extend(topics);
        self.inner.rung.notify_one();
    }

    fn wake(&self, topic: &str) {
        if let Some(listeners) = lock(&self.inner.listeners).get(topic) {
            for listener in listeners.iter().filter_map(Weak::upgrade) {
                listener.notify_one();
            }
        }
    }

    /// Passes on to the other processes what rings here, until the process is to stop: the first at
    /// once, and what comes just after it together.
    pub async fn publish(&self, life: &Lifecycle, redis: &Redis) {
        let channel = redis.channel(CHANNEL);
        loop {
            tokio::select! {
                () = self.inner.rung.notified() => {}
                () = life.stopping() => return,
            }
            let topics = std::mem::take(&mut *lock(&self.inner.unsaid));
            for topic in topics {
                let mut publish = cmd("PUBLISH");
                publish.arg(&channel).arg(topic);
                if let Err(error) = redis.query::<i64>(&publish).await {
                    tracing::debug!(%error, topic, "nobody could be woken; they will look by themselves");
                }
            }
            if !life.pause(APART).await {
                return;
            }
        }
    }

    /// Listens to what rings in other processes, until the process is to stop. Everybody is woken at
    /// each new connection, for something may have been missed.
    pub async fn hear(&self, life: &Lifecycle, redis: &Redis) {
        let mut failures = 0_u32;
        loop {
            let heard = tokio::select! {
                heard = self.hear_once(redis, &mut failures) => heard,
                () = life.stopping() => return,
            };
            if let Err(error) = heard {
                tracing::debug!(%error, failures, "not listening to other processes");
            }
            let pause = Duration::from_millis(100).saturating_mul(1 << failures.min(10));
            failures = failures.saturating_add(1);
            if !life.pause(pause.min(LONGEST_PAUSE)).await {
                return;
            }
        }
    }

    async fn hear_once(
        &self,
        redis: &Redis,
        failures: &mut u32,
    ) -> Result<(), crate::kernel::StoreError> {
        let (mut sink, mut messages) = redis.subscribe(&redis.channel(CHANNEL)).await?.split();
        *failures = 0;
        let topics: Vec<_> = lock(&self.inner.listeners).keys().copied().collect();
        for topic in topics {
            self.wake(topic);
        }
        loop {
            match tokio::time::timeout(STILL_THERE, messages.next()).await {
                Ok(Some(message)) => self.wake(&message.get_payload::<String>()?),
                Ok(None) => return Ok(()),
                Err(_nothing_for_long) => {
                    let ping = tokio::time::timeout(STILL_THERE, sink.ping::<String>());
                    match ping.await {
                        Ok(answer) => drop(answer?),
                        Err(_no_answer) => return Ok(()),
                    }
                }
            }
        }
    }
}

/// What is behind these locks is whole whenever they are let go.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn rings(listener: &Listener) -> bool {
        tokio::time::timeout(Duration::from_millis(20), listener.rung())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn a_ring_reaches_each_listener_of_its_topic_once() {
        let bell = Bell::default();
        let (a, b) = (bell.listen("events"), bell.listen("events"));
        let other = bell.listen("mail");
        bell.ring(&BTreeSet::from(["events"]));
        bell.clone().ring(&BTreeSet::from(["events"]));
        assert!(rings(&a).await && rings(&b).await, "before they waited");
        assert!(!rings(&a).await && !rings(&other).await);
        bell.ring(&BTreeSet::new());
        assert!(!rings(&b).await);
    }

    #[tokio::test]
    async fn listeners_that_have_gone_are_forgotten() {
        let bell = Bell::default();
        for _ in 0..100 {
            drop(bell.listen("events"));
        }
        let known = lock(&bell.inner.listeners).get("events").map(Vec::len);
        assert_eq!(known, Some(1));
    }
}
