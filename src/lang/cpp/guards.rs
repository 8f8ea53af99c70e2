//! Facts of the preprocessor: guard chains, their conditions as sites, and macros that stand for targets.

use rustc_hash::FxHashMap;

use super::chains::{Branch, Chain, Chains, Define};
use super::condition::{combine, negate};
use super::directives::Directive;
use super::lex::Source;
use super::structure::Structure;
use super::stubs::{Contents, operand_span};
use crate::facts::{
    ArchExpr, ArchSite, Definition, DefinitionKind, FileFacts, GuardBranch, GuardChain, Sense, SiteKind,
};

/// Chains nested deeper are left out: each level names its kernels and macros again.
const MAX_DEPTH: usize = 16;

/// Macros beyond this number are left out, and conditions with more operands say less: bounds what a definition costs.
const MAX_DEFINITIONS: usize = 4096;
const MAX_OPERANDS: usize = 512;

/// Adds what the preprocessor says.
pub(super) fn extract(
    source: &Source<'_>,
    directives: &[Directive],
    chains: &Chains,
    structure: &Structure,
    facts: &mut FileFacts,
) {
    let contents = Contents::read(source, chains, structure);
    let reader = Reader { source, directives, chains, structure, contents };
    for chain in chains.chains.iter().filter(|chain| chain.relevant && chain.depth < MAX_DEPTH) {
        facts.guards.push(reader.chain(chain));
    }
    facts.arch_sites.extend(chains.branches.iter().filter_map(|branch| reader.site(branch)));
    facts.definitions.extend(reader.definitions());
}

struct Reader<'a> {
    source: &'a Source<'a>,
    directives: &'a [Directive],
    chains: &'a Chains,
    structure: &'a Structure,
    contents: Contents<'a>,
}

impl Reader<'_> {
    fn chain(&self, chain: &Chain) -> GuardChain {
        GuardChain { branches: chain.branches.iter().map(|&branch| self.branch(branch)).collect(), depth: chain.depth }
    }

    fn branch(&self, id: usize) -> GuardBranch {
        let branch = &self.chains.branches[id];
        let directive = &self.directives[branch.directive];
        let condition = branch.condition.as_ref().map_or(ArchExpr::Constant(true), |condition| condition.expr.clone());
        GuardBranch {
            span: operand_span(self.source, &directive.operands, directive.hash),
            condition,
            body: branch.lines,
            is_stub: self.contents.is_stub(id, &branch.body),
            kernels: self.contents.kernels(&branch.body),
            host_token: self.contents.host_token(&branch.body),
            defines: self.defines_in(branch).iter().map(|define| self.source.word(define.name).to_owned()).collect(),
        }
    }

    fn defines_in(&self, branch: &Branch) -> &[Define] {
        let defines = &self.chains.defines;
        let from = defines.partition_point(|define| define.name < branch.body.start);
        let to = defines.partition_point(|define| define.name < branch.body.end);
        defines.get(from..to.max(from)).unwrap_or_default()
    }

    fn site(&self, branch: &Branch) -> Option<ArchSite> {
        let condition = branch.condition.as_ref()?;
        let span = condition.relevant?;
        let (kind, symbol) = match &condition.derived {
            Some(name) => (SiteKind::DerivedGuard, name.clone()),
            None => (SiteKind::DeviceMacro, self.symbol(branch).unwrap_or_else(|| condition.first.clone())),
        };
        Some(ArchSite {
            kind,
            symbol,
            span,
            expr: condition.expr.clone(),
            sense: Sense::Enables,
            scope: String::new(),
            atoms: Vec::new(),
        })
    }

    /// What a branch on the compiler's macros is about: the macro that it starts by defining, or the function around it.
    fn symbol(&self, branch: &Branch) -> Option<String> {
        let first = self.defines_in(branch).first().filter(|define| define.name == branch.body.start + 2);
        let name = first.map(|define| define.name).or_else(|| Some(self.structure.enclosing(branch.body.start)?.name));
        name.map(|name| self.source.word(name).to_owned())
    }

    /// Macros that are switched on for some targets: each one once, with all its definitions joined.
    fn definitions(&self) -> Vec<Definition> {
        let mut by_name: FxHashMap<&str, Vec<&Define>> = FxHashMap::default();
        let mut order = Vec::new();
        for define in &self.chains.defines {
            let name = self.source.word(define.name);
            let group = by_name.entry(name).or_default();
            if group.is_empty() {
                order.push(name);
            }
            group.push(define);
        }
        order.iter().filter_map(|name| self.definition(name, by_name.get(name)?)).take(MAX_DEFINITIONS).collect()
    }

    fn definition(&self, name: &str, defines: &[&Define]) -> Option<Definition> {
        let switched =
            |define: &&Define| define.is_switch && define.branch.is_some_and(|branch| self.under_target(branch));
        // One that is also defined elsewhere, with a value, or taken back, says nothing certain of targets.
        if !defines.iter().all(switched) || defines.len() > MAX_OPERANDS || self.chains.undefined.contains(name) {
            return None;
        }
        let first = defines.first()?;
        let mut budget = MAX_OPERANDS;
        let conditions =
            defines.iter().filter_map(|define| define.branch).map(|branch| self.reached(branch, &mut budget)).collect();
        let expr = combine(conditions, ArchExpr::Any);
        let span = self.source.span(first.name);
        Some(Definition { name: name.to_owned(), kind: DefinitionKind::Macro, span, expr, ladder: None })
    }

    fn under_target(&self, branch: usize) -> bool {
        let branch = &self.chains.branches[branch];
        branch.under_target && self.chains.chains[branch.chain].depth < MAX_DEPTH
    }

    /// When a branch is compiled, as far as the chains around it on targets say.
    fn reached(&self, branch: usize, budget: &mut usize) -> ArchExpr {
        let mut parts = Vec::new();
        let mut around = Some(branch);
        while let Some(id) = around {
            around = self.chains.outer(id);
            let chain = &self.chains.chains[self.chains.branches[id].chain];
            if chain.relevant {
                self.conditions_until(chain, id, budget, &mut parts);
            }
            if *budget == 0 {
                parts.push(ArchExpr::Unknown);
                break;
            }
        }
        parts.reverse();
        combine(parts, ArchExpr::All)
    }

    /// The condition of a branch, with those of the branches before it turned around; innermost last.
    fn conditions_until(&self, chain: &Chain, branch: usize, budget: &mut usize, parts: &mut Vec<ArchExpr>) {
        let reached = chain.branches.partition_point(|&id| id <= branch);
        for &id in chain.branches.iter().take(reached).rev() {
            let Some(condition) = &self.chains.branches[id].condition else { continue };
            let operands = operands(&condition.expr);
            if operands > *budget {
                *budget = 0;
                return;
            }
            *budget -= operands;
            let expr = condition.expr.clone();
            parts.push(if id == branch { expr } else { negate(expr) });
        }
    }
}

/// How many operands an expression has.
fn operands(expr: &ArchExpr) -> usize {
    let mut count = 0;
    expr.visit(&mut |part| {
        if !matches!(part, ArchExpr::All(_) | ArchExpr::Any(_) | ArchExpr::Not(_)) {
            count += 1
        }
    });
    count
}
