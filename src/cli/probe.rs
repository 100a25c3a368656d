//! `probe`: what is seen of devices from outside, without logging in.

use fieldlock::device::probe::{self, Found, Ports, Sight};
use fieldlock::image::Entropy as _;
use fieldlock::model::Device;
use fieldlock::policy::concerns_bare;
use fieldlock::report::documents::{Probed, ProbedDevice, ProbedSight, ProbedVerdict};
use fieldlock::report::escape;
use rayon::prelude::*;

use super::args::{OutputArgs, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::{clock, entropy, site};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock probe west\n  fieldlock probe west --device ps7-router --format json\n\
    \nOnly addresses that descriptions of the site name are looked at; nothing is changed and nobody logs in: SSH is asked \
    once, as nobody, which ways in there are.\n\
    Exit codes: 0 all is as described, 3 something is seen that is not, 4 a device answers nowhere")]
pub(crate) struct ProbeArgs {
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: ProbeArgs) -> Result<Exit, Problem> {
    let ready = site::ready(site::open(args.site.site.as_deref())?, None)?;
    let mut asked = Vec::new();
    for device in site::select(&ready.site, &args.site)? {
        let ports = Ports::of(device).map_err(|why| Problem::invalid(why.to_string()).help(why.help()))?;
        let mut random = [0; 32];
        entropy::System.fill(&mut random).map_err(|error| Problem::invalid(error.to_string()))?;
        asked.push((device, ports, random));
    }
    let rules: Vec<(&str, Vec<String>)> = ready.packs.rules().map(|rule| (&*rule.id, rule.paths())).collect();
    let (devices, answers): (Vec<ProbedDevice>, Vec<bool>) = asked
        .into_par_iter()
        .map(|(device, ports, random)| {
            let (sights, said) = (probe::look(&ports, random, &clock::now), device.complete().decode().ok());
            let answers = sights.iter().any(|sight| matches!(sight.found, Found::On(true) | Found::Broken));
            let sights = sights.into_iter().map(|sight| judged(said.as_ref(), sight, &rules)).collect();
            (ProbedDevice { device: device.name.to_string(), address: ports.ssh.ip().to_string(), sights }, answers)
        })
        .unzip();
    let silent = answers.contains(&false);
    let is = |verdict| move |sight: &ProbedSight| sight.verdict == verdict;
    let sights = || devices.iter().flat_map(|device| &device.sights);
    let differs = sights().any(is(ProbedVerdict::Differs)) || sights().any(is(ProbedVerdict::Broken));
    let page = page(&devices);
    let document = Probed::of(clock::now().to_string(), devices);
    Output::new(&args.output).either(|| document, || page)?;
    ready.leave();
    Ok(match (silent, differs) {
        (true, _) => Exit::NotCompared,
        (false, true) => Exit::Differs,
        (false, false) => Exit::Done,
    })
}

/// What a sight says of the description.
fn judged(said: Option<&Device>, sight: Sight, rules: &[(&str, Vec<String>)]) -> ProbedSight {
    let services = said.and_then(|said| said.services.as_ref());
    let described = services.and_then(|services| {
        let service = |service: &Option<fieldlock::model::services::Service>| service.as_ref()?.enabled;
        let switch = match sight.path.rsplit('.').next() {
            Some("ssh") => service(&services.ssh),
            Some("telnet") => service(&services.telnet),
            Some("http") => service(&services.http),
            Some("https") => services.https.as_ref()?.enabled,
            Some("snmp") => service(&services.snmp),
            _ => None,
        };
        switch.map(|switch| switch.0)
    });
    let banner = said.and_then(|said| said.login.as_ref()?.banner.as_deref()).map(words);
    let keys = said.and_then(|said| said.reach.as_ref()).map(|reach| &reach.host_key).filter(|keys| !keys.is_empty());
    let agrees = |agrees| if agrees { ProbedVerdict::Agrees } else { ProbedVerdict::Differs };
    let verdict = match (&sight.found, described) {
        (Found::Broken, _) => ProbedVerdict::Broken,
        (Found::On(on), Some(described)) => agrees(*on == described),
        (Found::HostKey(key), _) => keys.map_or(ProbedVerdict::Told, |keys| agrees(keys.iter().any(|k| k.0 == *key))),
        (Found::Banner(text), _) => banner.map_or(ProbedVerdict::Told, |banner| agrees(words(text).contains(&banner))),
        // a page that does not show it may show it by a script
        (Found::Page(text), _) if banner.is_some_and(|banner| words(text).contains(&banner)) => ProbedVerdict::Agrees,
        _ => ProbedVerdict::Told,
    };
    let ids = rules.iter().filter(|(_, paths)| concerns_bare(paths, sight.path)).map(|(id, _)| (*id).to_owned());
    ProbedSight {
        path: sight.path.to_owned(),
        seen: sight.seen,
        verdict,
        rules: ids.collect(),
        evidence: "read back".to_owned(),
    }
}

/// A text however it is broken into lines.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn page(devices: &[ProbedDevice]) -> String {
    let mut text = String::new();
    for ProbedDevice { device, address, sights } in devices {
        text.push_str(&format!("{}   {}\n", escape::line(device), escape::line(address)));
        for sight in sights {
            let mark = match sight.verdict {
                ProbedVerdict::Agrees => "ok      ",
                ProbedVerdict::Differs => "DIFFERS ",
                ProbedVerdict::Broken => "BROKEN  ",
                ProbedVerdict::Told => "        ",
            };
            text.push_str(&format!("  {mark} {:<22} {}\n", sight.path, escape::line(&sight.seen)));
            if matches!(sight.verdict, ProbedVerdict::Differs | ProbedVerdict::Broken) && !sight.rules.is_empty() {
                text.push_str(&format!("           {:<22} bears on {}\n", "", sight.rules.join(", ")));
            }
        }
    }
    text
}
