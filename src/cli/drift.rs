//! `drift`: a folder of fresh exports, or the devices themselves, against what is described.

use std::path::PathBuf;

use fieldlock::pipeline::{self, Incoming, Running, Sorted, sorted};
use fieldlock::report::documents::RefusedFile;
use fieldlock::site::SiteDevice;
use fieldlock::site::identity::Owners;

use super::exit::Exit;
use super::incoming::{self, ExportKeyArgs};
use super::judging::{Judging, JudgingArgs, Unread};
use super::live::{self, LiveArgs};
use super::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock drift --from exports\n  fieldlock drift west --from exports --zone control\n  fieldlock drift west --live\n\
    \nExit codes: 0 all devices are as described, 3 some differ, 4 of some nothing was read, or a file is of no device \
    of the site, 2 the input can't be read"
)]
#[command(group(clap::ArgGroup::new("read").args(["from", "live"]).required(true).multiple(true)))]
pub(crate) struct DriftArgs {
    #[command(flatten)]
    judging: JudgingArgs,
    /// Files that devices exported or showed, or folders of them; may be given more than once
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "live")]
    from: Vec<PathBuf>,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    keys: ExportKeyArgs,
}

pub(crate) fn run(args: DriftArgs) -> Result<Exit, Problem> {
    if args.live.live {
        let mut unreached = Vec::new();
        let judging = Judging::live(&args.judging, |site, secrets, chosen| {
            let devices: Vec<&SiteDevice> = site.devices.iter().filter(|d| chosen.contains(&d.name)).collect();
            let mut running = Vec::new();
            for (device, read) in live::read(&devices, secrets, &args.live)? {
                match read {
                    Ok(text) => running.push(Running { alone: true, ..Running::live(&device, text) }),
                    Err(why) => unreached.push(why),
                }
            }
            Ok(running)
        })?;
        return judging.compare(pipeline::drift, true, Unread { unreached, ..Unread::default() });
    }
    let mut refused: Vec<RefusedFile> = Vec::new();
    let judging = Judging::open(&args.judging, |site| {
        let read = incoming::read(&args.from, &args.keys, &site.tables, None)?.settled(site);
        let Sorted { known, strange, refused: unsorted } =
            sorted(&Owners::of(site), read.files, |(incoming, _)| incoming);
        let refuse = |(file, message)| RefusedFile { file, message, help: None };
        refused.extend(read.refused);
        refused.extend(unsorted.into_iter().map(refuse));
        let strange = strange.into_iter().map(|(incoming, _)| incoming.name);
        refused.extend(strange.map(|file| refuse((file, "it is of no device of the site".to_owned()))));
        let running = |(device, (mut incoming, _)): (&SiteDevice, (Incoming, _))| {
            let text = std::mem::take(&mut *incoming.reading.text);
            let handed = Running::handed(&*device.name, incoming.name, text);
            Running { form: Some(incoming.form), alone: true, ..handed }
        };
        Ok(known.into_iter().map(running).collect())
    })?;
    refused.sort_by(|a, b| a.file.cmp(&b.file));
    judging.compare(pipeline::drift, true, Unread { files: refused, ..Unread::default() })
}
