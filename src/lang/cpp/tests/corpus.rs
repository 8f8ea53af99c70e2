//! A run over real trees, by hand: `GFXLINT_CORPUS=~/.cache/gfxlint-corpus cargo test --lib corpus -- --ignored --nocapture`.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs};

use super::{definitions, facts, show, sites};
use crate::lang::cpp::FRONT_END;

type Outcome = Result<(), Box<dyn Error>>;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|own| super::super::EXTENSIONS.iter().any(|extension| own == *extension))
        {
            found.push(path);
        }
    }
    Ok(())
}

fn guards(text: &str, out: &mut String) -> Outcome {
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    for chain in facts(text).guards {
        writeln!(out, "  chain depth {}", chain.depth)?;
        for branch in chain.branches {
            let host = branch
                .host_token
                .map(|token| format!(" host {}@{}", token.text, line(token.span.start)))
                .unwrap_or_default();
            let stub = if branch.is_stub { " STUB" } else { "" };
            let body = format!("{}-{}", line(branch.body.start), line(branch.body.end.saturating_sub(1)));
            let (at, condition) = (line(branch.span.start), show(&branch.condition));
            writeln!(
                out,
                "    {at} {condition} body {body}{stub}{host} kernels {:?} defines {:?}",
                branch.kernels, branch.defines
            )?;
        }
    }
    Ok(())
}

/// Writes all facts of `csrc` to `$GFXLINT_OUT/<tree>.txt`, and how long reading them took.
#[test]
#[ignore = "needs real trees"]
fn facts_of_real_trees() -> Outcome {
    let (Ok(corpus), Ok(out)) = (env::var("GFXLINT_CORPUS"), env::var("GFXLINT_OUT")) else { return Ok(()) };
    for tree in fs::read_dir(corpus)? {
        let tree = tree?.path();
        if !tree.join("csrc").is_dir() {
            continue;
        }
        let (mut files, mut report) = (Vec::new(), String::new());
        sources(&tree.join("csrc"), &mut files)?;
        files.sort();
        let (mut spent, mut bytes) = (Duration::ZERO, 0);
        for file in files {
            let text = String::from_utf8_lossy(&fs::read(&file)?).into_owned();
            if !FRONT_END.words.iter().any(|word| text.contains(word)) {
                continue;
            }
            let started = Instant::now();
            let found = facts(&text);
            spent += started.elapsed();
            bytes += text.len();
            if found.is_empty() {
                continue;
            }
            writeln!(report, "{}", file.strip_prefix(&tree)?.display())?;
            for site in sites(&text) {
                writeln!(report, "  site {site}")?;
            }
            for definition in definitions(&text) {
                writeln!(report, "  def {definition}")?;
            }
            guards(&text, &mut report)?;
            for prose in found.prose {
                writeln!(report, "  prose {:?} {}", prose.kind, prose.span.text(&text))?;
            }
        }
        writeln!(report, "{bytes} bytes read in {spent:?}")?;
        let name = tree.file_name().unwrap_or_default().to_string_lossy().into_owned();
        fs::write(Path::new(&out).join(format!("{name}.txt")), report)?;
    }
    Ok(())
}
