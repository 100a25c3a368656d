//! A session over SSH: a small face that waits. Only this, [`look`] and `lab` name the crates of the network.
//!
//! A device is known by the fingerprint of its host key; with another one the connection ends before anything of ours
//! is sent. No weak algorithm is offered but those that the device's description names.

pub mod look;

use std::borrow::Cow;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{self, KeyboardInteractiveAuthResponse as Interactive};
use russh::keys::{Algorithm, HashAlg, PublicKeyOrCertificate};
use russh::{AlgorithmKind, ChannelMsg, MethodKind, Preferred, cipher, kex, mac};
use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::cli::{Login, Wire, WireError};
use super::reach::Reach;
use crate::model::reach::WeakAlgorithm;

/// How wide and high the terminal is that is asked for: no command is broken into lines.
const SIZE: (u32, u32) = (500, 500);

/// Longest session: a device that lets every byte be waited for keeps nobody for ever.
const LONGEST: Duration = Duration::from_secs(600);

/// What a device has to do in time, before there is a session.
pub(super) const TAKE: &str = "take the connection";
const AGREE: &str = "agree on keys";
/// To take an account, or not.
pub(super) const LET_IN: &str = "let us in";

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SshError {
    /// Nothing answers there.
    #[error("nothing answers at {at}: {why}")]
    Unreachable {
        /// Where.
        at: SocketAddr,
        /// What the system says.
        why: String,
        /// The same, for programs.
        kind: ErrorKind,
    },
    /// It answers too slowly, or not as SSH does.
    #[error("{at} took longer than {} s to {what}", .within.as_secs())]
    Slow {
        /// Where.
        at: SocketAddr,
        /// What it had to do.
        what: &'static str,
        /// How long was waited.
        within: Duration,
    },
    /// Another device, or another key.
    #[error("the device at {at} shows the host key {shown}, and {} described", described(.expected))]
    Key {
        /// Where.
        at: SocketAddr,
        /// The fingerprint that it shows.
        shown: String,
        /// Those that are described.
        expected: Vec<String>,
    },
    /// Nothing in common.
    #[error("the device offers no {what} that is sound; it offers {}", .theirs.join(", "))]
    Algorithms {
        /// Of which kind.
        what: &'static str,
        /// What it offers.
        theirs: Vec<String>,
    },
    /// The account is not let in.
    #[error("the device refused the account `{0}` or its password")]
    Refused(String),
    /// Anything else.
    #[error("SSH with {at} failed: {why}")]
    Failed {
        /// Where.
        at: SocketAddr,
        /// Why.
        why: String,
    },
}

fn described(expected: &[String]) -> String {
    match expected {
        [] => "none is".to_owned(),
        [one] => format!("{one} is"),
        several => format!("{} are", several.join(", ")),
    }
}

impl SshError {
    /// What to do.
    pub fn help(&self) -> String {
        match self {
            SshError::Unreachable { .. } | SshError::Slow { .. } | SshError::Failed { .. } => {
                format!("{}; `fieldlock doctor DEVICE` goes through it", self.hint())
            }
            _ => self.hint(),
        }
    }

    /// The same, for who goes through it already.
    pub fn hint(&self) -> String {
        match self {
            SshError::Unreachable { kind: ErrorKind::ConnectionRefused, .. } => {
                "something is there, and nobody listens at that port: is SSH on, at the port that is described?".to_owned()
            }
            SshError::Unreachable { .. } => {
                "is it on, is the cable in, is this computer in a network that leads there?".to_owned()
            }
            SshError::Slow { what: TAKE, .. } => {
                "is it on, is the cable in? a firewall on the way, or its own list of hosts, answers nothing either: is \
                 this station in it?"
                    .to_owned()
            }
            SshError::Slow { what: AGREE, .. } => {
                "the port is open, and what listens there does not speak SSH in time: is it the right port, is the device \
                 busy?"
                    .to_owned()
            }
            SshError::Slow { .. } => "is the device busy, or are all its sessions taken? log out the others".to_owned(),
            SshError::Key { shown, expected, .. } if expected.is_empty() => {
                format!("compare it at the device's console, then write it: `reach {{ host-key \"{shown}\" }}`")
            }
            SshError::Key { .. } => {
                "nothing was sent: is it the right device? a new key after a reset is compared at its console first"
                    .to_owned()
            }
            SshError::Algorithms { theirs, .. } => {
                let weak = theirs.iter().find(|name| weak(name).is_some());
                weak.map_or_else(
                    || "newer firmware may have a sound one".to_owned(),
                    |name| format!("where it has nothing better, say so: `reach {{ weak \"{name}\" }}`"),
                )
            }
            SshError::Refused(_) => {
                "is the account there, and is its password the one of its secret? after some wrong tries the right one is \
                 refused too, for a while: wait before the next"
                    .to_owned()
            }
            SshError::Failed { .. } => "is it SSH that listens at that port?".to_owned(),
        }
    }
}

/// A session with a terminal.
pub struct Ssh {
    runtime: Runtime,
    channel: russh::Channel<client::Msg>,
    /// How long the device may take what is sent.
    within: Duration,
    /// Done when the session has lasted long enough.
    over: JoinHandle<()>,
    // the connection ends with it
    _handle: client::Handle<Known>,
}

/// Who the device has to be.
struct Known {
    expected: Vec<String>,
    shown: Arc<Mutex<Option<String>>>,
}

impl client::Handler for Known {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let shown = key.fingerprint(HashAlg::Sha256).to_string();
        let known = self.expected.contains(&shown);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        Ok(known)
    }
}

impl Ssh {
    /// Connects, checks the host key, logs in and opens a terminal; each step within the time given.
    ///
    /// # Errors
    /// How far it came.
    pub fn open(reach: &Reach, login: &Login<'_>, within: Duration) -> Result<Ssh, SshError> {
        let at = reach.at;
        let failed = |why: &dyn std::fmt::Display| SshError::Failed { at, why: why.to_string() };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
        let (channel, handle) = runtime.block_on(async {
            let mut handle = connect(reach, within).await?;
            let entered = timeout(within, enter(&mut handle, login)).await;
            let entered = entered.map_err(|_| SshError::Slow { at, what: LET_IN, within })?;
            if !entered.map_err(|error| failed(&error))? {
                return Err(SshError::Refused(login.account.to_owned()));
            }
            let channel = timeout(within, terminal(&handle)).await;
            let channel = channel.map_err(|_| SshError::Slow { at, what: "open a terminal", within })?;
            Ok((channel.map_err(|error| failed(&error))?, handle))
        })?;
        // a clock of the runtime begins within it
        let over = runtime.spawn(async { sleep(LONGEST).await });
        Ok(Ssh { runtime, channel, within, over, _handle: handle })
    }
}

impl Wire for Ssh {
    fn send(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let sent = self.runtime.block_on(async { timeout(self.within, self.channel.data(bytes)).await });
        let sent = sent.map_err(|_| WireError::Broken("it takes nothing more".to_owned()))?;
        sent.map_err(|error| WireError::Broken(error.to_string()))
    }

    fn receive(&mut self, wait: Duration) -> Result<Option<Vec<u8>>, WireError> {
        loop {
            if self.over.is_finished() {
                return Err(WireError::Broken(format!("it lasts longer than {} s", LONGEST.as_secs())));
            }
            match self.runtime.block_on(async { timeout(wait, self.channel.wait()).await }) {
                Err(_) => return Ok(None),
                Ok(Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. })) => {
                    return Ok(Some(data.to_vec()));
                }
                Ok(None | Some(ChannelMsg::Close | ChannelMsg::Eof)) => return Err(WireError::Ended),
                Ok(Some(_)) => {}
            }
        }
    }
}

/// What a device shows of its host key before anybody logs in.
///
/// # Errors
/// There is none to be seen.
pub fn host_key(reach: &Reach, within: Duration) -> Result<String, SshError> {
    let unknown = Reach { keys: Vec::new(), ..reach.clone() };
    let failed = |why: String| SshError::Failed { at: reach.at, why };
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| failed(error.to_string()))?;
    match runtime.block_on(connect(&unknown, within)) {
        Err(SshError::Key { shown, .. }) => Ok(shown),
        Err(error) => Err(error),
        Ok(_) => Err(failed("a key that nobody knows was taken".to_owned())),
    }
}

async fn connect(reach: &Reach, within: Duration) -> Result<client::Handle<Known>, SshError> {
    let at = reach.at;
    let unreachable = |why: std::io::Error| SshError::Unreachable { at, why: why.to_string(), kind: why.kind() };
    let socket = if at.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(unreachable)?;
    if let Some(from) = reach.from {
        socket.bind(SocketAddr::new(from, 0)).map_err(unreachable)?;
    }
    let stream = timeout(within, socket.connect(at)).await;
    let stream = stream.map_err(|_| SshError::Slow { at, what: TAKE, within })?.map_err(unreachable)?;
    let shown = Arc::new(Mutex::new(None));
    let known = Known { expected: reach.keys.clone(), shown: Arc::clone(&shown) };
    let config = client::Config { preferred: offered(&reach.weak), nodelay: true, ..client::Config::default() };
    let connected = timeout(within, client::connect_stream(Arc::new(config), stream, known)).await;
    connected.map_err(|_| SshError::Slow { at, what: AGREE, within })?.map_err(|error| {
        let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (error, shown) {
            (_, Some(shown)) if !reach.keys.contains(&shown) => {
                SshError::Key { at, shown, expected: reach.keys.clone() }
            }
            (russh::Error::NoCommonAlgo { kind, theirs, .. }, _) => {
                SshError::Algorithms { what: kind_of(&kind), theirs }
            }
            (error, _) => SshError::Failed { at, why: error.to_string() },
        }
    })
}

/// Whether the account is let in: by password, or by the same asked as a question.
async fn enter(handle: &mut client::Handle<Known>, login: &Login<'_>) -> Result<bool, russh::Error> {
    let password = || login.password.expose_text().unwrap_or_default().to_owned();
    let remaining = match handle.authenticate_password(login.account, password()).await? {
        client::AuthResult::Success => return Ok(true),
        client::AuthResult::Failure { remaining_methods, .. } => remaining_methods,
    };
    if remaining.contains(&MethodKind::Password) || !remaining.contains(&MethodKind::KeyboardInteractive) {
        return Ok(false);
    }
    let mut said = handle.authenticate_keyboard_interactive_start(login.account, None).await?;
    // the password is told once, to a question that does not show it
    let mut told = false;
    loop {
        match said {
            Interactive::Success => return Ok(true),
            Interactive::Failure { .. } => return Ok(false),
            Interactive::InfoRequest { prompts, .. } if prompts.len() <= 1 => {
                let hidden = prompts.iter().any(|prompt| !prompt.echo);
                if hidden && told {
                    return Ok(false);
                }
                told |= hidden;
                let answers = prompts.iter().map(|p| if p.echo { String::new() } else { password() }).collect();
                said = handle.authenticate_keyboard_interactive_respond(answers).await?;
            }
            Interactive::InfoRequest { .. } => return Ok(false),
        }
    }
}

async fn terminal(handle: &client::Handle<Known>) -> Result<russh::Channel<client::Msg>, russh::Error> {
    let channel = handle.channel_open_session().await?;
    channel.request_pty(false, "vt100", SIZE.0, SIZE.1, 0, 0, &[]).await?;
    channel.request_shell(false).await?;
    Ok(channel)
}

/// What is offered: what is sound, and behind it what the device has to be reached by.
fn offered(weak: &[WeakAlgorithm]) -> Preferred {
    let mut all = Preferred::DEFAULT;
    let key = all.key.to_mut();
    key.retain(|key| *key != Algorithm::Rsa { hash: None });
    let exchange = all.kex.to_mut();
    // sound, and what switches of some age have
    let sound = exchange.iter().position(|name| *name == kex::DH_GEX_SHA256).unwrap_or(0);
    exchange.splice(sound..sound, [kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::ECDH_SHA2_NISTP521]);
    for weak in weak {
        match weak {
            WeakAlgorithm::SshRsa => key.push(Algorithm::Rsa { hash: None }),
            WeakAlgorithm::Group14Sha1 => exchange.push(kex::DH_G14_SHA1),
            WeakAlgorithm::GroupExchangeSha1 => exchange.push(kex::DH_GEX_SHA1),
            WeakAlgorithm::Group1Sha1 => exchange.push(kex::DH_G1_SHA1),
            WeakAlgorithm::Aes128Cbc => all.cipher.to_mut().push(cipher::AES_128_CBC),
            WeakAlgorithm::Aes192Cbc => all.cipher.to_mut().push(cipher::AES_192_CBC),
            WeakAlgorithm::Aes256Cbc => all.cipher.to_mut().push(cipher::AES_256_CBC),
            WeakAlgorithm::HmacSha1 => all.mac.to_mut().push(mac::HMAC_SHA1),
        }
    }
    Preferred { compression: Cow::Borrowed(&[russh::compression::NONE]), ..all }
}

/// The weak algorithm of a name.
pub fn weak(name: &str) -> Option<WeakAlgorithm> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

fn kind_of(kind: &AlgorithmKind) -> &'static str {
    match kind {
        AlgorithmKind::Kex => "key exchange",
        AlgorithmKind::Key => "host key",
        AlgorithmKind::Cipher => "cipher",
        AlgorithmKind::Compression => "compression",
        AlgorithmKind::Mac => "proof of messages",
    }
}
