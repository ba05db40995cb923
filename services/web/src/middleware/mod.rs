//! What happens around every request, from the outside in.
pub(crate) mod client;
pub(crate) mod cors;
pub(crate) mod csrf;
pub(crate) mod flash;
pub(crate) mod flood;
pub(crate) mod frame;
pub(crate) mod headers;
pub(crate) mod problems;
pub(crate) mod quota;
