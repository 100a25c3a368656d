//! A lab that runs while a test does.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::common::{self, plot::Plot};

/// A site and a lab of it.
pub(crate) struct Lab {
    pub(crate) plot: Plot,
    child: Child,
    served: serde_json::Value,
}

impl Lab {
    /// Devices as they are described, with their passwords.
    pub(crate) fn described(plot: Plot, more: &[&str]) -> Lab {
        Lab::start(plot, &[&["--described"], more].concat())
    }

    /// Starts it, and waits until it says where its devices are.
    pub(crate) fn start(plot: Plot, more: &[&str]) -> Lab {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.arg("lab").arg(plot.site()).args(["--until-eof", "--port", "0", "--format", "json", "--write"]);
        program.arg(file(&plot)).arg("--secrets").arg(secrets(&plot)).args(more);
        // a test that is killed takes its lab along
        program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = common::alone(&mut program).spawn().unwrap();
        let mut text = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            text.push_str(&line);
            text.push('\n');
            if line == "}" {
                break;
            }
        }
        let served = common::document("lab", &text);
        Lab { plot, child, served }
    }

    /// Where a device answers: its port, and its host key.
    pub(crate) fn at(&self, name: &str) -> (u16, String) {
        let all = self.served["devices"].as_array().unwrap();
        let device = all.iter().find(|device| device["name"] == name).unwrap();
        let port = device["address"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        (port, device["host_key"].as_str().unwrap().to_owned())
    }

    /// Where the pages of a console are: address and port.
    pub(crate) fn console(&self, name: &str) -> String {
        let all = self.served["consoles"].as_array().unwrap();
        let console = all.iter().find(|console| console["name"] == name).unwrap();
        console["url"].as_str().unwrap().trim_start_matches("http://").trim_end_matches('/').to_owned()
    }

    /// The program, with the lab in place of real devices.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.args(args).current_dir(self.plot.site());
        program.arg("--lab").arg(file(&self.plot)).arg("--secrets").arg(secrets(&self.plot));
        common::alone(&mut program).output().unwrap()
    }

    /// The password of the one account that is described.
    pub(crate) fn password(&self, device: &str) -> String {
        let text = std::fs::read_to_string(secrets(&self.plot).join(device).join("ot-admin")).unwrap();
        text.trim_end().to_owned()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_lab_ends_with_whoever_started_it() {
    let mut lab = Lab::start(Plot::new(), &[]);
    assert!(lab.child.try_wait().unwrap().is_none(), "it is there");
    drop(lab.child.stdin.take());
    let ended = soon(|| lab.child.try_wait().unwrap());
    assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
}

#[test]
fn a_lab_that_nobody_can_be_told_of_is_none() {
    let plot = Plot::new();
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    program.arg("lab").arg(plot.site()).args(["--port", "0", "--write"]).arg(plot.dir.path().join("none/lab.json"));
    let output = common::alone(&mut program).output().unwrap();
    assert!(!output.status.success() && !output.stderr.is_empty(), "{output:?}");
}

fn file(plot: &Plot) -> PathBuf {
    plot.dir.path().join("lab.json")
}

/// What is there within five seconds.
pub(crate) fn soon<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let pause = std::time::Duration::from_millis(50);
    (0..100).find_map(|_| look().or_else(|| (std::thread::sleep(pause), None).1))
}

pub(crate) fn secrets(plot: &Plot) -> PathBuf {
    Path::new(plot.dir.path()).join("secrets")
}
