//! A launch under judgement.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::deployment::{Answer, Deployment, MarkerKind, Rests};
use crate::finding::{Finding, Severity};
use crate::knowledge::{ArchFact, Vllm};
use crate::span::Place;

/// A launch, and what is needed to judge it.
#[derive(Clone, Copy)]
pub(crate) struct Case<'c, 'a> {
    pub(crate) cx: &'c Context<'a>,
    pub(crate) launch: &'c Deployment<'a>,
}

/// Targets that a fault is about.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    /// Their names, oldest first.
    pub(crate) names: Vec<String>,
    pub(crate) set: ArchSet,
    /// Whether the launch is for others as well, for which all is well.
    pub(crate) is_part: bool,
}

impl Hit {
    /// The names for a message.
    pub(crate) fn list(&self) -> String {
        self.names.join(", ")
    }
}

/// The launches to judge: not those of tests, benchmarks and examples, nor of vLLM's own documentation, nor for other
/// vendors' GPUs, nor those that the text beside them calls wrong.
pub(crate) fn cases<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = Case<'c, 'a>> {
    let launches = cx.joins().deployments().iter().filter(|launch| cx.is_product(launch.file()));
    launches.map(move |launch| Case { cx, launch }).filter(Case::is_judged)
}

impl<'c, 'a> Case<'c, 'a> {
    fn is_judged(&self) -> bool {
        let path = &self.cx.workspace.sources().get(self.launch.file()).path;
        let in_vllm = || self.cx.workspace.vllm_root().is_some_and(|root| path.starts_with(root));
        let is_manual = self.launch.is_shown && in_vllm();
        !self.launch.is_amd.is_no() && !is_manual && !super::text::is_called_wrong(self.cx, self.launch)
    }

    /// Whether it surely runs on an AMD GPU.
    pub(crate) fn is_rocm(&self) -> bool {
        self.launch.is_amd.is_yes() || self.launch.pretended.is_some() || !self.launch.targets.is_unknown()
    }

    /// What is known of the vLLM that it starts.
    pub(crate) fn vllm(&self) -> Vllm<'c> {
        self.cx.knowledge.vllm(&self.launch.vllm.range)
    }

    /// Whether nothing is known of its version.
    pub(crate) fn any_release(&self) -> bool {
        self.launch.vllm.is_unknown()
    }

    /// "vLLM 0.14.1", or "vLLM" where the version is not known.
    pub(crate) fn release(&self) -> String {
        if self.any_release() { "vLLM".to_owned() } else { format!("vLLM {}", self.launch.vllm.range) }
    }

    /// The targets that vLLM sees: what the runtime is told to see, where it is told.
    pub(crate) fn seen_targets(&self) -> ArchSet {
        let pretended = self.launch.pretended.as_ref().and_then(|pretended| pretended.name.as_deref());
        match pretended.and_then(|name| self.cx.universe().find(name)) {
            Some(arch) => std::iter::once(arch).collect(),
            None => self.launch.targets.set,
        }
    }

    /// Those of the targets that vLLM sees for which something holds.
    pub(crate) fn hit(&self, holds: impl Fn(&ArchFact) -> bool) -> Option<Hit> {
        let all = self.seen_targets();
        let set: ArchSet = all.iter().filter(|&arch| holds(self.cx.knowledge.arch(arch))).collect();
        (!set.is_empty()).then(|| Hit { names: self.cx.universe().names(set), set, is_part: set != all })
    }

    /// The severity, lowered for what is not sure.
    pub(crate) fn lowered(&self, severity: Severity, rests: Rests, hit: Option<&Hit>) -> Severity {
        let is_part = hit.is_some_and(|hit| hit.is_part);
        let steps = self.launch.doubts(rests) + usize::from(is_part) + usize::from(self.launch.is_shown);
        severity.lowered_by(steps)
    }

    /// Where a finding about something that is not written stands.
    pub(crate) fn anchor(&self) -> Place {
        let model = self.launch.model().and_then(|model| model.at);
        model.unwrap_or_else(|| self.launch.place(self.launch.launch.program))
    }

    /// Whether the code of that name is patched on the way to the launch.
    pub(crate) fn is_patched(&self, part: &str) -> bool {
        self.launch.markers.iter().any(|marker| marker.kind == MarkerKind::Patch && marker.name.contains(part))
    }

    /// Whether vLLM is somebody's own.
    pub(crate) fn is_fork(&self) -> bool {
        self.launch.vllm.is_fork == Answer::Yes
    }

    /// Adds what the finding rests on: where the target and the version were read.
    pub(crate) fn with_evidence(&self, mut finding: Finding, rests: Rests) -> Finding {
        let (target, release) = (self.launch.targets, &self.launch.vllm);
        if let (Some(at), true) = (target.at, rests.on_target) {
            let names = self.cx.universe().list(target.set);
            if apart(&finding, at) {
                finding = finding.related(at, format!("it is for {names}"));
            }
        }
        if let (Some(pretended), true) = (&self.launch.pretended, rests.on_target)
            && let Some(name) = &pretended.name
            && apart(&finding, pretended.at)
        {
            finding = finding.related(pretended.at, format!("makes ROCm see {name}"));
        }
        if let (Some(at), true, false) = (release.at, rests.on_release, release.is_unknown())
            && apart(&finding, at)
        {
            finding = finding.related(at, self.release());
        }
        for marker in self.launch.markers.iter().take(1) {
            if apart(&finding, marker.at) {
                finding = finding.related(marker.at, "not upstream's vLLM as it is");
            }
        }
        finding
    }
}

fn apart(finding: &Finding, at: Place) -> bool {
    finding.at != at && finding.related.iter().all(|label| label.at != at)
}
