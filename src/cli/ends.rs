//! Where the reports of a run go, each in its format: one to stdout or `--output`, and any number to files of their
//! own.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, ValueEnum};
use fieldlock::report::View;

use super::output::write_whole;
use super::problem::Problem;
use super::{site, terminal};

/// A format as typed, and the file behind its `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed<F> {
    /// The format.
    pub(crate) format: F,
    file: Option<PathBuf>,
}

/// Reads `sarif` and `sarif=out.sarif`.
#[derive(Debug)]
pub(crate) struct TypedParser<F>(PhantomData<fn() -> F>);

impl<F> TypedParser<F> {
    /// Of the formats of a verb.
    pub(crate) fn new() -> TypedParser<F> {
        TypedParser(PhantomData)
    }
}

impl<F> Clone for TypedParser<F> {
    fn clone(&self) -> TypedParser<F> {
        TypedParser::new()
    }
}

impl<F: ValueEnum + Clone + Send + Sync + 'static> TypedValueParser for TypedParser<F> {
    type Value = Typed<F>;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, typed: &OsStr) -> Result<Typed<F>, clap::Error> {
        let formats = EnumValueParser::<F>::new();
        let apart = typed.to_str().and_then(|text| text.split_once('='));
        let (name, file) = apart.map_or((typed, None), |(name, file)| (OsStr::new(name), Some(file)));
        let format = formats.parse_ref(command, arg, name)?;
        match file {
            Some("" | "-") => Err(clap::Error::raw(
                clap::error::ErrorKind::InvalidValue,
                "a format with `=` takes the name of a file; without `=` it goes to stdout\n",
            )
            .with_cmd(command)),
            file => Ok(Typed { format, file: file.map(PathBuf::from) }),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let known: Vec<PossibleValue> = F::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        Some(Box::new(known.into_iter()))
    }
}

/// What the flags mean: those in files of their own first, so that whoever sees the one on stdout finds them there;
/// then the one to `output` or stdout, `by_default` where none is typed without a file.
///
/// # Errors
/// Two reports of one run would go to the same place.
pub(crate) fn ends<F: Copy>(
    typed: &[Typed<F>],
    output: Option<&Path>,
    by_default: F,
) -> Result<Vec<Typed<F>>, Problem> {
    let (mut ends, bare): (Vec<Typed<F>>, Vec<Typed<F>>) = typed.iter().cloned().partition(|t| t.file.is_some());
    let format = match &bare[..] {
        [] => by_default,
        [one] => one.format,
        [..] => {
            return Err(Problem::invalid("two formats would go to the same place")
                .help("give all of them but one a file: `--format sarif=out.sarif`"));
        }
    };
    ends.push(Typed { format, file: output.map(Path::to_owned) });
    for (at, end) in ends.iter().enumerate() {
        let Some(file) = &end.file else { continue };
        // what swallows everything may swallow several
        let swallows = ["/dev/null", "NUL"].iter().any(|name| file.as_os_str() == *name);
        if !swallows && ends[..at].iter().any(|other| other.file.as_ref() == Some(file)) {
            return Err(Problem::invalid(format!("two reports would go to `{}`", file.display()))
                .help("give each a file of its own"));
        }
        site::stays(file)?;
    }
    Ok(ends)
}

impl<F> Typed<F> {
    /// How it is shown.
    pub(crate) fn view(&self, all: bool) -> View {
        terminal::view(all, self.file.is_some())
    }

    /// Puts a text where it goes.
    pub(crate) fn put(&self, text: &str) -> Result<(), Problem> {
        match &self.file {
            None => terminal::print(text),
            Some(file) => write_whole(file, text.as_bytes()),
        }
    }
}
