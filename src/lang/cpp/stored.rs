//! Positions that are kept in a variable and compared later: `size_t at = arch.find("gfx94"); return at == npos;`.

use super::atoms::{Atom, comparison, placed};
use super::boolean::{Root, Use, roots};
use super::brackets::Brackets;
use super::lex::Source;

/// How many tokens behind the assignment the comparison is looked for.
const REACH: usize = 256;

/// What a root says once its position has been compared; none for a position that never is. The site stays where the
/// name is looked for, all else is the comparison's.
pub(super) fn resolve(source: &Source<'_>, brackets: &Brackets, root: Root, limit: usize) -> Option<Root> {
    if !root.is_position {
        return Some(root);
    }
    let Use::Assigned(variable) = root.used else { return None };
    let name = source.word(variable);
    let reach = limit.min(root.start + REACH);
    let uses = (root.start..reach).filter(|&at| source.is_ident(at) && source.is(at, name));
    let compared = uses.filter_map(|at| {
        let comparison = comparison(source, at, at + 1)?;
        let expr = placed(&root.expr, &comparison)?;
        let span = source.hull(comparison.start, comparison.end.saturating_sub(1));
        Some(Atom { start: comparison.start, end: comparison.end, span, expr, is_position: false })
    });
    let atom = compared.take(1).collect::<Vec<_>>();
    let decided = roots(source, brackets, &atom).pop()?;
    Some(Root { span: root.span, ..decided })
}
