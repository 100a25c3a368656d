//! What was typed. Nothing is resolved here: verbs turn flags into what is meant.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use fieldlock::finding::Severity;

/// Judges, builds and compares the configuration of industrial network devices, as described in a folder of texts.
#[derive(Debug, Parser)]
#[command(name = "fieldlock", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 findings fail, 2 the input can't be read, 3 differs, 4 nothing was read from a \
    device or it does not answer, 5 refused, 6 begun at a device and not finished.\n\
    Every verb on a site takes its folder; without one the site is looked for from the current folder upwards."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Begin a site: zones, people, profiles that keep every rule, files for git
    Init(super::init::InitArgs),
    /// Begin a device, a profile, a zone, a waiver, an attestation, an adoption or a rule of a site
    New(super::new::NewArgs),
    /// Take devices over that run: descriptions, profiles and captures from what they exported
    Import(super::import::ImportArgs),
    /// List what fieldlock knows of each model: ports, firmware without known holes, how sure that is
    Models(super::models::ModelsArgs),
    /// What the tables of native text say, what they know of a text, and what two texts teach
    Dialect(super::dialect::DialectArgs),
    /// Judge devices by the site's rules
    Check(super::check::CheckArgs),
    /// Judge, render and seal devices into images
    Build(super::build::BuildArgs),
    /// Compare what is described with what runs on the devices
    Diff(super::diff::DiffArgs),
    /// Tell which rules change their verdict: between two commits, or from what runs to what is described
    Posture(super::posture::PostureArgs),
    /// Order the changes of a device so that you stay in, for approval
    Plan(super::plan::PlanArgs),
    /// Print a device as it is merged, with the origin of every line
    Show(super::show::ShowArgs),
    /// Print what a rule asks or a code says, why, and what to write
    Explain(super::explain::ExplainArgs),
    /// List the rules of all packs, and test whether they check anything
    Policy(super::policy::PolicyArgs),
    /// Keep what was read from a device, redacted
    Capture(super::capture::CaptureArgs),
    /// Compare a folder of fresh exports with what is described
    Drift(super::drift::DriftArgs),
    /// Devices of a site to rehearse on, on this machine
    #[cfg(feature = "device")]
    Lab(super::lab::LabArgs),
    /// Look at devices from outside: ports, TLS, SSH, SNMP; nothing is changed and nobody logs in
    #[cfg(feature = "device")]
    Probe(super::probe::ProbeArgs),
    /// Say why a device can't be read, from its address to its configuration
    #[cfg(feature = "device")]
    Doctor(super::doctor::DoctorArgs),
    #[cfg(not(feature = "device"))]
    #[command(hide = true)]
    Lab(super::live::Without),
    #[cfg(not(feature = "device"))]
    #[command(hide = true)]
    Probe(super::live::Without),
    #[cfg(not(feature = "device"))]
    #[command(hide = true)]
    Doctor(super::live::Without),
    /// Take a device out: move its files, begin the record, say what to do
    Retire(super::retire::RetireArgs),
    /// Keep, make and change the secrets of a site, sealed
    Secret(super::secret::SecretVerbArgs),
    /// Make a folder for the stick, of images that verify
    Bundle(super::bundle::BundleArgs),
    /// Work through the sheet of a device, at the device
    Apply(Box<super::apply::ApplyArgs>),
    /// Take the state that a device had out of its sealed backup, to be imported
    Restore(super::restore::RestoreArgs),
    /// Bring what was done in the plant home, as one change of the site
    Return(super::returning::ReturnArgs),
    /// Say what a build's folder or a stick proves, rung by rung
    Verify(super::verify::VerifyArgs),
    /// Hold a downloaded firmware against what the site lists of it
    Firmware(super::firmware::FirmwareArgs),
    /// Look into sealed images, open them, give them to others
    Image(super::image::ImageArgs),
    /// Say what was really done on a device, and whether that is what was written then
    Receipt(super::receipt::ReceiptArgs),
    /// Keep the list of those whose signatures count for you
    Trust(super::trust::TrustArgs),
    /// Keep the list of firmware with known holes: a newer one is taken when it is signed
    Advisories(super::advisories::AdvisoriesArgs),
    /// Tell what there is to show for the requirements of IEC 62443-4-2
    Report(super::report::ReportVerbArgs),
    /// Print the JSON Schemas of everything that is read and written
    Schema(super::schema::SchemaArgs),
}

/// A format that every verb has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; coloured on a terminal only (the default)
    Human,
    /// For editors and `grep`: one line a finding
    Concise,
    /// For logs and screen readers: no colour, no drawing
    Plain,
    /// For programs: see `fieldlock schema report`
    Json,
}

/// A severity as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    /// Worth knowing
    Info,
    /// Little risk
    Low,
    /// Should be fixed
    Medium,
    /// Must be fixed before sealing
    High,
    /// Locks somebody out, or opens the door
    Critical,
}

impl From<SeverityArg> for Severity {
    fn from(typed: SeverityArg) -> Severity {
        match typed {
            SeverityArg::Info => Severity::Info,
            SeverityArg::Low => Severity::Low,
            SeverityArg::Medium => Severity::Medium,
            SeverityArg::High => Severity::High,
            SeverityArg::Critical => Severity::Critical,
        }
    }
}

/// Which site, and which of its devices.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SiteArgs {
    /// Folder of the site [default: found from here upwards by its site.kdl]
    pub(crate) site: Option<PathBuf>,
    /// Only this device; may be given more than once, `*` and `?` stand for any letters
    #[arg(long, value_name = "NAME", help_heading = "Which devices")]
    pub(crate) device: Vec<String>,
    /// Only devices of this zone; may be given more than once
    #[arg(long, value_name = "NAME", help_heading = "Which devices")]
    pub(crate) zone: Vec<String>,
}

/// How the report is shown.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct OutputArgs {
    /// Format of the report [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    pub(crate) format: Option<Format>,
    /// Write the report to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub(crate) output: Option<PathBuf>,
    /// Show everything: passes, waived findings, rules left for later, values in full, native texts
    #[arg(long, help_heading = "Report")]
    pub(crate) all: bool,
}

/// What makes the run fail.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct FailArgs {
    /// Fail from this severity on [default: from what keeps a device from being built, `high` or the site's `block-on`]
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "What fails")]
    pub(crate) fail_on: Option<SeverityArg>,
    /// Fail on anything open, whatever its severity
    #[arg(long, help_heading = "What fails")]
    pub(crate) strict: bool,
}

/// Where secrets come from.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SecretArgs {
    /// Folder of secrets (a file each, DEVICE/NAME), `-` for a JSON map on stdin, `store` for the site's sealed one,
    /// `credentials` for $CREDENTIALS_DIRECTORY, or `placeholder` for none [default: the site's sealed store]
    #[arg(long, value_name = "DIR", help_heading = "Secrets")]
    pub(crate) secrets: Option<String>,
    /// Number of an open file that holds a JSON map of secrets (not on Windows)
    #[arg(long, value_name = "N", conflicts_with = "secrets", help_heading = "Secrets")]
    pub(crate) secrets_fd: Option<u32>,
}

impl SecretArgs {
    /// Whether they are read from stdin.
    pub(crate) fn read_stdin(&self) -> bool {
        self.secrets.as_deref() == Some("-") || self.secrets_fd == Some(0)
    }

    /// Whether the site's sealed store is meant, for a verb that opens it by default.
    pub(crate) fn are_in_store(&self) -> bool {
        self.secrets_fd.is_none() && self.secrets.as_deref().is_none_or(|secrets| secrets == "store")
    }
}

/// Where the passphrase comes from. Never an argument: others can read those.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PassphraseArgs {
    /// File that holds the passphrase, `-` for stdin [default: asked for on a terminal]
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_fd", help_heading = "Secrets")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Number of an open file that holds the passphrase (not on Windows)
    #[arg(long, value_name = "N", help_heading = "Secrets")]
    pub(crate) passphrase_fd: Option<u32>,
}

/// Where the passphrases of a site's groups come from. Never arguments: others can read those.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PassphrasesArgs {
    /// File that holds the passphrase, `-` for stdin; `GROUP=FILE` for a group of the site [default: asked for on a
    /// terminal]
    #[arg(long, value_name = "[GROUP=]FILE", conflicts_with = "passphrase_fd", help_heading = "Secrets")]
    pub(crate) passphrase_file: Vec<PathBuf>,
    /// Number of an open file that holds the passphrase (not on Windows)
    #[arg(long, value_name = "N", help_heading = "Secrets")]
    pub(crate) passphrase_fd: Option<u32>,
}

impl PassphrasesArgs {
    /// Whether a flag says where a passphrase is.
    pub(crate) fn is_given(&self) -> bool {
        !self.passphrase_file.is_empty() || self.passphrase_fd.is_some()
    }

    /// Whether one of them is read from stdin.
    pub(crate) fn reads_stdin(&self) -> bool {
        let is_stdin = |file: &PathBuf| file.to_str().is_some_and(|f| f == "-" || f.ends_with("=-"));
        self.passphrase_file.iter().any(is_stdin) || self.passphrase_fd == Some(0)
    }
}

/// Whose signatures count.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SignerArgs {
    /// File of those who may sign, as ssh-keygen has it [default: your own, see `fieldlock trust`]
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    pub(crate) allowed_signers: Option<PathBuf>,
}

/// Who may approve plans.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ApproverArgs {
    /// File of those who may approve plans, as ssh-keygen has it [default: plan_approvers in your own folder]
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    pub(crate) approvers: Option<PathBuf>,
}

/// Who signs.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SignArgs {
    /// Sign what is written with this ssh-ed25519 key, by ssh-keygen; its .pub where an agent has the key
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    pub(crate) sign_key: Option<PathBuf>,
}
