//! Makes each claim red once, and prints how: `cargo run --package claims [NAME …]`.
//!
//! It copies tokio, mio and the claims to `target/falsify`, makes all edits of `falsify/*.toml` in
//! the copies, builds them once, and runs each claim with the one falsification in effect that is
//! to make it red. Without any in effect every claim must be green there. A NAME is a claim's or a
//! falsification's; without one all are run.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, bail};
use claims::falsification::{FUNCTION, Falsification, Falsifications, SWITCH};
use course::claims::Claim;
use course::claims::crate_sources::{self, Source};
use course::system::process;
use grader::{Report, Verdict};
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

/// The crates that are edited.
const CRATES: [&str; 2] = ["tokio", "mio"];

fn main() -> Result<ExitCode> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.join("../..").canonicalize()?;
    let all = Falsifications::read(&package.join("falsify"))?;
    let claims = Claim::all(&root)?;
    let wanted: Vec<String> = env::args().skip(1).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    let executable = build(&root, package, &all)?;
    if wanted.is_empty() {
        all_hold(&executable, &all)?;
    }
    let jobs = all.made.iter().flat_map(|made| {
        let red = made.red.iter().map(move |claim| (made, claim.as_str()));
        red.filter(|(made, claim)| is_wanted(&made.name) || is_wanted(claim))
    });
    let jobs: Vec<_> = jobs.collect();
    let rows = in_parallel(&jobs, |(made, claim)| {
        let claim = claims.iter().find(|one| one.name == *claim);
        let claim = claim.with_context(|| format!("`{}` names no claim", made.name))?;
        run(&executable, claim, made)
    })?;
    let mut missed = 0;
    for ((made, claim), (is_red, words)) in jobs.iter().zip(rows) {
        missed += usize::from(!is_red);
        let verdict = if is_red { "red" } else { "NOT RED" };
        println!("{claim}\n    {verdict}: {}\n    {words}", made.story);
    }
    if wanted.is_empty() {
        for one in &all.by_reading {
            println!("{}\n    held by reading: {}", one.claim, one.because);
        }
    }
    println!("\n{} runs, {missed} of them not red", jobs.len());
    Ok(ExitCode::from(u8::from(missed > 0)))
}

/// Lays the edited copies out, builds them, and returns the program that holds the claims.
fn build(root: &Path, package: &Path, all: &Falsifications) -> Result<PathBuf> {
    let shelf = root.join("target/falsify");
    let sources = crate_sources::sources(root).context("`cargo fetch` brings the sources")?;
    let mut patches = Table::new();
    for krate in CRATES {
        let Source { version, folder } = &sources[krate];
        let copy = shelf.join(format!("{krate}-{version}"));
        let mut edited = all.edited(Some(krate), |file| text(&folder.join(file)))?;
        add_function(&mut edited, "src/lib.rs", folder)?;
        copy_edited(folder, &copy, &edited)?;
        patches[krate]["path"] = value(copy.display().to_string());
    }
    let (tests, copy) = (package.join("tests/claims"), shelf.join("claims"));
    let mut edited = all.edited(None, |file| text(&tests.join(file)))?;
    add_function(&mut edited, "main.rs", &tests)?;
    copy_edited(&tests, &copy.join("tests/claims"), &edited)?;
    copy_edited(&package.join("src"), &copy.join("src"), &BTreeMap::new())?;
    write_if_new(&copy.join("Cargo.toml"), &manifest(root, package, patches)?)?;
    fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock"))?;
    let out = process::cargo()
        .args(["test", "--offline", "--no-run", "--test", "claims"])
        .arg("--message-format=json-render-diagnostics")
        .arg("--target-dir")
        .arg(root.join("target"))
        .current_dir(&copy)
        .stderr(Stdio::inherit())
        .output()?;
    if !out.status.success() {
        bail!("the edited copies in {} do not compile", shelf.display());
    }
    let messages = String::from_utf8(out.stdout)?;
    let mut executable = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    executable.next_back().context("cargo names no program")
}

/// The manifest of the claims as a workspace of their own, with the edited crates.
fn manifest(root: &Path, package: &Path, patches: Table) -> Result<String> {
    let document = |path: PathBuf| -> Result<DocumentMut> { Ok(text(&path)?.parse()?) };
    let mut manifest = document(package.join("Cargo.toml"))?;
    let mut workspace = document(root.join("Cargo.toml"))?;
    manifest["profile"] = workspace["profile"].clone();
    let mut shared = workspace.remove("workspace").unwrap_or(Item::None);
    let table = shared.as_table_mut().context("there is a workspace")?;
    table.remove("members");
    table.remove("default-members");
    let dependencies = table["dependencies"].as_table_like_mut();
    for (_, dependency) in dependencies.into_iter().flat_map(TableLike::iter_mut) {
        if let Some(path) = dependency.get("path").and_then(Item::as_str) {
            let path = root.join(path).display().to_string();
            dependency["path"] = value(path);
        }
    }
    manifest["workspace"] = shared;
    let mut patch = Table::new();
    patch["crates-io"] = Item::Table(patches);
    manifest["patch"] = Item::Table(patch);
    Ok(manifest.to_string())
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Adds the function that the conditions call to the crate root `file` in `folder`.
fn add_function(edited: &mut BTreeMap<PathBuf, String>, file: &str, folder: &Path) -> Result<()> {
    let root = match edited.remove(Path::new(file)) {
        Some(text) => text,
        None => text(&folder.join(file))?,
    };
    edited.insert(file.into(), root + FUNCTION);
    Ok(())
}

/// Copies a folder, but for its programs, with these files edited. A file that stays the same is
/// not touched: cargo need not build it again.
fn copy_edited(from: &Path, to: &Path, edited: &BTreeMap<PathBuf, String>) -> Result<()> {
    fn copy(
        from: &Path,
        below: &Path,
        to: &Path,
        edited: &BTreeMap<PathBuf, String>,
    ) -> Result<()> {
        fs::create_dir_all(to.join(below))?;
        for entry in fs::read_dir(from.join(below))? {
            let path = below.join(entry?.file_name());
            match edited.get(&path) {
                _ if path.ends_with("bin") => {}
                Some(text) => write_if_new(&to.join(path), text)?,
                None if from.join(&path).is_dir() => copy(from, &path, to, edited)?,
                None if path.extension().is_some_and(|e| e == "rs" || e == "toml") => {
                    write_if_new(&to.join(&path), &text(&from.join(&path))?)?;
                }
                None => {}
            }
        }
        Ok(())
    }
    copy(from, Path::new(""), to, edited)
}

fn write_if_new(path: &Path, text: &str) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Runs every claim with no falsification in effect.
fn all_hold(executable: &Path, all: &Falsifications) -> Result<()> {
    let mut command = Command::new(executable);
    // Those claims read the sources where Cargo.lock lies, and that is not here.
    for one in &all.by_reading {
        command.args(["--skip", &one.claim]);
    }
    let out = command.env_remove(SWITCH).env("CI", "true").output()?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        bail!("{said}\nwithout a falsification every claim must hold");
    }
    Ok(())
}

/// Runs a claim while `made` is in effect: whether it is red, and the words of its verdict.
fn run(executable: &Path, claim: &Claim, made: &Falsification) -> Result<(bool, String)> {
    let file = tempfile::NamedTempFile::new()?;
    let test = format!("{}::{}", claim.subject(), claim.name);
    Command::new(executable)
        .args(["--exact", &test, "--nocapture", "--test-threads=1"])
        .env(SWITCH, &made.name)
        .env("COURSE_VERDICT", file.path())
        .output()?;
    let report: Report = serde_json::from_slice(&fs::read(file.path())?)
        .with_context(|| format!("{test} ends without a verdict"))?;
    let (is_red, words) = match report.verdict {
        Verdict::Red { failure } if failure.why.is_empty() => (true, failure.saw),
        Verdict::Red { failure } => (true, failure.why),
        Verdict::Green => (false, "green".to_owned()),
        Verdict::Skipped { reason } | Verdict::CouldNotJudge { reason } => (false, reason),
    };
    Ok((
        is_red,
        words.split_whitespace().collect::<Vec<_>>().join(" "),
    ))
}

/// Runs `work` for each of `jobs`, on as many threads as there are cores; the results in order.
fn in_parallel<T: Sync, R: Send>(
    jobs: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let (next, results) = (Mutex::new(0..jobs.len()), Mutex::new(BTreeMap::new()));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let unpoisoned = "no worker panics while it holds the lock";
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(index) = next.lock().expect(unpoisoned).next() else {
                        break;
                    };
                    let result = work(&jobs[index]);
                    results.lock().expect(unpoisoned).insert(index, result);
                }
            });
        }
    });
    let results = results.into_inner().expect(unpoisoned);
    results.into_values().collect()
}
