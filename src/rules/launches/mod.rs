//! What the rules about launches share: which launches are judged, what they ask for, and how a fault becomes a
//! finding.

mod case;
mod edits;
mod fault;
mod method;
mod order;
mod text;
mod variables;

pub(crate) use case::{Case, Hit, cases};
pub(crate) use edits::{insert_option, replace_value};
pub(crate) use fault::{Fault, report};
pub(crate) use method::{Asked, is_mixture};
pub(crate) use text::written;
pub(crate) use variables::{Scope, Set, asked, is_true, set};
