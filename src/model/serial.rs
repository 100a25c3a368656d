//! Serial ports.

mod data;
mod roles;

use schemars::JsonSchema;
use serde::Deserialize;

pub use self::data::{
    Buffer, BufferLocation, ClientOpens, Connection, ControlLine, DelimiterProcess, Enter, LineAlert, Packing,
    SerialModem, Unrequested,
};
pub use self::roles::{AutoLink, Dial, HangUp, Printer, Terminal};
use super::mode::Mode;
use super::value::{Network, SerialLine, Switch};

/// The serial ports of a device server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Serial {
    /// One each.
    #[serde(default)]
    #[schemars(extend("x-fixed" = true))]
    pub port: Vec<SerialPort>,
}

/// `port 1 { mode "tcp-server" data-port=4001; line "9600 8N1" interface="rs-485-2w"; purpose "flow meter" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SerialPort {
    /// Number on the label, from 1.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 1, max = 64))]
    pub number: Option<u32>,
    /// Whether something is plugged in.
    #[schemars(extend("x-note" = true))]
    pub in_use: Option<Switch>,
    /// How the network reaches it.
    pub mode: Option<Mode>,
    /// Speed and wires.
    pub line: Option<Line>,
    /// Short name shown by the device.
    #[schemars(length(min = 0, max = 16))]
    pub alias: Option<String>,
    /// When received bytes are sent on as one packet (NPort 6000).
    pub packing: Option<Packing>,
    /// What holds of its connections, whatever the mode (NPort 6000).
    pub connection: Option<Connection>,
    /// What is kept of its data (NPort 6000).
    pub buffer: Option<Buffer>,
    /// A modem on it (NPort 6000).
    pub modem: Option<SerialModem>,
    /// A terminal on it (NPort 6000).
    pub terminal: Option<Terminal>,
    /// A printer on it (NPort 6000).
    pub printer: Option<Printer>,
    /// A line that is dialled (NPort 6000).
    pub dial: Option<Dial>,
    /// Ways by which a change of a control line is told at once (NPort 6000).
    #[serde(default)]
    #[schemars(extend("x-fixed" = true))]
    pub alert: Vec<LineAlert>,
    /// What is plugged in.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 128))]
    pub purpose: Option<String>,
    /// Who opens it over the network: addresses and networks of computers.
    #[schemars(extend("x-note" = true))]
    pub clients: Option<Vec<Network>>,
}

/// Speed and wires of a serial port.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Line {
    /// Speed and frame.
    #[schemars(extend("x-at" = "arg"))]
    pub settings: Option<SerialLine>,
    /// Electrical interface.
    pub interface: Option<SerialInterface>,
    /// Flow control.
    pub flow: Option<Flow>,
    /// Whether the buffer of the UART is used.
    pub fifo: Option<Switch>,
    /// How long RTS is on before data, in ms, where flow is `rts-toggle` (MOXA-NP6000-MIB, portOnDelay;
    /// it gives no range).
    #[schemars(range(min = 0, max = 65535))]
    pub on_delay: Option<u32>,
    /// How long RTS stays on behind data, in ms, where flow is `rts-toggle` (MOXA-NP6000-MIB,
    /// portOffDelay; it gives no range).
    #[schemars(range(min = 0, max = 65535))]
    pub off_delay: Option<u32>,
}

/// Electrical interface of a serial port (nport.md 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum SerialInterface {
    /// RS-232.
    #[serde(rename = "rs-232")]
    Rs232,
    /// RS-422.
    #[serde(rename = "rs-422")]
    Rs422,
    /// RS-485, two wires.
    #[serde(rename = "rs-485-2w")]
    Rs485TwoWire,
    /// RS-485, four wires.
    #[serde(rename = "rs-485-4w")]
    Rs485FourWire,
}

/// Flow control of a serial port (nport.md 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Flow {
    /// None.
    None,
    /// RTS/CTS.
    RtsCts,
    /// XON/XOFF.
    XonXoff,
    /// DTR/DSR.
    DtrDsr,
    /// RTS toggled by software.
    RtsToggle,
}
