//! The configuration in force, for people and machines.

use std::fmt::Write as _;

use serde::Serialize;

use super::style::columns;
use super::{Style, json_text, printable};
use crate::error::RunError;

/// One value of the configuration.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// Where it comes from: `default`, an option, a file with its line.
    pub origin: String,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    files: &'a [&'a str],
    values: &'a [Row],
}

/// The values, one a line; the key of several values is written once.
pub fn text(files: &[&str], rows: &[Row], style: &Style) -> String {
    let mut out = match files {
        [] => "No configuration file.\n\n".to_owned(),
        [file] => format!("Configuration of {}\n\n", style.bold(file)),
        [file, extended @ ..] => {
            format!("Configuration of {}, which extends {}\n\n", style.bold(file), extended.join(", "))
        }
    };
    let mut last = "";
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let key = if row.key == last { "" } else { row.key.as_str() };
            last = row.key.as_str();
            vec![key.to_owned(), printable(&row.value), printable(&row.origin)]
        })
        .collect();
    let _ = write!(
        out,
        "{}",
        columns(&cells, "", |column, cell| match column {
            0 => style.bold(cell),
            2 => style.dim(cell),
            _ => cell.to_owned(),
        })
    );
    out
}

/// The values as JSON.
///
/// # Errors
/// None with these types.
pub fn json(files: &[&str], rows: &[Row]) -> Result<String, RunError> {
    json_text(&Document { version: 1, files, values: rows })
}
