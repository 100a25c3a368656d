//! The secrets of the devices that something came home of, where their passphrase is at hand: looked for in every text,
//! and rid of old values that a device is proved to have no more.

use std::collections::{BTreeMap, BTreeSet};

use fieldlock::image::FingerprintKey;
use fieldlock::ledger::index::{MAX_INDEX_LEN, parse_index};
use fieldlock::pipeline::folder::INDEX;
use fieldlock::pipeline::store::{FOLDER, Owned};
use fieldlock::secret::{Search, Sought};
use fieldlock::site::files::Root;
use fieldlock::site::output::SiteFolder;

use super::super::keyring::Keyring;
use super::super::problem::Problem;
use super::super::secret::{StoreArgs, StoreSite, owned, write};
use super::super::secret_write::fingerprint;
use super::super::site;
use super::UNCHANGED;
use super::stick::Come;

/// Secrets of devices, by owner; the store is locked for as long as the value lives.
pub(super) struct Secrets<'a> {
    place: &'a StoreSite,
    keyring: Keyring<'a>,
    /// `None` where the site has no store, and so nothing to write.
    locked: Option<SiteFolder>,
    owned: BTreeMap<String, Owned>,
}

impl<'a> Secrets<'a> {
    /// Opens those of these devices, and those that are shared.
    pub(super) fn of(
        place: &'a StoreSite,
        args: &'a StoreArgs,
        devices: &BTreeSet<&str>,
    ) -> Result<Secrets<'a>, Problem> {
        let locked = place.root.join(FOLDER).exists().then(|| place.lock()).transpose()?;
        let keyring = place.keyring(args)?;
        let owners = devices.iter().copied().chain(["shared"]);
        let owned = owners.map(|owner| Ok((owner.to_owned(), owned(&keyring, owner)?)));
        let owned = owned.collect::<Result<_, Problem>>()?;
        Ok(Secrets { place, keyring, locked, owned })
    }

    /// No value of them, old ones included, stands in what came home.
    pub(super) fn stand_nowhere(&self, come: &[Come]) -> Result<(), Problem> {
        let secrets = self.owned.values().flat_map(|owned| &owned.secrets);
        let values = secrets.flat_map(|(name, stored)| {
            let versions = std::iter::once(stored.now()).chain(stored.earlier());
            versions.map(move |version| (Sought::Secret(name.as_str()), version.value.expose()))
        });
        let Some(search) = Search::of(values) else { return Ok(()) };
        for one in come {
            let texts = std::iter::once(one.receipt.bytes()).chain(one.answers.as_ref().map(|(_, bytes)| &**bytes));
            if let Some((sought, _)) = texts.into_iter().find_map(|text| search.find(text)) {
                let device = &one.receipt.begun().device;
                return Err(Problem::refused(format!("{sought} stands in what came home of {device}"))
                    .help("it is not shown and not kept: take it out, and change the secret; whoever has the stick has it")
                    .state(UNCHANGED));
            }
        }
        Ok(())
    }

    /// What marks them in public texts; none where the site has no store.
    pub(super) fn mark(&self) -> Result<Option<FingerprintKey>, Problem> {
        fingerprint(&self.keyring)
    }

    /// Old values go that a receipt, signed by somebody whose receipts count, proves to be on the device no more.
    pub(super) fn prove(mut self, signed: &[&Come]) -> Result<String, Problem> {
        let index = Root::open(&self.place.root.join(site::OUT)).and_then(|out| out.read_bytes(INDEX, MAX_INDEX_LEN));
        let Some(index) = index.ok().and_then(|bytes| parse_index(&bytes).ok()) else { return Ok(String::new()) };
        let (mut told, mut changed) = (String::new(), BTreeSet::new());
        for one in signed {
            let (begun, number) = (one.receipt.begun(), one.receipt.number());
            let built = index.image(&begun.device).is_some_and(|entry| entry.image.to_string() == begun.image);
            let Some(own) = self.owned.get_mut(&begun.device).filter(|_| built) else { continue };
            let typed: BTreeSet<&str> = one.receipt.confirmed().iter().map(|row| &*row.value).collect();
            for (name, stored) in own.secrets.iter_mut().filter(|(name, _)| typed.contains(name.as_str())) {
                // the value that was typed is that of the image: it has to be in force since before that was built, and
                // before the work began
                let since = stored.now().since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                let in_force = *since <= *one.receipt.times().0 && *since <= *index.judged_at;
                if in_force && !stored.earlier().is_empty() {
                    stored.prove(&number);
                    changed.insert(begun.device.clone());
                    told.push_str(&format!("  {name} is proved to be on the device: {number}\n"));
                }
            }
        }
        self.owned.retain(|owner, _| changed.contains(owner));
        if let Some(locked) = self.locked.filter(|_| !self.owned.is_empty()) {
            write(self.place, &self.keyring, &locked, self.owned)?;
        }
        Ok(told)
    }
}
