//! CA certificates that a device is given: there, PEM, an authority's, valid now, strong.

use super::answer;
use crate::model::facts::{Group, Value};
use crate::model::paths::{LOG_SERVER, SERIAL_PORT, SERIAL_PORT_MODE, SERVICES_SYSLOG};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::certificate::problem;
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "certificate-file",
    doc: "Where `secure=\"encrypted-authenticated\"` (of=\"serial\") or `tls=on` (of=\"log\") asks for a CA certificate, \
          one is named, its file is there, holds certificates in PEM, and all of them are valid now, are certificates \
          of authorities (basic constraints, key usage), and have an RSA key of 2048 bits or a curve of 256 and a \
          signature over SHA-2. \
          Does not concern a device where none is asked for.",
    params: &[Param {
        name: "of",
        kind: ParamKind::Text,
        required: true,
        toward: None,
        doc: "whose certificates: `serial` or `log`",
    }],
    reads: &[],
    looks_at: &[SERIAL_PORT_MODE, LOG_SERVER, SERVICES_SYSLOG],
    needs: &[Need::Files, Need::Clock],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let serial = input.text("of") == Some("serial");
    let list = if serial { SERIAL_PORT } else { LOG_SERVER };
    if !serial && input.fact(SERVICES_SYSLOG).map(|f| &f.value) == Some(&Value::Switch(false)) {
        return Answer::NotApplicable;
    }
    let Some(items) = input.items(list) else {
        return Answer::Unknown(vec![input.unsaid(list)]);
    };
    let (key, asks, wanted) = match serial {
        true => ("number", "secure", Value::Word("encrypted-authenticated")),
        false => ("address", "tls", Value::Switch(true)),
    };
    let mut failed = Vec::new();
    let mut concerned = false;
    for item in items {
        let group = if serial { input.inside(&item.group, "mode") } else { Some(&item.group) };
        let Some(group) = group.filter(|g| input.field(g, asks).is_some_and(|f| f.value == wanted)) else { continue };
        concerned = true;
        let entry = input.field(&item.group, key).map(|f| f.value.plain()).unwrap_or_default();
        let path = if serial { format!("{list}[{entry}].mode.ca") } else { format!("{list}[{entry}].ca") };
        failed.extend(judge(input, group, path));
    }
    if concerned { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}

fn judge(input: &Input<'_>, group: &Group, path: String) -> Option<Cause> {
    let Some(fact) = input.field(group, "ca") else {
        let sentence = "is not set; without it nothing connects: add `ca=\"certs/...\"`";
        return Some(input.cause(path, Some(group.origin), sentence));
    };
    let name = fact.value.text()?;
    let problem = input.seen.problem(name, || file_problem(input, name))?;
    let help = format!("put into `{name}` the certificate of the authority that signed the other end's, in PEM");
    Some(Cause { help: Some(help), ..input.cause(path, Some(fact.origin), problem) })
}

/// What is wrong with a certificate file.
fn file_problem(input: &Input<'_>, name: &str) -> Option<String> {
    match input.files.read(name) {
        Ok(bytes) => problem(name, &bytes, input.now),
        Err(reason) => Some(format!("`{name}` can't be read: {reason}")),
    }
}
