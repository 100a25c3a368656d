//! `new adoption`: what stands today, dated, for a plant that begins with many findings.

use std::path::PathBuf;

use fieldlock::model::value::Moment;
use fieldlock::pipeline::adoption::standing;
use fieldlock::pipeline::{self, Selection, first};

use super::args::{PassphrasesArgs, SecretArgs, SiteArgs};
use super::judging::AtHand;
use super::new::Site;
use super::problem::Problem;
use super::{clock, site, terminal};

/// The file that is written.
const ADOPTION: &str = "adoption.kdl";

#[derive(Debug, clap::Args)]
pub(crate) struct AdoptionArgs {
    /// Folder of the site [default: found from here upwards by its site.kdl]
    pub(super) site: Option<PathBuf>,
    /// Until when all of it is to be mended: the last day
    #[arg(long, value_name = "DATE")]
    until: Moment,
    /// Who answers for that: a person of the site
    #[arg(long, value_name = "PERSON")]
    owner: String,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
}

/// Judges the site as it is and dates what is open. It is written once: what came later is no beginning.
pub(crate) fn adoption(args: AdoptionArgs) -> Result<Vec<String>, Problem> {
    let all = SiteArgs { site: args.site, device: Vec::new(), zone: Vec::new() };
    // what `check` asks of the secrets, where it has them, stands today as well
    let at_hand = AtHand::open(&all, &args.secrets, &args.passphrase, |_| Ok(Vec::new()))?;
    let site = Site { folder: at_hand.ready.folder().to_owned(), ready: at_hand.ready };
    if site.ready.site.adoption.is_some() {
        return Err(Problem::invalid(format!("`{ADOPTION}` is there already, and what came since is no beginning"))
            .help("mend it, or answer for it by a waiver; dates of what stands there are yours to change"));
    }
    site::person(&site.ready.site, &args.owner)?;
    let now = clock::now();
    if now >= args.until.ends() {
        return Err(
            Problem::invalid(format!("`{}` is over", args.until)).help("name the day until which it is to be mended")
        );
    }
    let everything = |_: &fieldlock::site::SiteDevice| true;
    let report = pipeline::check(&site.ready, &at_hand.secrets, &Selection::of(&everything, now));
    if let Some(finding) = report.findings.iter().find(|finding| finding.is_input_error()) {
        return Err(Problem::invalid(format!("the site can't be judged: {}", finding.message))
            .help("`fieldlock check` says where, and what else there is"));
    }
    let standing = standing(&site.ready, &report);
    if standing.is_empty() {
        return Err(Problem::invalid("nothing is open: there is nothing to adopt"));
    }
    let day = now.strftime("%Y-%m-%d").to_string();
    let text = first::adoption(&standing, &day, args.until, &args.owner);
    let written = site.write(vec![(ADOPTION.to_owned(), text)], &[])?;
    let waiting = report.tally().later_secrets;
    if waiting > 0 {
        terminal::complain(&format!(
            "{waiting} verdicts wait for the secrets: what they say once those are there is not in it, and fails\n"
        ));
    }
    Ok(written)
}
