use batchtrack_core::platform::migrate::{APP, OWNER, RolePasswords, SYSTEM};

/// Who a test connects as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Migrates; has BYPASSRLS.
    Owner,
    /// What web uses; row level security applies.
    App,
    /// Sign-in, relay and upkeep; row level security applies.
    System,
    /// The server's superuser, which is what no service may be.
    Admin,
}

impl Role {
    /// The role's name and password; `None` for whoever `TEST_DATABASE_URL` names. The servers are
    /// private and short-lived, so the passwords are no secret.
    pub(crate) const fn login(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Owner => Some((OWNER, "testowner")),
            Self::App => Some((APP, "testapp")),
            Self::System => Some((SYSTEM, "testsystem")),
            Self::Admin => None,
        }
    }
}

pub(crate) fn passwords() -> RolePasswords {
    let password = |role: Role| role.login().map_or("", |(_, password)| password).to_owned();
    RolePasswords {
        owner: password(Role::Owner),
        app: password(Role::App),
        system: password(Role::System),
    }
}
