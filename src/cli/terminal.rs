//! The terminal and the environment: whether there is one, its width, colour. Results go to stdout, the rest to
//! stderr.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use fieldlock::report::View;

use super::problem::Problem;

/// Whether results are read by a person at a terminal.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether somebody can be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal() && !is_set("CI")
}

/// Whether what is printed is seen by a person and kept nowhere: secrets are shown there only.
pub(crate) fn can_show() -> bool {
    io::stdout().is_terminal() && io::stderr().is_terminal() && !is_set("CI")
}

/// Whether progress may be drawn.
pub(crate) fn can_draw() -> bool {
    io::stderr().is_terminal() && !is_set("CI") && !is_dumb()
}

/// How a report is shown: with colour and the terminal's width only where one reads it.
pub(crate) fn view(all: bool, to_file: bool) -> View {
    seen(View { all, ..View::default() }, !to_file && stdout_is_terminal())
}

/// How what is no result is shown.
pub(crate) fn view_of_errors() -> View {
    // in a log a sentence is one line, as it is searched for
    seen(View { width: 10_000, ..View::default() }, io::stderr().is_terminal())
}

fn seen(plain: View, by_terminal: bool) -> View {
    if !by_terminal {
        return plain;
    }
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let columns = terminal_size::terminal_size().map_or(plain.width, |(w, _)| usize::from(w.0));
    View {
        colour: !no_colour && !is_dumb() && knows_escapes(),
        width: columns.clamp(60, 160),
        ascii: draws_ascii_only(),
        ..plain
    }
}

/// Whether the terminal acts by escape sequences. The console of Windows does once it is told to, and an old one never.
fn knows_escapes() -> bool {
    // `None` where there is nothing to be told
    anstyle_query::windows::enable_ansi_colors().unwrap_or(true)
}

/// Whether the terminal may show rubbish in place of lines and corners: the locale is none of UTF-8, or it is the
/// console of Linux.
fn draws_ascii_only() -> bool {
    let said = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let locale =
        said("LC_ALL").or_else(|| said("LC_CTYPE")).or_else(|| said("LANG")).unwrap_or_default().to_uppercase();
    let utf8 = cfg!(windows) || locale.contains("UTF-8") || locale.contains("UTF8");
    !utf8 || is_dumb() || said("TERM").as_deref() == Some("linux")
}

/// Prints results.
pub(crate) fn print(text: &str) -> Result<(), Problem> {
    let mut out = io::stdout().lock();
    let done = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    done.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Problem::closed_pipe(),
        _ => after(Problem::invalid(format!("the results can't be printed: {error}"))),
    })
}

/// What this run did, in the order that it did it.
static DID: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Remembers what was done, as a sentence: where the results can't be told, that is.
pub(crate) fn did(what: impl Into<String>) {
    DID.lock().unwrap_or_else(PoisonError::into_inner).push(what.into());
}

/// A problem of telling the results: its state is what was done before.
pub(crate) fn after(problem: Problem) -> Problem {
    match &DID.lock().unwrap_or_else(PoisonError::into_inner)[..] {
        [] => problem,
        did => problem.state(did.join("; ")),
    }
}

/// Prints what is no result. Where stderr is closed nobody reads it, and that is well.
pub(crate) fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "0" && v != "false")
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|t| t == "dumb")
}
