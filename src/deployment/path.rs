//! The way to an image: the stages that it goes through, across container files.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::spelled::Spelled;
use super::{Builds, Found, ImageRef};
use crate::facts::{Checkout, Command, Copy, FileFacts, Install, Patch, Setting, SettingKind, Stage, Text, TextPart};
use crate::span::{FileId, Place, Span};
use crate::workspace::Workspace;

/// A stage of a container file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The container file.
    pub file: FileId,
    /// The stage, as an index into its stages.
    pub stage: usize,
}

/// How far to look for facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// In the stages that the image starts from: what is done there is in the image.
    Chain,
    /// Also in stages that files are copied from: what is built there may be in the image.
    Whole,
}

/// The stages that an image comes from.
#[derive(Debug, Clone)]
pub struct StagePath<'a> {
    workspace: &'a Workspace,
    /// The container file.
    pub file: FileId,
    /// The stage that is the image.
    pub stage: usize,
    /// The stages that it starts from and itself, in build order; those of a base image that the run builds come first.
    pub chain: Vec<Step>,
    /// Stages that files are copied from, with those that they start from, in build order; none of the chain.
    pub sources: Vec<Step>,
    /// The image that the chain starts from; none for a name that is not known at all.
    pub base: Option<ImageRef>,
    /// Where that image is named.
    pub base_at: Place,
    /// Whether a container file of the run builds the image that this file starts from.
    pub has_base_file: bool,
    /// The `ENV`s and `ARG`s of the chain by name, in order; they are looked up often.
    named: Arc<Named<'a>>,
}

/// Where in the build something comes: the step, and the place in its file.
type Order = Option<(usize, u32)>;

/// Settings by name.
type Named<'a> = FxHashMap<&'a str, Namesakes<'a>>;

/// The settings of one name.
#[derive(Debug, Clone, Default)]
struct Namesakes<'a> {
    /// Each with where in the build it comes, in that order.
    all: Vec<(Found<'a, Setting>, Order)>,
    /// Whether there is an `ENV` among them.
    has_variable: bool,
}

/// Paths are followed through at most this many stages, so that circles end.
const LONGEST: usize = 64;
/// So many stages are looked through one by one.
const FEW: usize = 8;

impl<'a> StagePath<'a> {
    /// The path to a stage.
    pub(super) fn new(workspace: &'a Workspace, builds: &Builds<'a>, file: FileId, stage: usize) -> Self {
        let chain = chain_of(workspace, builds, Step { file, stage });
        let mut sources = Vec::new();
        for &step in &chain {
            add_sources(workspace, builds, step, &chain, &mut sources);
        }
        let first = chain.first().copied().unwrap_or(Step { file, stage });
        let from = &workspace.facts(first.file).stages[first.stage];
        let base_at = Place { file: first.file, span: from.image_span };
        let mut path = Self {
            workspace,
            file,
            stage,
            base: ImageRef::read(&from.image, base_at),
            base_at,
            has_base_file: first.file != file,
            chain,
            sources,
            named: Arc::default(),
        };
        path.named = Arc::new(path.by_name());
        path
    }

    /// The stages within reach, in build order: copied ones first.
    pub fn steps(&self, reach: Reach) -> impl Iterator<Item = Step> + '_ {
        let sources = if reach == Reach::Whole { self.sources.as_slice() } else { &[] };
        sources.iter().chain(&self.chain).copied()
    }

    /// The stage fact of a step.
    pub fn stage_of(&self, step: Step) -> &'a Stage {
        &self.facts(step.file).stages[step.stage]
    }

    /// The last step's `FROM` and what it is called.
    pub fn last(&self) -> Found<'a, Stage> {
        Found { file: self.file, fact: &self.facts(self.file).stages[self.stage] }
    }

    /// The stages within reach that start from an image, with its name as far as it is known. An image that the run
    /// builds is left out.
    pub(super) fn roots(&self, reach: Reach) -> impl Iterator<Item = (Step, Spelled)> + '_ {
        self.steps(reach).filter(|step| self.stage_of(*step).parent.is_none()).filter_map(move |step| {
            let at = self.chain.iter().position(|&known| known == step);
            let is_built = at.is_some_and(|at| at > 0);
            let stage = self.stage_of(step);
            (!is_built).then(|| (step, Spelled::new(&stage.image, stage.image_span, &|_| None)))
        })
    }

    /// The stage that a place stands in.
    pub fn stage_of_place(&self, at: Place) -> Option<Step> {
        let stage = stage_at(self.facts(at.file), at.span)?;
        Some(Step { file: at.file, stage })
    }

    /// Whether a place stands in a stage of the chain.
    pub fn holds(&self, at: Place) -> bool {
        self.order(at).is_some()
    }

    /// Where in the build a place of the chain comes; places compare by it.
    pub fn order(&self, at: Place) -> Option<(usize, u32)> {
        let stage = stage_at(self.facts(at.file), at.span)?;
        let step = self.chain.iter().position(|&step| step == Step { file: at.file, stage })?;
        Some((step, at.span.start))
    }

    /// Settings in order: `ENV`, `ARG`, `LABEL`, and those of commands.
    pub fn settings(&self, reach: Reach) -> impl Iterator<Item = Found<'a, Setting>> + '_ {
        self.each(reach, |facts| &facts.settings, |setting| setting.stage)
    }

    /// `ARG`s before the first `FROM` of the files on the chain.
    pub fn global_arguments(&self) -> impl Iterator<Item = Found<'a, Setting>> + '_ {
        let mut files: Vec<FileId> = self.chain.iter().map(|step| step.file).collect();
        files.dedup();
        files.into_iter().flat_map(move |file| {
            self.facts(file)
                .settings
                .iter()
                .filter(|setting| setting.stage.is_none() && setting.kind == SettingKind::DockerArg)
                .map(move |fact| Found { file, fact })
        })
    }

    /// Commands in order.
    pub fn commands(&self, reach: Reach) -> impl Iterator<Item = Found<'a, Command>> + '_ {
        self.each(reach, |facts| &facts.commands, |command| command.home.stage)
    }

    /// Installations in order.
    pub fn installs(&self, reach: Reach) -> impl Iterator<Item = Found<'a, Install>> + '_ {
        self.each(reach, |facts| &facts.installs, |install| install.home.stage)
    }

    /// Fetched sources in order.
    pub fn checkouts(&self, reach: Reach) -> impl Iterator<Item = Found<'a, Checkout>> + '_ {
        self.each(reach, |facts| &facts.checkouts, |checkout| checkout.home.stage)
    }

    /// `COPY` and `ADD` in order.
    pub fn copies(&self, reach: Reach) -> impl Iterator<Item = Found<'a, Copy>> + '_ {
        self.each(reach, |facts| &facts.copies, |copy| copy.stage)
    }

    /// Edits of files in order.
    pub fn patches(&self, reach: Reach) -> impl Iterator<Item = Found<'a, Patch>> + '_ {
        self.steps(reach).filter(|step| !self.facts(step.file).patches.is_empty()).flat_map(move |step| {
            let facts = self.facts(step.file);
            facts
                .patches
                .iter()
                .filter(move |patch| stage_at(facts, patch.span) == Some(step.stage))
                .map(move |fact| Found { file: step.file, fact })
        })
    }

    /// The `ENV` or `ARG` of that name that is in force before a place, or at the end of the image.
    pub fn in_force(&self, name: &str, before: Option<Place>) -> Option<Found<'a, Setting>> {
        let named = self.named.get(name)?;
        let end = match before.map(|at| self.order(at).unwrap_or((usize::MAX, at.span.start))) {
            Some(limit) => named.all.partition_point(|(_, order)| *order < Some(limit)),
            None => named.all.len(),
        };
        let counts = |order: &Order| before.is_none() || order.is_some();
        let before_it =
            || named.all[..end].iter().rev().filter(|(_, order)| counts(order)).map(|(setting, _)| *setting);
        // An argument reaches no further than its own file's build, and an `ENV` hides it.
        let argument = || before_it().find(|setting| before.is_some_and(|at| at.file == setting.file));
        if !named.has_variable {
            return argument();
        }
        before_it().find(|setting| setting.kind == SettingKind::DockerEnv).or_else(argument)
    }

    fn by_name(&self) -> Named<'a> {
        let mut named = Named::default();
        for setting in self.settings(Reach::Chain) {
            if matches!(setting.kind, SettingKind::DockerEnv | SettingKind::DockerArg) {
                let order = self.order(setting.place(setting.span));
                let namesakes = named.entry(setting.fact.name.as_str()).or_default();
                namesakes.all.push((setting, order));
                namesakes.has_variable |= setting.kind == SettingKind::DockerEnv;
            }
        }
        named.values_mut().for_each(|namesakes| namesakes.all.sort_by_key(|(_, order)| *order));
        named
    }

    /// The `ENV` that containers of the image get.
    pub fn env(&self, name: &str) -> Option<Found<'a, Setting>> {
        self.in_force(name, None)
    }

    /// A value with what the base image sets filled in, if all of it is known then; variables that nothing sets stand
    /// for their defaults.
    pub fn text(&self, value: &Text, at: Place) -> Option<String> {
        self.fill(value, at, 0)
    }

    /// The value of a variable in force before a place, if all of it is known.
    pub fn value_of(&self, name: &str, before: Option<Place>) -> Option<String> {
        let setting = self.in_force(name, before)?;
        self.text(&setting.fact.value, setting.place(setting.span))
    }

    fn fill(&self, value: &Text, at: Place, depth: usize) -> Option<String> {
        value
            .parts
            .iter()
            .map(|part| match part {
                TextPart::Literal(text, _) => Some(text.clone()),
                TextPart::Unknown => None,
                TextPart::Outer { name, default } => {
                    let set = self.in_force(name, Some(at)).filter(|_| depth < 8);
                    let set = set.and_then(|set| self.fill(&set.fact.value, set.place(set.span), depth + 1));
                    let default = || default.as_ref().and_then(|default| self.fill(default, at, depth + 1));
                    set.filter(|text| !text.is_empty()).or_else(default)
                }
            })
            .collect()
    }

    /// Puts things in build order; what stands in no stage comes first.
    pub(super) fn sort<T>(&self, list: &mut [T], at: impl Fn(&T) -> Option<Place>) {
        let steps: Vec<Step> = self.steps(Reach::Whole).collect();
        list.sort_by_key(|item| {
            let at = at(item)?;
            let step = self.stage_of_place(at).and_then(|step| steps.iter().position(|&known| known == step));
            Some((step, at.span))
        });
    }

    /// Whether the container file lies in the vLLM tree of the run.
    pub(super) fn lies_in_vllm(&self) -> bool {
        let path = &self.workspace.sources().get(self.file).path;
        self.workspace.vllm_root().is_some_and(|root| path.starts_with(root))
    }

    pub(super) fn facts(&self, file: FileId) -> &'a FileFacts {
        self.workspace.facts(file)
    }

    fn each<'b, T>(
        &'b self,
        reach: Reach,
        list: fn(&'a FileFacts) -> &'a Vec<T>,
        stage: fn(&T) -> Option<usize>,
    ) -> Box<dyn Iterator<Item = Found<'a, T>> + 'b>
    where
        T: 'a,
        'a: 'b,
    {
        if self.steps(reach).nth(FEW).is_none() {
            return Box::new(self.steps(reach).flat_map(move |step| {
                let facts = list(self.facts(step.file)).iter().filter(move |&fact| stage(fact) == Some(step.stage));
                facts.map(move |fact| Found { file: step.file, fact })
            }));
        }
        // Where many stages are within reach, every file's list is gone through once.
        let steps: Vec<Step> = self.steps(reach).collect();
        let mut files: Vec<FileId> = steps.iter().map(|step| step.file).collect();
        files.sort_unstable();
        files.dedup();
        let mut found: Vec<(usize, Found<'a, T>)> = Vec::new();
        for file in files {
            let facts = self.facts(file);
            let mut order: Vec<Option<usize>> = vec![None; facts.stages.len()];
            for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.file == file) {
                if let Some(order) = order.get_mut(step.stage) {
                    *order = Some(at);
                }
            }
            let place = |fact: &T| order.get(stage(fact)?).copied().flatten();
            found.extend(list(facts).iter().filter_map(|fact| Some((place(fact)?, Found { file, fact }))));
        }
        found.sort_by_key(|(order, _)| *order);
        Box::new(found.into_iter().map(|(_, fact)| fact))
    }
}

/// The stage that a place stands in.
pub fn stage_at(facts: &FileFacts, at: Span) -> Option<usize> {
    facts.stages.partition_point(|stage| stage.span.start <= at.start).checked_sub(1)
}

/// A stage and those that it starts from, in build order.
fn chain_of(workspace: &Workspace, builds: &Builds<'_>, last: Step) -> Vec<Step> {
    let mut chain = vec![last];
    let mut current = last;
    while chain.len() < LONGEST {
        let next = match workspace.facts(current.file).stages[current.stage].parent {
            Some(stage) => Some(Step { file: current.file, stage }),
            None => builds.base_of(current),
        };
        match next.filter(|next| !chain.contains(next)) {
            Some(next) => {
                chain.push(next);
                current = next;
            }
            None => break,
        }
    }
    chain.reverse();
    chain
}

/// Adds the stages that a stage copies from, and theirs.
fn add_sources(workspace: &Workspace, builds: &Builds<'_>, step: Step, chain: &[Step], sources: &mut Vec<Step>) {
    let facts = workspace.facts(step.file);
    for copy in facts.copies.iter().filter(|copy| copy.stage == Some(step.stage)) {
        let Some(stage) = copied_stage(facts, step.stage, copy) else { continue };
        for from in chain_of(workspace, builds, Step { file: step.file, stage }) {
            if chain.contains(&from) || sources.contains(&from) || sources.len() >= LONGEST {
                continue;
            }
            // What a source copies itself comes before it.
            sources.push(from);
            let at = sources.len() - 1;
            add_sources(workspace, builds, from, chain, sources);
            sources[at..].rotate_left(1);
        }
    }
}

/// The earlier stage that a `COPY --from=` names, by name or number.
pub fn copied_stage(facts: &FileFacts, stage: usize, copy: &Copy) -> Option<usize> {
    let from = copy.from.as_ref()?.by_default()?.to_ascii_lowercase();
    let named = facts.stages[..stage].iter().rposition(|earlier| earlier.name.as_deref() == Some(from.as_str()));
    named.or_else(|| from.parse().ok().filter(|&number: &usize| number < stage))
}
