//! GFX416: wheels and folders for another Python than the image's.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, VllmKind, copied_stage};
use crate::facts::{Command, Copy, Install, SettingKind, Word};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::span::Place;
use crate::version::Version;

/// A minor release of Python.
type Python = (u32, u32);

/// Programs for which a folder need not exist.
const CAREFREE: &[&str] = &["rm", "find", "ls", "test", "[", "[[", "du", "strip", "echo", "printf", "chmod", "chown"];
/// What brings a Python that nothing else names.
const BRINGERS: &[&str] =
    &["conda", "mamba", "pyenv", "deadsnakes", "Python-3", "altinstall", "python-build-standalone"];

/// Looks at every image for AMD GPUs whose Python is known.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        for step in image.path.chain.iter().filter(|step| cx.is_product(step.file)) {
            let Some(stage) = cx.joins().image(step.file, step.stage).and_then(|stage| Pythons::of(stage)) else {
                continue;
            };
            let found = stage.wheels(cx, out).into_iter().chain(stage.folders(cx, out)).chain(stage.release(cx, out));
            for finding in found.filter(|finding| finding.at.file == step.file) {
                if seen.insert(finding.at) {
                    out.push(finding);
                }
            }
        }
    }
}

/// The Pythons of a stage.
struct Pythons<'a, 'b> {
    image: &'b ImageFacts<'a>,
    /// All that are named; any of them may be the one that runs.
    stated: BTreeSet<Python>,
    /// The last one, which is shown.
    last: Python,
    at: Option<Place>,
    is_guess: bool,
    /// The folders of virtual environments that are made on the way, each with its Python.
    environments: Vec<(String, Python)>,
}

impl<'a, 'b> Pythons<'a, 'b> {
    fn of(image: &'b ImageFacts<'a>) -> Option<Self> {
        let last = image.python()?;
        let mut stated: BTreeSet<Python> = image.python.iter().map(|python| python.value).collect();
        let is_guess = image.python.iter().all(|python| python.certainty.is_guess());
        let words = || image.path.commands(Reach::Chain).flat_map(|command| &command.fact.words).map(shown);
        let brings =
            |text: String| BRINGERS.iter().any(|word| text.contains(word)) || text == "uv" || text.ends_with("/uv");
        if is_guess && words().any(brings) {
            return None;
        }
        for copy in image.path.copies(Reach::Chain).filter(|copy| copy.from.is_some()) {
            let sources: Vec<String> = copy.fact.sources.iter().map(shown).collect();
            if sources.iter().any(|source| holds_interpreter(source)) {
                return None;
            }
            stated.extend(sources.iter().filter_map(|source| interpreter(source)));
        }
        let environments = image.path.commands(Reach::Chain).filter_map(|made| environment(made.fact)).collect();
        Some(Self { image, stated, last: last.value, at: last.at, is_guess, environments })
    }

    fn has(&self, python: Python) -> bool {
        self.stated.contains(&python)
    }

    /// Wheels that are installed, copied in or fetched.
    fn wheels(&self, cx: &Context<'_>, out: &Findings) -> Vec<Finding> {
        let path = &self.image.path;
        let installed = path.installs(Reach::Chain).filter(|install| {
            let command = install.command.and_then(|at| cx.workspace.facts(install.file).commands.get(at));
            !command.is_some_and(|command| chooses(command, self))
        });
        let installed = installed.flat_map(|install| {
            let own = self.environment_of(cx, install);
            install.fact.packages.iter().map(move |package| (install.file, &package.word, own))
        });
        let copied = path
            .copies(Reach::Chain)
            .flat_map(|copy| copy.fact.sources.iter().map(move |word| (copy.file, word, None)));
        let fetched = path
            .commands(Reach::Chain)
            .filter(|command| matches!(command.program().as_str(), "wget" | "curl" | "aria2c"))
            .flat_map(|command| command.fact.words.iter().map(move |word| (command.file, word, None)));
        let mut named = BTreeSet::new();
        let words = installed.chain(copied).chain(fetched);
        words
            .filter_map(|(file, word, own)| {
                let text = shown(word);
                let (name, pythons) = wheel(&text)?;
                let fits = pythons.iter().any(|python| own.map_or(self.has(*python), |own| own == *python));
                if fits || !named.insert(name.to_owned()) {
                    return None;
                }
                let (major, minor) = *pythons.first()?;
                let message = format!(
                    "{name} is built for Python {major}.{minor}, and this {} has Python {}: pip refuses it as \"not a supported wheel on this platform\".",
                    if own.is_some() { "environment" } else { "image" },
                    own.map_or_else(|| self.shown(), |(major, minor)| format!("{major}.{minor}"))
                );
                let finding = self.report(out, Place { file, span: word.span }, message);
                Some(finding.label(format!("for Python {major}.{minor}")).help(format!(
                    "take the wheel whose name says cp{}{}, or use a base image with Python {major}.{minor}",
                    self.last.0, self.last.1
                )))
            })
            .collect()
    }

    /// The Python of the virtual environment that an install surely goes to: its pip is called by its path, or stands
    /// first on the PATH. It may be another one than the image's.
    fn environment_of(&self, cx: &Context<'_>, install: Found<'_, Install>) -> Option<Python> {
        if self.environments.is_empty() {
            return None;
        }
        let command = cx.workspace.facts(install.file).commands.get(install.command?)?;
        let program = command.words.first().map(shown)?;
        let at = install.place(install.span);
        let path =
            self.image.path.in_force("PATH", Some(at)).map(|path| path.fact.value.with_gaps()).unwrap_or_default();
        self.environments
            .iter()
            .rfind(|(folder, _)| {
                let programs = format!("{folder}/bin");
                program.strip_prefix(&programs).is_some_and(|rest| rest.starts_with('/'))
                    || !program.contains('/') && path.split(':').next() == Some(&programs)
            })
            .map(|(_, python)| *python)
    }

    /// Folders of packages that another Python looks in.
    fn folders(&self, cx: &Context<'_>, out: &Findings) -> Vec<Finding> {
        let path = &self.image.path;
        let copies = path.copies(Reach::Chain).filter_map(|copy| self.copied(cx, out, copy));
        let used = path.commands(Reach::Chain).filter(|command| {
            !command.may_not_run && !CAREFREE.contains(&command.program().as_str()) && !chooses(command.fact, self)
        });
        let used =
            used.flat_map(|command| command.fact.words.iter().map(move |word| (command.place(word.span), shown(word))));
        let variables = path.settings(Reach::Chain).filter(|setting| setting.kind == SettingKind::DockerEnv);
        let variables = variables.map(|setting| (setting.place(setting.value_span), setting.fact.value.with_gaps()));
        let written = used.chain(variables).filter_map(|(at, text)| {
            let python = folder(&text).filter(|python| !self.has(*python))?;
            Some(self.elsewhere(out, at, python))
        });
        copies.chain(written).collect()
    }

    fn copied(&self, cx: &Context<'_>, out: &Findings, copy: Found<'_, Copy>) -> Option<Finding> {
        let to = copy.fact.destination.as_ref()?;
        let from = copy.fact.sources.iter().find_map(|word| folder(&shown(word)));
        let into = folder(&shown(to));
        let wrong = [into, from].into_iter().flatten().find(|python| !self.has(*python));
        if let Some(python) = wrong {
            return Some(self.elsewhere(out, copy.place(to.span), python));
        }
        if let (Some((_, old)), Some((_, new))) = (from, into)
            && old != new
        {
            let message = format!(
                "Packages of Python 3.{old} are copied into a folder of Python 3.{new}: their compiled modules are for 3.{old} and cannot be imported."
            );
            return Some(self.report(out, copy.place(to.span), message).label("another Python"));
        }
        // A virtual environment starts the Python that made it.
        let is_environment = |word: &Word| shown(word).trim_end_matches('/').ends_with("venv");
        let word = copy.fact.sources.iter().find(|word| is_environment(word))?;
        let stage = copied_stage(cx.workspace.facts(copy.file), copy.stage?, copy.fact)?;
        let source = cx.joins().image(copy.file, stage)?;
        let made = source.python()?;
        if source.python.iter().any(|python| self.has(python.value)) {
            return None;
        }
        let (major, minor) = made.value;
        let message = format!(
            "This environment was made with Python {major}.{minor}, and this image has Python {}: it starts an interpreter that is not here, and its compiled modules are for {major}.{minor}.",
            self.shown()
        );
        let finding =
            self.report(out, copy.place(word.span), message).label(format!("made with Python {major}.{minor}"));
        Some(match made.at {
            Some(at) => finding.related(at, format!("Python {major}.{minor} here")),
            None => finding,
        })
    }

    fn elsewhere(&self, out: &Findings, at: Place, (major, minor): Python) -> Finding {
        let message = format!(
            "This folder belongs to Python {major}.{minor}, and this image has Python {}, which does not look there.",
            self.shown()
        );
        let help = "ask Python for the folder (`python3 -c 'import site; print(site.getsitepackages()[0])'`), or use the same Python in both places";
        self.report(out, at, message).label(format!("of Python {major}.{minor}")).help(help)
    }

    /// A Python that the release of vLLM does not take.
    fn release(&self, cx: &Context<'_>, out: &Findings) -> Option<Finding> {
        let vllm = self.image.vllm().filter(|vllm| vllm.kind != VllmKind::BaseImage)?;
        if vllm.release.is_fork.is_yes() {
            return None;
        }
        let wanted = cx.knowledge.releases().agreed(&vllm.release.range, |release| release.python.as_ref())?;
        let range = crate::version::VersionRange::parse(wanted)?;
        let is_fine = |&(major, minor): &Python| {
            Version::parse(&format!("{major}.{minor}")).is_none_or(|version| range.contains(&version))
        };
        if self.stated.iter().any(is_fine) {
            return None;
        }
        let message =
            format!("vLLM {} takes Python {wanted}, and this image has Python {}.", vllm.release.range, self.shown());
        Some(self.report(out, vllm.at, message).label(format!("needs Python {wanted}")))
    }

    fn shown(&self) -> String {
        format!("{}.{}", self.last.0, self.last.1)
    }

    fn report(&self, out: &Findings, at: Place, message: String) -> Finding {
        let severity = if self.is_guess { out.severity().lowered() } else { out.severity() };
        let finding = out.finding(at, message).severity(severity).doubts(usize::from(self.is_guess));
        let finding = finding.data("python", self.shown());
        match self.at.filter(|own| *own != at) {
            Some(own) => finding.related(own, format!("Python {} here", self.shown())),
            None => finding,
        }
    }
}

fn shown(word: &Word) -> String {
    word.text.with_gaps()
}

/// Whether a command says itself which Python it is for, or only fetches files for another one.
fn chooses(command: &Command, pythons: &Pythons<'_, '_>) -> bool {
    let words: Vec<String> = command.words.iter().map(shown).collect();
    let own = words.first().and_then(|program| number_in(program)).is_some_and(|python| !pythons.has(python));
    own || words.iter().any(|word| {
        ["--python-version", "--platform", "--abi"].iter().any(|option| word.starts_with(option))
            || matches!(word.as_str(), "--python" | "-p" | "download")
    })
}

/// The folder of a virtual environment that a command makes, and its Python: `python3.11 -m venv /opt/venv`.
fn environment(command: &Command) -> Option<(String, Python)> {
    let python = interpreter(&shown(command.words.first()?))?;
    let words: Vec<String> = command.words.iter().map(shown).collect();
    let is_module = words.windows(2).any(|pair| pair[0] == "-m" && pair[1] == "venv");
    let folder = words.last().filter(|folder| is_module && folder.starts_with('/'))?;
    Some((folder.trim_end_matches('/').to_owned(), python))
}

/// The name of a wheel, and the Pythons that it is for; none for those that any later Python takes.
fn wheel(text: &str) -> Option<(&str, Vec<Python>)> {
    let path = text.split(['#', '?']).next()?;
    let name = path.rsplit('/').next().filter(|name| name.ends_with(".whl"))?;
    let tags: Vec<&str> = name.strip_suffix(".whl")?.rsplit('-').collect();
    let &[_, abi, python, ..] = tags.as_slice() else { return None };
    let pythons: Vec<Python> =
        python.split('.').filter_map(|tag| Some((3, tag.strip_prefix("cp3")?.parse().ok()?))).collect();
    (abi != "abi3" && !pythons.is_empty()).then_some((name, pythons))
}

/// The Python whose packages a path is about: `/usr/lib/python3.11/dist-packages`.
fn folder(text: &str) -> Option<Python> {
    text.match_indices("/python3.").find_map(|(at, _)| {
        let python = number_in(&text[at + 1..])?;
        let rest = text[at..]
            .trim_start_matches(|next: char| next != '3')
            .trim_start_matches(|next: char| next.is_ascii_digit() || next == '.');
        (rest.starts_with("/site-packages") || rest.starts_with("/dist-packages")).then_some(python)
    })
}

/// The number of `python3.11`, `pip3.11`.
fn number_in(text: &str) -> Option<Python> {
    let at = text.find("python3.").map(|at| at + 8).or_else(|| text.find("pip3.").map(|at| at + 5))?;
    let rest = &text[at..];
    let end = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
    Some((3, rest[..end].parse().ok()?))
}

/// The interpreter that a copied file is.
fn interpreter(path: &str) -> Option<Python> {
    path.rsplit('/').next().filter(|name| name.starts_with("python3.")).and_then(number_in)
}

/// Whether a copied folder may hold an interpreter of its own.
fn holds_interpreter(path: &str) -> bool {
    let path = path.trim_end_matches(['/', '*']);
    let parts = ["conda", "pyenv", "/uv/", "/uv", "python-standalone", "micromamba"];
    matches!(path, "" | "/usr" | "/usr/local" | "/usr/local/bin" | "/usr/bin" | "/opt" | "/opt/python" | "/root")
        || parts.iter().any(|part| path.contains(part)) && !path.ends_with("/bin/uv") && path != "/uv"
}
