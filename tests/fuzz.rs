//! Every target of the fuzzer on its committed seeds and on what is made of them by rule, without the fuzzer: nothing
//! panics, takes long, or grows out of bounds.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;
#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::cpu;
use targets::TARGETS;

/// What large input is made up to, in bytes: in an unoptimised build a fifth of it, for the time that it takes.
const LARGE: usize = if cfg!(debug_assertions) { 20_000 } else { 100_000 };
/// The most time of processors for that, under each of a target's names: a second, or what takes ten times as long
/// unoptimised.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 2 } else { 1 });
/// The most memory for that, as a multiple of the input under each of a target's names, beyond what any run takes.
const MOST: usize = 50;
const LEAST: usize = 64 << 20;

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Memory in use by this process, and the most that it was since it was last asked, in bytes; none where the system does
/// not tell.
fn memory() -> Option<(usize, usize)> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.parse::<usize>().ok().map(|kilobytes| kilobytes << 10)
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// Makes the most that it was what it is now.
fn forget_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// One after the other: time and memory are those of the whole process.
#[test]
fn every_target_takes_its_seeds() {
    let mut wrong = Vec::new();
    for (name, body) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for (path, seed) in &seeds {
            // A panic tells the seed; the fuzzer takes it from there.
            println!("{name}: {}", path.display());
            body(seed);
            for part in 1..4 {
                body(&seed[..seed.len() * part / 4]);
                body(&seed[seed.len() * part / 4..]);
            }
        }
        // The fuzzer's finds are small on purpose; large input is made of what is well formed too.
        let (_, seed) = &seeds[0];
        let large: Vec<u8> = seed.iter().copied().cycle().take(LARGE).collect();
        let (before, start) = (memory().filter(|_| forget_peak()), cpu::of_process());
        body(&large);
        let names = if matches!(*name, "suppressions") { 11 } else { 5 };
        if let Some(spent) = cpu::of_process().zip(start).map(|(end, start)| end - start)
            && spent > LONGEST * names
        {
            wrong.push(format!("{name}: {spent:?} for {LARGE} bytes"));
        }
        if let (Some((before, _)), Some((_, most))) = (before, memory())
            && most.saturating_sub(before) > LEAST + MOST * LARGE * names as usize
        {
            wrong.push(format!("{name}: {} MB for {LARGE} bytes", (most - before) >> 20));
        }
        println!("{name}: {:?}, {:?}", cpu::of_process().zip(start).map(|(end, start)| end - start), memory());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words that mean something to some front end.
const WORDS: &[&str] = &[
    "gfx942",
    "gfx1151",
    "PYTORCH_ROCM_ARCH",
    "HSA_OVERRIDE_GFX_VERSION=11.0.0",
    "vllm serve m",
    "--dtype bf16",
    "rocm/vllm:latest",
    "\n",
    "\r\n",
    "\\\n",
    " ",
    "\t",
    "\"",
    "'",
    "\"\"\"",
    "`",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "${",
    "$(",
    "<<EOF\n",
    "EOF\n",
    "#",
    "# gfxlint: ignore[GFX1]",
    "&a ",
    "*a",
    "- ",
    ": ",
    "|",
    "---\n",
    "```bash\n",
    "```\n",
    "| a |",
    "FROM ",
    "RUN ",
    "ENV A=",
    "ARG ",
    "COPY --from=",
    "if ",
    "else",
    "endif()",
    "import ",
    "from . import ",
    "def ",
    "class ",
    "match ",
    "__all__ = ",
    "f'{",
    ":=",
    "#if ",
    "#endif\n",
    "/*",
    "*/",
    "R\"(",
    "''",
    "inherit ",
    "with ",
    "let ",
    "in ",
    "rec ",
    "@@ -1 +1 @@\n",
    "--- a/x\n+++ b/x\n",
    "\0",
    "\u{feff}",
    "\u{e9}",
    "\u{1f600}",
    "\u{202e}",
    "99999999999999999999",
    "-1",
    "..",
    "=",
];

/// A generator of numbers that says the same every time (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    /// One change somewhere, with pieces of another text.
    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + self.below(40)).min(bytes.len());
        let from = self.below(other.len() + 1);
        let piece = &other[from..(from + self.below(120)).min(other.len())];
        let word = WORDS[self.below(WORDS.len())].as_bytes();
        match self.below(8) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.truncate(at),
            2 => drop(bytes.splice(at..end, piece.iter().copied())),
            3 => drop(bytes.splice(at..at, piece.iter().copied())),
            4 => drop(bytes.splice(at..end, word.iter().copied())),
            5 => {
                let again = bytes[at..end].repeat(1 + self.below(30));
                drop(bytes.splice(at..at, again));
            }
            _ => drop(bytes.splice(at..at, word.iter().copied())),
        }
    }
}

/// Changed seeds and examples for a while, without the fuzzer and its compiler: `GFXLINT_FUZZ_SECONDS` for each target,
/// `GFXLINT_FUZZ_TARGET` for one of them alone. The last input lies in the folder for temporary files of tests.
#[test]
#[ignore = "runs as long as one wants"]
fn changed_seeds_are_taken() {
    let setting = |name: &str| std::env::var(name).ok();
    let seconds = setting("GFXLINT_FUZZ_SECONDS").map_or(10, |text| text.parse().unwrap());
    let first = setting("GFXLINT_FUZZ_SEED").map_or(1, |text| text.parse().unwrap());
    let last = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz-last");
    for (name, body) in
        TARGETS.iter().filter(|(name, _)| setting("GFXLINT_FUZZ_TARGET").is_none_or(|wanted| wanted == *name))
    {
        let texts: Vec<Vec<u8>> =
            seeds(name).into_iter().map(|(_, text)| text).chain(targets::examples_of(name)).collect();
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(first) | 1);
        let (start, mut runs, mut slowest) = (std::time::Instant::now(), 0_u64, Duration::ZERO);
        while start.elapsed() < Duration::from_secs(seconds) {
            let mut bytes = texts[chance.below(texts.len())].clone();
            for _ in 0..=chance.below(6) {
                let other = &texts[chance.below(texts.len())];
                chance.change(&mut bytes, other);
            }
            fs::write(&last, &bytes).unwrap();
            let before = cpu::of_process();
            body(&bytes);
            runs += 1;
            let spent = cpu::of_process().zip(before).map(|(end, start)| end - start).unwrap_or_default();
            if spent > slowest {
                slowest = spent;
                fs::write(last.with_file_name(format!("fuzz-slowest-{name}")), &bytes).unwrap();
            }
            assert!(spent < Duration::from_secs(10), "{name}: {spent:?} for {} bytes", bytes.len());
        }
        println!("{name}: {runs} runs, at most {slowest:?}");
    }
}
