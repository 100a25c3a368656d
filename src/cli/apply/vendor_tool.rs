//! `--vendor-tool`: the vendor's `mcc_tool`, where it is on PATH, exports from the device and imports into it, in place
//! of a person at its console. Its arguments and the numbers that it ends with are those of a public script that quotes
//! its manual; nothing else of it is known. The only documented way to give it a password is its command line, where
//! other programs of this computer see it while it runs: whoever sets the flag accepts that.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use fieldlock::dialect::ini::container::PRESET;
use fieldlock::secret::SecretValue;
use fieldlock::site::output::OwnFolder;

use super::super::exit::Exit;
use super::super::problem::Problem;
use super::super::programs::{Call, Failed, run};
use super::super::{file, folders};
use super::{ApplyArgs, NOTHING};

const PROGRAM: &str = "mcc_tool";
/// Seconds that an export may take, and an import.
const WAIT: [&str; 2] = ["60", "120"];
/// The longest password that is read, in bytes.
const MAX_PASSWORD: usize = 64;

/// What it ends with, and what that means.
const ENDS: [(i32, &str); 13] = [
    (-1, "no device answers there"),
    (-2, "the device does not take the account or its password"),
    (-4, "it can't read or write its file"),
    (-5, "the device did not answer in time"),
    (-6, "the device did not take the file"),
    (-10, "the key for exported files is another one"),
    (-11, "a line of the file is not valid for the model"),
    (-12, "the model does not know the command"),
    (-13, "its list is not complete"),
    (-14, "its list is not complete"),
    (-15, "another device keeps it from going on"),
    (-16, "the firmware is too old for it"),
    (-17, "the device is as it came from the factory: set a password first"),
];

/// How a device is reached by the tool.
#[derive(Debug, clap::Args)]
pub(crate) struct ToolArgs {
    /// Export and import by the vendor's mcc_tool, from the device at this address: the tool takes passwords on its
    /// command line only, where other programs of this computer see them while it runs
    #[arg(long, value_name = "ADDRESS", requires = "tool_user", requires = "tool_password_file", requires = "laptop",
        conflicts_with_all = ["backup", "file", "answers", "undo", "stop"], help_heading = "Vendor's tool")]
    pub(super) vendor_tool: Option<IpAddr>,
    /// Account that the tool logs in with
    #[arg(long, value_name = "NAME", requires = "vendor_tool", help_heading = "Vendor's tool")]
    tool_user: Option<String>,
    /// File with the password that this account has on the device now
    #[arg(long, value_name = "FILE", requires = "vendor_tool", help_heading = "Vendor's tool")]
    tool_password_file: Option<PathBuf>,
}

/// The tool, and a folder of our own for what it reads and writes.
pub(super) struct Tool {
    address: IpAddr,
    user: String,
    password: SecretValue,
    key: SecretValue,
    path: PathBuf,
    folder: OwnFolder,
}

impl Tool {
    /// Where the person asks for it.
    pub(super) fn of(args: &ApplyArgs) -> Result<Option<Tool>, Problem> {
        let ToolArgs { vendor_tool, tool_user, tool_password_file } = &args.tool;
        let (Some(address), Some(user), Some(file)) = (vendor_tool, tool_user, tool_password_file) else {
            return Ok(None);
        };
        let unread = |why: &dyn std::fmt::Display| {
            Problem::invalid(format!("--tool-password-file {}: {why}", file.display())).state(NOTHING)
        };
        let bytes = file::read_text(file, MAX_PASSWORD + 2).map_err(|why| unread(&why))?;
        let bytes = zeroize::Zeroizing::new(bytes);
        let password = std::str::from_utf8(&bytes).unwrap_or_default().trim_end_matches(['\r', '\n']);
        if password.is_empty() || password.chars().any(char::is_control) || user.starts_with('-') {
            return Err(unread(&"a password is one line"));
        }
        let key = args
            .keys
            .read()?
            .into_iter()
            .next()
            .map_or_else(|| SecretValue::copy_of(PRESET.as_bytes()), |key| SecretValue::copy_of(&key));
        let unkept = |why: &dyn std::fmt::Display| {
            Problem::invalid(format!("there is no folder for what the tool writes: {why}")).state(NOTHING)
        };
        let state = folders::state().ok_or_else(|| unkept(&"this computer has none for what is remembered"))?;
        let path = state.join("tool").join(&args.device);
        let folder = OwnFolder::lock(&path).map_err(|why| unkept(&why))?;
        let tool = Tool {
            address: *address,
            user: user.clone(),
            password: SecretValue::copy_of(password.as_bytes()),
            key,
            path,
            folder,
        };
        tool.clear();
        Ok(Some(tool))
    }

    /// What the device has now, as a file.
    pub(super) fn export(&self) -> Result<PathBuf, Problem> {
        self.clear();
        self.call("-ex", None).map_err(|problem| problem.state(NOTHING))?;
        match &self.files()[..] {
            [one] => Ok(self.path.join(one)),
            _ => Err(Problem::invalid(format!("{PROGRAM} says that it exported, and there is no file of it"))
                .help("export at the console of the device, and give the file with --backup and --file")
                .state(NOTHING)),
        }
    }

    /// The file that is to be imported.
    pub(super) fn file(&self) -> PathBuf {
        self.path.join("to-import.txt")
    }

    /// Gives it to the device. Whatever comes of it, the next export says what was taken.
    pub(super) fn import(&self) -> Result<(), Problem> {
        let done = self.call("-im", Some(&self.file()));
        self.clear();
        done.map_err(|problem| Problem { exit: Exit::Unfinished, ..problem })
    }

    /// The account's password is the sealed one from now on, where the image has it.
    pub(super) fn renew(&mut self, device: &str, values: Vec<(String, SecretValue)>) {
        let name = format!("{device}/{}", self.user);
        if let Some((_, value)) = values.into_iter().find(|(own, _)| *own == name) {
            self.password = value;
        }
    }

    fn call(&self, what: &str, file: Option<&Path>) -> Result<(), Problem> {
        let text = |value: &SecretValue| value.expose_text().unwrap_or_default().to_owned();
        let (address, password, key) = (self.address.to_string(), text(&self.password), text(&self.key));
        let mut args = vec!["-cfg", what, "-i", &address, "-u", &self.user, "-p", &password, "-dk", &key];
        let path = file.map(|file| file.display().to_string());
        args.extend(path.iter().flat_map(|path| ["-f", path]));
        args.extend(["-t", WAIT[usize::from(file.is_some())]]);
        let output = run(&Call { folder: Some(&self.path), ..Call::new(PROGRAM, args) }).map_err(|why| match why {
            Failed::NotFound => Problem::invalid(format!("`{PROGRAM}` is on no folder of PATH"))
                .help("install the vendor's tool; or import by hand, with --backup and --file"),
            why => Problem::invalid(format!("`{PROGRAM}` can't be run: {why}")),
        })?;
        // a shell shows 256 more than what it ends with
        let code = output.code.map(|code| if code > 127 { code - 256 } else { code });
        let told =
            |code: i32| ENDS.iter().find(|(number, _)| *number == code).map_or("for no reason that is known", |e| e.1);
        match code {
            Some(0) => Ok(()),
            Some(code @ (-1 | -5)) => {
                Err(Problem { exit: Exit::Unreached, ..Problem::invalid(format!("{PROGRAM}: {}", told(code))) }
                    .help("look at cable, address and port"))
            }
            Some(code) => Err(Problem::refused(format!("{PROGRAM} ended with {code}: {}", told(code)))
                .help("what it needs is said in the vendor's manual of it")),
            None => Err(Problem::invalid(format!("{PROGRAM} was stopped"))),
        }
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.path).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "ini")).collect()
    }

    /// Nothing with secrets stays.
    fn clear(&self) {
        for name in self.files() {
            let _ = std::fs::remove_file(self.path.join(name));
        }
        let _ = std::fs::remove_file(self.file());
        let _ = &self.folder;
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        self.clear();
    }
}
