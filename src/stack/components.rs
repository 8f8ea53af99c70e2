//! Components of the stack, at the refs that the tree pins.

use crate::arch::Arch;
use crate::context::Context;
use crate::facts::SettingKind;
use crate::knowledge::{Component, Support};
use crate::span::{FileId, Place};

/// Where a tree pins a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The ref, as written.
    pub value: String,
    /// Where it stands.
    pub at: Place,
}

/// What a component says of a target.
#[derive(Debug, Clone)]
pub struct ComponentState<'a> {
    /// The component.
    pub component: &'a Component,
    /// Where the tree pins it.
    pub pin: Option<Pin>,
    /// The entry that answers, if there is one.
    pub support: Option<&'a Support>,
    /// Whether that entry was read at the pinned ref, not at the nearest one.
    pub exact: bool,
    /// `supported`, `unsupported`, `experimental` or `unknown`.
    pub verdict: &'static str,
}

/// What a component says of `arch`; pins in `image` come first, then those of any container file of the run.
pub fn state_of<'a>(
    cx: &Context<'a>,
    component: &'a Component,
    arch: Arch,
    image: Option<FileId>,
) -> ComponentState<'a> {
    let pin = pin_of(cx, component, image);
    let (support, exact) = component.support_at(pin.as_ref().map(|pin| pin.value.as_str()));
    let verdict = match support {
        Some(support) if support.experimental.contains(arch) => "experimental",
        Some(support) if support.supported.contains(arch) => "supported",
        Some(_) => "unsupported",
        None => "unknown",
    };
    ComponentState { component, pin, support, exact, verdict }
}

/// Where the tree pins a component: in `image`, else in any container file of the run.
pub fn pin_of(cx: &Context<'_>, component: &Component, image: Option<FileId>) -> Option<Pin> {
    let pins = || {
        cx.files().filter(|(_, file, _)| file.language == "dockerfile").flat_map(|(id, _, facts)| {
            let is_pin = |setting: &&crate::facts::Setting| {
                setting.kind == SettingKind::DockerArg
                    && setting.via.is_none()
                    && component.pin_variables.contains(&setting.name)
            };
            facts.settings.iter().filter(is_pin).filter_map(move |setting| {
                let value = setting.value.known().filter(|value| !value.is_empty())?;
                Some(Pin { value, at: Place { file: id, span: setting.span } })
            })
        })
    };
    pins().find(|pin| Some(pin.at.file) == image).or_else(|| {
        // Among several container files, the one with the plainest name is the main one.
        pins().min_by_key(|pin| cx.workspace.sources().get(pin.at.file).path.len())
    })
}
