//! `gfxlint clean`: removes what is kept from run to run.

use super::ExitStatus;
use super::args::Common;
use super::output::Output;
use crate::cache::Folder;
use crate::error::RunError;
use crate::report::{counted, printable};

pub(super) fn run(common: &Common) -> Result<ExitStatus, RunError> {
    let Some(folder) = Folder::of_user() else {
        return Err(RunError::Usage {
            what: "there is no folder for caches".to_owned(),
            help: "set GFXLINT_CACHE_DIR, or HOME".to_owned(),
        });
    };
    let removed = folder.clean().map_err(|(path, error)| RunError::clean(&path, &error))?;
    let shown = printable(&folder.path().display().to_string());
    Output::new(common)?.write(&match removed.files {
        0 => format!("No caches in {shown}.\n"),
        files => {
            #[allow(clippy::cast_precision_loss, reason = "shown to one decimal")]
            let size = removed.bytes as f64 / f64::from(1 << 20);
            format!("Removed {} ({size:.1} MiB) from {shown}.\n", counted(files, "file"))
        }
    })?;
    Ok(ExitStatus::Clean)
}
