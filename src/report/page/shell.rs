//! What every page has: one file, no network, nothing runs or is shown but a script and a style whose digests stand in
//! the page's own policy.

use base64ct::{Base64, Encoding};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::image::Digest;

/// The style of pages that are read; sheets have one of their own.
pub(super) const STYLE: &str = concat!(include_str!("style/read.css"), include_str!("style/paper.css"));
/// The script of pages that are read: filters, and what is folded is opened for paper.
pub(super) const SCRIPT: &str = include_str!("script/read.js");

/// What may run and be shown on a page: these two by their digests, and nothing else from anywhere.
pub(super) fn policy(style: &str, script: &str) -> String {
    let digest = |text: &str| Base64::encode_string(Digest::of(text.as_bytes()).as_bytes());
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(style),
        digest(script)
    )
}

/// The head of a page.
pub(super) fn head(title: &str, policy: &str, style: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="color-scheme" content="light dark";
            title { (title) }
            style { (PreEscaped(style)) }
        }
    }
}

/// A page to read: its title, the parts that one can go to, and what stands on it. The same gives the same bytes.
pub(super) fn read(title: &str, parts: &[(&str, &str)], body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title, &policy(STYLE, SCRIPT), STYLE))
            body {
                a.skip href="#main" { "To the content" }
                @if !parts.is_empty() {
                    nav aria-label="Parts of this page" {
                        ol { @for (id, name) in parts { li { a href=(format!("#{id}")) { (name) } } } }
                    }
                }
                main #main { (body) }
                script type="module" { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
        + "\n"
}
