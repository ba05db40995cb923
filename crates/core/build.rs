//! `embed_migrations!` does not notice new files by itself.
fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
    println!("cargo::rerun-if-changed=../../deploy/postgres/roles.sql");
}
