//! The machine that programs run on: each measured figure is shown together with it.

use std::env::consts::ARCH;
use std::fmt;
use std::fs;
use std::thread;
use std::time::Duration;

use serde::Serialize;

/// A machine, in the words of its kernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The kernel's release, `6.12.0-1-amd64`.
    pub kernel: String,
    /// Cores that programs of this process may use.
    pub cores: usize,
    /// The processor's model, where the kernel names it: not everywhere.
    pub processor: Option<String>,
    /// The instruction set, `x86_64`.
    pub architecture: &'static str,
}

impl Machine {
    /// The machine that this process runs on.
    #[must_use]
    pub fn here() -> Self {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease");
        let cores = fs::read_to_string("/proc/cpuinfo");
        Self {
            kernel: release.map_or("of an unknown release".into(), |text| version(&text)),
            cores: thread::available_parallelism().map_or(1, usize::from),
            processor: model(&cores.unwrap_or_default()),
            architecture: ARCH,
        }
    }
}

/// The version in a release, `6.18.44` of `6.18.44-custom-3`; the rest names the build.
fn version(release: &str) -> String {
    let end = release.find('-').unwrap_or(release.len());
    release[..end].trim().to_owned()
}

/// Observes for `window` how much of the machine is in use: 1.0 is every core, all the time. `None`
/// where the kernel does not tell.
#[must_use]
pub fn in_use(window: Duration) -> Option<f64> {
    let look = || Ticks::parse(&fs::read_to_string("/proc/stat").ok()?);
    let before = look()?;
    thread::sleep(window);
    Some(look()?.share_in_use_since(before))
}

/// The counters of all cores in `/proc/stat`, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    /// In use or idle.
    all: u64,
    /// Idle, or waiting for a disk.
    idle: u64,
}

impl Ticks {
    fn parse(stat: &str) -> Option<Self> {
        let fields = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> = fields
            .split_ascii_whitespace()
            .map_while(|ticks| ticks.parse().ok())
            .take(8) // What follows is in these already.
            .collect();
        Some(Self {
            all: ticks.iter().sum(),
            idle: ticks.get(3)? + ticks.get(4)?,
        })
    }

    fn share_in_use_since(self, before: Self) -> f64 {
        let all = self.all.saturating_sub(before.all).max(1) as f64;
        1.0 - self.idle.saturating_sub(before.idle) as f64 / all
    }
}

/// The first model that `/proc/cpuinfo` names.
fn model(cores: &str) -> Option<String> {
    let named = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let is_model = matches!(name.trim(), "model name" | "Model" | "cpu model" | "uarch");
        (is_model && !value.trim().is_empty()).then(|| value.trim().to_owned())
    };
    cores.lines().find_map(named)
}

/// `Linux 6.12.0, 2 cores of AMD EPYC, x86_64`.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = if self.cores == 1 { "core" } else { "cores" };
        write!(f, "Linux {}, {} {cores}", self.kernel, self.cores)?;
        if let Some(processor) = &self.processor {
            write!(f, " of {processor}")?;
        }
        write!(f, ", {}", self.architecture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_where_the_kernel_names_it() {
        let x86 = "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n\nprocessor\t: 1\n";
        assert_eq!(model(x86).as_deref(), Some("AMD EPYC"));
        assert_eq!(model("processor\t: 0\nCPU part\t: 0xd0c\n"), None);
    }

    #[test]
    fn a_machine_is_in_use_while_it_is_not_idle() {
        let ticks = |text: &str| Ticks::parse(text).expect("ticks");
        let before = ticks("cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 1 1 1\n");
        assert_eq!((before.all, before.idle), (1000, 800));
        let later = ticks("cpu  160 0 115 715 110 0 0 0 90 0\n");
        assert_eq!(later.share_in_use_since(before), 0.75);
        assert_eq!(Ticks::parse("intr 1 2\n"), None);
    }

    #[test]
    fn a_machine_names_itself_in_one_line() {
        let machine = Machine {
            kernel: "6.12.0".into(),
            cores: 1,
            processor: None,
            architecture: "aarch64",
        };
        assert_eq!(machine.to_string(), "Linux 6.12.0, 1 core, aarch64");
        assert!(Machine::here().cores > 0);
    }
}
