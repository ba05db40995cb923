//! Measures the doors: what a permission costs, and what becomes of pages while three times as many people
//! sign in as can be hashed for. `make bench-doors`; see `loadtests/doors/README.md`.
#![expect(
    clippy::print_stdout,
    reason = "a measurement says what it found, stops where it can't go on, and is no service"
)]
use batchtrack_core::{
    organizations::{self, GrantsCache},
    tiers::Permission,
};
use batchtrack_e2e::{Api, PASSWORD, Stack};
use batchtrack_testkit::TestDb;
use clap::Parser as _;
use futures_util::future::join_all;
use reqwest::{Client, Method, header, redirect};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time};

/// Measures the doors.
#[derive(Debug, clap::Parser)]
struct Options {
    /// Of each stretch.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// People with accounts, of whom each signs in again and again.
    #[arg(long, default_value_t = 300)]
    people: usize,
    /// Pages asked for in a second, beside the sign-ins.
    #[arg(long, default_value_t = 40)]
    pages: u32,
    /// How many rounds of idle and storm, in turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only what a permission costs.
    #[arg(long)]
    only_permissions: bool,
}

const PAGES: [&str; 4] = ["/user_dashboard", "/inventory/", "/recipes/", "/products/"];

#[tokio::main(worker_threads = 2)]
async fn main() {
    let options = Options::parse();
    permissions().await;
    if !options.only_permissions {
        storm(&options).await;
    }
}

/// A warm look at who may do what, as every request has it: by the versions that the membership brought.
async fn permissions() {
    const TIMES: u32 = 1_000_000;
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut tx = t.begin(ours).await;
    let membership = organizations::membership(&mut tx).await;
    let membership = membership.expect("a database").expect("an owner");
    let cache = GrantsCache::default();
    cache.of(&mut tx, &membership).await.expect("a database");
    let began = Instant::now();
    let mut allowed = 0_u32;
    for _ in 0..TIMES {
        let grants = cache.of(&mut tx, &membership).await.expect("kept");
        allowed += u32::from(std::hint::black_box(grants).allows(Permission::BatchesCreate));
    }
    let each = began.elapsed() / TIMES;
    assert_eq!(allowed, TIMES);
    println!("permission check, warm: {each:?} each ({TIMES} times; target < 5 us)");
}

/// What came back, and how long it took.
#[derive(Default)]
struct Tally {
    /// By status; 0 where nothing came back.
    by_status: BTreeMap<u16, usize>,
    took: Vec<Duration>,
    /// 503s that don't say when to come back.
    without_advice: usize,
}

impl Tally {
    fn note(&mut self, status: u16, is_advised: bool, took: Duration) {
        *self.by_status.entry(status).or_default() += 1;
        self.took.push(took);
        self.without_advice += usize::from(status == 503 && !is_advised);
    }

    fn quantile(&self, per_mille: usize) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        let at = (took.len() * per_mille / 1000).min(took.len().saturating_sub(1));
        took.get(at).copied().unwrap_or_default()
    }

    fn of(&self, status: u16) -> usize {
        self.by_status.get(&status).copied().unwrap_or_default()
    }
}

/// Where people sign in, each from a browser of their own: the page, then its form.
struct Door {
    http: Client,
    url: String,
}

impl Door {
    fn at(base: &str) -> Self {
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(512)
            .timeout(Duration::from_secs(30))
            .build();
        Self {
            http: http.expect("a client"),
            url: format!("{base}/auth/login"),
        }
    }

    /// Opens the page in so many browsers, which stand ready to send its form.
    async fn open(&self, browsers: usize) -> Vec<Browser> {
        let mut ready = Vec::with_capacity(browsers);
        while ready.len() < browsers {
            let some = (0..16.min(browsers - ready.len())).map(|_| self.browser());
            let some = join_all(some).await;
            ready.extend(
                some.into_iter()
                    .map(|found| found.expect("the site answers")),
            );
        }
        ready
    }

    async fn browser(&self) -> Result<Browser, reqwest::Error> {
        let page = self.http.get(&self.url).send().await?;
        let cookies = page.headers().get_all(header::SET_COOKIE).iter();
        let cookies = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = cookies.collect::<Vec<_>>().join("; ");
        let text = page.text().await?;
        let token = text.split_once(r#"name="csrf_token" value=""#);
        let token = token.and_then(|(_, rest)| rest.split('"').next());
        Ok(Browser {
            cookie,
            token: token.unwrap_or_default().to_owned(),
        })
    }

    /// The status of the answer, and whether it says when to come back.
    async fn sign_in(&self, browser: &Browser, person: usize) -> (u16, bool) {
        let email = format!("maker{person}@example.com");
        let form = [
            ("username", email.as_str()),
            ("password", PASSWORD),
            ("csrf_token", &browser.token),
        ];
        let request = self.http.post(&self.url);
        let request = request.header(header::COOKIE, &browser.cookie);
        request
            .form(&form)
            .send()
            .await
            .map_or((0, false), |answer| {
                (
                    answer.status().as_u16(),
                    answer.headers().contains_key(header::RETRY_AFTER),
                )
            })
    }
}

/// What its page gave it.
struct Browser {
    cookie: String,
    token: String,
}

/// Sends by the clock, whether or not earlier ones have been answered, until `stretch` is over.
async fn paced<F>(a_second: f64, stretch: Duration, ask: impl Fn(usize) -> F) -> Tally
where
    F: Future<Output = (u16, bool)> + Send + 'static,
{
    let tally = Arc::new(Mutex::new(Tally::default()));
    let mut under_way = JoinSet::new();
    let began = Instant::now();
    let mut sent = 0_u32;
    while began.elapsed() < stretch {
        let at = began + Duration::from_secs_f64(f64::from(sent) / a_second);
        time::sleep_until(at.into()).await;
        let (answer, notes) = (ask(sent as usize), Arc::clone(&tally));
        under_way.spawn(async move {
            let (status, is_advised) = answer.await;
            // From when it was due: a late start counts, too.
            let took = at.elapsed();
            notes
                .lock()
                .expect("not poisoned")
                .note(status, is_advised, took);
        });
        sent += 1;
    }
    under_way.join_all().await;
    std::mem::take(&mut *tally.lock().expect("not poisoned"))
}

async fn storm(options: &Options) {
    let stretch = Duration::from_secs(options.seconds);
    let stack = Stack::up("doors-bench");
    let mut makers = Vec::new();
    for n in 0..options.people {
        makers.push(Api::sign_up(stack.http(), &format!("maker{n}")).await);
    }
    let makers = Arc::new(makers);
    let door = Arc::new(Door::at(stack.http()));
    let page = |n: usize| {
        let makers = Arc::clone(&makers);
        async move {
            let (Some(maker), Some(path)) =
                (makers.get(n % makers.len()), PAGES.get(n % PAGES.len()))
            else {
                return (0, false);
            };
            let request = maker.request_as_is(Method::GET, path);
            match request.header(header::ACCEPT, "text/html").send().await {
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    (
                        if answer.bytes().await.is_ok() {
                            status
                        } else {
                            0
                        },
                        true,
                    )
                }
                Err(_lost) => (0, false),
            }
        }
    };
    let pages_a_second = f64::from(options.pages);
    // Both ways are warm.
    paced(pages_a_second, Duration::from_secs(3), page).await;

    let capacity = capacity(&door, options.people, stretch / 2).await;
    println!("sign-ins that can be hashed for: {capacity:.1}/s (closed loop, 8 at a time)");

    for round in 1..=options.rounds {
        let idle = paced(pages_a_second, stretch, page).await;
        println!("round {round}, idle:  {}", line(&idle));
        let people = options.people;
        // One more than needed on a machine that can do parts of a request.
        let needed = 3.0 * capacity * stretch.as_secs_f64();
        let browsers = Arc::new(door.open(whole(needed) + 1).await);
        let sign_in = |n: usize| {
            let (door, browsers) = (Arc::clone(&door), Arc::clone(&browsers));
            async move {
                match browsers.get(n) {
                    Some(browser) => door.sign_in(browser, n % people).await,
                    None => (0, false),
                }
            }
        };
        let (pages, doors) = tokio::join!(
            paced(pages_a_second, stretch, page),
            paced(3.0 * capacity, stretch, sign_in)
        );
        println!("round {round}, storm: {}", line(&pages));
        println!(
            "round {round}, sign-ins at {:.1}/s: {} in, {} told to come back (503), {} of these without Retry-After, others {:?}; \
             p95 {:?}",
            3.0 * capacity,
            doors.of(302),
            doors.of(503),
            doors.without_advice,
            doors
                .by_status
                .iter()
                .filter(|(status, _)| ![302, 503].contains(*status))
                .collect::<Vec<_>>(),
            doors.quantile(950),
        );
        let ratio = pages.quantile(950).as_secs_f64() / idle.quantile(950).as_secs_f64();
        println!("round {round}: p95 of pages in the storm is {ratio:.2} of idle (target <= 2)");
    }
}

fn whole(number: f64) -> usize {
    // Rounded up, and far below where a float grows coarse.
    format!("{:.0}", number.ceil()).parse().unwrap_or_default()
}

fn line(pages: &Tally) -> String {
    format!(
        "{} pages, p50 {:?}, p95 {:?}, p99 {:?}, by status {:?}",
        pages.took.len(),
        pages.quantile(500),
        pages.quantile(950),
        pages.quantile(990),
        pages.by_status
    )
}

/// How many get in each second when there are always eight at the door.
async fn capacity(door: &Arc<Door>, people: usize, stretch: Duration) -> f64 {
    let (is_over, count) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let mut at_once = JoinSet::new();
    for first in 0..8 {
        let (door, is_over, count) = (Arc::clone(door), Arc::clone(&is_over), Arc::clone(&count));
        at_once.spawn(async move {
            let mut person = first;
            while !is_over.load(Ordering::Relaxed) {
                let browser = door.browser().await.expect("the site answers");
                let (status, _) = door.sign_in(&browser, person % people).await;
                count.fetch_add(u32::from(status == 302), Ordering::Relaxed);
                person += 8;
            }
        });
    }
    let began = Instant::now();
    time::sleep(stretch).await;
    let done = count.load(Ordering::Relaxed);
    let took = began.elapsed();
    is_over.store(true, Ordering::Relaxed);
    at_once.join_all().await;
    f64::from(done) / took.as_secs_f64()
}
