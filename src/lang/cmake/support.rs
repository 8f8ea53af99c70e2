//! Where a list of targets is cut down to what is supported, and where targets are taken from the environment.

use super::command::{Command, Form};
use super::reader::{Reader, is_about_targets};
use super::variables::Reference;
use crate::facts::{ArchExpr, SettingKind, SiteKind, Text};
use crate::lang::remarks;

/// Commands whose first argument is no variable that they cut down to what is supported.
const BUILT_IN: &[&str] = &[
    "set",
    "list",
    "message",
    "if",
    "elseif",
    "else",
    "endif",
    "foreach",
    "endforeach",
    "while",
    "endwhile",
    "function",
    "endfunction",
    "macro",
    "endmacro",
    "block",
    "endblock",
    "string",
    "option",
    "unset",
    "return",
    "include",
    "set_target_properties",
    "set_property",
    "target_compile_options",
    "target_compile_definitions",
    "separate_arguments",
];

impl Reader<'_> {
    /// `if(_ARCH IN_LIST _SUPPORTED)` in a loop over AMD's targets: what is not in the list falls out.
    pub(super) fn supported_list(&mut self, command: &Command, next: Option<&Command>) {
        let [item, operator, list] = command.arguments.as_slice() else { return };
        let is_loop =
            self.inner_blocks().find_map(|block| block.item.as_deref()).is_some_and(|looped| looped == self.word(item));
        if !is_loop || !operator.is(self.text, "IN_LIST") || !self.inner_blocks().any(|block| block.is_amd) {
            return;
        }
        let appended =
            next.filter(|next| next.name == "list").and_then(|next| next.arguments.get(1)).map(|name| self.word(name));
        let symbol =
            appended.map(|name| name.trim_start_matches("${").trim_end_matches('}')).unwrap_or_default().to_owned();
        self.site(SiteKind::CmakeIntersect, &symbol, item.span.hull(list.span), ArchExpr::Unknown);
    }

    /// A call of the project's own that is given a variable to set and the list of what is supported.
    pub(super) fn other(&mut self, command: &Command) {
        self.architectures(command);
        let Some((target, others)) = command.arguments.split_first() else { return };
        let symbol = self.word(target).to_owned();
        if BUILT_IN.contains(&command.name.as_str())
            || target.form != Form::Unquoted
            || !is_about_targets(&symbol)
            || symbol.contains('$')
        {
            return;
        }
        let allowed = others.iter().find_map(|argument| {
            let written = self.word(argument);
            Reference::all(written)
                .into_iter()
                .filter(|reference| !reference.environment)
                .find_map(|reference| self.allowed(reference.name))
        });
        if let Some(expr) = allowed {
            self.site(SiteKind::CmakeIntersect, &symbol, command.span, expr);
            self.variables.assign(&symbol, Text::unknown());
        }
    }

    /// The list of this file that a reference can mean. `${${LANG}_SUPPORTED_ARCHS}` can mean every list whose name
    /// ends so; if that is a single one, it is taken.
    fn allowed(&self, name: &str) -> Option<ArchExpr> {
        let fits = |list: &&String| match (name.find("${"), name.rfind('}')) {
            (Some(open), Some(close)) => {
                list.starts_with(&name[..open])
                    && list.ends_with(&name[close + 1..])
                    && list.len() > open + name.len() - close - 1
            }
            _ => list.as_str() == name,
        };
        let mut fitting = self.lists.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(list), None) => Some(ArchExpr::Named(list.clone())),
            // A list of another file; NVIDIA's are no concern of ours.
            _ => (name.contains("SUPPORTED_ARCH") && !name.contains("CUDA")).then_some(ArchExpr::Unknown),
        }
    }

    /// `HIP_ARCHITECTURES "gfx90a;gfx942"` among the arguments of any command.
    fn architectures(&mut self, command: &Command) {
        for pair in command.arguments.windows(2) {
            let [name, value] = pair else { continue };
            if is_about_targets(self.word(name)) && remarks::list(self.text, value.span).is_some() {
                let text = self.variables.value(self.text, value);
                let (key, span) = (self.word(name).to_owned(), name.span.hull(value.span));
                self.facts.settings.push(remarks::setting(&key, span, value.span, text, SettingKind::CmakeSet));
            }
        }
    }

    /// `DEFINED ENV{PYTORCH_ROCM_ARCH}` and `$ENV{PYTORCH_ROCM_ARCH}`.
    pub(super) fn environment_reads(&mut self, command: &Command) {
        for argument in &command.arguments {
            let written = argument.span.text(self.text);
            let tested =
                written.strip_prefix("ENV{").and_then(|name| name.strip_suffix('}')).filter(|_| command.name != "set");
            let read = || {
                Reference::all(written)
                    .into_iter()
                    .find(|reference| reference.environment)
                    .map(|reference| reference.name)
            };
            if let Some(name) = tested.or_else(read).filter(|name| remarks::names_targets(name)) {
                self.site(SiteKind::CmakeCondition, name, argument.span, ArchExpr::Unknown);
            }
        }
    }
}
