//! Files of `KEY=VALUE` lines that a shell can read too.
use anyhow::{Context as _, bail};
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

pub(crate) type Keys = BTreeMap<String, String>;

/// Reads such a file; one that does not exist holds nothing.
pub(crate) fn read(path: &Path) -> anyhow::Result<Keys> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Keys::new()),
        Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
    };
    parse(&text).with_context(|| format!("reading {}", path.display()))
}

/// Writes the file whole, for its owner's eyes only: these files hold passwords.
pub(crate) fn write(path: &Path, keys: &Keys) -> anyhow::Result<()> {
    write_private(path, &format(keys))
}

/// Replaces a file in one step, so that no reader finds half of it.
pub(crate) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let draft = path.with_extension("new");
    let replace = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    replace().with_context(|| format!("writing {}", path.display()))
}

fn parse(text: &str) -> anyhow::Result<Keys> {
    let mut keys = Keys::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            bail!("line {} is not KEY=VALUE", number + 1);
        };
        let value = value
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
            .unwrap_or(value);
        keys.insert(key.to_owned(), value.to_owned());
    }
    Ok(keys)
}

fn format(keys: &Keys) -> String {
    let mut text = String::new();
    for (key, value) in keys {
        text.push_str(key);
        text.push('=');
        // A URL may hold what a shell would act on; anything else stays readable as it is.
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@,%+=[]".contains(c);
        if value.chars().all(plain) {
            text.push_str(value);
        } else {
            text.push('\'');
            text.push_str(value);
            text.push('\'');
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let keys = Keys::from([
            (
                "PLAIN".to_owned(),
                "postgres://a:b@127.0.0.1:1/x".to_owned(),
            ),
            ("ODD".to_owned(), "postgres://h/x?a=1&b=$HOME".to_owned()),
            ("EMPTY".to_owned(), String::new()),
        ]);
        let text = format(&keys);
        assert!(text.contains("ODD='postgres://h/x?a=1&b=$HOME'"), "{text}");
        assert_eq!(parse(&text).unwrap(), keys);
    }

    #[test]
    fn a_line_without_a_value_is_named() {
        let error = parse("A=1\nnonsense\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2 is not KEY=VALUE");
    }
}
