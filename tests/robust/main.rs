//! What must hold whatever stands in files, whatever they are called, and whatever the system does meanwhile.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod hostile;
mod limits;
mod outside;
mod properties;
mod system;
