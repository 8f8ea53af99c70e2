//! Tables that are built into the program and read when they are first asked for.

use serde::de::DeserializeOwned;

use super::overlay::Overlay;
use crate::error::RunError;

/// A table's content. Every table is read by a test, and the build fails on one that is no TOML, so the empty one that
/// stands in for a table with a fault never gets to a user.
pub(super) fn read<T: DeserializeOwned + Default>(text: &str) -> T {
    toml::from_str(text).unwrap_or_default()
}

/// The same with a user's on top; none where there is no such.
pub(super) fn laid_over<T: DeserializeOwned>(
    overlay: &Overlay,
    name: &str,
    text: &str,
) -> Result<Option<&'static T>, RunError> {
    let read = |text: &str| toml::from_str::<T>(text).map_err(|error| RunError::knowledge(name, &error));
    Ok(overlay.table(name, text, read)?.map(|table| &*Box::leak(Box::new(table))))
}
