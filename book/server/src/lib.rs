//! Builds the book, serves it live, and is the preprocessor that `book.toml` names.
//!
//! | module | what it does |
//! |---|---|
//! | [`builder`] | builds the pages with mdBook's library |
//! | [`live`] | serves them, and grades what the learner saves |
//! | [`pipe`] | speaks mdBook's interface for preprocessors |
//! | [`preprocessor`] | replaces the directives of every chapter |
//! | [`directive`] | finds `{{#name argument}}` in a chapter |
//! | [`directives`] | what each of them becomes, one file each |
//! | [`svg`], [`markdown`] | make pictures and prose fit to stand in a page |
//! | [`repository`], [`lessons`], [`lock`], [`page`] | what directives ask about |
//! | [`fault`], [`warnings`] | what is wrong, where, and what to do |
//!
//! Invariant: the course's command line does not depend on this crate. Nothing but [`live`] reads
//! the learner's own code, and no page is built from it, so that filling in a lesson cannot break
//! the book.
#![forbid(unsafe_code)]

pub mod builder;
pub mod directive;
pub mod directives;
pub mod fault;
pub mod lessons;
pub mod live;
pub mod lock;
pub mod markdown;
pub mod page;
pub mod pipe;
pub mod preprocessor;
pub mod repository;
pub mod svg;
pub mod warnings;
