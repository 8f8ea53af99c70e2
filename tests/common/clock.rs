//! How long something keeps its thread busy, whatever else the machine does meanwhile.

use std::fs;
use std::time::{Duration, Instant};

/// Stands still while its thread does; where the system tells no such thing, an ordinary clock.
pub struct ThreadClock {
    busy: Option<Duration>,
    start: Instant,
}

impl ThreadClock {
    /// Starts it.
    pub fn start() -> Self {
        Self { busy: Self::busy(), start: Instant::now() }
    }

    /// What its thread has spent since.
    pub fn spent(&self) -> Duration {
        let busy = || Self::busy()?.checked_sub(self.busy?);
        busy().unwrap_or_else(|| self.start.elapsed())
    }

    fn busy() -> Option<Duration> {
        let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    }
}
