//! What a serial port is for people at it or behind a telephone: a terminal, a printer, a line that is dialled.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::value::{Address, Secret, Switch};

/// A terminal on the port, for the modes `terminal-…`: `terminal type="ansi" sessions=4 link="telnet" host="10.1.0.7"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Terminal {
    /// Kind of terminal that the other end is told; 8 characters (MOXA-NP6000-MIB, terminalType).
    #[schemars(length(min = 0, max = 8))]
    pub r#type: Option<String>,
    /// Most sessions at once; 1 to 8 (MOXA-NP6000-MIB, terminalMaxSessions).
    #[schemars(range(min = 1, max = 8))]
    pub sessions: Option<u32>,
    /// How it connects by itself.
    pub link: Option<AutoLink>,
    /// Computer that it connects to by itself; 40 characters (MOXA-NP6000-MIB, terminalPrimaryHostAddress).
    #[schemars(length(min = 1, max = 40))]
    pub host: Option<String>,
    /// Computer that it tries next.
    #[schemars(length(min = 1, max = 40))]
    pub second_host: Option<String>,
    /// TCP port of Telnet there.
    #[schemars(range(min = 1, max = 65535))]
    pub telnet_port: Option<u16>,
    /// TCP port of SSH there.
    #[schemars(range(min = 1, max = 65535))]
    pub ssh_port: Option<u16>,
    /// Key that changes the session, as the page takes it.
    #[schemars(length(min = 0, max = 2))]
    pub change_key: Option<String>,
    /// Key that ends it.
    #[schemars(length(min = 0, max = 2))]
    pub quit_key: Option<String>,
    /// Key that sends a Telnet BREAK.
    #[schemars(length(min = 0, max = 2))]
    pub break_key: Option<String>,
    /// Key that sends a Telnet INTERRUPT.
    #[schemars(length(min = 0, max = 2))]
    pub interrupt_key: Option<String>,
    /// Text that is answered with the account; 16 characters (MOXA-NP6000-MIB, terminalAutoLoginPrompt).
    #[schemars(length(min = 0, max = 16))]
    pub login_prompt: Option<String>,
    /// Text that is answered with the password; 16 characters (MOXA-NP6000-MIB, terminalPasswordPrompt).
    #[schemars(length(min = 0, max = 16))]
    pub password_prompt: Option<String>,
    /// Account that it logs in with by itself; 16 characters (MOXA-NP6000-MIB, terminalLoginUserName).
    #[schemars(length(min = 1, max = 16))]
    pub account: Option<String>,
    /// Name of that account's password.
    #[schemars(extend("x-secret" = "{device}/terminal", "x-secret-when" = "account"))]
    pub password: Option<Secret>,
}

/// How a terminal connects by itself (MOXA-NP6000-MIB, terminalAutoLinkProtocol).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum AutoLink {
    /// It doesn't.
    None,
    /// Telnet, in clear.
    Telnet,
    /// Rlogin, in clear.
    Rlogin,
}

/// A printer on the port, for the modes `printer-…`: `printer group=1 raw-queue="lp1"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Printer {
    /// Group of printers that share the work; 1 to 32 (MOXA-NP6000-MIB, printerGroup).
    #[schemars(range(min = 1, max = 32))]
    pub group: Option<u32>,
    /// Name of its queue for data as it is; 16 characters (MOXA-NP6000-MIB, printerQueueNameRaw).
    #[schemars(length(min = 1, max = 16))]
    pub raw_queue: Option<String>,
    /// Name of its queue for text; 16 characters (MOXA-NP6000-MIB, printerQueueNameASCII).
    #[schemars(length(min = 1, max = 16))]
    pub ascii_queue: Option<String>,
    /// Whether a page is thrown after each job.
    pub form_feed: Option<Switch>,
}

/// A line that is dialled, for the modes `dial-…`: `dial remote="10.9.0.1" account="np07" hang-up="dcd"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Dial {
    /// Address of the other end.
    pub remote: Option<Address>,
    /// Address of this end.
    pub local: Option<Address>,
    /// Netmask of the line.
    pub netmask: Option<Address>,
    /// Whether headers are compressed.
    pub compression: Option<Switch>,
    /// Whether the quality of the line is reported.
    pub quality_report: Option<Switch>,
    /// What ends the call.
    pub hang_up: Option<HangUp>,
    /// Account that it dials out with; 16 characters (MOXA-NP6000-MIB, dialUsername).
    #[schemars(length(min = 1, max = 16))]
    pub account: Option<String>,
    /// Name of that account's password.
    #[schemars(extend("x-secret" = "{device}/dial", "x-secret-when" = "account"))]
    pub password: Option<Secret>,
}

/// What ends a call (MOXA-NP6000-MIB, dialDisconnectBy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum HangUp {
    /// No control line.
    None,
    /// DCD goes off.
    Dcd,
    /// DSR goes off.
    Dsr,
}
