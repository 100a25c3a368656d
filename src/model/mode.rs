//! Operation modes of serial ports, with their parameters.

mod values;

use schemars::JsonSchema;
use serde::Deserialize;

pub use self::values::{AddressRange, Destination, Secure, TerminalLogin};
use super::value::{Name, SitePath, Time};

/// How the network reaches a serial port. The word chooses which properties may follow.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub enum Mode {
    /// No operation: the port is closed.
    None {},
    /// Real COM: a driver on a computer owns the port (TCP 949+n and 965+n, guide 3.1).
    RealCom {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
        /// Most connections at once, 1 to 8 (nport.md 1.2).
        #[schemars(range(min = 1, max = 8))]
        max_connections: Option<u32>,
        /// How the connection is protected.
        secure: Option<Secure>,
        /// CA certificate that the peer's own is checked against: a PEM file of the site.
        ca: Option<SitePath>,
    },
    /// RFC 2217: Telnet-based port control, no authentication.
    #[serde(rename = "rfc2217")]
    Rfc2217 {
        /// TCP port that it waits on; the device's own default is 4000 + port number.
        #[schemars(range(min = 1, max = 65535))]
        data_port: Option<u16>,
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
        /// How the connection is protected.
        secure: Option<Secure>,
        /// CA certificate that the peer's own is checked against: a PEM file of the site.
        ca: Option<SitePath>,
    },
    /// TCP server: waits for connections.
    TcpServer {
        /// TCP port that it waits on; the device's own default is 4000 + port number.
        #[schemars(range(min = 1, max = 65535))]
        data_port: Option<u16>,
        /// TCP port for commands; the device's own default is 965 + port number.
        #[schemars(range(min = 1, max = 65535))]
        command_port: Option<u16>,
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
        /// Silence of the serial side after which the connection ends; 0 to 65,535 ms, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Most connections at once, 1 to 8 (nport.md 1.2).
        #[schemars(range(min = 1, max = 8))]
        max_connections: Option<u32>,
        /// How the connection is protected.
        secure: Option<Secure>,
        /// CA certificate that the peer's own is checked against: a PEM file of the site.
        ca: Option<SitePath>,
    },
    /// TCP client: connects by itself.
    TcpClient {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
        /// Silence of the serial side after which the connection ends; 0 to 65,535 ms, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// How the connection is protected.
        secure: Option<Secure>,
        /// CA certificate that the peer's own is checked against: a PEM file of the site.
        ca: Option<SitePath>,
        /// Where to connect.
        #[serde(default)]
        #[schemars(extend("x-ordered" = true))]
        destination: Vec<Destination>,
    },
    /// UDP: datagrams, never encrypted.
    Udp {
        /// UDP port that it listens on; the device's own default is 4000 + port number.
        #[schemars(range(min = 1, max = 65535))]
        local_port: Option<u16>,
        /// Whom to send to.
        #[serde(default)]
        #[schemars(extend("x-ordered" = true))]
        range: Vec<AddressRange>,
    },
    /// Pair connection, the end that connects.
    PairMaster {
        /// The device at the other end, by its name in the site.
        #[schemars(extend("x-note" = true))]
        peer: Option<Name>,
        /// The serial port at the other end.
        #[schemars(extend("x-note" = true), range(min = 1, max = 64))]
        peer_port: Option<u32>,
        /// Address or name of the other end.
        #[schemars(length(min = 1, max = 64))]
        address: Option<String>,
        /// TCP port that the other end waits on.
        #[schemars(range(min = 1, max = 65535))]
        port: Option<u16>,
        /// How the connection is protected.
        secure: Option<Secure>,
        /// CA certificate that the peer's own is checked against: a PEM file of the site.
        ca: Option<SitePath>,
    },
    /// Pair connection, the end that waits.
    PairSlave {
        /// The device at the other end, by its name in the site.
        #[schemars(extend("x-note" = true))]
        peer: Option<Name>,
        /// The serial port at the other end.
        #[schemars(extend("x-note" = true), range(min = 1, max = 64))]
        peer_port: Option<u32>,
        /// TCP port that it waits on; the device's own default is 4000 + port number.
        #[schemars(range(min = 1, max = 65535))]
        data_port: Option<u16>,
        /// How the connection is protected.
        secure: Option<Secure>,
        /// CA certificate that the peer's own is checked against: a PEM file of the site.
        ca: Option<SitePath>,
    },
    /// Reverse terminal over Telnet.
    ReverseTelnet {
        /// TCP port that it waits on; the device's own default is 4000 + port number.
        #[schemars(range(min = 1, max = 65535))]
        data_port: Option<u16>,
        /// Silence after which the session ends; 0 to 99 min, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks the login before the terminal opens.
        login: Option<TerminalLogin>,
    },
    /// Reverse terminal over SSH.
    ReverseSsh {
        /// TCP port that it waits on; the device's own default is 4000 + port number.
        #[schemars(range(min = 1, max = 65535))]
        data_port: Option<u16>,
        /// Silence after which the session ends; 0 to 99 min, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks the login before the terminal opens.
        login: Option<TerminalLogin>,
    },
    /// Connect Modem: dial-in and dial-out.
    Modem {},
    /// Reverse Real COM: connects by itself to the driver on a computer (MOXA-NP6000-MIB, reverse-Real-Com).
    ReverseRealCom {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
        /// Most connections at once, 1 to 8 (nport.md 1.2).
        #[schemars(range(min = 1, max = 8))]
        max_connections: Option<u32>,
        /// How the connection is protected.
        secure: Option<Secure>,
        /// CA certificate that the peer's own is checked against: a PEM file of the site.
        ca: Option<SitePath>,
        /// Where to connect.
        #[serde(default)]
        #[schemars(extend("x-ordered" = true))]
        destination: Vec<Destination>,
    },
    /// A terminal that is typed at, sessions in clear; `terminal` says more (MOXA-NP6000-MIB, term-ASC).
    TerminalAscii {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
        /// Silence after which the session ends; 0 to 99 min, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks the login before the terminal opens.
        login: Option<TerminalLogin>,
    },
    /// A terminal whose bytes pass as they are, in clear (MOXA-NP6000-MIB, term-BIN).
    TerminalBinary {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
        /// Silence after which the session ends; 0 to 99 min, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks the login before the terminal opens.
        login: Option<TerminalLogin>,
    },
    /// A terminal with sessions over SSH (MOXA-NP6000-MIB, ssh).
    TerminalSsh {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
        /// Silence after which the session ends; 0 to 99 min, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks the login before the terminal opens.
        login: Option<TerminalLogin>,
    },
    /// A printer; `printer` says more (MOXA-NP6000-MIB, raw-PRN).
    PrinterRaw {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
    },
    /// A printer with queues (MOXA-NP6000-MIB, lpd-PRN).
    PrinterLpd {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
    },
    /// An Ethernet modem, which is called by AT commands (MOXA-NP6000-MIB, ethernet-Modem).
    EthernetModem {
        /// Silence after which a dead peer is looked for; 0 to 99 min, a device's 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        alive_check: Option<Time>,
    },
    /// Dial-in and dial-out by PPP; `dial` says more (MOXA-NP6000-MIB, ppp).
    DialPpp {
        /// Silence of the serial side after which the connection ends; 0 to 65,535 ms, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks whoever dials in.
        login: Option<TerminalLogin>,
    },
    /// Dial-in by PPP (MOXA-NP6000-MIB, pppd).
    DialPppd {
        /// Silence of the serial side after which the connection ends; 0 to 65,535 ms, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks whoever dials in.
        login: Option<TerminalLogin>,
    },
    /// Dial-in and dial-out by SLIP (MOXA-NP6000-MIB, slip).
    DialSlip {
        /// Silence of the serial side after which the connection ends; 0 to 65,535 ms, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks whoever dials in.
        login: Option<TerminalLogin>,
    },
    /// Dial-in by SLIP (MOXA-NP6000-MIB, slipd).
    DialSlipd {
        /// Silence of the serial side after which the connection ends; 0 to 65,535 ms, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks whoever dials in.
        login: Option<TerminalLogin>,
    },
    /// Dial-in by whatever the caller speaks (MOXA-NP6000-MIB, dynamic).
    DialDynamic {
        /// Silence of the serial side after which the connection ends; 0 to 65,535 ms, 0 is `never` (nport.md 1.2).
        #[schemars(extend("x-word" = "never"))]
        inactivity: Option<Time>,
        /// Who checks whoever dials in.
        login: Option<TerminalLogin>,
    },
}
