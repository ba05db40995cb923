//! A private PostgreSQL: reached over loopback only, and only with the password made up for it.
use super::{
    binaries::PostgresBinaries,
    home::{self, Home},
    keyfile,
    process::{Environment, Program},
    ready::Check,
};
use crate::say::say;
use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;
use std::{
    ffi::OsString,
    fmt::Write as _,
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

const INCLUDE: &str = "include = 'batchtrack.conf'";

/// What the server is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Data to keep.
    Keep,
    /// Tests: nothing is waited for, and nothing survives a power cut.
    ThrowAway,
    /// Measurements: thrown away as well, but as careful as one whose data is kept.
    Measure,
}

/// Makes the server ready to start, with its data folder if there is none yet.
pub(crate) fn program(
    home: &Home,
    port: u16,
    password: &str,
    purpose: Purpose,
) -> anyhow::Result<Program> {
    let data = home.data().join("postgres");
    let binaries = binaries_for(&data, purpose)?;
    if !data.join("PG_VERSION").is_file() {
        create(home, &binaries, &data, password, purpose)?;
    }
    configure(&data, port, purpose)?;
    forget_a_stranger(&data)?;
    Ok(Program {
        name: "postgres".to_owned(),
        executable: binaries.program("postgres"),
        arguments: vec![OsString::from("-D"), data.clone().into()],
        environment: Environment::Bare,
        account: home.account().cloned(),
        check: Check::Postgres {
            pid_file: data.join("postmaster.pid"),
        },
        folder: data,
        log: home.logs().join("postgres.log"),
        // "Fast": open transactions are rolled back, and a checkpoint is written.
        stop: Signal::SIGINT,
        grace: Duration::from_mins(1),
        address: format!("127.0.0.1:{port}"),
    })
}

/// The superuser's way in, to the given database.
pub(crate) fn superuser_url(port: u16, password: &str, database: &str) -> String {
    format!("postgres://postgres:{password}@127.0.0.1:{port}/{database}")
}

fn binaries_for(data: &Path, purpose: Purpose) -> anyhow::Result<PostgresBinaries> {
    let Ok(version) = fs::read_to_string(data.join("PG_VERSION")) else {
        return PostgresBinaries::find(None);
    };
    let major = version
        .trim()
        .parse()
        .with_context(|| format!("{} holds no version", data.display()))?;
    let found = PostgresBinaries::find(Some(major));
    if found.is_err() && purpose != Purpose::Keep {
        fs::remove_dir_all(data).with_context(|| format!("removing {}", data.display()))?;
        return PostgresBinaries::find(None);
    }
    found
}

fn create(
    home: &Home,
    binaries: &PostgresBinaries,
    data: &Path,
    password: &str,
    purpose: Purpose,
) -> anyhow::Result<()> {
    if purpose == Purpose::Keep {
        say(format_args!(
            "Creating a database server's folder (PostgreSQL {}).",
            binaries.major
        ));
    }
    if data.exists() {
        // Without PG_VERSION it was never finished; `initdb` wants it empty.
        fs::remove_dir_all(data)
            .with_context(|| format!("removing the unfinished {}", data.display()))?;
    }
    home::make_folder(data, 0o700)?;
    home.give_to_servers(data)?;
    let password_file = data.with_extension("password");
    keyfile::write_private(&password_file, password)?;
    home.give_to_servers(&password_file)?;
    let outcome = initdb(home, binaries, data, &password_file, purpose);
    fs::remove_file(&password_file)
        .with_context(|| format!("removing {}", password_file.display()))?;
    outcome
}

fn initdb(
    home: &Home,
    binaries: &PostgresBinaries,
    data: &Path,
    password_file: &Path,
    purpose: Purpose,
) -> anyhow::Result<()> {
    let mut command = Command::new(binaries.program("initdb"));
    command
        .args([
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ])
        .arg("--pgdata")
        .arg(data)
        .arg(password_option(password_file))
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8")])
        .current_dir(data)
        // Ctrl-C ends us once this is done; half a folder would help nobody.
        .process_group(0)
        .stdin(Stdio::null());
    if purpose != Purpose::Keep {
        command.arg("--no-sync");
    }
    if let Some(account) = home.account() {
        command.uid(account.uid).gid(account.gid);
    }
    let answer = command.output().context("running initdb")?;
    if !answer.status.success() {
        bail!(
            "initdb could not make {}:\n{}",
            data.display(),
            String::from_utf8_lossy(&answer.stderr)
        );
    }
    let main = data.join("postgresql.conf");
    let mut text = fs::read_to_string(&main).context("reading postgresql.conf")?;
    let _ = writeln!(text, "\n{INCLUDE}");
    // Written over, not replaced: the file keeps its owner.
    fs::write(&main, text).context("writing postgresql.conf")
}

fn password_option(file: &Path) -> OsString {
    let mut option = OsString::from("--pwfile=");
    option.push(file);
    option
}

/// Settings for a machine of two cores that also runs everything else. Written anew at each start.
fn configure(data: &Path, port: u16, purpose: Purpose) -> anyhow::Result<()> {
    let safety = match purpose {
        Purpose::Keep | Purpose::Measure => {
            "max_connections = 200\nshared_buffers = 256MB\nwal_compression = on\nmin_wal_size = 256MB\nmax_wal_size = 2GB\ncheckpoint_timeout = 15min\n"
        }
        Purpose::ThrowAway => {
            "max_connections = 400\nshared_buffers = 128MB\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_wal_size = 1GB\n"
        }
    };
    let text = format!(
        "# Written by `batchtrack` at each start; changes here do not last.\n\
         listen_addresses = '127.0.0.1'\n\
         port = {port}\n\
         unix_socket_directories = ''\n\
         password_encryption = 'scram-sha-256'\n\
         {safety}\
         effective_cache_size = 1GB\n\
         work_mem = 8MB\n\
         maintenance_work_mem = 128MB\n\
         random_page_cost = 1.1\n\
         jit = off\n\
         autovacuum_naptime = 15s\n\
         logging_collector = off\n\
         log_destination = 'stderr'\n\
         log_line_prefix = '%m [%p] %u@%d '\n\
         log_checkpoints = off\n\
         log_min_duration_statement = 1s\n\
         log_lock_waits = on\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n"
    );
    let path = data.join("batchtrack.conf");
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

/// After an unclean end PostgreSQL refuses to start if the number in its pid file belongs to a live
/// process, whoever that is now; in a fresh container that is likely. Ours would work in `data`.
fn forget_a_stranger(data: &Path) -> anyhow::Result<()> {
    let pid_file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else {
        return Ok(());
    };
    let process = PathBuf::from("/proc").join(text.lines().next().unwrap_or_default().trim());
    let works_here = fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == data);
    if process.exists() && !works_here {
        fs::remove_file(&pid_file).with_context(|| format!("removing {}", pid_file.display()))?;
    }
    Ok(())
}
