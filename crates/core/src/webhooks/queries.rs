mod relay;

pub use self::relay::{interests, plan};
