//! Names that imports bind.

use tree_sitter::Node;

use super::children;
use crate::facts::Import;
use crate::span::Span;

/// The names that an `import` or `from` statement binds in `scope`.
pub(super) fn bound_by(node: Node<'_>, text: &str, scope: &str) -> Vec<Import> {
    let words = |node: Node<'_>| Span::of(node).text(text).split_whitespace().collect::<String>();
    let import = |local: String, module: String, name: Option<String>| Import {
        local,
        scope: scope.to_owned(),
        module,
        name,
        span: Span::of(node),
    };
    let from = node.child_by_field_name("module_name").map(words);
    let mut cursor = node.walk();
    let mut bound = Vec::new();
    for item in node.children_by_field_name("name", &mut cursor) {
        let (target, alias) = match item.kind() {
            "aliased_import" => {
                let [target, alias] = ["name", "alias"].map(|field| item.child_by_field_name(field).map(words));
                (target.unwrap_or_default(), alias)
            }
            _ => (words(item), None),
        };
        bound.push(match &from {
            Some(module) => import(alias.unwrap_or_else(|| target.clone()), module.clone(), Some(target)),
            // `import a.b` binds `a`, and `a.b` is reached through it; `import a.b as c` binds the inner module.
            None => match alias {
                Some(alias) => import(alias, target, None),
                None => {
                    let top = target.split('.').next().unwrap_or_default().to_owned();
                    import(top.clone(), top, None)
                }
            },
        });
    }
    if let Some(module) = from
        && children(node).iter().any(|child| child.kind() == "wildcard_import")
    {
        bound.push(import("*".to_owned(), module, Some("*".to_owned())));
    }
    bound
}
