//! How long something keeps a processor busy, whatever else the machine does meanwhile.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{Run, command, text_of};

/// The system counts in such ticks, whatever it is called elsewhere.
const TICK: Duration = Duration::from_millis(10);

/// Runs the program in a folder; also tells the time that all its threads spent on processors. Where the system does
/// not tell that, the time that passed.
pub fn timed(folder: &Path, arguments: &[&str]) -> (Run, Duration) {
    let start = Instant::now();
    let mut command = command(folder, arguments);
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("gfxlint starts");
    let (mut out, mut err) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
    let errors = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        err.read_to_end(&mut bytes).map(|_| bytes)
    });
    let mut stdout = Vec::new();
    out.read_to_end(&mut stdout).expect("output is read");
    let stderr = errors.join().expect("a thread ends").expect("output is read");
    // Its times stay until somebody asks how it ended.
    let own = Path::new("/proc").join(child.id().to_string()).join("stat");
    let spent =
        std::iter::repeat_with(|| times(&own)).take_while(Option::is_some).flatten().find_map(|(state, spent)| {
            if state != "Z" {
                std::thread::sleep(Duration::from_millis(1));
            }
            (state == "Z").then_some(spent)
        });
    let status = child.wait().expect("gfxlint ends");
    (text_of(std::process::Output { status, stdout, stderr }), spent.unwrap_or_else(|| start.elapsed()))
}

/// The state of a process, and the time that it spent on processors.
fn times(stat: &Path) -> Option<(String, Duration)> {
    let text = fs::read_to_string(stat).ok()?;
    // The name in front is in parentheses and may hold anything.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    Some((fields.first()?.to_string(), TICK * ticks))
}

/// The time that this whole process spent on processors so far; none where the system does not tell.
pub fn of_process() -> Option<Duration> {
    times(Path::new("/proc/self/stat")).map(|(_, spent)| spent)
}
