//! Saving: all of it is there, or none of it. What the device is started with is read and held against what runs.

use super::work::Work;
use super::{Door, Note, Seen, Trouble};
use crate::device::cli::CliError;
use crate::model::Facts;
use crate::native::Form;
use crate::platform;
use crate::source::FileId;

impl<D: Door> Work<'_, '_, D> {
    /// Saves what runs, where that is not what the device is started with already; `false` where the connection was
    /// lost meanwhile, and what runs is to be read again.
    pub(super) fn save(&mut self, seen: &Seen) -> Result<bool, Trouble> {
        match self.is_saved() {
            Ok(Some(true)) => {
                self.saved = Some(true);
                return Ok(true);
            }
            Ok(_) => {}
            Err(why) => return self.lose(why).map(|()| false),
        }
        let save = seen.speech.save[0].clone();
        self.last.clone_from(&save);
        let Some(cli) = &mut self.cli else { return Ok(false) };
        let answer = match cli.ask(save.as_str(), &[]) {
            Ok(answer) => answer,
            Err(CliError::Asked { question, .. }) => return Err(Trouble::NotSaved(format!("it asks `{question}`"))),
            Err(why) => return self.lose(why.to_string()).map(|()| false),
        };
        if let Some(line) = answer.refusal {
            return Err(Trouble::NotSaved(format!("`{line}`")));
        }
        let said = |wanted: &String| answer.lines.iter().any(|line| line.contains(&**wanted));
        if !seen.speech.saved.as_ref().is_none_or(said) {
            return Err(Trouble::NotSaved("it does not say that it did".to_owned()));
        }
        match self.is_saved() {
            Ok(Some(false)) => Err(Trouble::NotSaved("what it is started with is not what runs".to_owned())),
            Ok(saved) => {
                self.saved = saved;
                self.told.tell(Note::Saved).map(|()| true).map_err(Trouble::Journal)
            }
            Err(why) => self.lose(why).map(|()| false),
        }
    }

    /// Whether the device is started with what runs; `None` where it does not show that.
    pub(super) fn is_saved(&mut self) -> Result<Option<bool>, String> {
        let (running, startup) = (self.shown(|s| &s.running)?, self.shown(|s| &s.startup)?);
        Ok(match (running, startup) {
            (Some(running), Some(startup)) => Some(running == startup),
            _ => None,
        })
    }

    /// What a command shows, by meaning; `None` where the device refuses it.
    fn shown(&mut self, command: fn(&crate::device::Speech) -> &str) -> Result<Option<(Facts, Vec<String>)>, String> {
        let Some(cli) = &mut self.cli else { return Err("the connection is lost".to_owned()) };
        let command = command(cli.speech());
        let mut answer = cli.ask(command, &[]).map_err(|why| why.to_string())?;
        if answer.refusal.is_some() {
            // once more: to look changes nothing
            answer = cli.ask(command, &[]).map_err(|why| why.to_string())?;
        }
        if answer.refusal.is_some() {
            return Ok(None);
        }
        let text = zeroize::Zeroizing::new(answer.lines.join("\n"));
        let reading = platform::at(self.task.device).read(Form::Cli, FileId::NONE, &text);
        Ok(reading.map(|read| (read.facts, read.kept.into_iter().map(|kept| kept.shown).collect())))
    }
}
