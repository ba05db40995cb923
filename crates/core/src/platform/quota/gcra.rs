//! The generic cell rate algorithm: one number for each subject, the moment at which it would have
//! its whole quota again if every request took its share of the window. Moments are microseconds.
use super::{Ask, Left, policy::Quota};
use moka::sync::Cache;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// All quotas of a request in one round trip. None is taken from unless there is room in each, so a
/// refused request costs nothing. For each key: the quota, and its window in microseconds. Answers for
/// each: how many are left, until when the quota is whole again, and how long to wait (-1: not at all).
///
/// The clock is the server's, so all replicas go by the same.
pub(super) const SCRIPT: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local nexts, answer, refused = {}, {}, false
for i, key in ipairs(KEYS) do
  local window = tonumber(ARGV[2 * i])
  local share = math.max(math.floor(window / tonumber(ARGV[2 * i - 1])), 1)
  local whole = math.max(tonumber(redis.call('GET', key) or now), now)
  local room = window - (whole + share - now)
  local wait = -1
  if room < 0 then
    refused = true
    wait = -room
  end
  nexts[i] = { whole + share, whole, window, share }
  answer[3 * i] = wait
end
for i, key in ipairs(KEYS) do
  local whole = nexts[i][2]
  if not refused then
    whole = nexts[i][1]
    redis.call('SET', key, string.format('%.0f', whole), 'PX', math.ceil((whole - now) / 1000))
  end
  answer[3 * i - 2] = math.floor(math.max(nexts[i][3] - (whole - now), 0) / nexts[i][4])
  answer[3 * i - 1] = whole - now
end
return answer";

/// What [`SCRIPT`] answers, three numbers for each that was asked.
pub(super) fn read(answer: &[i64]) -> Vec<Left> {
    answer
        .chunks_exact(3)
        .map(|three| {
            let at = |n: usize| three.get(n).copied().unwrap_or_default();
            let micros = |n: i64| Duration::from_micros(u64::try_from(n).unwrap_or_default());
            Left {
                remaining: u32::try_from(at(0)).unwrap_or_default(),
                whole_in: micros(at(1)),
                wait: (at(2) >= 0).then(|| micros(at(2))),
            }
        })
        .collect()
}

/// The same for this process alone, while Redis is away.
pub(super) struct Local {
    started: Instant,
    /// Those that were here longest ago are forgotten first, and their quotas are whole by then.
    whole: Cache<String, Arc<AtomicU64>>,
    /// All or none of a request's quotas.
    one_at_a_time: Mutex<()>,
}

impl Default for Local {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            whole: Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(Duration::from_hours(24))
                .build(),
            one_at_a_time: Mutex::new(()),
        }
    }
}

impl Local {
    pub(super) fn take(&self, asks: &[Ask<'_>]) -> Vec<Left> {
        let passed = self.started.elapsed().as_micros();
        self.take_at(u64::try_from(passed).unwrap_or(u64::MAX), asks)
    }

    fn take_at(&self, now: u64, asks: &[Ask<'_>]) -> Vec<Left> {
        let _turn = self
            .one_at_a_time
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let kept: Vec<_> = asks
            .iter()
            .map(|ask| self.whole.get_with(ask.key(), Arc::default))
            .collect();
        let found = kept.iter().map(|kept| kept.load(Ordering::Relaxed));
        let (whole, refused) = decide(now, asks, found.collect());
        for (kept, (whole, _)) in kept.iter().zip(&whole) {
            kept.store(*whole, Ordering::Relaxed);
        }
        let quotas = asks.iter().map(|ask| ask.policy.quota);
        whole
            .into_iter()
            .zip(quotas)
            .map(|((whole, wait), quota)| left(now, whole, quota, wait.filter(|_| refused)))
            .collect()
    }
}

/// In microseconds.
pub(super) fn window(quota: Quota) -> u64 {
    u64::from(quota.seconds.get()) * 1_000_000
}

/// What one request takes of it. Rounded down, which lets no more pass as long as the quota's square is
/// smaller than its microseconds.
fn share(quota: Quota) -> u64 {
    (window(quota) / u64::from(quota.count.get())).max(1)
}

/// Of each, when it is whole again and how long to wait for it; and whether any must be waited for.
fn decide(now: u64, asks: &[Ask<'_>], found: Vec<u64>) -> (Vec<(u64, Option<u64>)>, bool) {
    let each: Vec<_> = asks
        .iter()
        .zip(found)
        .map(|(ask, whole)| {
            let (whole, window) = (whole.max(now), window(ask.policy.quota));
            let next = whole + share(ask.policy.quota);
            let wait = (next - now).checked_sub(window).filter(|wait| *wait > 0);
            (whole, next, wait)
        })
        .collect();
    let refused = each.iter().any(|(.., wait)| wait.is_some());
    let settled = each
        .into_iter()
        .map(|(whole, next, wait)| (if refused { whole } else { next }, wait))
        .collect();
    (settled, refused)
}

fn left(now: u64, whole: u64, quota: Quota, wait: Option<u64>) -> Left {
    let room = window(quota).saturating_sub(whole - now);
    Left {
        remaining: u32::try_from(room / share(quota)).unwrap_or(u32::MAX),
        whole_in: Duration::from_micros(whole - now),
        wait: wait.map(Duration::from_micros),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::quota::Policy;
    use proptest::prelude::*;

    fn policy(quota: &str) -> Policy {
        Policy {
            name: "test".into(),
            quota: quota.parse().unwrap(),
        }
    }

    fn ask<'a>(policy: &'a Policy, subject: &str) -> Ask<'a> {
        Ask {
            policy,
            subject: subject.to_owned(),
        }
    }

    #[test]
    fn the_whole_quota_at_once_and_then_at_its_pace() {
        let (local, five) = (Local::default(), policy("5 per minute"));
        let take = |now| local.take_at(now, &[ask(&five, "a")]).remove(0);
        for remaining in (0..5).rev() {
            let left = take(7);
            assert_eq!((left.remaining, left.wait), (remaining, None));
        }
        let refused = take(7);
        assert_eq!(refused.wait, Some(Duration::from_secs(12)));
        assert_eq!(refused.whole_in, Duration::from_mins(1));
        assert!(take(11_999_999).wait.is_some());
        assert_eq!(take(12_000_007).wait, None);
        assert!(take(12_000_007).wait.is_some(), "one share and no more");
        assert_eq!(local.take_at(7, &[ask(&five, "b")]).remove(0).wait, None);
    }

    #[test]
    fn a_refused_request_takes_from_no_quota() {
        let local = Local::default();
        let (few, many) = (policy("1 per minute"), policy("9 per minute"));
        let both = |now| local.take_at(now, &[ask(&few, "few"), ask(&many, "many")]);
        assert!(both(0).iter().all(|left| left.wait.is_none()));
        for _ in 0..20 {
            let left = both(0);
            assert!(left[0].wait.is_some());
            assert_eq!((left[1].wait, left[1].remaining), (None, 8));
        }
    }

    proptest! {
        #[test]
        fn never_more_than_the_quota_in_a_window_of_silence_before(
            count in 1_u32..1_000, seconds in 1_u32..86_400,
        ) {
            let policy = policy(&format!("{count} per {seconds} seconds"));
            let local = Local::default();
            let passed = (0..count + 3)
                .filter(|_| local.take_at(5, &[ask(&policy, "a")])[0].wait.is_none())
                .count();
            prop_assert_eq!(passed, count as usize);
        }
    }
}
