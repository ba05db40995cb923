//! chromedriver, and the folder in which its Chromium keeps what a person's browser keeps.
use crate::{programs, wait::until};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

const ADVICE: &str = "`make e2e` installs it; by hand: deploy/setup --test";

pub(crate) struct Driver {
    process: Child,
    folder: PathBuf,
    pub(crate) url: String,
    pub(crate) chromium: PathBuf,
}

impl Driver {
    pub(crate) fn start() -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let chromium = programs::of_this_machine(&["chromium"], ADVICE);
        let chromedriver = programs::of_this_machine(&["chromedriver"], ADVICE);
        let folder = programs::folder_for(&format!("browser-{}-{number}", std::process::id()));
        programs::make_own(&folder);
        let log = folder.join("driver.log");
        // Asked to choose one itself, it doesn't always say which: without IPv6 it says 0.
        let port = programs::free_port();
        let output = fs::File::create(&log).expect("our folder can be written to");
        let process = Command::new(chromedriver)
            .arg(format!("--port={port}"))
            .env("TMPDIR", &folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("an open file"))
            .stderr(output)
            // A group of its own, so that its browsers end with it.
            .process_group(0)
            .spawn()
            .expect("chromedriver starts");
        until("chromedriver listens", Duration::from_secs(20), || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
        });
        Self {
            process,
            folder,
            url: format!("http://127.0.0.1:{port}"),
            chromium,
        }
    }

    pub(crate) fn profile(&self) -> String {
        Path::new(&self.folder)
            .join("profile")
            .display()
            .to_string()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Ok(group) = i32::try_from(self.process.id()) {
            // It may have ended by itself.
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        let _ = self.process.wait();
        // A browser that is just ending may still write into it.
        let gone = || fs::remove_dir_all(&self.folder).ok();
        until("the browser's folder is free", Duration::from_secs(5), gone);
    }
}
