//! The outline of a module: what it binds, offers and imports, at the speed of a scan over its bytes.

use crate::facts::Outline;
use crate::facts::outline::AttributeUse;

/// Reads the outline of a whole file. The text has no byte-order mark.
pub fn read(_text: &str) -> Outline {
    Outline::default()
}

/// The attributes that code in `text` reads from these names, each of which imports bind in the module's own scope,
/// in source order. Names that anything else in the file binds, in any scope, are left out.
pub fn attribute_uses(_text: &str, _names: &[&str]) -> Vec<AttributeUse> {
    Vec::new()
}
