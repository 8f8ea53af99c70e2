//! The variables of a running script, and how branches and subshells change them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::expand::{Variable, weight};
use crate::facts::Text;

/// Values that weigh more are forgotten.
const WEIGHT: usize = 1 << 12;

/// What a part of a script does to the variables outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// It may run or not: what it changes is unknown behind it.
    Branch,
    /// A branch that is a `case`, in which patterns stand before commands; whether one is read.
    Case { in_pattern: bool },
    /// What it changes is lost.
    Subshell,
}

struct Frame {
    kind: FrameKind,
    /// What variables were before this frame changed them.
    journal: Vec<(String, Option<Variable>)>,
    /// What earlier branches changed.
    changed: Vec<String>,
}

/// Variables by name, and the constructs that are open.
#[derive(Default)]
pub(super) struct Variables {
    values: FxHashMap<String, Variable>,
    frames: Vec<Frame>,
}

impl Variables {
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.values.get(name)
    }

    pub fn set(&mut self, name: &str, mut variable: Variable) {
        if weight(&variable.value) > WEIGHT {
            variable.value = Text::unknown();
        }
        let old = self.values.insert(name.to_owned(), variable);
        if let Some(frame) = self.frames.last_mut() {
            frame.journal.push((name.to_owned(), old));
        }
    }

    pub fn open(&mut self, kind: FrameKind) {
        self.frames.push(Frame { kind, journal: Vec::new(), changed: Vec::new() });
    }

    /// The innermost construct that is open.
    pub fn innermost(&self) -> Option<FrameKind> {
        self.frames.last().map(|frame| frame.kind)
    }

    /// Every variable with its name, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.values.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// Whether a construct of such a kind is open.
    pub fn is_within(&self, wanted: impl Fn(FrameKind) -> bool) -> bool {
        self.frames.iter().any(|frame| wanted(frame.kind))
    }

    /// How many constructs are open.
    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Says whether the innermost `case` is at a pattern.
    pub fn at_pattern(&mut self, in_pattern: bool) {
        if let Some(Frame { kind: kind @ FrameKind::Case { .. }, .. }) = self.frames.last_mut() {
            *kind = FrameKind::Case { in_pattern };
        }
    }

    /// Starts the next branch of the innermost construct: what the one before changed is not seen in it.
    pub fn next_branch(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        self.roll_back(&mut frame);
        self.frames.push(frame);
    }

    /// Ends the innermost construct.
    pub fn close(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        if frame.kind == FrameKind::Subshell {
            self.roll_back(&mut frame);
            return;
        }
        let mut seen = FxHashSet::default();
        for (name, before) in frame.journal {
            let same = before.as_ref().map(|before| &before.value) == self.values.get(&name).map(|now| &now.value);
            // The first entry of a name is what it was before the construct.
            if seen.insert(name.clone()) && !same {
                self.values.insert(name.clone(), Variable { value: Text::unknown(), at: None });
            }
            if let Some(outer) = self.frames.last_mut() {
                outer.journal.push((name, before));
            }
        }
        for name in frame.changed {
            self.set(&name, Variable { value: Text::unknown(), at: None });
        }
    }

    fn roll_back(&mut self, frame: &mut Frame) {
        for (name, old) in std::mem::take(&mut frame.journal).into_iter().rev() {
            frame.changed.push(name.clone());
            match old {
                Some(old) => self.values.insert(name, old),
                None => self.values.remove(&name),
            };
        }
        frame.changed.sort_unstable();
        frame.changed.dedup();
    }
}
