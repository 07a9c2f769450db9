//! The machine that programs run on: what has to stand beside every figure that was measured on it.

use std::env::consts::ARCH;
use std::fmt;
use std::fs;
use std::thread;

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
    /// The machine that this runs on.
    #[must_use]
    pub fn here() -> Self {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease");
        let cores = fs::read_to_string("/proc/cpuinfo");
        Self {
            kernel: release.map_or("of an unknown release".into(), |text| {
                text.trim().to_owned()
            }),
            cores: thread::available_parallelism().map_or(1, usize::from),
            processor: model(&cores.unwrap_or_default()),
            architecture: ARCH,
        }
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
