//! Numbers that are read when somebody asks for the metrics.
use batchtrack_core::kernel::Clock;
use opentelemetry::{KeyValue, global};

/// When this process started, so that a restart shows.
pub(crate) fn process(clock: &Clock) {
    let since = clock.now().timestamp();
    global::meter("batchtrack")
        .i64_observable_gauge("process.start_time")
        .with_unit("s")
        .with_description("When the process started, in seconds since 1970.")
        .with_callback(move |gauge| gauge.observe(since, &[]))
        .build();
}

/// How full the pool `name` is, how many wait for it and how many gave up.
pub(crate) fn pool(
    name: &'static str,
    state: impl Fn() -> bb8::State + Clone + Send + Sync + 'static,
) {
    let meter = global::meter("batchtrack");
    let of_pool = move || KeyValue::new("pool", name);
    let read = state.clone();
    meter
        .u64_observable_gauge("db.client.connection.count")
        .with_description("Connections of a pool, by what they are doing.")
        .with_callback(move |gauge| {
            let now = read();
            let used = now.connections.saturating_sub(now.idle_connections);
            for (count, doing) in [(now.idle_connections, "idle"), (used, "used")] {
                gauge.observe(
                    u64::from(count),
                    &[of_pool(), KeyValue::new("state", doing)],
                );
            }
        })
        .build();
    let read = state.clone();
    meter
        .u64_observable_gauge("db.client.connection.pending_requests")
        .with_description("How many wait for a connection of a pool.")
        .with_callback(move |gauge| {
            let counts = read().statistics;
            let served = counts.get_direct + counts.get_waited + counts.get_timed_out;
            gauge.observe(counts.get_started.saturating_sub(served), &[of_pool()]);
        })
        .build();
    meter
        .u64_observable_counter("db.client.connection.timeouts")
        .with_description("How many waited for a connection of a pool in vain.")
        .with_callback(move |counter| {
            counter.observe(state().statistics.get_timed_out, &[of_pool()]);
        })
        .build();
}
