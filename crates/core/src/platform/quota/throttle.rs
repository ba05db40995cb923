//! Slows down whoever guesses passwords, for an account and for an address, and locks nobody out: the
//! longest pause is a minute, and an address that got into an account lately is counted by itself, so
//! that strangers who guess don't hold up its owner.
use super::{Limiter, shared::Script};
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use std::{
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Attempts that cost nothing; after the last of them each next one has to wait, twice as long every time.
const FREE_OF_ACCOUNT: u64 = 5;
/// Many people may share an address.
const FREE_OF_ADDRESS: u64 = 20;
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// After so long in peace, attempts are forgotten.
const WINDOW: Duration = Duration::from_mins(15);
/// How long an address counts as one of the account's own.
const KNOWN: Duration = Duration::from_hours(30 * 24);

/// Counts an attempt before it is made, so that a hundred at once don't slip through, or says how many
/// milliseconds to wait. Keys: the account, the address, whether that address is known for the account,
/// the account from that address. Arguments: what is free of each, the longest pause, the window. The
/// second answer is whether the account was counted from that address alone.
const ATTEMPT: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('EXISTS', KEYS[3])
local counted = { known == 1 and KEYS[4] or KEYS[1], KEYS[2] }
local wait = 0
for _, key in ipairs(counted) do
  wait = math.max(wait, tonumber(redis.call('HGET', key, 'until') or now) - now)
end
if wait > 0 then return { wait, known } end
for i, key in ipairs(counted) do
  local over = redis.call('HINCRBY', key, 'tries', 1) - tonumber(ARGV[i])
  if over >= 0 then
    local pause = math.min(1000 * 2 ^ math.min(over, 20), tonumber(ARGV[3]))
    redis.call('HSET', key, 'until', string.format('%.0f', now + pause))
  end
  redis.call('PEXPIRE', key, ARGV[4])
end
return { 0, known }";

/// The attempt was a right one: the account's are forgotten, the address has one less. Keys: what was
/// counted for the account, the address, whether that address is known. Arguments: how long it is.
const SUCCESS: &str = "
redis.call('DEL', KEYS[1])
if tonumber(redis.call('HGET', KEYS[2], 'tries') or 0) > 0 then redis.call('HINCRBY', KEYS[2], 'tries', -1) end
redis.call('SET', KEYS[3], 1, 'PX', ARGV[1])
return 1";

/// Too many attempts went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSoon {
    pub wait: Duration,
}

/// An attempt that may be made now. One that isn't said to have succeeded counts as failed.
#[must_use = "an attempt that nobody says has succeeded counts as failed"]
pub struct Attempt {
    limiter: Limiter,
    keys: Keys,
    is_known: bool,
}

struct Keys {
    account: String,
    address: String,
    known: String,
    own: String,
}

impl Limiter {
    /// Counts an attempt to sign in as `name`, whether or not there is such an account. Without an
    /// address only the account is counted.
    pub async fn attempt(&self, name: &str, address: Option<IpAddr>) -> Result<Attempt, TooSoon> {
        static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(ATTEMPT));
        let keys = self.keys(name, address);
        let free_of_address = if address.is_some() {
            FREE_OF_ADDRESS
        } else {
            u64::from(u32::MAX)
        };
        let numbers = [
            FREE_OF_ACCOUNT,
            free_of_address,
            millis(LONGEST_PAUSE),
            millis(WINDOW),
        ];
        let all = [&keys.account, &keys.address, &keys.known, &keys.own].map(Clone::clone);
        let answer: Option<(u64, u8)> = self.0.shared.run("sign_in", &SCRIPT, &all, &numbers).await;
        let (wait, is_known) = if let Some((wait, known)) = answer {
            (Duration::from_millis(wait), known == 1)
        } else {
            let counted = [
                (&keys.account, FREE_OF_ACCOUNT),
                (&keys.address, free_of_address),
            ];
            (self.0.recent.attempt(Instant::now(), counted), false)
        };
        if !wait.is_zero() {
            return Err(TooSoon { wait });
        }
        Ok(Attempt {
            limiter: self.clone(),
            keys,
            is_known,
        })
    }

    fn keys(&self, name: &str, address: Option<IpAddr>) -> Keys {
        // Redis needs to know neither names nor how long they are.
        let account = hex::encode(Sha256::digest(name.trim().to_lowercase()));
        let address = address.map_or_else(|| "none".to_owned(), |address| address.to_string());
        let key = |id: &str| self.0.shared.key("sign-in", id);
        Keys {
            known: key(&format!("known:{account}:{address}")),
            own: key(&format!("own:{account}:{address}")),
            account: key(&format!("account:{account}")),
            address: key(&format!("address:{address}")),
        }
    }
}

impl Attempt {
    /// It was a right one.
    pub async fn succeeded(self) {
        static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(SUCCESS));
        let Keys {
            account,
            address,
            known,
            own,
        } = self.keys;
        let inner = &self.limiter.0;
        inner.recent.forget(&account, &address);
        let keys = [if self.is_known { own } else { account }, address, known];
        let _: Option<u8> = inner
            .shared
            .run("sign_in", &SCRIPT, &keys, &[millis(KNOWN)])
            .await;
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The same for this process alone, while Redis is away.
pub(super) struct Recent(Cache<String, Arc<Mutex<Tries>>>);

#[derive(Default)]
struct Tries {
    count: u64,
    until: Option<Instant>,
}

impl Default for Recent {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(100_000)
            .time_to_idle(WINDOW)
            .build();
        Self(cache)
    }
}

impl Recent {
    /// How long to wait; nothing when the attempt was counted.
    fn attempt(&self, now: Instant, counted: [(&String, u64); 2]) -> Duration {
        let kept = counted.map(|(key, free)| (self.0.get_with(key.clone(), Arc::default), free));
        let wait = kept.iter().filter_map(|(tries, _)| {
            let until = lock(tries).until?;
            until.checked_duration_since(now)
        });
        let wait = wait.max().unwrap_or_default();
        if wait.is_zero() {
            for (tries, free) in kept {
                let mut tries = lock(&tries);
                tries.count += 1;
                if let Some(over) = tries.count.checked_sub(free) {
                    let pause = Duration::from_secs(1 << over.min(20)).min(LONGEST_PAUSE);
                    tries.until = Some(now + pause);
                }
            }
        }
        wait
    }

    fn forget(&self, account: &String, address: &String) {
        self.0.invalidate(account);
        if let Some(tries) = self.0.get(address) {
            let mut tries = lock(&tries);
            tries.count = tries.count.saturating_sub(1);
        }
    }
}

fn lock(tries: &Mutex<Tries>) -> std::sync::MutexGuard<'_, Tries> {
    tries.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_a_success_ends_them() {
        let (recent, mut now) = (Recent::default(), Instant::now());
        let (account, address) = ("account".to_owned(), "address".to_owned());
        let attempt = |now| {
            let counted = [(&account, FREE_OF_ACCOUNT), (&address, 1_000)];
            recent.attempt(now, counted).as_secs()
        };
        for _ in 0..FREE_OF_ACCOUNT {
            assert_eq!(attempt(now), 0);
        }
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(attempt(now), pause);
            assert_eq!(attempt(now), pause, "to ask costs nothing");
            now += Duration::from_secs(pause);
            assert_eq!(attempt(now), 0);
        }
        recent.forget(&account, &address);
        assert_eq!(attempt(now), 0);
    }
}
