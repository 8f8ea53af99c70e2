//! Writes the files of all rules' examples as seeds: `seeds CORPUS` makes `CORPUS/<target>/<hash>`.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::{env, fs};

use gfxlint_fuzz::{TARGETS, examples_of};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let corpus = PathBuf::from(env::args().nth(1).ok_or("where to?")?);
    for (target, _) in TARGETS {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        for text in examples_of(target) {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            fs::write(folder.join(format!("{:016x}", hasher.finish())), text)?;
        }
    }
    Ok(())
}
