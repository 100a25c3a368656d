//! Devices to rehearse on behind SSH, on addresses of this machine.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{HashAlg, PrivateKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, Session, run_stream};
use russh::{Channel, ChannelId, MethodKind, MethodSet, Pty};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::device::{Device, Entry, LabError};
use super::terminal::{Output, Terminal};

/// A device that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Its name.
    pub name: String,
    /// Where.
    pub at: SocketAddr,
    /// The fingerprint of its host key.
    pub key: String,
}

/// How long somebody says nothing before the session ends.
const IDLE: Duration = Duration::from_secs(600);

/// Serves devices until `until` returns, where there is one, each on a port of its own. `ports` is the first of them, 0
/// for any; `seeds` are random, one a device; whoever comes from the address that is listened at counts as coming from
/// `station`; `clock` tells the time since the start. `ready` hears where they are; where it fails they are served no
/// longer.
///
/// # Errors
/// The network of this machine does not give them a port.
pub fn serve(
    devices: Vec<(Arc<Mutex<Device>>, [u8; 32])>,
    listen: SocketAddr,
    station: Option<IpAddr>,
    clock: Arc<dyn Fn() -> Duration + Send + Sync>,
    ready: &mut dyn FnMut(&[Served]) -> bool,
    until: Option<fn()>,
) -> Result<(), LabError> {
    let broken =
        |name: &str, why: &dyn std::fmt::Display| LabError::Network { name: name.to_owned(), why: why.to_string() };
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| broken("lab", &error))?;
    runtime.block_on(async {
        let (mut served, mut all) = (Vec::new(), Vec::new());
        for (number, (device, seed)) in devices.into_iter().enumerate() {
            let name = device.lock().unwrap_or_else(PoisonError::into_inner).name.clone();
            let offset = u16::try_from(number).ok().filter(|_| listen.port() > 0).unwrap_or(0);
            let port = listen.port().checked_add(offset).ok_or_else(|| broken(&name, &"there is no such port"))?;
            let listener = TcpListener::bind((listen.ip(), port)).await.map_err(|error| broken(&name, &error))?;
            let key = PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed)), "");
            let key = key.map_err(|error| broken(&name, &error))?;
            let at = listener.local_addr().map_err(|error| broken(&name, &error))?;
            served.push(Served { name, at, key: key.public_key().fingerprint(HashAlg::Sha256).to_string() });
            let config = Arc::new(Config {
                keys: vec![key],
                methods: MethodSet::from(&[MethodKind::Password][..]),
                auth_rejection_time: Duration::from_millis(300),
                auth_rejection_time_initial: Some(Duration::ZERO),
                inactivity_timeout: Some(IDLE),
                nodelay: true,
                ..Config::default()
            });
            all.push((listener, config, device));
        }
        if !ready(&served) {
            return Ok(());
        }
        for (listener, config, device) in all {
            tokio::spawn(accept(listener, config, device, (listen.ip(), station), Arc::clone(&clock)));
        }
        match until {
            Some(until) => tokio::task::spawn_blocking(until).await.map_err(|error| broken("lab", &error)),
            None => std::future::pending().await,
        }
    })
}

async fn accept(
    listener: TcpListener,
    config: Arc<Config>,
    device: Arc<Mutex<Device>>,
    (own, station): (IpAddr, Option<IpAddr>),
    clock: Arc<dyn Fn() -> Duration + Send + Sync>,
) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let from = station.filter(|_| peer.ip() == own).unwrap_or(peer.ip());
        // whoever is not on the list of hosts gets no answer at all
        if !device.lock().unwrap_or_else(PoisonError::into_inner).takes(from) {
            continue;
        }
        let _ = stream.set_nodelay(true);
        let visitor = Visitor::new(Arc::clone(&device), Arc::clone(&clock));
        let config = Arc::clone(&config);
        tokio::spawn(async move {
            if let Ok(session) = run_stream(config, stream, visitor).await {
                let _ = session.await;
            }
        });
    }
}

/// Somebody who connected.
struct Visitor {
    device: Arc<Mutex<Device>>,
    clock: Arc<dyn Fn() -> Duration + Send + Sync>,
    configures: bool,
    terminal: Terminal,
    out: Option<UnboundedSender<Vec<Output>>>,
}

impl Visitor {
    fn new(device: Arc<Mutex<Device>>, clock: Arc<dyn Fn() -> Duration + Send + Sync>) -> Visitor {
        let terminal = Terminal::new(Arc::clone(&device), true);
        Visitor { device, clock, configures: false, terminal, out: None }
    }

    fn tell(&self, outputs: Vec<Output>) {
        if let Some(out) = &self.out {
            let _ = out.send(outputs);
        }
    }
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_password(&mut self, account: &str, password: &str) -> Result<Auth, russh::Error> {
        let now = (self.clock)();
        let entry = self.device.lock().unwrap_or_else(PoisonError::into_inner).enter(account, password.as_bytes(), now);
        Ok(match entry {
            Entry::In { configures } => {
                self.configures = configures;
                Auth::Accept
            }
            Entry::Refused => Auth::reject(),
        })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        let (send, mut outputs) = unbounded_channel::<Vec<Output>>();
        let (handle, id): (Handle, ChannelId) = (session.handle(), channel.id());
        self.out = Some(send);
        tokio::spawn(async move {
            while let Some(all) = outputs.recv().await {
                for output in all {
                    match output {
                        Output::Bytes(bytes) => {
                            let _ = handle.data(id, bytes).await;
                        }
                        Output::Pause(time) => tokio::time::sleep(time).await,
                        Output::End => {
                            let _ = handle.exit_status_request(id, 0).await;
                            let _ = handle.eof(id).await;
                            let _ = handle.close(id).await;
                        }
                    }
                }
            }
        });
        reply.accept().await;
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        _columns: u32,
        rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.terminal.height(rows);
        session.channel_success(channel)
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        session.channel_success(channel)?;
        let outputs = self.terminal.begin(Some(self.configures));
        self.tell(outputs);
        Ok(())
    }

    async fn data(&mut self, _: ChannelId, data: &[u8], _: &mut Session) -> Result<(), russh::Error> {
        let outputs = self.terminal.input(data, (self.clock)());
        self.tell(outputs);
        Ok(())
    }

    async fn channel_eof(&mut self, _: ChannelId, _: &mut Session) -> Result<(), russh::Error> {
        // whoever has no more to say leaves
        self.tell(vec![Output::End]);
        Ok(())
    }
}

/// A port that takes no connection and refuses none, as long as both live.
#[cfg(test)]
pub(in crate::device) fn deaf() -> std::io::Result<(tokio::runtime::Runtime, TcpListener)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let entered = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let listener = socket.listen(1)?;
    drop(entered);
    Ok((runtime, listener))
}
