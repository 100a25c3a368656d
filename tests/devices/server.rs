//! Servers of others that run while a test does, and end with it however it ends.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::lab::soon;

/// Starts what follows, and ends it when its own standard input does, as it does where a test is killed.
const TAKEN_ALONG: &str = "\"$@\" & read -r _; kill $!; wait";

pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn start(program: &Command) -> Server {
        let mut shell = Command::new("sh");
        shell.args(["-c", TAKEN_ALONG, "sh"]).arg(program.get_program()).args(program.get_args());
        shell.env("MIBS", "").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Server(shell.spawn().unwrap())
    }

    /// Once it takes connections.
    pub(crate) fn at(self, port: u16) -> Server {
        assert!(soon(|| TcpStream::connect(("127.0.0.1", port)).ok()).is_some(), "it does not listen");
        self
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // this closes its standard input
        let _ = self.0.wait();
    }
}

/// Where a server lies that is in nobody's search path.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin"].map(|folder| Path::new(folder).join(name)).into_iter().find(|path| path.is_file())
}

/// A port that nobody listens at.
pub(crate) fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
