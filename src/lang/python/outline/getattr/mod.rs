//! Which names a module `__getattr__` answers: the names that it tests for, if every other name ends in `raise`.
//!
//! The function's text is parsed in full, since there are few of them. It is then followed for a name that is equal
//! to nothing it is compared with and found in nothing it is looked up in; names that it is compared with are
//! gathered on the way.

mod flow;
mod truth;
mod values;

use crate::facts::outline::{Answers, Element, Literal};
use flow::{Ends, Flow};

/// What the `__getattr__` that `text` defines answers; `text` starts at its `def`, which is at `offset` in the file.
pub(super) fn answers(text: &str, offset: usize) -> Answers {
    let Some(tree) = super::super::parse_all(text) else { return Answers::Any };
    let Some(definition) =
        tree.root_node().child(0).filter(|node| node.kind() == "function_definition" && !node.has_error())
    else {
        return Answers::Any;
    };
    let Some(flow) = Flow::of(definition, text) else { return Answers::Any };
    let (ends, names) = flow.follow(definition);
    if ends.value || names.contains(&Element::Unknown) {
        return Answers::Any;
    }
    let shifted = |name| match name {
        Element::Text(literal) => Element::Text(Literal { span: literal.span.shifted(offset), ..literal }),
        other => other,
    };
    let names = names.into_iter().map(shifted).collect();
    if ends.none || ends.continues { Answers::OthersNone(names) } else { Answers::Only(names) }
}

impl Ends {
    /// Of two branches, either of which may be taken.
    fn or(self, other: Self) -> Self {
        Self {
            raises: self.raises || other.raises,
            none: self.none || other.none,
            value: self.value || other.value,
            continues: self.continues || other.continues,
        }
    }
}
