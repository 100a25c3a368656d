//! What is written does not fit what settings there are, where they stand and which values they take.

codes! { "shape";
    /// Only the names of secrets and entries of lists take a word in brackets.
    ANNOTATION "annotation" Input High
        "`(stored)` names a secret, `(drop)` takes an inherited entry of a list away; there are no others";
    /// A secret is written as its name, never as its value. A name is made of parts such as `np07/ot-admin`.
    BAD_SECRET_NAME "bad-secret-name" Input High
        "a name is segments of a-z 0-9 . _ - joined by `/`: `(stored)\"np07/backup\"`";
    /// The text is no value of the kind that belongs here: an address, a time with its unit, a date.
    BAD_VALUE "bad-value" Input High "write a value of the kind that the setting takes";
    /// The setting takes one of a few words, and this is none of them.
    BAD_WORD "bad-word" Input High "write one of the words that the setting takes";
    /// Of some settings one stands, or what goes with one stands beside another: an access port has one VLAN, a trunk
    /// several.
    CHOICE "choice" Input High "keep one of them";
    /// There are more values on this line than the setting takes.
    EXTRA_ARGUMENT "extra-argument" Input High "remove what follows it";
    /// A secret stands in clear in a file that git keeps. It is masked in every report; it has to be changed on the
    /// device all the same.
    LITERAL_SECRET "literal-secret" Input High
        "name it: `(stored)\"np07/ot-admin\"`; change it on the device: git keeps the old value for ever";
    /// Something that every description needs is not there.
    MISSING "missing" Input High "write it where the message says";
    /// The setting is one value; a block has no meaning behind it.
    NO_BLOCK "no-block" Input High "remove the block";
    /// An entry of a list is told from the others by what stands right behind its name.
    NO_KEY "no-key" Input High "write what tells the entry from others right behind its name";
    /// A time says whether it is in seconds or minutes: devices differ, and a reader can't guess.
    NO_UNIT "no-unit" Input High "write it with its unit: `\"5 min\"` or `\"30 s\"`";
    /// The setting is named and nothing is said.
    NO_VALUE "no-value" Input High "write its value behind the name, or leave the setting out";
    /// `none` says that a list is empty. Beside entries one of the two is wrong.
    NONE_AND_SOME "none-and-some" Input High "keep either the entries or the `none`";
    /// A number or the length of a text lies outside of what any device takes.
    OUT_OF_RANGE "out-of-range" Input High "write one within the range";
    /// A setting that stands once in a block is written twice. Both are checked, the first one counts.
    REPEATED "repeated" Input High "keep one of them; the first one counted here";
    /// Two entries of a list have the same key.
    REPEATED_ENTRY "repeated-entry" Input High "keep one of them";
    /// A value stands twice in one list.
    REPEATED_VALUE "repeated-value" Input High "keep one of them";
    /// A list has more entries than any device takes, and rules hold each against the others.
    TOO_MANY "too-many" Input High "no device takes so many: describe it with fewer, a network instead of its hosts";
    /// The node takes no property of this name.
    UNKNOWN_PROPERTY "unknown-property" Input High "see `schema/language.md` for what there is";
    /// No setting of this name belongs into this block.
    UNKNOWN_SETTING "unknown-setting" Input High "see `schema/language.md` for what there is";
    /// The setting is written as a property though it is a node of its own, or the other way round.
    WRONG_PLACE "wrong-place" Input High "write it where the message says";
    /// A value is of another type: a number in quotes, `#true` for a switch.
    WRONG_TYPE "wrong-type" Input High "write a value of the type that the setting takes";
    /// The setting belongs to another kind of what is described: a port number for a mode that has none.
    WRONG_VARIANT "wrong-variant" Input High "remove it, or choose the kind that takes it";
}
