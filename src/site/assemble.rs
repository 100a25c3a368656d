//! One device: its own words over the profiles that it uses.

use std::sync::Arc;

use super::device::{Layer, SiteDevice};
use super::documents::Document;
use super::placeholders::{self, Names};
use super::profiles::{self, Order, Profiles, Reached};
use super::required;
use crate::dialect::Tables;
use crate::finding::{Finding, Note, codes};
use crate::model::device::PlatformKind;
use crate::model::facts::{self, Facts, Group, Setting, Value};
use crate::model::shape::Shape;
use crate::source::{LayerKind, Loc, Origin};

/// What a device is merged with.
pub(super) struct Around<'a> {
    pub(super) profiles: &'a Profiles,
    pub(super) site: &'a str,
    pub(super) max_facts: usize,
}

/// A device after merging. Its file's own findings are not repeated here.
pub(super) struct Assembled {
    pub(super) name: Arc<str>,
    /// `None` where nobody can say what it is.
    pub(super) device: Option<SiteDevice>,
    /// Whether all that is said of it could be read.
    pub(super) sound: bool,
    pub(super) findings: Vec<Finding>,
}

/// Merges a device. `document` is its file, `name` its checked name. `None` where the file says nothing.
pub(super) fn assemble(name: &str, document: Document, around: &Around) -> Option<Assembled> {
    let Document { facts, loc, findings, .. } = document;
    let mut facts = facts?;
    let name: Arc<str> = name.into();
    let mut sound = !findings.iter().any(Finding::is_input_error);
    let uses = profiles::uses(&facts);
    let Order { reached, sound: profiles_sound, mut findings } = around.profiles.order(&uses);
    sound &= profiles_sound;
    let layers = layers(&name, &reached);
    facts::stamp(&mut facts.root, layers.len() as u16 - 1);
    let mut own = merge(&name, loc, &facts, &reached, &layers, around, &mut findings);

    let count = count(&own.root);
    if count > around.max_facts {
        let message = format!("`{name}` has {count} values, more than the {} a device may have", around.max_facts);
        findings.push(Finding::new(codes::site::TOO_MANY_FACTS, loc, message));
        return Some(Assembled { name, device: None, sound: false, findings });
    }
    for unknown in facts::compose(&mut own) {
        let finding = Finding::new(codes::site::UNKNOWN_NAME, unknown.origin.loc(), unknown.message())
            .help(unknown.help())
            .path(unknown.path);
        findings.push(Finding { trail: trail(&name, &layers, unknown.origin), ..finding });
    }
    // each layer fits in itself, and a word of one may meet what another says beside it
    for misfit in facts::without_misfits(&mut own) {
        let finding = Finding::new(codes::shape::WRONG_VARIANT, misfit.origin.loc(), misfit.message)
            .help(misfit.help)
            .related(misfit.word.loc(), "the word beside it")
            .path(misfit.path);
        findings.push(Finding { trail: trail(&name, &layers, misfit.origin), ..finding });
    }
    facts::fill_secrets(&mut own, &name);
    if sound {
        findings.extend(
            required::missing(&own)
                .into_iter()
                .map(|m| Finding { trail: trail(&name, &layers, m.origin), ..m.finding }),
        );
    }
    let device = described(&name, loc, &facts, own, layers, sound, &mut findings);
    if let Some(device) = &device {
        restrict(device, &reached, &mut findings);
    }
    for finding in &mut findings {
        finding.device.get_or_insert_with(|| name.to_string());
    }
    sound &= !findings.iter().any(Finding::is_input_error);
    Some(Assembled { name, device, sound, findings })
}

fn layers(name: &str, reached: &[Reached]) -> Vec<Layer> {
    let layer = |kind, name: String, trail| Layer { kind, name: name.into(), trail };
    let mut layers = vec![
        layer(LayerKind::Factory, "factory settings".to_owned(), Vec::new()),
        layer(LayerKind::Base, format!("what {name} runs"), Vec::new()),
    ];
    for Reached { profile, trail } in reached {
        layers.push(layer(LayerKind::Profile, format!("profile \"{}\"", profile.name), trail.clone()));
    }
    layers.push(layer(LayerKind::Device, format!("device \"{name}\""), Vec::new()));
    layers
}

fn merge(
    name: &str,
    header: Loc,
    facts: &Facts,
    reached: &[Reached],
    layers: &[Layer],
    around: &Around,
    findings: &mut Vec<Finding>,
) -> Facts {
    let shape = facts.shape;
    let mut own = Facts::empty(shape, Origin::new(header));
    let mut idle = Vec::new();
    let zone = zone(shape, facts, reached);
    let names = Names { device: name, site: around.site, zone: zone.as_deref() };
    for (index, Reached { profile, .. }) in reached.iter().enumerate() {
        let mut settings = profile.at(index as u16 + SiteDevice::BASE + 1);
        if profile.templated {
            placeholders::fill(shape, &mut settings, &names, findings);
        }
        idle.extend(facts::overlay(shape, &mut own.root, &settings));
    }
    idle.extend(facts::overlay(shape, &mut own.root, &facts.root));
    own.root.origin = facts.root.origin;
    for origin in idle {
        let finding = Finding::new(codes::site::IDLE_DROP, origin.loc(), "nothing that lies below lists this entry")
            .label("drops nothing");
        findings.push(Finding { trail: trail(name, layers, origin), ..finding });
    }
    own
}

/// The device's own zone, else that of the highest profile that says one.
fn zone(shape: &Shape, facts: &Facts, reached: &[Reached]) -> Option<String> {
    let (ix, _) = shape.root().field("zone")?;
    let groups = [&facts.root].into_iter().chain(reached.iter().rev().map(|r| r.profile.settings()));
    groups.filter_map(|g| g.fact(ix)?.value.text()).map(str::to_owned).next()
}

/// What the `platform` line says; only the device's own counts.
fn described(
    name: &Arc<str>,
    loc: Loc,
    facts: &Facts,
    own: Facts,
    layers: Vec<Layer>,
    sound: bool,
    findings: &mut Vec<Finding>,
) -> Option<SiteDevice> {
    let root = facts.shape.root();
    let Some(Setting::Group(platform)) = root.field("platform").and_then(|(ix, _)| facts.root.get(ix)) else {
        if sound {
            let finding = Finding::new(codes::shape::MISSING, loc, format!("`{name}` does not say what it is"));
            let help = "write `platform \"mx-ros\" model=\"...\" firmware=\"...\"` into its block";
            findings.push(finding.help(help));
        }
        return None;
    };
    let value = |field: &str| {
        let (ix, _) = facts.shape.group(platform.shape).field(field)?;
        platform.fact(ix).map(|f| f.value.clone())
    };
    let kind = platform_kind(value("kind")?.text()?)?;
    let zone = own.value("zone").and_then(|f| f.value.text()).map(Into::into);
    Some(SiteDevice {
        name: name.clone(),
        loc,
        platform: kind,
        tables: Tables::shipped(kind),
        platform_loc: platform.origin.loc(),
        model: value("model").as_ref().and_then(Value::text).map(Into::into),
        firmware: value("firmware").and_then(|v| if let Value::Version(v) = v { Some(v) } else { None }),
        accepts: value("accepts").and_then(|v| if let Value::Range(r) = v { Some(*r) } else { None }),
        zone,
        own,
        factory: None,
        read: None,
        unjudged: Arc::default(),
        layers,
    })
}

fn platform_kind(word: &str) -> Option<PlatformKind> {
    PlatformKind::ALL.into_iter().find(|kind| kind.word() == word)
}

/// A profile that names a platform or model reaches no device of another.
fn restrict(device: &SiteDevice, reached: &[Reached], findings: &mut Vec<Finding>) {
    for Reached { profile, trail } in reached {
        let (Some(written), Some(line)) = (&profile.platform, trail.first()) else { continue };
        let (kind, model) = (written.kind.as_deref(), written.model.as_deref());
        let refused = match (kind, model, device.model.as_deref()) {
            (Some(kind), _, _) if platform_kind(kind) != Some(device.platform) => kind,
            (_, Some(model), Some(own)) if model != own => model,
            _ => continue,
        };
        let message = format!("profile `{}` is written for `{refused}`, this device is another", profile.name);
        let finding = Finding::new(codes::site::PROFILE_PLATFORM, *line, message)
            .related(written.loc, "what the profile is written for")
            .related(device.platform_loc, "what the device is");
        findings.push(finding);
    }
}

fn trail(name: &str, layers: &[Layer], origin: Origin) -> Vec<Note> {
    let Some(layer) = layers.get(origin.layer as usize) else { return Vec::new() };
    let note = |loc: &Loc| Note { loc: *loc, text: format!("reaches {name} by {}", layer.name) };
    layer.trail.iter().map(note).collect()
}

fn count(group: &Group) -> usize {
    let one = |setting: &Setting| match setting {
        Setting::Value(_) => 1,
        Setting::Group(inner) => count(inner),
        Setting::Items(items) => items.items.iter().map(|i| count(&i.group)).sum(),
    };
    group.iter().map(|(_, s)| one(s)).sum()
}
