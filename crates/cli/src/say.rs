//! Talking to the operator.
use std::{
    fmt::Display,
    io::{Write as _, stdout},
};

/// Prints a line. Nobody listening any more is no reason to fall over: there is a stack to look after.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}
