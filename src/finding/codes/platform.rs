//! What a platform does not take, or would not have as it is described.

codes! { "platform";
    /// Two settings are one line on this device, and they say different things.
    CONTRADICTION "contradiction" Refusal High "let both say the same, or leave one of them out";
    /// No source tells how this firmware is set: pages and commands may be others.
    FIRMWARE "firmware" Refusal High "is the firmware written right?";
    /// A table of another form was asked for. That is a fault of fieldlock.
    FORM "form" Refusal High "this is a fault of fieldlock: please report it";
    /// A native key of this kind may hold a secret, or text that a person wrote, and is never passed through.
    HIDDEN_KEY "hidden-key" Refusal High
        "such lines are never passed through: write it as a setting, or set it on the device; if it is a secret in \
         clear, change it: git keeps it for ever";
    /// A native line of this kind may hold a secret, or text that a person wrote, and is never passed through.
    HIDDEN_LINE "hidden-line" Refusal High
        "such lines are never passed through: write it as a setting, or set it on the device; if it is a secret in \
         clear, change it: git keeps it for ever";
    /// A list of accounts that is written is owned whole. With this one nobody could log in to change the device again.
    LAST_ADMINISTRATOR "last-administrator" Refusal High
        "a list of accounts that is written is owned whole: keep or add an account with all rights";
    /// The device does not take this value, though the language does: it is too long, too small, or has a character
    /// that the device refuses.
    LIMIT "limit" Refusal High "write a value that the device takes";
    /// A native key is passed through that is a setting. Rules judge settings, and nothing that is passed through.
    MAPPED_KEY "mapped-key" Refusal High "write it as the setting";
    /// A native line is passed through that is a setting. Rules judge settings, and nothing that is passed through.
    MAPPED_LINE "mapped-line" Refusal High "write it as the setting";
    /// A native line is written in the form of another platform: a command for one that takes keys, or a key for one
    /// that takes commands.
    NATIVE_FORM "native-form" Refusal High "write a command as `line`, a key of a file as `key`";
    /// A file for this series is laid over one that the device exported, so that what fieldlock does not know stays.
    NO_BASE "no-base" Refusal High
        "export it on the device and take it in: `fieldlock capture DEVICE --from FILE --by PERSON`";
    /// The description does not say which firmware the device has. What it was shipped with, how it is set and which
    /// weaknesses it has hang on it.
    NO_FIRMWARE "no-firmware" Refusal High
        "write `firmware=\"...\"` on this line: what it was shipped with and how it is set hang on it";
    /// The file that the device exported has no such key, so that its firmware may not know it.
    NO_KEY "no-key" Refusal High "capture the device again, or leave the setting out";
    /// The settings of this platform are typed by hand. Nothing is passed through to it.
    NO_MACHINE_FORM "no-machine-form" Refusal High
        "write it as a setting, which gets a row of the sheet, or leave it out";
    /// The model does not have this port.
    NO_SUCH_PORT "no-such-port" Refusal High "correct the model, or take the port away";
    /// What was rendered was read back and is not what was described. Nothing was sealed.
    READ_BACK "read-back" Refusal High
        "another setting says otherwise on this device, or the table is at fault; nothing was sealed";
    /// A native line is passed through as it is, and no rule sees what it does.
    UNJUDGED "unjudged" Note Info
        "no rule sees what it does; the table says that it changes no setting that a rule reads";
    /// No key of this name is known on this platform.
    UNKNOWN_KEY "unknown-key" Refusal High "keys are written word for word as the device exports them";
    /// No source knows this command line, or it holds what can't be passed through.
    UNKNOWN_LINE "unknown-line" Refusal High
        "only commands that the platform's table lists are passed through, word for word, one a line";
    /// The setting is judged and never set: no table has a place for it on this platform.
    UNPLACED "unplaced" Rule Medium "it is judged and never set: take it out, or set it on the device by hand";
}
