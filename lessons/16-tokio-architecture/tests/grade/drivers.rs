//! The experiment `drivers`: what it prints, and what the kernel knows of it.

use grader::{Checked, Explain, Program};

/// Prints what a socket and a timer made of exactly these drivers, and has an epoll
/// instance only for the one.
pub(crate) fn are_as_asked(program: &Program, io: bool, time: bool) -> Checked {
    let expected = "a runtime has the drivers that were asked for: with its driver a socket or a timer works, and without \
                    it panics, naming the call that is missing";
    for (what, asked, call) in [("socket", io, "enable_io"), ("timer", time, "enable_time")] {
        let after = |line: &str| Some(line.strip_prefix(what)?.strip_prefix(": ")?.to_owned());
        let said = program.says(&format!("`{what}: …`"), after);
        let said = said.plainly().explain(
            expected,
            "each of the two is tried on the runtime that you build, and what came of it is printed",
            "what `build` returns, and whether it returns",
        )?;
        let as_asked = match asked {
            true => said == "works",
            false => said.starts_with("panicked") && said.contains(call),
        };
        let (why, look) = if asked {
            (
                "a builder enables nothing by itself: a driver that was not enabled is not there, and whoever needs it \
                 finds out when the program runs",
                "which driver `drivers` asks for, and which calls you make for it",
            )
        } else {
            (
                "it was built with a driver that nobody has asked for. That is what `enable_all` does: convenient, and \
                 the reason why few have ever seen this panic",
                "which calls you make when a driver is not asked for",
            )
        };
        if !as_asked {
            return Err(program
                .red(format!(
                    "`drivers {}` said `{what}: {said}`",
                    argument(io, time)
                ))
                .explain(expected, why, look));
        }
    }
    let files = program.open_files();
    let epoll = files.iter().any(|file| file.target.contains("eventpoll"));
    if epoll == io {
        return Ok(());
    }
    let has = if epoll { "an" } else { "no" };
    Err(program.red(format!("{has} epoll instance among its open files")).explain(
        expected,
        "the epoll instance belongs to the I/O driver: it is there exactly when a runtime that lives has one",
        "how many runtimes you build, and for how long they live",
    ))
}

/// What these drivers are called on the command line.
fn argument(io: bool, time: bool) -> &'static str {
    match (io, time) {
        (false, false) => "none",
        (true, false) => "io",
        (false, true) => "time",
        (true, true) => "both",
    }
}
