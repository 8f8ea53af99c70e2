//! What the rules about Nix share: uses of packages with the functions around them, and what tells which GPUs a
//! configuration is for.

mod hardware;
mod lock;
mod stack;

pub(crate) use hardware::{is_for_nvidia, sign_of_amd};
pub(crate) use lock::lock_of;
pub(crate) use stack::{changes_torch, rocm_config, torch_for_rocm};

use crate::context::Context;
use crate::facts::{NixFile, NixLayer, NixReference, NixValue};
use crate::span::{FileId, Place, Span};

/// A use of a package, with its file.
#[derive(Clone, Copy)]
pub(crate) struct Use<'a> {
    pub(crate) file: FileId,
    pub(crate) nix: &'a NixFile,
    pub(crate) reference: &'a NixReference,
}

/// The Nix files that rules look at.
pub(crate) fn files<'a>(cx: &Context<'a>) -> impl Iterator<Item = (FileId, &'a NixFile)> + use<'a> {
    let workspace = cx.workspace;
    cx.files().filter_map(move |(file, ..)| Some((file, workspace.nix_file(file)?)))
}

/// All uses of packages in them.
pub(crate) fn uses<'a>(cx: &Context<'a>) -> impl Iterator<Item = Use<'a>> + use<'a> {
    files(cx).flat_map(|(file, nix)| nix.references.iter().map(move |reference| Use { file, nix, reference }))
}

impl<'a> Use<'a> {
    /// A place in its file.
    pub(crate) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    /// The functions that it stands in, innermost first.
    pub(crate) fn layers(&self) -> impl Iterator<Item = &'a NixLayer> + use<'a> {
        layers(self.nix, self.reference.layer)
    }

    /// Whether one of its names contains a word, compared without case.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.reference.path.iter().any(|name| name.to_ascii_lowercase().contains(word))
    }

    /// Whether an override gives `name = true`.
    pub(crate) fn switches_on(&self, name: &str) -> bool {
        self.reference.argument(name).is_some_and(|argument| argument.value == NixValue::Bool(true))
    }
}

/// A function and those around it, innermost first.
pub(crate) fn layers(nix: &NixFile, innermost: Option<usize>) -> impl Iterator<Item = &NixLayer> {
    let mut next = innermost;
    std::iter::from_fn(move || {
        let layer = nix.layers.get(next?)?;
        next = layer.parent;
        Some(layer)
    })
}

/// Whether a name is that of a set of Python packages: `python3Packages`, `python312Packages`.
pub(crate) fn is_python_set(name: &str) -> bool {
    name.strip_prefix("python").and_then(|rest| rest.strip_suffix("Packages")).is_some_and(is_number)
}

/// Whether a name is that of a Python interpreter: `python3`, `python312`.
pub(crate) fn is_python(name: &str) -> bool {
    name.strip_prefix("python").is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The known strings of a list.
pub(crate) fn texts(value: &NixValue) -> Vec<(String, Span)> {
    let NixValue::List(items, _) = value else { return Vec::new() };
    let text = |item: &crate::facts::NixItem| match &item.value {
        NixValue::Text(text) => Some((text.known()?, item.span)),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}
