//! Names the template database after whatever shapes it, as it is built into this very program: one that
//! was built before a migration was written must not make the database that newer ones look for.
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

const SHAPED_BY: &[&str] = &[
    "migrations",
    "deploy/postgres/roles.sql",
    "crates/core/catalog",
    "crates/core/src/catalog",
    "crates/core/src/platform/migrate.rs",
    "crates/testkit/src/template.rs",
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for path in SHAPED_BY {
        println!("cargo::rerun-if-changed=../../{path}");
        collect(&root.join(path), &mut files);
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs::read(&file).expect("a file of the checkout"));
    }
    let digest = hex::encode(hash.finalize());
    let (sum, _) = digest.split_at(16);
    println!("cargo::rustc-env=TEMPLATE_SUM={sum}");
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => {
            for entry in entries {
                collect(&entry.expect("a readable folder").path(), files);
            }
        }
        Err(_) if path.is_file() => files.push(path.to_owned()),
        Err(_) => {}
    }
}
