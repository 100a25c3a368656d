//! The page that goes along when a device is taken out.

use std::fmt::Write as _;

use super::documents::{Retirement, Shared};
use super::escape::{line, prose};
use crate::native::Grade;

/// The page in Markdown: what is done at the device, what elsewhere, and what the record asks for.
pub fn retirement(r: &Retirement) -> String {
    let mut out = format!("# Taking out {}\n\n", prose(&r.device));
    let about = [&r.model, &r.serial, &r.location].into_iter().flatten().map(|text| prose(text));
    let about: Vec<String> = [prose(&r.platform)].into_iter().chain(about).collect();
    let mut push = |text: String| out.push_str(&text);
    push(format!("{}\n\nBy {}, {}: {}\n", about.join(", "), prose(&r.by), prose(&r.at), prose(&r.reason)));
    push("\n## At the device\n\n".to_owned());
    for (number, step) in r.steps.iter().enumerate() {
        let sure = match step.grade {
            Grade::Confirmed => String::new(),
            grade => format!(" ({}: {})", grade.word(), prose(&step.source)),
        };
        push(format!("{}. [ ] {}{sure}\n", number + 1, prose(&step.text)));
    }
    let mentions = r.lines.iter().map(|m| {
        let place = m.location.as_ref().map(|l| format!("{}:{}", line(&l.file), l.line)).unwrap_or_default();
        format!("{}: {} `{}`", prose(&place), prose(&m.path), prose(&m.value))
    });
    push(list("Lines that speak of it: take them out", mentions));
    let servers = r.servers.iter().map(|s| format!("{} ({})", prose(&s.address), prose(&s.path)));
    push(list("Servers that know it as a client: take it out there", servers));
    let (shared, own): (Vec<&Shared>, Vec<&Shared>) = r.secrets.iter().partition(|s| !s.with.is_empty());
    push(list(
        "Secrets that it alone had: delete them in a folder of secrets; the sealed store keeps them, for no device",
        own.iter().map(|s| prose(&s.name)),
    ));
    push(list("Secrets that others have too: rotate them, the unit knows them", shared.iter().map(|s| with(s))));
    push(list("Certificates: revoke what is its own", r.certificates.iter().map(with)));
    push(list("Files of the site", r.moved.iter().map(|m| format!("{} -> {}", prose(&m.from), prose(&m.to)))));
    let _ = write!(
        out,
        "\n## Then\n\nAnswer the points of `{}`, have a witness sign this page, and commit both.\n\n\
         Done by ____________ witness ____________ serial number ____________ date ________\n",
        prose(&r.record)
    );
    out
}

fn with(shared: &Shared) -> String {
    match &shared.with[..] {
        [] => prose(&shared.name),
        others => {
            format!("{}, with {}", prose(&shared.name), others.iter().map(|o| prose(o)).collect::<Vec<_>>().join(", "))
        }
    }
}

fn list(head: &str, rows: impl Iterator<Item = String>) -> String {
    let rows: String = rows.map(|row| format!("- [ ] {row}\n")).collect();
    if rows.is_empty() { String::new() } else { format!("\n## {head}\n\n{rows}") }
}
