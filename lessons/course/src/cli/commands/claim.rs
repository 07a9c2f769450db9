//! `claim`: runs the test that holds a sentence of the book, and shows what the test saw.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use course::claims::{self, Claim, VERIFIED, Verified};
use course::error::{Error, Exit};
use course::grade::run::{Event, Grading, Judged};
use course::show::command_hint::command_hint;
use course::show::report::{self, Reds, paragraph, prose, seconds};
use course::show::style::{BAD, GOOD, OPEN, QUIET, STRONG, TYPED, paint};
use course::system::lock;
use course::system::process::Cancel;
use grader::Verdict;

use crate::cli::course_here::Course;
use crate::cli::screen;

/// Runs the claim called `name`; without a name, lists them.
pub(super) fn run(course: &Course, name: Option<&str>) -> Result<Exit> {
    let claims = Claim::all(course.workspace.root())?;
    let Some(name) = name else {
        list(&claims);
        return Ok(Exit::Held);
    };
    let claim = find(name, &claims)?;
    outln!("{}\n", paint(STRONG, &claim.name));
    outln!("{}", prose(&claim.holds, screen::width(), "  "));
    let Some(judged) = run_claims(course, std::slice::from_ref(claim))? else {
        return Ok(Exit::CouldNotJudge);
    };
    for judged in &judged {
        show(course, claim, judged)?;
    }
    Ok(code(&judged))
}

/// Runs all claims; if every one holds, records the versions they were held with.
pub(super) fn record(course: &Course) -> Result<Exit> {
    let root = course.workspace.root();
    let claims = Claim::all(root)?;
    let begun = Instant::now();
    let Some(judged) = run_claims(course, &claims)? else {
        return Ok(Exit::CouldNotJudge);
    };
    out!("{}", report::details(&judged, Reds::Whole, screen::width()));
    let held = judged.iter().filter(|judged| judged.is_green()).count();
    let took = seconds(begun.elapsed());
    outln!("{held} of {} claims held, in {took}.", claims.len());
    if held < claims.len() {
        outln!("Nothing is recorded: that takes a run in which every claim holds.");
        return Ok(code(&judged));
    }
    let now = Verified::here(root, &claims)?;
    if now == Verified::read(root)? {
        outln!("{VERIFIED} says so already.");
        return Ok(Exit::Held);
    }
    let file = root.join(VERIFIED);
    fs::write(&file, now.text()?).with_context(|| format!("cannot write {VERIFIED}"))?;
    outln!("Wrote {}", paint(TYPED, VERIFIED));
    Ok(Exit::Held)
}

/// Checks that the record is about the present claims and versions.
pub(super) fn check(course: &Course) -> Result<Exit> {
    let root = course.workspace.root();
    let now = Verified::here(root, &Claim::all(root)?)?;
    if Verified::read(root)?.covers(&now) {
        outln!("Every claim is recorded as held, with the versions in Cargo.lock.");
        return Ok(Exit::Held);
    }
    outln!(
        "{VERIFIED} is not about the claims and the versions that there are.\nTo run them all and record it: {}",
        paint(TYPED, "cargo course claim --record")
    );
    Ok(Exit::Red)
}

fn find<'a>(name: &str, claims: &'a [Claim]) -> Result<&'a Claim, Error> {
    let found = claims.iter().find(|claim| claim.name == name);
    found.ok_or_else(|| Error::UnknownClaim {
        asked: name.to_owned(),
        nearest: Claim::most_like(name, claims).map(|claim| claim.name.clone()),
    })
}

fn list(claims: &[Claim]) {
    let width = screen::width();
    let mut subject = "";
    for claim in claims {
        if claim.subject() != subject {
            subject = claim.subject();
            outln!("{}", paint(STRONG, subject.replace('_', " ")));
        }
        outln!("  {}", paint(TYPED, &claim.name));
        out!("{}", paint(QUIET, prose(&claim.holds, width, "    ")));
    }
    let one = claims.first().map_or("NAME", |claim| claim.name.as_str());
    match claims.len() {
        1 => outln!("\n1 claim. To run it and see what it sees:"),
        count => outln!("\n{count} claims. To run one and see what it sees:"),
    }
    outln!("{}", paint(TYPED, command_hint(&format!("claim {one}"))));
}

/// Builds and runs `claims`; `None` when they do not compile, which cargo has told of.
fn run_claims(course: &Course, claims: &[Claim]) -> Result<Option<Vec<Judged>>> {
    let workspace = &course.workspace;
    let _lock = lock::for_check(workspace)?;
    let cancel = Cancel::default();
    let Some(executable) = claims::build(workspace, &cancel)? else {
        return Ok(None);
    };
    let grading = Grading {
        workspace,
        subject: &claims::subject(workspace),
        executable,
        checks: claims.iter().map(Claim::card).collect(),
    };
    let judged = grading.run(&cancel, &mut |event| {
        if let Event::Waiting { check, done, .. } = event {
            screen::tell(&format!("{check}, {done} of {} done", claims.len()));
        }
    })?;
    screen::wipe();
    Ok(Some(judged))
}

fn show(course: &Course, claim: &Claim, judged: &Judged) -> Result<()> {
    let width = screen::width();
    let report = &judged.report;
    for note in &report.notes {
        out!("{}", paragraph(note, width.max(78), "  | "));
    }
    let took = seconds(Duration::from_millis(report.millis));
    let word = match &report.verdict {
        Verdict::Green => {
            let now = Verified::here(course.workspace.root(), &[])?;
            let with = claim.crates.iter().copied().chain(["Linux"]);
            let with: Vec<String> = with
                .filter_map(|name| Some(format!("{name} {}", now.versions.get(name)?)))
                .collect();
            paint(GOOD, format!("It holds: {}", with.join(", ")))
        }
        Verdict::Red { .. } => paint(BAD, "It does not hold"),
        verdict => paint(OPEN, report::word(verdict)),
    };
    outln!("\n{word} {}", paint(QUIET, format!("({took})")));
    let judged = std::slice::from_ref(judged);
    out!("{}", report::details(judged, Reds::Whole, width));
    let place = format!("{}:{}", claim.file.display(), claim.line);
    outln!("Its test: {}", paint(TYPED, place));
    Ok(())
}

fn code(judged: &[Judged]) -> Exit {
    if judged.iter().any(Judged::is_red) {
        Exit::Red
    } else if judged.iter().all(Judged::is_green) {
        Exit::Held
    } else {
        Exit::CouldNotJudge
    }
}
