//! Private keys of certificates that two devices share: whoever opens one of them can pretend to be the other.

use super::{answer, twins};
use crate::model::Facts;
use crate::model::paths::{CERTIFICATE, CERTIFICATE_FILE};
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need};
use crate::policy::certificate::own::public_key;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "certificate-unique",
    doc: "No two devices of the site import certificates over one key, the same certificate or different ones. Does not \
          concern a device that imports none.",
    params: &[],
    reads: &[],
    looks_at: &[CERTIFICATE, CERTIFICATE_FILE],
    needs: &[Need::Files, Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let key_of = |facts: &Facts| {
        let fact = facts.value(CERTIFICATE_FILE)?;
        let name = fact.value.text()?;
        let key = public_key(name, &input.files.read(name).ok()?)?;
        Some((format!("private key\0{key}"), fact.origin))
    };
    let Some((key, _)) = key_of(input.facts) else { return Answer::NotApplicable };
    let all = input.marks(|| {
        let mut all = Marks::default();
        for judged in input.all {
            let Some((key, origin)) = key_of(judged.complete) else { continue };
            let mark = Mark { device: judged.device.name.clone(), path: CERTIFICATE_FILE.to_owned(), origin };
            all.entry(key).or_default().push(mark);
        }
        all
    });
    let marks = all.get(&key).filter(|marks| marks.len() > 1);
    let own = marks.and_then(|marks| Some((marks.iter().find(|mark| mark.device == input.device.name)?, marks)));
    answer(own.map(|(own, marks)| twins::cause(input, &key, own, marks)).into_iter().collect(), Vec::new())
}
