//! The site loaded as it would be, before anything is written: what its descriptions would say that was not read.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::fresh::New;
use super::{From, Plan};
use crate::model::Facts;
use crate::model::facts::{Value, leaves};
use crate::pipeline::ready::{self, ReadySite};
use crate::secret::{SecretRef, SecretValue};
use crate::site::LoadOptions;
use crate::site::files::{Held, Root};

/// The files whose device would not mean what was read, with why; the plan learns the secrets that its devices need.
pub(super) fn differing(root: Root, plan: &mut Plan, new: &[New<'_>], files: &[&From]) -> BTreeMap<String, String> {
    let over = plan.put.iter().map(|(name, bytes)| (name.clone(), Held::File(bytes.clone()))).collect();
    let ready = ready::load(root.with(over), &LoadOptions::default(), None);
    let mut wrong = BTreeMap::new();
    for finding in ready.findings.iter().filter(|f| f.is_input_error()) {
        let file = ready.sources.name(finding.loc.file).to_owned();
        let place = format!("{file}:{}", ready.sources.start(finding.loc).line);
        let told = format!("its description would be wrong: {} ({place})", finding.message);
        let of_device = finding.device.as_deref().map(|device| format!("devices/{device}.kdl"));
        let from = [Some(file), of_device].into_iter().flatten().find_map(|file| plan.from.get(&file));
        wrong.extend(from.into_iter().flatten().map(|from| (from.clone(), told.clone())));
    }
    wrong.par_extend(new.par_iter().flat_map_iter(|one| {
        let why = match ready.site.device(&one.name) {
            None => Some("its description could not be read back; please report it".to_owned()),
            Some(device) => otherwise(&one.facts, &device.own)
                .map(|path| format!("its description would say something else of `{path}`; please report it")),
        };
        why.into_iter().flat_map(|why| one.files().map(move |file| (file, why.clone())))
    }));
    secrets(&ready, plan, files);
    wrong
}

/// The names of the secrets that each device needs, and the values of those that were read.
fn secrets(ready: &ReadySite, plan: &mut Plan, files: &[&From]) {
    let files: BTreeMap<&str, &From> = files.iter().map(|from| (&*from.incoming.name, *from)).collect();
    let mut read: BTreeMap<String, Vec<&From>> = BTreeMap::new();
    for told in &plan.told.devices {
        read.entry(told.device.clone()).or_default().extend(files.get(&*told.from));
    }
    for told in &mut plan.told.devices {
        // of several texts the first one's lines tell it
        let Some((device, texts)) = ready.site.device(&told.device).zip(read.remove(&told.device)) else { continue };
        for leaf in leaves(&device.own).filter(|_| !texts.is_empty()) {
            let Value::Secret(name) = &leaf.fact.value else { continue };
            let value = texts.iter().find_map(|from| from.incoming.reading.secrets.get(&leaf.path));
            match (value, SecretRef::new(name)) {
                (Some(value), Ok(name)) => plan.secrets.push((name, SecretValue::copy_of(value.expose()))),
                _ => told.secrets.push(name.to_string()),
            }
        }
    }
}

/// A setting that two trees don't have alike.
fn otherwise(read: &Facts, described: &Facts) -> Option<String> {
    let all = |facts: &Facts| -> BTreeMap<String, Value> {
        let said = leaves(facts).filter(|leaf| !matches!(leaf.fact.value, Value::Secret(_)));
        said.filter(|leaf| !HEADS.contains(&leaf.path.split(['.', '[']).next().unwrap_or_default()))
            .map(|leaf| (leaf.path, leaf.fact.value.clone()))
            .collect()
    };
    let (read, described) = (all(read), all(described));
    let mut keys = read.keys().chain(described.keys());
    keys.find(|key| read.get(*key) != described.get(*key)).cloned()
}

/// What a description says that no device is asked for.
const HEADS: [&str; 4] = ["name", "platform", "zone", "use"];
