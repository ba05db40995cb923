pub(super) mod confirm;
pub(super) mod join;
pub(super) mod profile;
pub(super) mod sessions;
pub(super) mod sign_in;
pub(super) mod sign_up;
