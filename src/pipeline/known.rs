//! What the tables know of a text: the lines that are settings, those that they would write otherwise, and the rest.

use std::collections::BTreeSet;

use super::incoming::Incoming;
use crate::dialect::Tables;
use crate::model::facts::leaves;
use crate::model::paths::ASSET;
use crate::native::Form;
use crate::report::documents::{KnownText, TextLine};
use crate::site::SiteDevice;

/// Reads a text, renders what was read, and holds both side by side. No secret is in what comes of it.
pub fn known(incoming: &Incoming, tables: Tables) -> KnownText {
    let (on, form, reading) = (incoming.on, incoming.form, &incoming.reading);
    let shown = on.redact(form, &reading.text);
    let kept: BTreeSet<usize> = reading.kept.iter().map(|kept| kept.line).collect();
    // what a device tells of itself is never written
    let start = |at: usize| reading.text[..at.min(reading.text.len())].matches('\n').count() + 1;
    let told: BTreeSet<usize> = leaves(&reading.facts)
        .filter(|leaf| leaf.path.starts_with(ASSET) && leaf.fact.origin.loc().is_some())
        .map(|leaf| start(leaf.fact.origin.loc().span.start as usize))
        .collect();
    let device = SiteDevice::alone("device", tables, reading.facts.clone());
    let written: Option<BTreeSet<String>> = on.render(&device, Some(reading)).ok().map(|native| {
        let texts = [native.machine, native.sheet].into_iter().flatten().filter(|text| text.form == form);
        texts.flat_map(|text| text.redacted().lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>()).collect()
    });
    let otherwise = shown.lines().enumerate().map(|(at, line)| (at + 1, line.trim())).filter(|(number, line)| {
        let is_setting = !line.is_empty() && !kept.contains(number) && !told.contains(number);
        let structure =
            form == Form::Ini && line.starts_with('[') || form == Form::Cli && matches!(*line, "exit" | "!");
        is_setting && !structure && written.as_ref().is_some_and(|written| !written.contains(*line))
    });
    let line = |line: usize, text: &str| TextLine { line, text: text.to_owned() };
    let (listed, unknown): (Vec<_>, Vec<_>) = reading.kept.iter().partition(|kept| kept.listed);
    KnownText {
        format_version: KnownText::VERSION,
        file: incoming.name.clone(),
        platform: on.kind.word().to_owned(),
        form: form.ending().to_owned(),
        settings: leaves(&reading.facts).count(),
        rendered: written.is_some(),
        otherwise: otherwise.map(|(number, text)| line(number, text)).collect(),
        listed: listed.len(),
        unknown: unknown.iter().map(|kept| line(kept.line, &kept.shown)).collect(),
    }
}
