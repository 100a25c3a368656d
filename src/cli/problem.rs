//! Why a verb could not do its work: an error as a value, told once, in `cli`.

use std::fmt;

use fieldlock::report::documents::{ErrorDocument, ErrorJson};
use fieldlock::report::{documents, draw, escape};
use fieldlock::site::files::FileProblem;
use miette::Diagnostic;

use super::args::Format;
use super::exit::Exit;
use super::terminal;

/// What stopped a verb.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The exit code that it means.
    pub(crate) exit: Exit,
    /// The sentence, safe to print.
    pub(crate) message: String,
    /// What to do, safe to print.
    pub(crate) help: Option<String>,
    /// In what state the output folder is, where there is one.
    pub(crate) state: Option<String>,
    /// Nothing is told: whoever read our output has gone.
    pub(crate) quiet: bool,
}

impl Problem {
    /// Input or usage that can't be used: exit 2.
    pub(crate) fn invalid(message: impl AsRef<str>) -> Problem {
        Problem::new(Exit::Invalid, message.as_ref())
    }

    /// Refused before the first step: exit 5.
    pub(crate) fn refused(message: impl AsRef<str>) -> Problem {
        Problem::new(Exit::Refused, message.as_ref())
    }

    /// A device could not be talked to, and nothing was changed: exit 4.
    pub(crate) fn unreached(message: impl AsRef<str>) -> Problem {
        Problem::new(Exit::NotCompared, message.as_ref())
    }

    fn new(exit: Exit, message: &str) -> Problem {
        Problem { exit, message: escape::line(message), help: None, state: None, quiet: false }
    }

    /// The reader of our output has gone; nothing is wrong with what we did.
    pub(crate) fn closed_pipe() -> Problem {
        Problem { quiet: true, ..Problem::new(Exit::Done, "") }
    }

    /// The sentence and the remedy as one text, for a report of several things.
    pub(crate) fn told(&self) -> String {
        match &self.help {
            Some(help) => format!("{}: {help}", self.message),
            None => self.message.clone(),
        }
    }

    /// With the remedy.
    pub(crate) fn help(mut self, help: impl AsRef<str>) -> Problem {
        self.help = Some(escape::line(help.as_ref()));
        self
    }

    /// With the state that things are left in.
    pub(crate) fn state(mut self, state: impl AsRef<str>) -> Problem {
        self.state = Some(escape::line(state.as_ref()));
        self
    }
}

impl Problem {
    /// Tells it: on stderr the sentence, the remedy, and in what state things are; where programs read, as JSON on
    /// stdout.
    pub(crate) fn tell(&self, format: Format) -> Exit {
        if self.quiet {
            return self.exit;
        }
        let state = self.state.iter().map(|state| format!("{state}\n")).collect::<String>();
        match format {
            Format::Json => {
                let (message, help, state) = (self.message.clone(), self.help.clone(), self.state.clone());
                let error = ErrorJson { exit: self.exit.code(), message, help, state };
                // nobody is left to be told that nobody reads
                let _ = terminal::print(&documents::text(&ErrorDocument::of(env!("CARGO_PKG_VERSION"), error)));
            }
            Format::Human => terminal::complain(&(draw(self, &terminal::view_of_errors()) + &state)),
            Format::Plain | Format::Concise => {
                let help = self.help.iter().map(|help| format!("help: {help}\n")).collect::<String>();
                terminal::complain(&format!("error: {}\n{help}{state}", self.message));
            }
        }
        self.exit
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
}

impl From<FileProblem> for Problem {
    fn from(problem: FileProblem) -> Problem {
        let help = problem.help();
        Problem::invalid(problem.to_string()).help(help)
    }
}
