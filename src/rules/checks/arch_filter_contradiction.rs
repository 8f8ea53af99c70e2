//! GFX108: lists whose elements the filter behind them always removes, and filters that leave nothing of the image's.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{FileFacts, Setting};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::span::{FileId, Place};
use crate::stack::{self, TARGETS_VARIABLE};
use crate::workspace::{ArchList, arch_list};

/// What is wrong with a filter and its list.
enum Contradiction {
    /// These are written into the list, and the filter takes them out.
    Removed(Vec<String>),
    /// What is left has nothing in common with the image's targets.
    Foreign(ArchSet),
}

/// Reports each filter whose list is written in the same file and that contradicts it.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, _, facts) in cx.files() {
        for setting in &facts.settings {
            let Some((filter, input)) =
                setting.filter.as_ref().and_then(|filter| Some((filter, arch_list(&filter.input, cx.universe())?)))
            else {
                continue;
            };
            // A filter that yields something else than targets is for another purpose.
            let Some(result) =
                filter.evaluate(&joined(&input)).filter(|_| arch_list(&setting.value, cx.universe()).is_some())
            else {
                continue;
            };
            let contradiction = contradiction(cx, file, facts, setting, &input, &result);
            if let Some(contradiction) = contradiction {
                out.push(report(cx, out, file, facts, setting, &contradiction));
            }
        }
    }
}

fn joined(list: &ArchList) -> String {
    list.items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(&list.separator.to_string())
}

fn contradiction(
    cx: &Context<'_>,
    file: FileId,
    facts: &FileFacts,
    setting: &Setting,
    input: &ArchList,
    result: &str,
) -> Option<Contradiction> {
    let left: Vec<&str> = result
        .split([';', ',', ' ', '\n'])
        .filter(|name| !name.is_empty())
        .map(|name| name.trim_start_matches("--offload-arch="))
        .collect();
    let removed: Vec<String> =
        input.items.iter().map(|item| item.text.clone()).filter(|name| !left.contains(&name.as_str())).collect();
    // A list that others read as well, such as the image's, is rightly longer than what one filter leaves of it.
    let is_own = source(facts, setting).is_some_and(|list| list.name != TARGETS_VARIABLE && readers(facts, list) == 1);
    if is_own && !removed.is_empty() {
        return Some(Contradiction::Removed(removed));
    }
    let image = stack::images(cx).into_iter().find(|image| image.file == file)?;
    let value = arch_list(&setting.value, cx.universe())?.covers();
    (!image.targets.is_empty() && value.intersection(image.targets).is_empty())
        .then_some(Contradiction::Foreign(image.targets))
}

/// The setting that the filter's list is written in: behind plain references.
fn source<'a>(facts: &'a FileFacts, setting: &Setting) -> Option<&'a Setting> {
    let behind = |via| facts.settings.iter().find(|other| Some(other.span) == via);
    let mut found = behind(setting.via)?;
    for _ in 0..8 {
        match behind(found.via) {
            Some(next) => found = next,
            None => break,
        }
    }
    Some(found)
}

/// How many settings get their value from this one, by references that only hand it on or through a filter.
fn readers(facts: &FileFacts, list: &Setting) -> usize {
    let direct: Vec<&Setting> = facts.settings.iter().filter(|other| other.via == Some(list.span)).collect();
    direct
        .iter()
        .map(
            |reader| {
                if reader.name == list.name && reader.filter.is_none() { readers_of_copy(facts, reader) } else { 1 }
            },
        )
        .sum()
}

/// Readers of a copy under the same name (`ARG X` in a stage); a copy of a copy is not followed.
fn readers_of_copy(facts: &FileFacts, copy: &Setting) -> usize {
    facts.settings.iter().filter(|other| other.via == Some(copy.span)).count()
}

fn report(
    cx: &Context<'_>,
    out: &Findings,
    file: FileId,
    facts: &FileFacts,
    setting: &Setting,
    contradiction: &Contradiction,
) -> Finding {
    let at = Place { file, span: setting.span };
    let list = source(facts, setting);
    let (message, label, archs) = match contradiction {
        Contradiction::Removed(names) => {
            let list = list.map_or("the list", |list| list.name.as_str());
            (
                format!(
                    "{list} holds {}, which this filter always takes out again, so {} is never built for it.",
                    names.join(", "),
                    setting.name
                ),
                format!("drops {}", names.join(", ")),
                names.clone(),
            )
        }
        Contradiction::Foreign(image) => {
            let names = cx.universe().list(*image);
            (
                format!(
                    "This filter leaves nothing for {} that the image is built for ({names}), so what it builds cannot run there.",
                    setting.name
                ),
                "shares nothing with the image".to_owned(),
                cx.universe().names(*image),
            )
        }
    };
    let mut finding = out.finding(at, message).label(label).data("arch", archs).data("list", setting.name.clone());
    if let Some(list) = list {
        finding = finding.related(Place { file, span: list.span }, "the list that goes in");
    }
    if let (Contradiction::Foreign(_), Some(image)) =
        (contradiction, stack::images(cx).into_iter().find(|image| image.file == file))
    {
        finding = finding.related(cx.value(image.list), "the image's targets");
    }
    finding.help("drop the filter, or drop from the list what the filter takes out; do not just widen the pattern of the component's own list")
}
