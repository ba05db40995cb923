//! What every page knows besides its own content.

/// The frame of a page, filled in per request. Templates reach it as `shell`.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    pub csrf: String,
    /// Of the content security policy; nothing inline may run without it.
    pub nonce: String,
    pub path: String,
    pub user: Option<ShellUser>,
    pub flash: Vec<Flash>,
    /// One per rendered form page, so that a double submit is one action.
    pub idempotency_key: String,
}

#[derive(Debug, Clone)]
pub struct ShellUser {
    pub name: String,
    pub organization: String,
    pub initials: String,
}

/// A message that survives one redirect.
#[derive(Debug, Clone)]
pub struct Flash {
    /// `success`, `danger`, `warning` or `info`.
    pub tone: &'static str,
    pub text: String,
    /// Where to POST to take the action back.
    pub undo: Option<String>,
}
