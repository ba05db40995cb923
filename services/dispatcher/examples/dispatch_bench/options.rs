use std::path::PathBuf;

/// Measures events, jobs and webhooks, and graphile-worker beside them, on the same server.
#[derive(clap::Parser, Clone)]
pub(crate) struct Options {
    /// What to measure; all of it if none is named
    #[arg(value_enum)]
    pub(crate) parts: Vec<Part>,
    /// Jobs in each round
    #[arg(long, default_value_t = 100_000)]
    pub(crate) jobs: u64,
    /// Rounds of ours and of graphile-worker's, in turn
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: usize,
    /// Facts in each round of the relay
    #[arg(long, default_value_t = 100_000)]
    pub(crate) facts: u64,
    /// Events of the latency's measurement, one each 200 ms
    #[arg(long, default_value_t = 300)]
    pub(crate) events: u32,
    /// How long a snapshot is held open
    #[arg(long, default_value_t = 300)]
    pub(crate) held_seconds: u64,
    /// How long the soak lasts
    #[arg(long, default_value_t = 600)]
    pub(crate) soak_seconds: u64,
    /// Jobs and events each second of the soak
    #[arg(long, default_value_t = 1_000)]
    pub(crate) soak_rate: u64,
    /// Where graphile-worker is installed
    #[arg(long, default_value = "loadtests/dispatch/peer")]
    pub(crate) peer: PathBuf,
    /// The dispatcher to measure
    #[arg(long, default_value = "target/release/batchtrack-dispatcher")]
    pub(crate) dispatcher: PathBuf,
    /// Be one of the processes that work no-op jobs: started by the measurement itself
    #[arg(long, hide = true)]
    pub(crate) worker: bool,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Facts relayed each second
    Relay,
    /// No-op jobs each second, beside graphile-worker's
    Jobs,
    /// From a committed event to the webhook's request
    Latency,
    /// What one snapshot held open does to all that
    Held,
    /// Dead tuples over a long run
    Soak,
    /// One receiver among a hundred that hangs
    Hanging,
}

impl Options {
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}
