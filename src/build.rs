//! Writes the registries of rules and front ends, so that adding one touches no list.
//!
//! A rule is `rules/<family>/<ID>-<name>.toml`; its code, if it needs any, is `src/rules/checks/<name>.rs` with `_` for
//! `-`. A front end is a file or folder in `src/lang` that declares `pub static FRONT_END`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for watched in ["rules", "src/rules/checks", "src/lang", "src/build.rs"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    fs::write(out.join("rules.rs"), rules(&root)?)?;
    fs::write(out.join("front_ends.rs"), front_ends(&root)?)?;
    Ok(())
}

/// `mod` lines for the coded rules, and the table of all rules.
fn rules(root: &Path) -> Result<String, Box<dyn Error>> {
    let checks = root.join("src/rules/checks");
    let mut modules = String::new();
    // By id, which is how rules are listed and reported.
    let mut table = BTreeMap::new();
    let mut coded = Vec::new();
    // What rules were called before, and what they are about: neither may be taken for the name of one.
    let (mut names, mut formers, mut selectors) = (Vec::new(), BTreeMap::new(), Vec::new());
    for file in
        files(&root.join("rules"), "toml")?.into_iter().filter(|file| !file.starts_with(root.join("rules/knowledge")))
    {
        let text = fs::read_to_string(&file)?;
        let meta: toml::Table = text.parse().map_err(|error| format!("{}: {error}", file.display()))?;
        let field = |key: &str| {
            meta.get(key).and_then(toml::Value::as_str).ok_or_else(|| format!("{}: `{key}` is missing", file.display()))
        };
        let (id, name) = (field("id")?, field("name")?);
        if file.file_stem().and_then(|stem| stem.to_str()) != Some(&format!("{id}-{name}")) {
            return Err(format!("{}: the file must be called {id}-{name}.toml", file.display()).into());
        }
        let module = name.replace('-', "_");
        let code = checks.join(format!("{module}.rs"));
        let check = if code.exists() {
            writeln!(modules, "#[path = {:?}]\nmod {module};", code.display().to_string())?;
            coded.push(code);
            format!("Some({module}::check)")
        } else {
            "None".to_owned()
        };
        let severity = match field("severity")? {
            "error" => "Error",
            "warning" => "Warning",
            "note" => "Note",
            other => {
                return Err(format!("{}: severity `{other}` is none of error, warning, note", file.display()).into());
            }
        };
        let (life, tags) = (life(&meta, &file)?, tags(&meta, &file));
        let texts = ["summary", "why", "fix"].map(field);
        let [summary, why, fix] = texts;
        let entry = format!(
            "    RuleMeta {{ id: {id:?}, name: {name:?}, severity: crate::finding::Severity::{severity}, life: {life}, tags: &{tags:?}, summary: {:?}, why: {:?}, fix: {:?}, \
             path: {:?}, source: include_str!({:?}), check: {check} }},\n",
            summary?.trim(),
            why?.trim(),
            fix?.trim(),
            file.strip_prefix(root)?.display().to_string().replace('\\', "/"),
            file.display().to_string(),
        );
        names.push(name.to_owned());
        selectors.extend(tags);
        for former in list(&meta, "formerly") {
            if former == id || former == name || formers.insert(former.to_uppercase(), id.to_owned()).is_some() {
                return Err(format!("{}: `{former}` is the former name of two rules, or none", file.display()).into());
            }
        }
        if table.insert(id.to_owned(), entry).is_some() {
            return Err(format!("{}: the id {id} is taken", file.display()).into());
        }
    }
    let is_former = |name: &String| formers.contains_key(&name.to_uppercase());
    if let Some(taken) = table.keys().chain(&names).find(|name| is_former(name)) {
        return Err(format!("rules/: {taken} is a rule, and is called the former name of another one").into());
    }
    if let Some(tag) = selectors.iter().find(|tag| names.contains(tag) || tag.starts_with("GFX")) {
        return Err(format!("rules/: the tag {tag} reads as the name or the id of a rule").into());
    }
    if let Some(stray) = files(&checks, "rs")?.into_iter().find(|file| !coded.contains(file)) {
        return Err(format!("{}: no rule of that name under rules/", stray.display()).into());
    }
    let table: String = table.into_values().collect();
    Ok(format!("{modules}\n/// All built-in rules, by id.\npub static RULES: &[RuleMeta] = &[\n{table}];\n"))
}

/// A rule's life as Rust. What is not stable, or was not there from the start, says since when.
fn life(meta: &toml::Table, file: &Path) -> Result<String, Box<dyn Error>> {
    let text = |key: &str| meta.get(key).and_then(toml::Value::as_str);
    let status = match text("status").unwrap_or("stable") {
        "stable" => "Stable",
        "preview" => "Preview",
        "deprecated" => "Deprecated",
        "removed" => "Removed",
        other => {
            let known = "stable, preview, deprecated, removed";
            return Err(format!("{}: status `{other}` is none of {known}", file.display()).into());
        }
    };
    if status != "Stable" && text("since").is_none() {
        return Err(format!("{}: `since` is missing: the release that it is {status} from", file.display()).into());
    }
    let since = text("since").map_or_else(|| "Life::USUAL.since".to_owned(), |since| format!("Some({since:?})"));
    let (instead, formerly) = (text("instead"), list(meta, "formerly"));
    Ok(format!("Life {{ status: Status::{status}, since: {since}, instead: {instead:?}, formerly: &{formerly:?} }}"))
}

/// A rule's family, which is its folder, and the tags that its file gives.
fn tags(meta: &toml::Table, file: &Path) -> Vec<String> {
    let family = file.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let mut tags: Vec<String> = family.into_iter().chain(list(meta, "tags")).collect();
    let mut seen = std::collections::BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags
}

fn list(meta: &toml::Table, key: &str) -> Vec<String> {
    let items = meta.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    items.filter_map(toml::Value::as_str).map(str::to_owned).collect()
}

/// `mod` lines for `src/lang`, and the table of front ends.
fn front_ends(root: &Path) -> Result<String, Box<dyn Error>> {
    let (mut modules, mut table) = (String::new(), String::new());
    let mut entries: Vec<PathBuf> =
        fs::read_dir(root.join("src/lang"))?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        let file = if entry.is_dir() { entry.join("mod.rs") } else { entry.clone() };
        let Some(module) = entry.file_stem().and_then(|stem| stem.to_str()).filter(|&stem| stem != "mod") else {
            continue;
        };
        writeln!(modules, "#[path = {:?}]\npub mod {module};", file.display().to_string())?;
        if fs::read_to_string(&file)?.contains("pub static FRONT_END:") {
            writeln!(table, "    &{module}::FRONT_END,")?;
        }
    }
    Ok(format!("{modules}\n/// All front ends.\npub static FRONT_ENDS: &[&FrontEnd] = &[\n{table}];\n"))
}

/// The files below `folder` with that extension, sorted.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(files(&path, extension)?);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
