//! Where the programs are that the stories run.
use std::{
    env, fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

/// The folder that Cargo builds into, whatever it is called: this test is in `…/debug/deps` of it.
pub fn target_folder() -> PathBuf {
    let folder = profile_folder();
    folder.parent().unwrap_or(&folder).to_owned()
}

fn profile_folder() -> PathBuf {
    let me = env::current_exe().expect("a running program has a path");
    let folder = me.ancestors().nth(2);
    folder
        .expect("tests are built into a folder of the target")
        .to_owned()
}

/// The operator's command.
pub fn batchtrack() -> PathBuf {
    ours("batchtrack")
}

/// One of our own binaries, as it was built beside this test.
pub(crate) fn ours(name: &str) -> PathBuf {
    let program = profile_folder().join(name);
    assert!(
        program.is_file(),
        "{} is not built. `make e2e` builds it first; by hand: cargo build --workspace --bins",
        program.display()
    );
    program
}

/// A program of this machine by any of its names.
pub(crate) fn of_this_machine(names: &[&str], advice: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path)
        .chain(["/usr/bin", "/usr/lib/chromium"].map(PathBuf::from))
        .collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program: &PathBuf| program.is_file())
        .unwrap_or_else(|| panic!("none of {names:?} is installed. {advice}"))
}

/// A folder for one story, the same at each run, so that a run that was killed is found by the next.
/// Short, and where the servers' own account can get to it.
pub(crate) fn folder_for(story: &str) -> PathBuf {
    let place = profile_folder().display().to_string();
    let sum = place
        .bytes()
        .fold(5381_u32, |sum, byte| sum.wrapping_mul(33) ^ u32::from(byte));
    let user = nix::unistd::Uid::effective();
    env::temp_dir().join(format!("bt-{user}-{sum:08x}-{story}"))
}

/// Makes a folder that nobody else can have prepared for us.
pub(crate) fn make_own(folder: &Path) {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    let made = fs::DirBuilder::new().mode(0o711).create(folder);
    let found = folder.symlink_metadata();
    let ours = found
        .is_ok_and(|found| found.is_dir() && found.uid() == nix::unistd::Uid::effective().as_raw());
    assert!(ours, "{} can't be used: {made:?}", folder.display());
}

/// The script that finds what shuts people out of a page.
pub(crate) fn axe() -> String {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/node_modules/axe-core/axe.min.js"
    );
    fs::read_to_string(file).unwrap_or_else(|error| {
        panic!("{file}: {error}. `make e2e` installs it; by hand: npm ci in tests/e2e")
    })
}

/// A port that nobody listens on just now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound address").port()
}
