//! What it was measured on.
use std::fs;
use tokio_postgres::Client;

pub(crate) async fn print(sql: &Client) {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo");
    let memory = memory.lines().next().unwrap_or_default().to_owned();
    println!("Machine: {cores} cores ({model}), {memory}");
    println!("Load before the start: {}", read("/proc/loadavg").trim());
    let mut settings = Vec::new();
    for name in [
        "server_version",
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "shared_buffers",
        "autovacuum_naptime",
    ] {
        let row = sql.query_one("SELECT current_setting($1)", &[&name]).await;
        let value: String = row.expect("a setting").get(0);
        settings.push(format!("{name} {value}"));
    }
    println!("PostgreSQL on the same machine: {}", settings.join(", "));
    println!("Other work on the machine lowers every figure; ratios are taken within this run.");
}

/// How busy the machine is now, to print beside a figure.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
