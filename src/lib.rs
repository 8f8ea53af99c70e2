//! Tells whether a vLLM tree, a container build or a Nix expression will work on an AMD GPU, without running any of it.
//!
//! Data flows one way: discover, read, extract facts, workspace, rules, findings, report. A module knows only what is
//! to its left.

pub mod arch;
pub mod audit;
pub mod baseline;
pub mod cache;
pub mod cli;
pub mod config;
pub mod context;
pub mod deployment;
pub mod discover;
pub mod engine;
pub mod error;
pub mod facts;
pub mod finding;
pub mod fix;
pub mod knowledge;
pub mod lang;
pub mod modules;
pub mod plan;
pub mod record;
pub mod replace;
pub mod report;
pub mod review;
pub mod rules;
pub mod scan;
pub mod source;
pub mod span;
pub mod stack;
pub mod suppress;
pub mod timings;
pub mod version;
pub mod workspace;
