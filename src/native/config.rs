//! Rendered native text, with its secrets still as names: values enter only when it is filled for sealing.

use zeroize::Zeroizing;

use super::{Grade, KeptLine, Token};
use crate::secret::{SecretRef, SecretValue, Secrets};

/// A form of native text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Sections and keys.
    Ini,
    /// Command lines.
    Cli,
    /// `menu TAB field TAB value` lines, for a person to type.
    Sheet,
}

impl Form {
    /// All.
    pub const ALL: [Form; 3] = [Form::Ini, Form::Cli, Form::Sheet];

    /// The form that a word names, as [`Form::ending`] gives it.
    pub fn of(word: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|form| form.ending() == word)
    }

    /// The file ending: `ini`, `cli`, `sheet`.
    pub fn ending(self) -> &'static str {
        match self {
            Form::Ini => "ini",
            Form::Cli => "cli",
            Form::Sheet => "sheet",
        }
    }
}

/// Which characters a native place can hold. Line breaks and control characters are in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// The rest of a line: everything that can be typed and seen.
    Line,
    /// One word of a command line: ASCII letters, digits, and the special characters that the vendor lists for
    /// passwords, ``~!@#$%^&*-_|;:,.<>[]{}()`` (mx.md section 2). Neither space nor quote nor `?`, none begins with
    /// `!` or `#`, and no pair of angle brackets, which public text uses for secrets.
    Word,
    /// What follows `Key=` in a sectioned file: printable ASCII without `;`, which may begin a comment there (nport.md
    /// 2.2), without a space at either end, and not a token of public text.
    Value,
}

/// The vendor's list of special characters in passwords (mx.md section 2).
const SPECIAL: &str = "~!@#$%^&*-_|;:,.<>[]{}()";

impl Alphabet {
    /// Whether the place holds the text, whole and as it is.
    pub fn holds(self, text: &str) -> bool {
        match self {
            Alphabet::Line => {
                let plain = text.bytes().all(|b| matches!(b, b' '..=b'~'));
                plain || !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
            }
            Alphabet::Word => {
                let legal = |c: char| c.is_ascii_alphanumeric() || SPECIAL.contains(c);
                let token = text.starts_with('<') && text.ends_with('>');
                !text.is_empty() && !token && text.chars().all(legal) && !text.starts_with(['!', '#'])
            }
            Alphabet::Value => {
                let token = text.starts_with('<') && text.ends_with('>');
                let legal = |c: char| matches!(c, ' '..='~') && c != ';';
                !token && text.chars().all(legal) && text.trim_matches(' ').len() == text.len()
            }
        }
    }
}

/// A piece of native text.
pub enum Piece {
    /// Known not to be secret: shown everywhere.
    Shown(String),
    /// The value of a secret goes here, if the place can hold it: that is judged when it is filled.
    Secret {
        /// Its name.
        name: SecretRef,
        /// The setting that it fills, for messages.
        path: String,
        /// What the place can hold.
        alphabet: Alphabet,
    },
    /// Native text that is not known to be no secret (a line of the base that no entry maps, or one that the
    /// dialect hides): sealed as it is, shown as `<hidden>`.
    Hidden(Zeroizing<String>),
}

/// What public text shows of a value beside its name: by the path of its setting and the value.
pub type Fingerprint<'a> = &'a dyn Fn(&str, &SecretValue) -> Option<String>;

/// Native text in one form, as pieces.
pub struct NativeText {
    /// Its form.
    pub form: Form,
    /// Its pieces in order; joined they are the text.
    pub pieces: Vec<Piece>,
}

/// Bytes of a filled text that public text replaces by a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactSpan {
    /// First byte in the filled text.
    pub offset: u32,
    /// How many bytes.
    pub length: u32,
    /// What public text shows there: a [`Token`].
    pub token: String,
}

/// A filled text: with its secrets in clear. Erased on drop; goes to `image` and nowhere else.
pub struct Filled {
    /// Its form.
    pub form: Form,
    /// The text.
    pub text: Zeroizing<String>,
    /// What of it public text replaces.
    pub spans: Vec<RedactSpan>,
}

/// One setting and the native place it was rendered to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Dotted path of the setting.
    pub path: String,
    /// The native place: `[Password Login Policy] Password Minimum Length`, `ip telnet`, `Security > Allowlist`.
    pub place: String,
    /// Which text it stands in.
    pub form: Form,
    /// How sure we are.
    pub grade: Grade,
    /// Where that is known from.
    pub source: std::sync::Arc<str>,
}

/// All native text of one device: the machine form, and a sheet for what has none.
pub struct NativeConfig {
    /// `native.ini` or `native.cli`, where the platform has one.
    pub machine: Option<NativeText>,
    /// `native.sheet`, where anything has to be set by hand.
    pub sheet: Option<NativeText>,
    /// Every setting with its native place, machine form first.
    pub rendered: Vec<Rendered>,
    /// Lines of the base that no entry maps; they are in the text.
    pub unmodelled: Vec<KeptLine>,
    /// Redacted lines of the base that nothing fills; they were left out.
    pub omitted: Vec<KeptLine>,
    /// Settings that have a native place in neither form.
    pub unplaced: Vec<String>,
}

/// Why a text can't be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// No value of that name.
    #[error("the secret `{name}` was not given")]
    Missing {
        /// The name.
        name: SecretRef,
        /// The setting it fills.
        path: String,
    },
    /// The value can't stand in its place: not UTF-8, or outside the place's alphabet. It is not shown.
    #[error("the secret `{name}` has characters that native text can't hold")]
    Characters {
        /// The name.
        name: SecretRef,
        /// The setting it fills.
        path: String,
    },
}

impl NativeText {
    /// The public text without fingerprints: secrets as `<secret NAME>`, hidden lines as `<hidden>`.
    pub fn redacted(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Shown(text) => out.push_str(text),
                Piece::Secret { name, .. } => out.push_str(&Token::of(name, None).to_string()),
                Piece::Hidden(_) => out.push_str(&Token::Hidden.to_string()),
            }
        }
        out
    }

    /// The text with its secrets in place, without fingerprints: see [`NativeText::fill_with`].
    ///
    /// # Errors
    /// The first secret that is missing or that the text can't hold.
    pub fn fill(&self, secrets: &Secrets) -> Result<Filled, FillError> {
        self.fill_with(secrets, &|_, _| None)
    }

    /// The text with its secrets in place. `fingerprint` gives what public text shows behind a secret's name, by the
    /// path of its setting and its value: `k9b83:r6x6dr82cg66a`; without one it shows the name alone.
    ///
    /// # Errors
    /// The first secret that is missing or that the text can't hold.
    pub fn fill_with(&self, secrets: &Secrets, fingerprint: Fingerprint<'_>) -> Result<Filled, FillError> {
        let known = |p: &Piece| match p {
            Piece::Shown(t) => t.len(),
            Piece::Secret { name, .. } => secrets.get(name.as_str()).map_or(0, |v| v.len()),
            Piece::Hidden(t) => t.len(),
        };
        // sized once: growing would leave copies of secrets behind
        let mut text = Zeroizing::new(String::with_capacity(self.pieces.iter().map(known).sum()));
        let mut spans = Vec::new();
        for piece in &self.pieces {
            let offset = text.len() as u32;
            let (value, token) = match piece {
                Piece::Shown(shown) => {
                    text.push_str(shown);
                    continue;
                }
                Piece::Hidden(hidden) => (hidden.as_str(), Token::Hidden.to_string()),
                Piece::Secret { name, path, alphabet } => {
                    let missing = || FillError::Missing { name: name.clone(), path: path.clone() };
                    let value = secrets.get(name.as_str()).ok_or_else(missing)?;
                    let text = value.expose_text().filter(|t| alphabet.holds(t));
                    let refused = || FillError::Characters { name: name.clone(), path: path.clone() };
                    let fingerprint = fingerprint(path, value);
                    (text.ok_or_else(refused)?, Token::of(name, fingerprint.as_deref()).to_string())
                }
            };
            text.push_str(value);
            spans.push(RedactSpan { offset, length: value.len() as u32, token });
        }
        Ok(Filled { form: self.form, text, spans })
    }
}
