//! The import statement as it should be.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::facts::outline::{Import, ImportedName};
use crate::finding::Edit;
use crate::modules::{BrokenImport, Failure, Home};
use crate::span::{Place, Span};

/// The edit that imports from where things live now: all broken names of the statement at once, since each is a change
/// to the same text.
pub(super) fn fix(cx: &Context<'_>, broken: &BrokenImport) -> Option<(String, Vec<Edit>)> {
    let home = broken.homes.first()?;
    let file = broken.at.file;
    let outline = cx.workspace.facts(file).outline.as_ref()?;
    let import = outline.imports.iter().find(|import| import.span == broken.statement)?;
    let place = |span| Place { file, span };
    let Some(source) = &import.from else {
        // Without an alias the code names the module in full elsewhere.
        let item = import.names.iter().find(|item| *item.name == *broken.module)?;
        item.alias.as_ref()?;
        let name = Span::new(item.span.start as usize, item.span.start as usize + item.name.len());
        return Some((format!("import `{}`", home.dotted), vec![Edit::new(place(name), home.dotted.clone())]));
    };
    match (broken.failure, &home.renamed) {
        (Failure::Module, _) => {
            Some((format!("import from `{}`", home.dotted), vec![Edit::new(place(source.span), home.dotted.clone())]))
        }
        (_, Some(renamed)) => {
            let item = import.names.iter().find(|item| item.span == broken.at.span)?;
            let alias = if item.alias.is_none() { format!(" as {}", item.name) } else { String::new() };
            let name = Span::new(item.span.start as usize, item.span.start as usize + item.name.len());
            Some((format!("import `{renamed}`"), vec![Edit::new(place(name), format!("{renamed}{alias}"))]))
        }
        (_, None) => {
            let moved = moved(cx, broken, import);
            let homes: Vec<String> = moved.keys().map(|home| format!("`{home}`")).collect();
            let edits = split(cx.workspace.sources().get(file).text(), import, &moved)?;
            Some((
                format!("import from {}", homes.join(" and ")),
                edits.into_iter().map(|(span, text)| Edit::new(place(span), text)).collect(),
            ))
        }
    }
}

/// The names of a statement that live elsewhere, by module.
fn moved<'i>(cx: &Context<'_>, broken: &BrokenImport, import: &'i Import) -> BTreeMap<String, Vec<&'i ImportedName>> {
    let siblings = cx
        .workspace
        .import_analysis()
        .imports
        .iter()
        .filter(|other| other.at.file == broken.at.file && other.statement == broken.statement);
    let mut moved: BTreeMap<String, Vec<&ImportedName>> = BTreeMap::new();
    for sibling in siblings.filter(|sibling| sibling.failure == Failure::Name) {
        let item = import.names.iter().find(|item| item.span == sibling.at.span);
        if let (Some(item), Some(Home { dotted, renamed: None, .. })) = (item, sibling.homes.first()) {
            moved.entry(dotted.clone()).or_default().push(item);
        }
    }
    moved
}

/// Takes the moved names out of the statement and puts statements of their own before it.
fn split(text: &str, import: &Import, moved: &BTreeMap<String, Vec<&ImportedName>>) -> Option<Vec<(Span, String)>> {
    let statement = |(home, items): (&String, &Vec<&ImportedName>)| {
        let names: Vec<String> = items.iter().map(|item| written(item)).collect();
        format!("from {home} import {}", names.join(", "))
    };
    let start = import.span.start as usize;
    let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let indent = text.get(line..start)?;
    // Behind `if x:` or another statement a new line would fall out of the block.
    let separator = if indent.trim().is_empty() { format!("\n{indent}") } else { "; ".to_owned() };
    let statements: Vec<String> = moved.iter().map(statement).collect();
    let is_moved = |item: &ImportedName| moved.values().flatten().any(|other| other.span == item.span);
    if import.names.iter().all(is_moved) {
        return Some(vec![(import.span, statements.join(&separator))]);
    }
    let insertion = Span { start: import.span.start, end: import.span.start };
    let mut edits = vec![(insertion, format!("{}{separator}", statements.join(&separator)))];
    for (at, item) in import.names.iter().enumerate().filter(|(_, item)| is_moved(item)) {
        // A name goes with the comma behind it, up to the next name; the last one with the comma before it.
        let next = import.names.get(at + 1).map(|next| Span { start: item.span.start, end: next.span.start });
        let kept = import.names[..at].iter().rev().find(|item| !is_moved(item));
        edits.push((
            next.or_else(|| kept.map(|kept| Span { start: kept.span.end, end: item.span.end }))?,
            String::new(),
        ));
    }
    // A run of moved names at the end: its last removal starts at the last kept name and holds the others.
    let last_start = edits.last()?.0.start;
    let last = edits.len() - 1;
    let edits =
        edits.into_iter().enumerate().filter(|(at, (span, _))| *at == 0 || *at == last || span.start < last_start);
    Some(edits.map(|(_, edit)| edit).collect())
}

/// The item as it is written, on one line.
fn written(item: &ImportedName) -> String {
    match &item.alias {
        Some(alias) => format!("{} as {alias}", item.name),
        None => item.name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::context::{Context, Options};
    use crate::finding::Edit;
    use crate::knowledge::Knowledge;
    use crate::rules::{Selection, run};
    use crate::scan::{Input, scan};

    /// `use.py` as each finding's fix leaves it, without repetitions.
    fn fixed(text: &str) -> Vec<String> {
        let files = [
            ("p/__init__.py", ""),
            ("p/old.py", "kept = other = 1\nclass RenamedV2: ...\n"),
            ("p/new.py", "def moved(): ...\ndef moved_too(): ...\n"),
            ("p/elsewhere.py", "def third(): ...\n"),
            ("p/sub/__init__.py", ""),
            ("p/sub/module.py", "def only_here(): ...\n"),
            ("use.py", text),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let knowledge = Knowledge::embedded().unwrap();
        let workspace = scan(Input::Memory(files.into()), &knowledge).unwrap();
        let options = Options::default();
        let cx = Context::new(&workspace, &knowledge, &options);
        let findings = run(&cx, &Selection::new(&["GFX2".to_owned()], &[]).unwrap());
        let mut results: Vec<String> =
            findings.into_iter().filter_map(|finding| finding.fix).map(|fix| apply(text, fix.edits)).collect();
        results.dedup();
        results
    }

    fn apply(text: &str, mut edits: Vec<Edit>) -> String {
        let mut text = text.to_owned();
        edits.sort_by_key(|edit| edit.at.span);
        assert!(edits.windows(2).all(|pair| pair[0].at.span.end <= pair[1].at.span.start), "edits overlap: {edits:?}");
        for edit in edits.into_iter().rev() {
            text.replace_range(edit.at.span.range(), &edit.text);
        }
        text
    }

    #[test]
    fn a_statement_is_split_by_where_its_names_live() {
        let cases = [
            ("from p.old import moved\n", "from p.new import moved\n"),
            ("from p.old import moved as m, kept\n", "from p.new import moved as m\nfrom p.old import kept\n"),
            (
                "from p.old import kept, moved, moved_too\n",
                "from p.new import moved, moved_too\nfrom p.old import kept\n",
            ),
            (
                "from p.old import moved, kept, third, other\n",
                "from p.elsewhere import third\nfrom p.new import moved\nfrom p.old import kept, other\n",
            ),
            ("from p.old import moved, third\n", "from p.elsewhere import third\nfrom p.new import moved\n"),
            (
                "def f():\n    from p.old import (\n        kept,\n        moved,\n    )\n",
                "def f():\n    from p.new import moved\n    from p.old import (\n        kept,\n    )\n",
            ),
            ("if x: from p.old import kept, moved\n", "if x: from p.new import moved; from p.old import kept\n"),
        ];
        for (before, after) in cases {
            assert_eq!(fixed(before), [after], "{before}");
        }
    }

    #[test]
    fn renamed_names_and_moved_modules_keep_what_they_are_called() {
        let cases = [
            ("from p.old import Renamed\n", "from p.old import RenamedV2 as Renamed\n"),
            ("from p.old import Renamed as R\n", "from p.old import RenamedV2 as R\n"),
            ("from p.module import only_here\n", "from p.sub.module import only_here\n"),
            ("import p.module as m\n", "import p.sub.module as m\n"),
        ];
        for (before, after) in cases {
            assert_eq!(fixed(before), [after], "{before}");
        }
        assert!(fixed("import p.module\n").is_empty());
        assert!(fixed("from p.old import nowhere_to_be_found\n").is_empty());
    }
}
