//! The command line, used as a learner uses it, on a scratch copy of the course with two tiny
//! lessons.

#[path = "cli/authors.rs"]
mod authors;
#[path = "cli/checking.rs"]
mod checking;
#[path = "cli/checkout.rs"]
mod checkout;
#[path = "cli/claims.rs"]
mod claims;
#[path = "cli/finding_the_way.rs"]
mod finding_the_way;
#[path = "cli/fresh_machine.rs"]
mod fresh_machine;
#[path = "cli/learning.rs"]
mod learning;
#[path = "cli/measuring.rs"]
mod measuring;
#[path = "cli/misfortunes.rs"]
mod misfortunes;
#[path = "cli/scratch.rs"]
mod scratch;
#[path = "cli/tower.rs"]
mod tower;
#[path = "cli/watching.rs"]
mod watching;
