//! The experiment `life`: the steps of three tasks, in an order in which they can have been taken.

use grader::kernel::threads::Call;
use grader::{Check, Checked, Client, Explain, Program, Stop};

use crate::panics::ExplainPanics;

/// What is said of one task, from its first step to its last. `poll` and
/// `pending` may come more often.
struct Life {
    task: &'static str,
    steps: &'static [&'static str],
    expected: &'static str,
    why: &'static str,
}

const LIVES: [Life; 3] = [
    Life {
        task: "kept",
        steps: &[
            "spawned", "poll", "pending", "poll", "ready", "dropped", "joined",
        ],
        expected: "the first task is spawned, polled, woken, polled again, dropped, and only then joined",
        why: "`spawn` puts the task into a queue, and this thread polls it when you wait for something. When it is \
              ready, its future is dropped first, and its output kept; the handle is woken last",
    },
    Life {
        task: "detached",
        steps: &[
            "spawned", "let go", "poll", "pending", "poll", "ready", "dropped",
        ],
        expected: "the second task goes on when its handle is dropped, and ends when its client has spoken",
        why: "a handle is a way to wait for a task, not what keeps it: the runtime owns the task, and it ends when it is \
              ready, when it is aborted, or with the runtime",
    },
    Life {
        task: "aborted",
        steps: &[
            "spawned",
            "poll",
            "pending",
            "abort",
            "dropped",
            "cancelled",
        ],
        expected: "the third task is aborted while it is pending: its future is dropped and never polled again, and the \
                   handle says that it was cancelled",
        why: "`abort` is a request: the runtime drops the future at the task's next turn, so `dropped` comes after \
              `abort`. It is the only thing a handle can do to end a task; to drop the handle is not to abort",
    },
];

/// The steps that the program has said of `task` so far; a poll that led to nothing counts once.
fn steps(program: &Program, task: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for line in program.lines() {
        let Some(step) = line.strip_prefix(task).and_then(|l| l.strip_prefix(": ")) else {
            continue;
        };
        steps.push(step.to_owned());
        if let [.., a, b, c, d] = &steps[..]
            && [a, b, c, d]
                .iter()
                .zip(["poll", "pending"].iter().cycle())
                .all(|(is, due)| is == due)
        {
            steps.truncate(steps.len() - 2);
        }
    }
    // When the handle is let go does not matter, as long as it is while the task waits.
    if let Some(at) = steps.iter().position(|step| step == "let go")
        && !steps[..at].iter().any(|step| step == "ready")
    {
        let let_go = steps.remove(at);
        steps.insert(1.min(steps.len()), let_go);
    }
    steps
}

/// The first step that was taken out of order, if there is one.
pub(crate) fn broken(program: &Program) -> Option<Stop> {
    let within = LIVES.iter().find_map(|life| {
        let steps = steps(program, life.task);
        let wrong = (0..steps.len()).find(|i| life.steps.get(*i) != Some(&steps[*i].as_str()))?;
        let (task, step) = (life.task, &steps[wrong]);
        let aborted_too_early = step == "abort" && life.steps.get(wrong) == Some(&"poll");
        let saw = match (life.steps.get(wrong), wrong) {
            (Some(due), 0) => format!("`{task}: {step}` came first; `{task}: {due}` was due"),
            (Some(due), _) => format!(
                "after `{task}: {}` came `{task}: {step}`; `{task}: {due}` was due",
                steps[wrong - 1]
            ),
            (None, _) => format!("after the end of `{task}` came `{task}: {step}`"),
        };
        let look =
            "the lines of the program in their order, and the call that each of them follows";
        let why = if aborted_too_early {
            "the task has had no turn yet. On one thread a task that was spawned is polled when the one that has spawned it \
             awaits something, and not before"
        } else {
            life.why
        };
        let stop: Checked = Err(program.red(saw));
        stop.or_panicked().explain(life.expected, why, look).err()
    });
    within.or_else(|| between_two(program))
}

/// The abortion of the third task, where it was told before the joining of the first.
fn between_two(program: &Program) -> Option<Stop> {
    let lines = program.lines();
    let place = |line: &str| lines.iter().position(|said| said == line);
    let abort = place("aborted: abort")?;
    if place("kept: joined").is_some_and(|joined| joined < abort) {
        return None;
    }
    let stop: Checked = Err(program.red("`aborted: abort` was said before `kept: joined`"));
    let told = stop.or_panicked().explain(
        "the first handle is awaited, and then the third task is aborted; each step is logged when it is taken",
        "a log tells in which order things happened, as long as each line is printed where its step is taken. Lines that are \
         printed when all is over tell of an order that nobody has seen; or the third task was aborted before the first had \
         been waited for",
        "where each `log` stands, and what has happened between its step and it",
    );
    told.err()
}

/// Waits until the program has said `line`.
fn says(program: &Program, line: &str) -> Checked {
    program.says(&format!("`{line}`"), |said| (said == line).then_some(()))
}

/// The three clients that have come. As long as they are there, the tasks that wait for them wait.
pub(crate) fn clients(program: &Program) -> Checked<Vec<Client>> {
    (0..3).map(|_| program.connect()).collect()
}

/// Of the three clients the first speaks, the third is hung up on, and the second speaks last.
pub(crate) fn is_lived(c: &mut Check, program: &Program, clients: &mut [Client]) -> Checked {
    let waiting = LIVES
        .iter()
        .try_for_each(|life| says(program, &format!("{}: pending", life.task)));
    waiting.and_then(|()| program.sleeps_in(&[Call::Epoll])).or_panicked().plainly().explain(
        "three tasks are pending at the same time, each for its client, and the thread sleeps",
        "a task runs beside the others from `spawn` on. Code that awaits a handle before the next task is spawned \
         runs one task after the other",
        "what you await before all three are spawned",
    )?;
    clients[0].send(&c.payload(10))?;
    let joined = says(program, "kept: joined").and_then(|()| clients[0].expect_goodbye());
    joined.or_panicked().plainly().explain(
        LIVES[0].expected,
        LIVES[0].why,
        "what you do with the first handle",
    )?;
    let cancelled = says(program, "aborted: cancelled").and_then(|()| clients[2].expect_goodbye());
    cancelled.or_panicked().plainly().explain(
        LIVES[2].expected,
        LIVES[2].why,
        "what you do with the third handle",
    )?;
    clients[1].send(&c.payload(10))?;
    let ended = says(program, "detached: dropped").and_then(|()| clients[1].expect_goodbye());
    ended.or_panicked().plainly().explain(
        LIVES[1].expected,
        LIVES[1].why,
        "what you do with the second handle",
    )?;
    LIVES.iter().try_for_each(|life| {
        let (said, due) = (steps(program, life.task), life.steps.len());
        if said.len() == due {
            return Ok(());
        }
        let missing = format!(
            "`{}: {}` was never said",
            life.task,
            life.steps[said.len().min(due - 1)]
        );
        Err(program.red(missing).explain(
            life.expected,
            life.why,
            "which call of `log` comes after which call of tokio's",
        ))
    })
}
