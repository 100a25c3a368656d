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
        program.arg("lab").arg(plot.site()).args(["--port", "0", "--format", "json", "--write"]).arg(file(&plot));
        program.arg("--secrets").arg(secrets(&plot)).args(more).stdout(Stdio::piped());
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

fn file(plot: &Plot) -> PathBuf {
    plot.dir.path().join("lab.json")
}

pub(crate) fn secrets(plot: &Plot) -> PathBuf {
    Path::new(plot.dir.path()).join("secrets")
}
