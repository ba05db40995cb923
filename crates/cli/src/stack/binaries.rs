//! Where the programs of the stack are on this machine.
use anyhow::{Context as _, bail};
use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// Debian keeps servers where an ordinary user's `PATH` does not look.
const ELSEWHERE: [&str; 4] = ["/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/bin"];

/// A program by its name.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(ELSEWHERE.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// A program by its name, or what to do about its absence.
pub(crate) fn need(name: &str) -> anyhow::Result<PathBuf> {
    find(name).with_context(|| format!("`{name}` is not installed; `make setup` installs it"))
}

/// The programs of one PostgreSQL release.
#[derive(Clone, Debug)]
pub(crate) struct PostgresBinaries {
    folder: PathBuf,
    pub(crate) major: u32,
}

impl PostgresBinaries {
    /// The newest release here; or exactly `major`, when there is data of that release to open.
    pub(crate) fn find(major: Option<u32>) -> anyhow::Result<Self> {
        let mut found = installed();
        found.sort_by_key(|one| one.major);
        let newest = found.last().map(|one| one.major);
        if let Some(wanted) = major {
            return found.into_iter().find(|one| one.major == wanted).with_context(|| {
                format!("the data here was made by PostgreSQL {wanted}, which is not installed any more: install it, or dump and restore the data")
            });
        }
        match found.pop() {
            Some(best) if best.major >= 15 => Ok(best),
            _ => match newest {
                Some(old) => bail!(
                    "PostgreSQL {old} is too old: 15 or newer is needed; `make setup` says how"
                ),
                None => bail!("PostgreSQL is not installed; `make setup` installs it"),
            },
        }
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn installed() -> Vec<PostgresBinaries> {
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let packaged = packaged.flatten().map(|entry| entry.path().join("bin"));
    // A `postgres` in PATH may be a link into a release's own folder; its neighbours are there.
    let in_path = find("postgres")
        .and_then(|program| program.canonicalize().ok())
        .and_then(|program| program.parent().map(Path::to_owned));
    let mut folders: Vec<PathBuf> = packaged.chain(in_path).collect();
    folders.dedup();
    let complete =
        |folder: &PathBuf| folder.join("postgres").is_file() && folder.join("initdb").is_file();
    folders
        .into_iter()
        .filter(complete)
        .filter_map(|folder| {
            let major = major_of(&folder.join("postgres"))?;
            Some(PostgresBinaries { folder, major })
        })
        .collect()
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` is 15.
fn major_of(postgres: &Path) -> Option<u32> {
    let answer = first_line(postgres, &["--version"])?;
    let version = answer.split_whitespace().nth(2)?;
    version
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// What a program says of itself, on whichever stream.
pub(crate) fn first_line(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let answer = std::process::Command::new(program)
        .args(arguments)
        .output()
        .ok()?;
    let text = if answer.stdout.is_empty() {
        answer.stderr
    } else {
        answer.stdout
    };
    String::from_utf8_lossy(&text)
        .lines()
        .next()
        .map(str::to_owned)
}
