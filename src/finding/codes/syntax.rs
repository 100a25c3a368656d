//! Slips in KDL itself: the text can't be read, or reads as what nobody means.

codes! { "syntax";
    /// A block ends with `}`, and its line with it. What follows on the same line would be a second node, which KDL
    /// takes only behind a line break or a `;`.
    AFTER_BLOCK "after-block" Input High "begin a new line behind `}`, or put a `;` between";
    /// Round brackets hold one word that says what the value or entry behind them is: `(stored)` before the name of a
    /// secret, `(drop)` before an entry that is taken away.
    ANNOTATION "annotation" Input High
        "an annotation is one word in brackets: `(stored)`; a text with `(` in it stands in quotes";
    /// `true`, `false` and `null` are no words of KDL 2, so that they are not mistaken for texts.
    BARE_KEYWORD "bare-keyword" Input High "a switch is `on` or `off`; as a text, put the word in quotes";
    /// A value that is neither a plain word nor a number needs quotes: addresses, times with a unit, paths, and all
    /// that holds a sign such as `/`, `\` or `=`.
    BARE_VALUE "bare-value" Input High "put it in quotes";
    /// A `{` opens the block of the node whose name stands before it on the same line.
    BLOCK_WITHOUT_NAME "block-without-name" Input High "put `{` on the line of the name it belongs to";
    /// Values stand side by side with spaces between. A comma belongs to the word that it touches.
    COMMA "comma" Input High "write values side by side with spaces between";
    /// KDL allows this character nowhere. It is not seen in most editors and comes with a copy from a document or a
    /// terminal.
    CONTROL_CHARACTER "control-character" Input High
        "it is invisible and most likely came with a copy: retype the line, or write `\\u{...}` if it is meant";
    /// In quotes a backslash begins an escape such as `\n`. In a path of Windows it makes a line break or a tab of the
    /// letter behind it, so paths are written with `/`.
    ESCAPE "escape" Input High "write `\\\\` for a backslash itself";
    /// Word processors turn straight quotes into curly ones; KDL knows the straight ones only.
    FOREIGN_QUOTE "foreign-quote" Input High "a text stands between two straight `\"`";
    /// `#` begins a raw text or a keyword of KDL 2, never a comment.
    HASH_WORD "hash-word" Input High "a comment begins with `//`; a text with `#` in it stands in quotes";
    /// The file is written in the first version of KDL, which had other raw texts.
    KDL_1 "kdl-1" Input High "KDL 2 writes a raw text as `#\"...\"#`";
    /// A text over several lines begins with `"""` and a line break and ends with `"""` on a line of its own; each
    /// line is indented at least as far as the closing quotes.
    LINES "lines" Input High "begin it with `\"\"\"` and a line break, end it with `\"\"\"` on a line of its own";
    /// Two values that touch would be read as one.
    MISSING_SPACE "missing-space" Input High "put a space between two values; a quote inside a text is written `\\\"`";
    /// Something stands alone that belongs before a value: an annotation, or a property's `=`.
    MISSING_VALUE "missing-value" Input High "write the value directly behind the `=`, or remove the property";
    /// A line begins with the name of a setting, and its value follows behind a space. Only properties on the line of a
    /// node have an `=`.
    NAME_EQUALS "name-equals" Input High
        "a setting is its name, a space and its value, without `=`; a property stands on the line of its node (`\\` \
         at the end of a line continues it)";
    /// KDL takes the last of two properties of one name without a word. Here that is a mistake: nobody can see which
    /// one is meant.
    REPEATED_PROPERTY "repeated-property" Input High "keep one of them";
    /// `/-` leaves out what comes next: a node, a value or a block. Here nothing comes.
    SLASHDASH "slashdash" Input High "`/-` leaves out the node, value or block that comes next; remove it";
    /// There are more `}` than `{`. The first one without a partner is marked.
    STRAY_BRACE "stray-brace" Input High "remove it, or look above for a `{` that is missing";
    /// Blocks or comments stand in each other deeper than any description needs. The limit keeps a broken or hostile
    /// file from exhausting the reader.
    TOO_DEEP "too-deep" Input High "no setting stands deeper than a few blocks: look for a `}` that is missing";
    /// A file has more bytes than fieldlock reads.
    TOO_LARGE "too-large" Input High "split it into several files";
    /// A line has more values and properties than fieldlock holds against each other.
    TOO_MANY "too-many" Input High "nothing that a device takes has so many: look for what was pasted here";
    /// A `{` has no `}`. The block that is closed by a brace further left than its own line is marked, or the last one
    /// that is open.
    UNCLOSED_BLOCK "unclosed-block" Input High "add the `}` that ends the block";
    /// A comment over several lines ends with `*/`. One that stands in another needs its own.
    UNCLOSED_COMMENT "unclosed-comment" Input High "close it with `*/`; comments in comments each need their own";
    /// A text in quotes ends on its line, with the quotes it begins with. The rest of the line is not looked at: it
    /// would be read inside out.
    UNCLOSED_QUOTE "unclosed-quote" Input High "close it with `\"`";
    /// Something that KDL does not know stands here.
    UNEXPECTED "unexpected" Input High
        "a line is a name, then values and `name=value`, then maybe `{`; texts stand in quotes";
}
