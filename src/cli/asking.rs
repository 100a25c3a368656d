//! Asking a person at the terminal for what no flag said.

use std::io::{self, BufRead, Read, Write};

use fieldlock::report::escape;

use super::problem::Problem;
use super::terminal;

/// The longest answer, in bytes.
const LONGEST: u64 = 4096;
/// As often a question is asked.
const TIMES: usize = 3;

/// Asks until an answer can be read. An empty answer is `default`, where there is one.
pub(crate) fn ask<T>(
    question: &str,
    default: Option<&str>,
    read: &dyn Fn(&str) -> Result<T, String>,
) -> Result<T, Problem> {
    let shown = default.filter(|d| !d.is_empty()).map(|d| format!(" [{}]", escape::line(d))).unwrap_or_default();
    for _ in 0..TIMES {
        terminal::complain(&format!("{question}{shown}: "));
        let answer = line()?;
        let answer = Some(answer.trim()).filter(|answer| !answer.is_empty()).or(default);
        match answer.map(read) {
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(why)) => terminal::complain(&format!("  {}\n", escape::line(&why))),
            None => terminal::complain("  this has to be said\n"),
        }
    }
    Err(Problem::invalid(format!("`{question}` was not answered")).state("nothing was written"))
}

/// Asks for several, one a line, until an empty answer.
pub(crate) fn ask_several<T>(
    question: &str,
    least: usize,
    read: &dyn Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Problem> {
    let mut all = Vec::new();
    loop {
        let more = if all.is_empty() { question.to_owned() } else { format!("{question}, another one, or nothing") };
        let empty = (all.len() >= least).then_some("");
        let one = ask(&more, empty, &|text| if text.is_empty() { Ok(None) } else { read(text).map(Some) })?;
        let Some(one) = one else { return Ok(all) };
        all.push(one);
    }
}

fn line() -> Result<String, Problem> {
    let mut text = String::new();
    let _ = io::stderr().flush();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut text);
    match read {
        Ok(0) => Err(Problem::invalid("the terminal was closed before all was said").state("nothing was written")),
        Ok(_) => Ok(text),
        Err(error) => {
            Err(Problem::invalid(format!("the terminal can't be read: {error}")).state("nothing was written"))
        }
    }
}

/// Asks for what no flag said; without a terminal all of it is told at once.
pub(crate) fn all_said(said: &mut [(&str, &str, &mut Option<String>)]) -> Result<(), Problem> {
    let missing: Vec<&str> = said.iter().filter(|(_, _, said)| said.is_none()).map(|(flag, ..)| *flag).collect();
    if !missing.is_empty() && !terminal::can_ask() {
        return Err(Problem::invalid(format!("it has to be said too: {}", missing.join(", ")))
            .help("say it by these flags, or at a terminal, where it is asked for")
            .state("nothing was written"));
    }
    for (_, question, said) in said.iter_mut().filter(|(_, _, said)| said.is_none()) {
        **said = Some(ask(question, None, &|text| Ok(text.to_owned()))?);
    }
    Ok(())
}
