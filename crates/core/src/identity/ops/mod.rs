pub(super) mod profile;
pub(super) mod sign_in;
pub(super) mod sign_up;
