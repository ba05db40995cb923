//! HTML pages and the JSON API. Stateless: any replica can answer any request.
pub mod assets;
pub mod page;
pub mod parts;
