//! Stub, to be replaced on merge: the audit for people.

use super::Style;
use crate::audit::Audit;

/// The audit as text; one line a fact where `concise`.
pub fn text(audit: &Audit, _concise: bool, _style: &Style) -> String {
    format!("{audit:?}\n")
}
