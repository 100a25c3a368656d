//! The `age` program opens a slot that was made for a recipient. It reads the age file on its standard input and prints
//! what is in it; nothing of either is in a file or an argument.

use std::ffi::OsStr;
use std::path::Path;

use fieldlock::secret::SecretValue;

use super::problem::Problem;
use super::programs::{self, Call};

/// Most bytes that a slot can hold in clear.
const MOST: usize = 4096;

/// Decrypts the age file of a slot by the identity in a file.
pub(crate) fn decrypt(identity: &Path, slot: &[u8]) -> Result<SecretValue, Problem> {
    let mut call = Call::new("age", [OsStr::new("-d"), OsStr::new("-i"), identity.as_os_str()]);
    (call.stdin, call.most) = (Some(slot), MOST);
    let output = programs::run(&call).map_err(|failed| failed.problem("age"))?;
    let plaintext = SecretValue::new(output.stdout);
    if output.success {
        return Ok(plaintext);
    }
    let why = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    Err(Problem::refused(format!("`age` did not open the image's key with `{}`: {why}", identity.display()))
        .help("give the identity of one of its recipients with --identity FILE")
        .state("nothing was opened and nothing was written"))
}
