//! What is wrong with a table that maps settings to native text.

codes! { "dialect";
    /// `absent=` says what it means that a device shows no such line.
    ABSENT "absent" Input High "write `factory`, `off` or `unknown`";
    /// A text's alphabet says which characters the device takes.
    ALPHABET "alphabet" Input High "write `printable`, `host` or `visible`";
    /// A number that holds several settings in its bits needs each of them in full.
    BITS "bits" Input High "write each part with `shift=` and `width=`, and one meaning for each value";
    /// The codec does not fit the setting: how a value is written natively follows from what it is.
    CODEC "codec" Input High "choose a codec that fits the setting";
    /// A list of numbered keys says how many there are.
    COUNT "count" Input High "write `count=`, 1 to 256";
    /// The table holds an entry that its form does not have, or one where it can't stand.
    ENTRY "entry" Input High "see `schema/dialects` for the entries of this form";
    /// A table is written for a range of firmware versions.
    FIRMWARE "firmware" Input High "write `\"2.2 to 2.3\"`";
    /// A table has one of three forms.
    FORM "form" Input High "write `ini`, `cli` or `sheet`";
    /// The grade says how sure it is that a device takes the entry.
    GRADE "grade" Input High "write `confirmed`, `likely`, `site` or `unknown`";
    /// The text can be no key of a sectioned file, or there are too few or too many of them.
    KEY "key" Input High "write the key as it stands in the device's file";
    /// Something that the entry needs is not said.
    MISSING "missing" Input High "write it";
    /// A command is given in the configuration mode or on the exec level.
    MODE "mode" Input High "write `config` or `exec`";
    /// Lines end as the device writes them.
    NEWLINE "newline" Input High "write `lf` or `crlf`";
    /// A line or field of a list does not say which entry it is about, so that it could not be read back.
    NO_KEY "no-key" Input High "each line of a list says which entry it is about";
    /// Every entry says how sure it is and where it comes from. Nothing native is invented.
    NO_SOURCE "no-source" Input High "every entry says how sure it is and from where: `grade=` and `source=`";
    /// No node of this name belongs here.
    NODE "node" Input High "see `schema/dialects` for the nodes of this form";
    /// Two values would be written as one native text, so that what is read back is not what was written.
    NOT_INJECTIVE "not-injective" Input High
        "two words need two native words, else what is read back is not what was written";
    /// Commands of the exec level stand behind all configuration lines.
    ORDER "order" Input High "commands of the exec level come last: the configuration is left before them";
    /// The node has no property of this name.
    PROPERTY "property" Input High "see `schema/dialects` for its properties";
    /// A range of numbers or lengths is none, or ends before it begins.
    RANGE "range" Input High "write `\"4..16\"`";
    /// A file of a table holds one `dialect` and nothing else.
    ROOT "root" Input High "write `dialect NAME form= firmware= { }`";
    /// The places of a line and what fills them do not match.
    SLOTS "slots" Input High "each `{place}` of the line needs one `slot`, and each `slot` its place";
    /// A native place stands in the table twice.
    TWICE "twice" Input High "keep one of them";
    /// A time is written natively in some unit.
    UNIT "unit" Input High "write `ms`, `s`, `min`, `h` or `d`";
    /// No setting has this path.
    UNKNOWN_PATH "unknown-path" Input High "name a setting as `schema/language.md` has it";
    /// A property or argument of a table is a text in quotes.
    VALUE "value" Input High "write it in quotes";
    /// A word of the table is no value of the setting, or one of its values has no native word.
    WORD "word" Input High "give each word of the setting one native word";
}
