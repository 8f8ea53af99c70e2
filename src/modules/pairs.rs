//! Registries of classes by module: `"LlamaForCausalLM": ("llama", "LlamaForCausalLM")`.

use super::graph::parent;
use super::{Answer, BrokenString, Found, Imports, Mode, ModuleId};
use crate::facts::Outline;
use crate::facts::outline::{Context, Literal, Sink, Table};
use crate::span::{FileId, Place};

/// A table of pairs of strings is a registry of classes if so many of its entries name one,
const LEAST_RIGHT: usize = 4;
/// and not more than one in so many does not.
const MOST_WRONG: usize = 4;

/// What an entry of a table leads to.
enum Outcome {
    Found,
    Broken(BrokenString),
}

impl Imports<'_> {
    /// Entries that lead nowhere, of tables whose other entries name classes in modules beside the file.
    pub(super) fn broken_pairs(&self, file: FileId, outline: &Outline) -> Vec<BrokenString> {
        let mut broken = Vec::new();
        let tables = outline.tables.iter().filter(|table| table.context.runs() && table.entries.len() > LEAST_RIGHT);
        let Some(package) = self.package_of(file) else { return broken };
        for table in tables {
            let (mut right, mut wrong) = (0, Vec::new());
            for (module, class) in pairs(table) {
                match self.follow(package, module, class, Place { file, span: class.span }, table.context) {
                    Outcome::Found => right += 1,
                    Outcome::Broken(string) => wrong.push(string),
                }
            }
            if right >= LEAST_RIGHT && wrong.len() * MOST_WRONG <= right {
                broken.append(&mut wrong);
            }
        }
        broken
    }

    /// The package that a file is, or lies in.
    fn package_of(&self, file: FileId) -> Option<ModuleId> {
        let graph = self.graph();
        let own = graph.of_file(file)?;
        if graph.get(own).is_package() { Some(own) } else { graph.at(parent(&graph.get(own).stem)) }
    }

    fn follow(&self, package: ModuleId, path: &Literal, class: &Literal, at: Place, context: Context) -> Outcome {
        let graph = self.graph();
        let first = path.text.split('.').next().unwrap_or_default();
        // Some entries are written out: `("vllm.models.llama", "Llama")`.
        let written_out = match (graph.child(package, first), self.absolute(at.file, first)) {
            (Found::Missing(_), Found::Module(top)) => Some(top),
            (Found::Missing(_), Found::Unknown) if path.text.contains('.') => return Outcome::Found,
            _ => None,
        };
        let dotted = match written_out {
            Some(_) => path.text.to_string(),
            None => format!("{}.{}", graph.name(package), path.text),
        };
        let broken = |at, name: Option<&str>, target| {
            Outcome::Broken(BrokenString {
                at,
                text: format!("{dotted}.{}", class.text),
                sink: Sink::Item,
                context,
                module: dotted.clone(),
                name: name.map(str::to_owned),
                target,
            })
        };
        let mut module = written_out.unwrap_or(package);
        for part in path.text.split('.').skip(usize::from(written_out.is_some())) {
            match graph.child(module, part) {
                Found::Module(child) => module = child,
                Found::Unknown => return Outcome::Found,
                Found::Missing(_) => return broken(Place { file: at.file, span: path.span }, None, module),
            }
        }
        match self.lookup(module, &class.text, Mode::Run) {
            Answer::Missing => broken(at, Some(&class.text), module),
            _ => Outcome::Found,
        }
    }
}

/// The entries whose value is a dotted name and a name.
fn pairs(table: &Table) -> impl Iterator<Item = (&Literal, &Literal)> {
    let is_name = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
    };
    table.entries.iter().filter_map(move |entry| match &*entry.values {
        [module, class] if module.text.split('.').all(is_name) && is_name(&class.text) => Some((module, class)),
        _ => None,
    })
}
