//! What the stories have in common: a whole stack of their own, people with a browser, and programs.
//!
//! Everything here stops the test when it can't go on; there is nobody to hand an error to.
mod api;
mod browser;
pub mod chaos;
mod driver;
mod programs;
mod stack;
mod wait;

pub use self::{
    api::{Api, PASSWORD, Reply, client},
    browser::Browser,
    programs::{batchtrack, target_folder},
    stack::{Process, Stack},
    wait::{until, until_async},
};
