//! What a condition says of each target.

use super::ArchSet;

/// For each target, whether a condition can hold there and whether it can fail there.
///
/// A pure arch test can do just one of the two for each target; a condition that nothing is known of can do both
/// for all. The algebra is that of three-valued logic, target by target, so `not`, `and`, `or` and early returns
/// combine without ever claiming more than was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ArchTruth {
    /// Where it can hold.
    pub can_hold: ArchSet,
    /// Where it can fail.
    pub can_fail: ArchSet,
}

impl ArchTruth {
    /// A condition that holds exactly for `set`, out of `all`.
    pub fn exactly(set: ArchSet, all: ArchSet) -> Self {
        Self { can_hold: set, can_fail: all.difference(set) }
    }

    /// A condition that says nothing of any target.
    pub fn unknown(all: ArchSet) -> Self {
        Self { can_hold: all, can_fail: all }
    }

    /// Always true, or always false.
    pub fn constant(value: bool, all: ArchSet) -> Self {
        Self::exactly(if value { all } else { ArchSet::EMPTY }, all)
    }

    /// The opposite condition.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { can_hold: self.can_fail, can_fail: self.can_hold }
    }

    /// `self and other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { can_hold: self.can_hold.intersection(other.can_hold), can_fail: self.can_fail.union(other.can_fail) }
    }

    /// `self or other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// `self` where `condition` holds, else `other`.
    #[must_use]
    pub fn select(condition: Self, self_: Self, other: Self) -> Self {
        Self {
            can_hold: condition
                .can_hold
                .intersection(self_.can_hold)
                .union(condition.can_fail.intersection(other.can_hold)),
            can_fail: condition
                .can_hold
                .intersection(self_.can_fail)
                .union(condition.can_fail.intersection(other.can_fail)),
        }
    }

    /// Whether it tells any two targets apart, out of `all`.
    pub fn tells_targets_apart(self, all: ArchSet) -> bool {
        let distinguishes = |set: ArchSet| set != all && !set.is_empty();
        distinguishes(self.can_hold) || distinguishes(self.can_fail)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Arch, ArchSet};
    use super::*;

    fn set(archs: &[u8]) -> ArchSet {
        archs.iter().map(|&arch| Arch(arch)).collect()
    }

    #[test]
    fn unknown_operands_keep_what_the_known_one_rules_out() {
        let all = set(&[0, 1, 2]);
        let on_zero = ArchTruth::exactly(set(&[0]), all);
        let and = on_zero.and(ArchTruth::unknown(all));
        assert_eq!((and.can_hold, and.can_fail), (set(&[0]), all));
        let or = on_zero.or(ArchTruth::unknown(all));
        assert_eq!((or.can_hold, or.can_fail), (all, set(&[1, 2])));
        assert_eq!(or.negated().can_hold, set(&[1, 2]));
    }

    #[test]
    fn a_selection_follows_its_condition() {
        let all = set(&[0, 1, 2]);
        let on_zero = ArchTruth::exactly(set(&[0]), all);
        let chosen = ArchTruth::select(on_zero, ArchTruth::constant(true, all), ArchTruth::exactly(set(&[2]), all));
        assert_eq!(chosen, ArchTruth::exactly(set(&[0, 2]), all));
    }
}
