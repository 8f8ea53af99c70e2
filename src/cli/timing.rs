//! Where the time of a run goes, for `--timings`.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The phases that are over, in the order in which they first ended.
static PHASES: Mutex<Vec<(&'static str, Duration)>> = Mutex::new(Vec::new());

/// Does something and remembers how long it took; what is done several times adds up.
pub(super) fn phase<T>(name: &'static str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let took = start.elapsed();
    let mut phases = PHASES.lock().unwrap_or_else(PoisonError::into_inner);
    match phases.iter_mut().find(|(known, _)| *known == name) {
        Some((_, sum)) => *sum += took,
        None => phases.push((name, took)),
    }
    result
}

/// One line a phase, and the whole run since `start`.
pub(super) fn told(start: Instant) -> String {
    let phases = PHASES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = String::new();
    for (name, took) in phases.iter().copied().chain([("all", start.elapsed())]) {
        let _ = writeln!(out, "{:>8.1} ms  {name}", took.as_secs_f64() * 1000.0);
    }
    out
}
