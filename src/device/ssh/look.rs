//! What a server of SSH shows before anybody logs in: its host key, and a text for whoever is about to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{self, Session};
use russh::keys::{HashAlg, PublicKeyOrCertificate};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::{offered, weak};
use crate::device::probe::WEAK;
use crate::model::reach::WeakAlgorithm;

/// The account that is named to ask which ways to log in there are: nobody's.
const NOBODY: &str = "nobody";

/// What was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Greeting {
    /// The fingerprint of its host key.
    pub key: String,
    /// The text before the login; `None` where there is none.
    pub banner: Option<String>,
}

struct Looking(Arc<Mutex<Greeting>>);

impl client::Handler for Looking {
    type Error = russh::Error;

    /// Nothing of ours is sent, whoever it is.
    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        if let PublicKeyOrCertificate::PublicKey { key, .. } = key {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).key = key.fingerprint(HashAlg::Sha256).to_string();
        }
        Ok(true)
    }

    async fn auth_banner(&mut self, banner: &str, _: &mut Session) -> Result<(), russh::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).banner = Some(banner.to_owned());
        Ok(())
    }
}

/// Asks which ways to log in there are, as every client does first, and leaves. `None` where nothing is agreed on.
pub fn greeting(at: SocketAddr, within: Duration) -> Option<Greeting> {
    let runtime = Builder::new_current_thread().enable_all().build().ok()?;
    let seen = Arc::new(Mutex::new(Greeting::default()));
    let looking = Looking(Arc::clone(&seen));
    // whatever it has is spoken: nothing that is worth anything goes over it
    let weak: Vec<WeakAlgorithm> = WEAK.into_iter().filter_map(weak).collect();
    let config = client::Config { preferred: offered(&weak), ..client::Config::default() };
    runtime.block_on(async {
        let _ = timeout(within, async {
            let stream = TcpStream::connect(at).await.ok()?;
            let mut handle = client::connect_stream(Arc::new(config), stream, looking).await.ok()?;
            handle.authenticate_none(NOBODY).await.ok()
        })
        .await;
    });
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Some(seen).filter(|seen| !seen.key.is_empty())
}
