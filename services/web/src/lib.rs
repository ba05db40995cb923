//! HTML pages and the JSON API. Stateless: any replica can answer any request.
pub mod app;
pub mod assets;
pub mod auth;
pub mod extract;
pub mod home;
mod middleware;
pub mod page;
pub mod parts;
pub mod problem;
pub mod routes;
pub mod server;
mod session;
