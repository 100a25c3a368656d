//! Lists as tables of a page.

use maud::{Markup, html};

use super::{curve, shell};
use crate::report::documents::{History, ToldOf};
use crate::report::escape::line;
use crate::report::listing::Listing;

/// A page of lists, below the state that they speak of.
pub fn lists(title: &str, of: &ToldOf, lists: &[Listing], history: Option<&History>) -> String {
    let body = html! {
        h1 { (title) }
        (state(of))
        @if let Some(history) = history { (curve::drawing(history)) }
        @for list in lists { section { h2 { (list.title) } (table(list)) } }
    };
    shell::read(&format!("{}: {}", line(&of.site), title), &[], &body)
}

/// Which state of a site is told of.
pub(super) fn state(of: &ToldOf) -> Markup {
    html! {
        p.state {
            "Site " b { (line(&of.site)) } ", as of " (line(&of.as_of))
            @if let Some(commit) = &of.commit { ", " (commit.words()) }
        }
    }
}

/// A list as a table that scrolls by itself where it is wide.
pub(super) fn table(list: &Listing) -> Markup {
    html! {
        @if list.rows.is_empty() { p.none { (line(&list.closing)) } }
        @else {
            (wide(list.title, &html! {
                thead { tr { @for name in list.columns { th scope="col" { (name) } } } }
                tbody { @for row in &list.rows {
                    tr data-row { @for (at, cell) in row.iter().enumerate() {
                        @if at == 0 { th scope="row" { (line(cell)) } } @else { td { (line(cell)) } }
                    } }
                } }
            }))
            p.sum { (line(&list.closing)) }
        }
    }
}

/// A table in a part of the page that scrolls, and that a keyboard reaches.
pub(super) fn wide(name: &str, rows: &Markup) -> Markup {
    html! { div.wide role="region" aria-label=(name) tabindex="0" { table { (rows) } } }
}
