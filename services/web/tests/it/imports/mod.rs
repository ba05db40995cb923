//! Imports through the form and through the API.
mod api;
mod page;

use reqwest::multipart::Part;

const GOOD: &str = "item,quantity,unit,total_cost,category\nOlive Oil,10,kg,50,Oils (Carrier & Fixed)\nBox,100,count,12.5,Packaging\n";
const BAD: &str = "Material,Menge,unit,total_cost\nOlive Oil,10,furlong,50\nBox,-1,count,x\n";

fn part(content: impl Into<Vec<u8>>) -> Part {
    Part::bytes(content.into())
        .file_name("march.csv")
        .mime_str("text/csv")
        .unwrap()
}
