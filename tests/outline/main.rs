//! The outline scanner: it agrees with a full parse, and is not disturbed by what is not Python.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod cases;
#[path = "../common/clock.rs"]
mod clock;
mod condition;
mod field;
mod generate;
mod literals;
mod oracle;
mod view;
