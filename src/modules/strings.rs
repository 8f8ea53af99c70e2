//! Qualified names in strings that lead nowhere.

use rayon::prelude::*;

use super::{Answer, Found, Imports, Mode, ModuleId};
use crate::facts::outline::{Context, QualifiedString, Reach, Sink};
use crate::span::{FileId, Place};

/// A string that is used as a qualified name and resolves to nothing.
#[derive(Debug, Clone)]
pub struct BrokenString {
    /// The string.
    pub at: Place,
    /// Its text.
    pub text: String,
    /// What is done with it.
    pub sink: Sink,
    /// Where the expression stands.
    pub context: Context,
    /// The dotted module that it names.
    pub module: String,
    /// The name in it that is missing; none where it is the module.
    pub name: Option<String>,
    /// The module, or the innermost one around it that exists.
    pub target: ModuleId,
}

/// How many leading parts of a string must be modules of the run: fewer are found in labels as well.
const LEAST_DEPTH: usize = 3;

impl Imports<'_> {
    /// The broken strings of the run, by file and place.
    pub fn broken_strings(&self) -> Vec<BrokenString> {
        let files: Vec<_> = self.checked().collect();
        let mut broken: Vec<_> = files
            .into_par_iter()
            .flat_map_iter(|(file, outline)| {
                let strings = outline.qualified.iter().filter_map(move |string| self.broken_string(file, string));
                strings.chain(self.broken_pairs(file, outline))
            })
            .collect();
        broken.extend(self.broken_entry_points());
        broken.sort_by_key(|string: &BrokenString| string.at);
        broken
    }

    fn broken_string(&self, file: FileId, string: &QualifiedString) -> Option<BrokenString> {
        if string.context.guard.name || string.context.reach == Reach::Dead || !is_used(&string.sink) {
            return None;
        }
        let (path, attribute) = string.literal.text.split_once(':').unwrap_or((&string.literal.text, ""));
        let parts: Vec<&str> = path.split('.').chain((!attribute.is_empty()).then_some(attribute)).collect();
        if parts
            .iter()
            .any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        {
            return None;
        }
        let Found::Module(top) = self.absolute(file, parts.first()?) else { return None };
        let (mut module, mut depth) = (top, 1);
        while let Some(name) = parts.get(depth) {
            match self.graph().child(module, name) {
                Found::Module(child) => (module, depth) = (child, depth + 1),
                Found::Unknown => return None,
                Found::Missing(_) => break,
            }
        }
        let name = *parts.get(depth)?;
        if depth < LEAST_DEPTH && !imports_it(string)
            || depth < 2
            || self.lookup(module, name, Mode::Run) != Answer::Missing
        {
            return None;
        }
        // What stands behind the last part that exists: a name, or a module with a name in it.
        let rest = &parts[depth..];
        let (module_parts, name) = match rest {
            [name] => (&parts[..depth], (!wants_module(string)).then(|| (*name).to_owned())),
            [.., name] => (&parts[..parts.len() - 1], Some((*name).to_owned())),
            [] => return None,
        };
        let module_name = if name.is_some() { module_parts.join(".") } else { parts.join(".") };
        Some(BrokenString {
            at: Place { file, span: string.literal.span },
            text: string.literal.text.to_string(),
            sink: string.sink.clone(),
            context: string.context,
            module: module_name,
            name,
            target: module,
        })
    }
}

/// Whether what is done with a string may make it a qualified name. Names of loggers and what is compared or printed
/// only look like one; what tests replace need not exist.
fn is_used(sink: &Sink) -> bool {
    let last = |function: &str| function.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match sink {
        Sink::Argument { function, .. } | Sink::Keyword { function, .. } => {
            let function = last(function);
            ![
                "log", "patch", "setattr", "delattr", "print", "warn", "error", "debug", "info", "span", "trace",
                "skip", "mark",
            ]
            .iter()
            .any(|word| function.contains(word))
        }
        Sink::Returned | Sink::Assigned(_) | Sink::Item => true,
        Sink::Other => false,
    }
}

/// Whether a string is handed to something that surely imports it.
fn imports_it(string: &QualifiedString) -> bool {
    let Sink::Argument { function, index: 0, .. } = &string.sink else { return false };
    matches!(
        function.rsplit('.').next().unwrap_or_default(),
        "import_module" | "resolve_obj_by_qualname" | "__import__"
    )
}

/// Whether the string as a whole is a module's name.
fn wants_module(string: &QualifiedString) -> bool {
    let Sink::Argument { function, .. } = &string.sink else { return false };
    matches!(function.rsplit('.').next().unwrap_or_default(), "import_module" | "__import__" | "LazyLoader")
}
