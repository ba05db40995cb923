//! Argon2id, a bounded number at a time: hashing is meant to be slow, and must not slow the pages.
use super::IdentityError;
use crate::platform::config::PasswordSettings;
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};
use subtle::ConstantTimeEq as _;
use tokio::sync::{Semaphore, oneshot};

/// 19 MiB, two passes, one lane: the least that OWASP advises.
const PARAMS: Params = Params::DEFAULT;
const DIGEST: usize = 32;
/// How much the system prefers everything else, pages first of all, where there are not enough cores.
const NICE: i32 = 10;

/// Memory of earlier hashes comes along: to take it anew from the system doubles the cost of a hash.
type Task = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// Hashes and checks passwords. Cheap to clone; the clones share one queue.
#[derive(Clone)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    /// To threads of their own, as many as there are slots.
    tasks: mpsc::Sender<Task>,
    patience: Duration,
}

impl Passwords {
    pub fn new(settings: &PasswordSettings) -> Self {
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let slots = match settings.concurrency {
            0 => (cores / 2).max(1),
            set => set,
        };
        let (tasks, waiting) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..slots {
            let waiting = Arc::clone(&waiting);
            let thread = thread::Builder::new().name("passwords".to_owned());
            if let Err(error) = thread.spawn(move || work_off(&waiting)) {
                tracing::error!(%error, "no thread for passwords");
            }
        }
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            tasks,
            patience: Duration::from_millis(settings.queue_timeout_ms),
        }
    }

    /// The password's hash, in PHC form.
    pub async fn hash(&self, password: SecretString) -> Result<String, IdentityError> {
        self.queued(move |memory| {
            let mut salt = [0_u8; 16];
            getrandom::fill(&mut salt)
                .map_err(|error| IdentityError::Hashing(error.to_string()))?;
            let digest = digest(&PARAMS, password.expose_secret(), &salt, memory)?;
            Ok(format!(
                "$argon2id$v=19$m={},t={},p={}${}${}",
                PARAMS.m_cost(),
                PARAMS.t_cost(),
                PARAMS.p_cost(),
                STANDARD_NO_PAD.encode(salt),
                STANDARD_NO_PAD.encode(digest)
            ))
        })
        .await
    }

    /// Whether `password` is the one behind `hash`. With no hash it takes as long and says no, so
    /// that nobody can tell by the clock whether an account exists.
    pub async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, IdentityError> {
        self.queued(move |memory| {
            let Some(hash) = hash else {
                digest(&PARAMS, password.expose_secret(), &[0; 16], memory)?;
                return Ok(false);
            };
            let broken = |what: &str| IdentityError::Hashing(format!("stored hash: {what}"));
            let parsed = PasswordHash::new(&hash).map_err(|error| broken(&error.to_string()))?;
            let params = Params::try_from(&parsed).map_err(|error| broken(&error.to_string()))?;
            let (Some(salt), Some(expected)) = (parsed.salt, parsed.hash) else {
                return Err(broken("no salt or no digest"));
            };
            if expected.len() != DIGEST || parsed.algorithm.as_str() != "argon2id" {
                return Err(broken("not argon2id"));
            }
            let found = digest(&params, password.expose_secret(), salt.as_ref(), memory)?;
            Ok(found.ct_eq(expected.as_bytes()).into())
        })
        .await
    }

    /// Runs `work` when its turn comes, off the async threads; gives up when it takes too long.
    async fn queued<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.slots).acquire_owned());
        let Ok(Ok(permit)) = turn.await else {
            return Err(IdentityError::Busy);
        };
        let (tell, told) = oneshot::channel();
        let task: Task = Box::new(move |memory| {
            let done = work(memory);
            // Until here, even when whoever asked has gone away.
            drop(permit);
            let _ = tell.send(done);
        });
        let gone = || IdentityError::Hashing("nobody works passwords off".to_owned());
        self.tasks.send(task).map_err(|_task| gone())?;
        told.await.map_err(|_gone| gone())?
    }
}

/// A thread's life: until there is nobody left who might send it work.
fn work_off(waiting: &Mutex<mpsc::Receiver<Task>>) {
    // On Linux this is the calling thread alone. Where it can't be had, hashing competes as before.
    let _ = rustix::process::setpriority_process(None, NICE);
    let mut memory = Vec::new();
    loop {
        let next = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(task) = next else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(|| task(&mut memory))).is_err() {
            tracing::error!("hashing a password broke off");
        }
    }
}

fn digest(
    params: &Params,
    password: &str,
    salt: &[u8],
    memory: &mut Vec<Block>,
) -> Result<[u8; DIGEST], IdentityError> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let memory = memory.get_mut(..blocks).unwrap_or_default();
    let mut out = [0; DIGEST];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut out, memory)
        .map_err(|error| IdentityError::Hashing(error.to_string()))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(concurrency: usize, queue_timeout_ms: u64) -> Passwords {
        Passwords::new(&PasswordSettings {
            concurrency,
            queue_timeout_ms,
        })
    }

    #[tokio::test]
    async fn a_hash_is_known_again_and_nothing_else_is() {
        let passwords = passwords(1, 5_000);
        let hash = passwords.hash("open sesame".into()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            passwords
                .verify("open sesame".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("open sesamf".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("open sesame".into(), None).await.unwrap());
        assert_ne!(passwords.hash("open sesame".into()).await.unwrap(), hash);
    }

    #[tokio::test]
    async fn other_programs_hashes_are_understood() {
        use argon2::PasswordHasher as _;
        let theirs = Argon2::default()
            .hash_password(b"open sesame")
            .unwrap()
            .to_string();
        assert!(
            passwords(1, 5_000)
                .verify("open sesame".into(), Some(theirs))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn a_long_queue_is_refused_in_time() {
        let passwords = passwords(1, 30);
        let _taken = passwords.slots.acquire().await.unwrap();
        let refused = passwords.hash("open sesame".into()).await;
        assert!(matches!(refused, Err(IdentityError::Busy)));
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_match() {
        for damaged in [
            "",
            "plain",
            "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            let answer = passwords(1, 5_000)
                .verify("x".into(), Some(damaged.to_owned()))
                .await;
            assert!(
                matches!(answer, Err(IdentityError::Hashing(_))),
                "{damaged}"
            );
        }
    }
}
