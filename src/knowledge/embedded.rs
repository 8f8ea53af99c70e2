//! Tables that are built into the program and read when they are first asked for.

use serde::de::DeserializeOwned;

/// A table's content. Every table is read by a test, and the build fails on one that is no TOML, so the empty one that
/// stands in for a table with a fault never gets to a user.
pub(super) fn read<T: DeserializeOwned + Default>(text: &str) -> T {
    toml::from_str(text).unwrap_or_default()
}
