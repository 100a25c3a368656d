//! How the bytes of a serial port travel: packets, connections, what is kept meanwhile, a modem, control lines.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::value::{Switch, Time};

/// When received bytes are sent on as one packet: `packing bytes=0 process="strip" force="10 ms"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Packing {
    /// Bytes after which a packet is sent; 0 to 1024, 0 sets no length (MOXA-NP6000-MIB, portPacketLength).
    #[schemars(range(min = 0, max = 1024))]
    pub bytes: Option<u32>,
    /// First delimiter as the page takes it, two hexadecimal digits (MOXA-NP6000-MIB, portDelimiter1).
    #[schemars(length(min = 0, max = 2))]
    pub delimiter_1: Option<String>,
    /// Second delimiter, which counts together with the first (MOXA-NP6000-MIB, portDelimiter2).
    #[schemars(length(min = 0, max = 2))]
    pub delimiter_2: Option<String>,
    /// What becomes of the delimiter.
    pub process: Option<DelimiterProcess>,
    /// Silence after which what is there is sent; 1 to 65,535 ms, 0 is `never` (MOXA-NP6000-MIB, portForceTransmit).
    #[schemars(extend("x-word" = "never"))]
    pub force: Option<Time>,
}

/// What becomes of a delimiter (MOXA-NP6000-MIB, portDelimiterProcess).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum DelimiterProcess {
    /// The packet ends with it.
    Nothing,
    /// The packet ends one byte behind it.
    AddOne,
    /// The packet ends two bytes behind it.
    AddTwo,
    /// It is taken out.
    Strip,
}

/// What holds of the connections of a port, whatever its mode: `connection ignore-jammed=on`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Connection {
    /// Whether a computer that stopped answering is passed over while others are served.
    pub ignore_jammed: Option<Switch>,
    /// Whether several computers may set the line, the last one wins.
    pub driver_control: Option<Switch>,
    /// Whether a command waits for the answer to the one before.
    pub command_by_command: Option<Switch>,
    /// Who gets bytes that answer no command.
    pub unrequested: Option<Unrequested>,
    /// Whether RTS goes low while the Ethernet link is down; else it stays high.
    pub rts_goes_low: Option<Switch>,
    /// Whether DTR goes low while the Ethernet link is down; else it stays high.
    pub dtr_goes_low: Option<Switch>,
    /// What makes a TCP client connect and disconnect.
    pub opens: Option<ClientOpens>,
    /// Whether answers of a UDP port go to whoever sent last.
    pub udp_dynamic: Option<Switch>,
    /// Silence in ms after which another may; 0 to 65,535, 0 changes turns each time (MOXA-NP6000-MIB,
    /// socketUDPDynamicDstTimeout).
    #[schemars(range(min = 0, max = 65535))]
    pub udp_dynamic_timeout: Option<u32>,
    /// Whether a login that one server denies is tried with the next kind, too.
    pub try_next: Option<Switch>,
    /// What a line end from the network becomes on a reverse terminal.
    pub enter: Option<Enter>,
}

/// Who gets bytes that answer no command (MOXA-NP6000-MIB, socketNonRequestSerialData).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Unrequested {
    /// Nobody.
    Discard,
    /// Whoever asked last.
    LastRequester,
    /// Everybody who is connected.
    All,
}

/// What makes a TCP client connect, and disconnect (MOXA-NP6000-MIB, socketTcpClientConnectionControl).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ClientOpens {
    /// At start-up, for good.
    Startup,
    /// At the first byte, for good.
    AnyCharacter,
    /// At the first byte, until the inactivity time is over.
    AnyCharacterInactivity,
    /// While DSR is on.
    DsrOnOff,
    /// When DSR goes on, for good.
    DsrOn,
    /// While DCD is on.
    DcdOnOff,
    /// When DCD goes on, for good.
    DcdOn,
}

/// What a line end becomes (MOXA-NP6000-MIB, reverseTerminalMapKeys).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Enter {
    /// Carriage return and line feed.
    CrLf,
    /// Carriage return.
    Cr,
    /// Line feed.
    Lf,
}

/// What is kept of a port's data: `buffer on location="sd-card" size=2 record=off`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Buffer {
    /// Whether data is kept while nobody is connected.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Where it is kept.
    pub location: Option<BufferLocation>,
    /// Largest file on the SD card, in MB (MOXA-NP6000-MIB, portBufferingSDFileSize; it gives no range).
    #[schemars(range(min = 0, max = 65535))]
    pub size: Option<u32>,
    /// Whether all data of the port is recorded: what passes there can be read by whoever reads the record.
    pub record: Option<Switch>,
}

/// Where data is kept (MOXA-NP6000-MIB, portBufferingLocation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum BufferLocation {
    /// In memory, until it restarts.
    Memory,
    /// On the SD card.
    SdCard,
}

/// A modem on the port: `modem on initial="AT&S0=1" dial="ATDT" phone="0123"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct SerialModem {
    /// Whether there is one.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Command that it gets first; 24 characters (MOXA-NP6000-MIB, portInitialString).
    #[schemars(length(min = 0, max = 24))]
    pub initial: Option<String>,
    /// Command that dials; 8 characters (MOXA-NP6000-MIB, portDialUp).
    #[schemars(length(min = 0, max = 8))]
    pub dial: Option<String>,
    /// Number that is dialled; 16 characters (MOXA-NP6000-MIB, portPhoneNumber).
    #[schemars(length(min = 0, max = 16))]
    pub phone: Option<String>,
}

/// Ways by which a change of a control line is told at once: `alert "dcd" mail=on trap=on`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct LineAlert {
    /// Which line.
    #[schemars(extend("x-key" = true))]
    pub signal: Option<ControlLine>,
    /// By mail.
    pub mail: Option<Switch>,
    /// As an SNMP trap.
    pub trap: Option<Switch>,
    /// By a text message.
    pub sms: Option<Switch>,
    /// By the alarm of the device itself (relay or light).
    pub alarm: Option<Switch>,
}

/// A control line of a serial port (MOXA-NP6000-MIB, portEventSettingsTable).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ControlLine {
    /// Data carrier detect: what a modem has of its line.
    Dcd,
    /// Data set ready: whether what is plugged in has power.
    Dsr,
}
