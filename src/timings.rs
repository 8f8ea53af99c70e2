//! Where the time of a run goes, for `--timings`. Nothing is measured unless that is asked for.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A part of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Folders are walked, and the cache is opened.
    Discover,
    /// Files are read, or compared with what is kept of them.
    Read,
    /// Python is outlined.
    Outline,
    /// A grammar parses.
    Parse,
    /// Facts are taken from files, and from the cache.
    Extract,
    /// Facts of all files are joined.
    Join,
    /// Rules run.
    Rules,
    /// Findings are written.
    Report,
}

impl Phase {
    const ALL: [Self; 8] =
        [Self::Discover, Self::Read, Self::Outline, Self::Parse, Self::Extract, Self::Join, Self::Rules, Self::Report];

    fn name(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Read => "read",
            Self::Outline => "outline",
            Self::Parse => "parse",
            Self::Extract => "extract",
            Self::Join => "join",
            Self::Rules => "rules",
            Self::Report => "report",
        }
    }

    /// Whether threads work on it file by file: its times are added up over all of them.
    fn is_by_file(self) -> bool {
        matches!(self, Self::Read | Self::Outline | Self::Parse | Self::Extract)
    }
}

static IS_ON: AtomicBool = AtomicBool::new(false);
/// Nanoseconds of each phase.
static SPENT: [AtomicU64; Phase::ALL.len()] = [const { AtomicU64::new(0) }; Phase::ALL.len()];

/// Measures from now on.
pub fn start() {
    IS_ON.store(true, Ordering::Relaxed);
}

/// Does some work, and adds its time to a phase.
pub fn spend<T>(phase: Phase, work: impl FnOnce() -> T) -> T {
    if !IS_ON.load(Ordering::Relaxed) {
        return work();
    }
    let start = Instant::now();
    let done = work();
    let spent = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    SPENT[phase as usize].fetch_add(spent, Ordering::Relaxed);
    done
}

/// What was spent on each phase, as a table; none where nothing was measured.
pub fn table(whole: Duration) -> Option<String> {
    if !IS_ON.load(Ordering::Relaxed) {
        return None;
    }
    let spent = |phase: Phase| SPENT[phase as usize].load(Ordering::Relaxed);
    let mut table = String::new();
    for phase in Phase::ALL {
        // Parsing is a part of taking facts.
        let own = spent(phase).saturating_sub(if phase == Phase::Extract { spent(Phase::Parse) } else { 0 });
        let note = if phase.is_by_file() { "  over all threads" } else { "" };
        let _ = writeln!(table, "{:<10}{:>10}{note}", phase.name(), shown(Duration::from_nanos(own)));
    }
    let _ = writeln!(table, "{:<10}{:>10}", "whole run", shown(whole));
    Some(table)
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
