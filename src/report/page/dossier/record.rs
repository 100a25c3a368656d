//! What vouches for what, and the words that the page uses.

use maud::{Markup, html};

use super::Dossier;
use crate::report::documents::moment;
use crate::report::escape::line;
use crate::report::page::lists::wide;

pub(super) fn digests(told: &Dossier<'_>) -> Markup {
    html! {
        h3 { "Rules" }
        (wide("Rules", &html! {
            thead { tr { @for name in ["pack", "version", "whose", "SHA-256"] { th scope="col" { (name) } } } }
            tbody { @for pack in &told.packs {
                tr {
                    th scope="row" { (line(&pack.name)) } td { (line(&pack.version)) }
                    td { @if pack.shipped { "comes with the program" } @else { "the site's own" } } td { code { (pack.sha256) } }
                }
            } }
        }))
        h3 { "Build" }
        @match &told.build {
            None => { p.none { "No build is at hand: nothing is said of sealed images." } }
            Some(build) => {
                @let index = &build.index;
                ul {
                    li { "Folder " code { (line(&build.folder)) } ", list " code { (build.digest) } }
                    li {
                        @match &build.signed {
                            Some(signer) => { "Signed by " b { (line(signer)) } ", who is trusted where this page was made" }
                            None => { b { "Nobody vouches for it" } " where this page was made" }
                        }
                    }
                    li { "Built from commit " code { (line(if index.commit.is_empty() { "none" } else { &index.commit })) } @if index.dirty { ", AND SOMETHING UNCOMMITTED" } ", judged " (line(&moment(&index.judged_at))) ", by " (line(&index.tool)) }
                    li { "Page for the change board, review.md: SHA-256 " code { (index.page) } }
                    @if let Some(page) = index.page_html { li { "The same for a browser, review.html: SHA-256 " code { (page) } } }
                    @if !index.recipients.is_empty() { li { "Others who can open the images: " (line(&index.recipients.join(", "))) } }
                }
                (wide("Images", &html! {
                    thead { tr { @for name in ["device", "revision", "image", "file", "public facts"] { th scope="col" { (name) } } } }
                    tbody { @for image in &index.images {
                        tr data-row data-device=(line(&image.device)) {
                            th scope="row" { (line(&image.device)) } td { (image.revision) }
                            td { code { (image.image) } } td { code { (image.file) } } td { code { (image.public) } }
                        }
                    } }
                }))
                p.about { "`fieldlock verify` proves, rung by rung, that these files are the ones on a stick." }
            }
        }
        p.about { "Made by fieldlock " (line(&told.report.version)) ". This page carries its own policy: it loads nothing and sends nothing." }
    }
}

pub(super) fn glossary() -> Markup {
    let words = include_str!("../../../../schema/glossary.tsv").lines().filter_map(|line| line.split_once('\t'));
    html! { dl.words { @for (word, meaning) in words { div { dt { (word) } dd { (meaning) } } } } }
}
