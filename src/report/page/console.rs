//! Pages of a device to rehearse on, as its web console: the menu, and a form for each page. Each says what it is, and
//! looks like nothing that the vendor has.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, html};

use super::shell;
use crate::dialect::sheet::{Control, Input, Refused};
use crate::report::escape::line;

const STYLE: &str = concat!(include_str!("style/read.css"), include_str!("style/console.css"));

/// Its forms go to where the page came from, and nothing else may run, be shown or be asked.
static POLICY: LazyLock<String> =
    LazyLock::new(|| shell::policy(STYLE, "").replace("form-action 'none'", "form-action 'self'"));

/// A page of a console.
pub struct Shown<'a> {
    /// The device.
    pub device: &'a str,
    /// Its model.
    pub model: &'a str,
    /// All menu paths; the number of each, from 1, is where its page is: `/page/1`.
    pub menus: &'a [&'a str],
    /// The page that is shown, from 0, with its fields; none for the menu alone.
    pub page: Option<(usize, &'a [Control])>,
    /// What it does not take of what was typed.
    pub refused: &'a [Refused],
    /// Whether it was saved just now.
    pub saved: bool,
}

/// The page. Nothing of it is loaded from anywhere, and no script runs.
pub fn console(shown: &Shown<'_>) -> String {
    let menu = shown.page.and_then(|(at, _)| shown.menus.get(at)).copied().unwrap_or("Menu");
    html! {
        (DOCTYPE)
        html lang="en" {
            (shell::head(&line(&format!("{menu} - {} (rehearsal)", shown.device)), &POLICY, STYLE))
            body {
                a.skip href="#main" { "To the fields" }
                header {
                    p.mark {
                        b { "Rehearsal." } " fieldlock made this page of its own tables: names, order and choices are those \
                        that it knows, the look is not the vendor's. Nothing here reaches a device, what is saved is \
                        forgotten when the lab ends, and no value of a secret is kept."
                    }
                }
                nav aria-label="Menu" { ol {
                    @for (at, name) in shown.menus.iter().enumerate() {
                        @let here = shown.page.is_some_and(|(page, _)| page == at);
                        li { a href=(format!("/page/{}", at + 1)) aria-current=[here.then_some("page")] { (line(name)) } }
                    }
                    li { a href="/sheet" { "All of it, as a filled sheet" } }
                } }
                main #main {
                    p.state { (line(shown.device)) ", " (line(shown.model)) }
                    h1 { (line(menu)) }
                    @if shown.saved { p.good role="status" { "Saved." } }
                    @if let Some((at, controls)) = shown.page { (form(at, controls, shown.refused)) }
                    @else { p { "Choose a page." } }
                }
            }
        }
    }
    .into_string()
        + "\n"
}

fn form(at: usize, controls: &[Control], refused: &[Refused]) -> Markup {
    html! {
        @if !refused.is_empty() {
            div.bad role="alert" {
                p { "Not saved:" }
                ul { @for one in refused { li { b { (line(&one.name)) } ": " (line(&one.why)) } } }
            }
        }
        form method="post" action=(format!("/page/{}", at + 1)) autocomplete="off" {
            @for (number, entry) in entries(controls) {
                @if entry.first().is_some_and(|control| control.entry.is_empty()) { (fields(number, entry, refused)) }
                @else { fieldset {
                    legend { (line(&entry[0].entry)) }
                    (fields(number, entry, refused))
                } }
            }
            button type="submit" { "SAVE" }
        }
    }
}

/// Fields that follow one another and are of one entry, each run with the number of its first field.
fn entries(controls: &[Control]) -> impl Iterator<Item = (usize, &[Control])> {
    let mut number = 0;
    controls.chunk_by(|one, next| one.entry == next.entry).map(move |run| {
        number += run.len();
        (number - run.len(), run)
    })
}

fn fields(first: usize, controls: &[Control], refused: &[Refused]) -> Markup {
    html! {
        @for (at, control) in controls.iter().enumerate() {
            (field(&format!("f{}", first + at), control, refused.iter().any(|one| one.name == control.name)))
        }
    }
}

fn field(id: &str, control: &Control, is_refused: bool) -> Markup {
    let Control { name, value, input, .. } = control;
    let invalid = is_refused.then_some("true");
    html! {
        @match input {
            Input::Fixed => { input type="hidden" name=(name) value=(value); }
            Input::Remove => p.field {
                input id=(id) type="checkbox" name=(name) value=(value);
                label for=(id) { (line(name)) }
            }
            Input::Several(words) => fieldset.several aria-invalid=[invalid] {
                legend { (line(name)) }
                // what is not ticked is sent by nobody: this says that the field was there
                input type="hidden" name=(name) value="";
                @for (at, word) in words.iter().enumerate() {
                    @let chosen = value.split(", ").any(|one| one == word);
                    span {
                        input id=(format!("{id}-{at}")) type="checkbox" name=(name) value=(word) checked[chosen];
                        label for=(format!("{id}-{at}")) { (line(word)) }
                    }
                }
            },
            Input::Choice(words) => p.field {
                label for=(id) { (line(name)) }
                select id=(id) name=(name) aria-invalid=[invalid] {
                    option value="" { "(not set)" }
                    @for word in words { option value=(word) selected[word == value] { (line(word)) } }
                }
            }
            Input::Text => p.field {
                label for=(id) { (line(name)) }
                input id=(id) type="text" name=(name) value=(value) aria-invalid=[invalid];
            }
            Input::Secret => p.field {
                label for=(id) { (line(name)) }
                input id=(id) type="password" name=(name) autocomplete="new-password" aria-invalid=[invalid];
                @if !value.is_empty() { span.about { "one is set" } }
            }
        }
    }
}
