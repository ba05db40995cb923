//! Styles and scripts are embedded, so they must have been built first.
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=assets/dist/manifest.json");
    println!("cargo:rerun-if-changed=build.rs");
    assert!(
        Path::new("assets/dist/manifest.json").is_file(),
        "services/web/assets/dist is missing: run `make assets` (or `npm ci && npm run build` in services/web/assets)"
    );
}
