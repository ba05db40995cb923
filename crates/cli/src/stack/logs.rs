//! What the processes say goes to one file each.
use anyhow::Context as _;
use std::{
    fs::{self, File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
};

const KEEP: u64 = 16 * 1024 * 1024;

/// Opens a log to add to it. One that grew large is put aside first, and only one old one is kept.
pub(crate) fn open(path: &Path) -> anyhow::Result<File> {
    if path.metadata().is_ok_and(|log| log.len() > KEEP) {
        fs::rename(path, path.with_extension("log.1"))
            .with_context(|| format!("putting {} aside", path.display()))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("opening {}", path.display()))
}

/// How long the log is, to read on from there.
pub(crate) fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |log| log.len())
}

/// The last lines written since `start`.
pub(crate) fn tail(path: &Path, start: u64) -> String {
    const ENOUGH: u64 = 8 * 1024;
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(start.max(end.saturating_sub(ENOUGH))))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len().saturating_sub(12);
    let lines: Vec<&str> = lines.into_iter().skip(last).collect();
    format!(
        "    {}",
        lines.join(
            "
    "
        )
    )
}
