//! The list of a build, tied to the one before, and its signature.

use std::collections::BTreeMap;

use super::BuildError;
use super::device::Shared;
use crate::image::Digest;
use crate::ledger::signature::{verify_by_itself, verify_index};
use crate::ledger::{Index, IndexImage};
use crate::pipeline::folder::{INDEX, MAX_PAGE, REVIEW, REVIEW_PAGE, SIGNATURE, table};
use crate::pipeline::posture::packs_changed;
use crate::pipeline::{gather, tables};
use crate::report::{self, BuildBefore, Report, Signed, Written, WrittenKind};
use crate::site::output::Access;

/// Stages the list, its signature and the page for the change board.
///
/// A list that would differ in nothing but the time of its judgement and the page stays as it is, with its page and its
/// signature: the same images, from the same commit, judged by the same rules with the same result, and a page that
/// says the same of each device, but for what changed since the image before. Where this build signs, it stays only if
/// its own key signed it: what another wrote into a list, a time or the list before, is never signed by this one.
pub(super) fn stage(shared: &Shared<'_>, images: Vec<IndexImage>, report: &mut Report) -> Result<(), BuildError> {
    let mut index = index(shared, images);
    let stays = |old: &&Index| {
        let Index { judged_at, page, page_html, previous, .. } = (*old).clone();
        Index { judged_at, page, page_html, previous, ..index.clone() } == **old
            && (shared.request.keys.sign.is_none() || shared.previous.signed().is_some())
    };
    if let Some(old) = shared.previous.index().filter(stays)
        && let Some(page) = page_that_stays(shared, old, report)
        && let Some(html) = html_that_stays(shared, old, &page)
        && keep(shared, old, report)?
    {
        return write_pages(shared, &page, &html, report);
    }
    report.before = before(shared, &index, shared.previous.digest().map(|d| d.to_string()));
    let page = report::review(report);
    let html = report::page::board(&page);
    index.page = Digest::of(page.as_bytes());
    index.page_html = Some(Digest::of(html.as_bytes()));
    renew(shared, &index, report)?;
    write_pages(shared, &page, &html, report)
}

/// The page of the build before, where this one would say nothing else on it. One that is gone or was changed is
/// written again, if it is the same.
fn page_that_stays(shared: &Shared<'_>, old: &Index, report: &mut Report) -> Option<String> {
    let judged_at = old.judged_at.parse().ok().map(gather::said)?;
    report.before = before(shared, old, Some(old.previous.clone()));
    let page = report::review_of(report, judged_at);
    let is_named = |page: &String| Digest::of(page.as_bytes()) == old.page;
    if is_named(&page) {
        return Some(page);
    }
    let theirs = shared.previous.read(REVIEW, MAX_PAGE).and_then(|bytes| String::from_utf8(bytes).ok());
    theirs.filter(is_named).filter(|theirs| report::says_the_same(theirs, &page))
}

/// The same for a browser: as this program shows it, or as the one before did.
fn html_that_stays(shared: &Shared<'_>, old: &Index, page: &str) -> Option<String> {
    let is_named = |html: &String| old.page_html == Some(Digest::of(html.as_bytes()));
    let theirs = || shared.previous.read(REVIEW_PAGE, MAX_PAGE).and_then(|bytes| String::from_utf8(bytes).ok());
    Some(report::page::board(page)).filter(is_named).or_else(|| theirs().filter(is_named))
}

/// The build that a list follows, of this digest; how rules are others than then is known of the one at hand only.
fn before(shared: &Shared<'_>, index: &Index, list: Option<String>) -> Option<BuildBefore> {
    let list = list.filter(|digest| !digest.is_empty())?;
    let at_hand = shared.previous.index().filter(|_| shared.previous.digest().is_some_and(|d| d.to_string() == list));
    let packs = |index: &Index| -> BTreeMap<String, Digest> {
        index.packs.iter().map(|pack| (pack.name.clone(), pack.sha256)).collect()
    };
    Some(BuildBefore {
        commit: at_hand.map(|then| then.commit.clone()).unwrap_or_default(),
        rules_changed: at_hand.map(|then| packs_changed(&packs(then), &packs(index))).unwrap_or_default(),
        list,
    })
}

/// The pages, and what the site adds to the tables.
fn write_pages(shared: &Shared<'_>, page: &str, html: &str, report: &mut Report) -> Result<(), BuildError> {
    let pages = [(REVIEW.to_owned(), page), (REVIEW_PAGE.to_owned(), html)].map(|page| (page, WrittenKind::Review));
    let own = shared.folder.ready.site.tables.own().iter().map(|(name, text)| (table(name), text.as_str()));
    for ((name, text), kind) in pages.into_iter().chain(own.map(|file| (file, WrittenKind::Table))) {
        shared.folder.leaks.look(&name, text.as_bytes());
        let fresh = shared.folder.out.keep_or_add(&name, text.as_bytes(), Access::Everyone)?;
        list_written(report, &name, kind, fresh);
    }
    Ok(())
}

/// Whether the list could stay.
fn keep(shared: &Shared<'_>, old: &Index, report: &mut Report) -> Result<bool, BuildError> {
    let bytes = shared.previous.bytes();
    let Some((signature, by)) = signature(shared, bytes)? else { return Ok(false) };
    match &signature {
        Some(signature) => {
            let fresh = shared.folder.out.keep_or_add(SIGNATURE, signature, Access::Everyone)?;
            list_written(report, SIGNATURE, WrittenKind::Signature, fresh);
        }
        None => refuse_to_unsign(shared)?,
    }
    shared.folder.leaks.look(INDEX, bytes);
    let fresh = shared.folder.out.keep_or_add(INDEX, bytes, Access::Everyone)?;
    list_written(report, INDEX, WrittenKind::Index, fresh);
    report.sealing.signed = by;
    if let Ok(at) = old.judged_at.parse() {
        report.judged_at = gather::said(at);
    }
    Ok(true)
}

/// The signature of a list that stays, and whose it is; `None` where it is not by the key that this build signs with.
type Signature = Option<(Option<Vec<u8>>, Option<Signed>)>;

fn signature(shared: &Shared<'_>, bytes: &[u8]) -> Result<Signature, BuildError> {
    let by = shared.previous.signed();
    let theirs = |own: &str| by.is_some_and(|by| by.key == own);
    let as_it_is = || Some((shared.previous.signature().map(<[u8]>::to_vec), by.cloned()));
    let Some(sign) = shared.request.keys.sign else { return Ok(as_it_is()) };
    if let Some(own) = &shared.request.keys.signer {
        return Ok(if theirs(&own.fingerprint()) { as_it_is() } else { None });
    }
    // whose key it is can't be told before it signs; one that can't sign is told now, and not when something changed
    let signature = sign(bytes).ok_or(BuildError::NotSigned)?;
    let signed = check(shared, bytes, &signature)?;
    Ok(theirs(&signed.key).then_some((Some(signature), Some(signed))))
}

/// An old signature never stands beside a new list: what is not staged goes with the commit.
fn renew(shared: &Shared<'_>, index: &Index, report: &mut Report) -> Result<(), BuildError> {
    if shared.request.keys.sign.is_none() {
        refuse_to_unsign(shared)?;
    }
    let bytes = index.to_bytes().map_err(|e| BuildError::Index(e.to_string()))?;
    shared.folder.leaks.look(INDEX, &bytes);
    shared.folder.out.add(INDEX, &bytes, Access::Everyone)?;
    list_written(report, INDEX, WrittenKind::Index, true);
    if let Some(sign) = shared.request.keys.sign {
        let signature = sign(&bytes).ok_or(BuildError::NotSigned)?;
        report.sealing.signed = Some(check(shared, &bytes, &signature)?);
        shared.folder.out.add(SIGNATURE, &signature, Access::Everyone)?;
        list_written(report, SIGNATURE, WrittenKind::Signature, true);
    }
    Ok(())
}

/// Refused: a list without a signature in a folder whose list had one, wherever the build before lies.
fn refuse_to_unsign(shared: &Shared<'_>) -> Result<(), BuildError> {
    if shared.folder.out.had(SIGNATURE) { Err(BuildError::Unsigning) } else { Ok(()) }
}

/// Who signed, so that nobody finds out in the plant that the signature does not hold.
fn check(shared: &Shared<'_>, bytes: &[u8], signature: &[u8]) -> Result<Signed, BuildError> {
    let signed = match shared.request.history.signers {
        Some(signers) => verify_index(bytes, signature, signers, shared.request.selection.now).map(|v| Signed::by(&v)),
        None => verify_by_itself(bytes, signature).map(|key| Signed { signer: None, key: key.fingerprint() }),
    };
    signed.map_err(BuildError::Signature)
}

fn list_written(report: &mut Report, path: &str, kind: WrittenKind, fresh: bool) {
    report.written.push(Written { path: path.to_owned(), kind, fresh });
}

fn index(shared: &Shared<'_>, mut images: Vec<IndexImage>) -> Index {
    let (ready, request) = (shared.folder.ready, shared.request);
    images.sort_by(|a, b| a.device.cmp(&b.device));
    Index {
        commit: request.commit.id.clone(),
        commit_time: request.commit.time.clone(),
        demo: ready.site.demo,
        dirty: request.commit.dirty,
        format: crate::ledger::index::FORMAT.to_owned(),
        images,
        judged_at: request.selection.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        packs: shared.folder.packs.to_vec(),
        page: Digest::of(b""),
        page_html: None,
        previous: shared.previous.digest().map(|d| d.to_string()).unwrap_or_default(),
        recipients: request.keys.recipients.map_or_else(Vec::new, |r| r.lines.to_vec()),
        site: ready.site.name.to_string(),
        tables: tables::digest(&ready.site.tables),
        tool: concat!("fieldlock ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}
