//! The outline scanner: it agrees with a full parse, and is not disturbed by what is not Python.

mod condition;
mod field;
mod generate;
mod literals;
mod oracle;
mod view;
