//! graphile-worker, as `loadtests/dispatch/peer` has it.
use crate::{child::Running, options::Options, place::Place};
use batchtrack_testkit::Role;
use std::path::PathBuf;
use tokio::process::Command;

/// What its documentation gives for high throughput.
pub(crate) const SETTINGS: &str = "concurrentJobs 24, localQueue 500, completeJobBatchDelay 0";

pub(crate) struct Peer {
    folder: PathBuf,
    url: String,
}

impl Peer {
    /// In the same database as ours, in a schema of its own.
    pub(crate) async fn install(options: &Options, place: &Place) -> Self {
        let peer = Self {
            folder: options.peer.clone(),
            url: place.t.url(Role::Admin),
        };
        let done = peer.command().arg("migrate").status().await;
        assert!(
            done.is_ok_and(|status| status.success()),
            "graphile-worker is not installed; `make bench-dispatch` does it"
        );
        peer
    }

    pub(crate) fn start(&self) -> Running {
        Running::start(self.command())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.folder.join("node_modules/.bin/node"));
        command
            .arg(self.folder.join("worker.mjs"))
            .env("PEER_DATABASE_URL", &self.url)
            .env("NODE_ENV", "production")
            .env("NO_LOG_SUCCESS", "1");
        command
    }
}

/// Adds jobs numbered from `$1` to `$2`, as many at once as it can.
pub(crate) const ADD: &str = "SELECT count(*) FROM graphile_worker.add_jobs(ARRAY( \
        SELECT ('noop', json_build_object('n', n), NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec \
          FROM generate_series($1::bigint, $2::bigint) AS n))";
pub(crate) const LINE: &str = "graphile_worker._private_jobs";
