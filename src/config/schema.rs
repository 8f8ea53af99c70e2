//! The JSON schema of a configuration file, and a file with every key as a comment: both from the table of keys.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::keys::{KEYS, Key, Kind};

/// The JSON schema of a configuration file.
pub fn schema() -> Value {
    let mut schema = object(KEYS);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("gfxlint.toml");
    schema["description"] = json!("Configuration of gfxlint; in pyproject.toml the same below [tool.gfxlint].");
    schema
}

fn object(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut value = of(key.kind);
            value["description"] = json!(key.doc);
            (key.name.to_owned(), value)
        })
        .collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

fn of(kind: Kind) -> Value {
    let text = || json!({"type": "string", "minLength": 1});
    match kind {
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Text => text(),
        Kind::AnyText => json!({"type": "string"}),
        Kind::Number => json!({"type": "integer", "minimum": 1}),
        Kind::Texts => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Kind::Strings => json!({"type": "array", "items": text()}),
        Kind::TextOrStrings => json!({"oneOf": [text(), {"type": "array", "items": text()}]}),
        Kind::Choice(words) => json!({"enum": words}),
        Kind::Named(words) => json!({"type": "object", "additionalProperties": {"enum": words}}),
        Kind::Table(keys) => object(keys),
        Kind::Tables(keys) => {
            let mut item = object(keys);
            item["required"] = json!(["paths"]);
            json!({"type": "array", "items": item})
        }
    }
}

/// A configuration file that says nothing yet: every key with what it does, as a comment.
pub fn template() -> String {
    let mut out = String::from(
        "# Configuration of gfxlint. It holds for everything below this folder; the command line wins over it.\n\
         # `gfxlint config` shows what is in force, and where each value comes from.\n",
    );
    // Keys of the file itself come before its tables, or they would belong to one.
    let is_table = |key: &&Key| matches!(key.kind, Kind::Named(_) | Kind::Table(_) | Kind::Tables(_));
    for key in KEYS.iter().filter(|key| !is_table(key)) {
        let _ = write!(out, "\n# {}\n# {} = {}\n", key.doc, key.name, key.example);
    }
    for key in KEYS.iter().filter(is_table) {
        let brackets = if matches!(key.kind, Kind::Tables(_)) { ("[[", "]]") } else { ("[", "]") };
        let _ = write!(out, "\n# {}\n# {}{}{}\n", key.doc, brackets.0, key.name, brackets.1);
        match key.kind {
            Kind::Table(keys) | Kind::Tables(keys) => {
                keys.iter().for_each(|key| _ = writeln!(out, "# {} = {}  # {}", key.name, key.example, key.doc));
            }
            _ => {
                let inner = key.example.trim_start_matches("{ ").trim_end_matches(" }");
                inner.split(", ").for_each(|line| _ = writeln!(out, "# {line}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    /// Without its comment signs, the file that `gfxlint init` writes says what every key may hold.
    #[test]
    fn every_key_of_the_template_is_a_key() {
        let text = super::template();
        let bare: String = text
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')))
            .map(|line| format!("{line}\n"))
            .collect();
        let table: toml::Table = bare.parse().unwrap_or_else(|error| panic!("{error}\n{bare}"));
        let keys: Vec<&str> = super::KEYS.iter().map(|key| key.name).collect();
        assert!(table.keys().all(|key| keys.contains(&key.as_str())), "{bare}");
        assert_eq!(table.len(), keys.len(), "{bare}");
        assert!(text.parse::<toml::Table>().unwrap().is_empty());
    }
}
