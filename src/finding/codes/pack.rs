//! What is wrong with packs, their rules and the samples of these.

codes! { "pack";
    /// An adjustable lets a site tighten a limit. It has to move the very limit that is written beside it, and in a
    /// direction that is stricter.
    ADJUSTABLE "adjustable" Input High "write the limit with the adjustable's default, as the pack says";
    /// Only a rule that fieldlock ships is in force in every site; a site's own is in force where it names its pack.
    ALWAYS "always" Input High "leave it away: the rule is in force where `packs` of `site.kdl` names its pack";
    /// The `fix` of a rule is no description that a device would take.
    BAD_FIX "bad-fix" Input High "write what a person would write into a device";
    /// The text behind `matches=` is no regular expression, or one that takes too much room.
    BAD_REGEX "bad-regex" Input High "write a regular expression; a backslash is written twice";
    /// A value in a rule or pack is none of the kind that belongs there.
    BAD_VALUE "bad-value" Input High "write a value of the kind that belongs there";
    /// Something that has to say something says nothing: no conditions, no values, no limit.
    EMPTY "empty" Input High "write at least one setting or value";
    /// There is more behind a word than it takes.
    EXTRA "extra" Input High "remove it, or write it as a condition in the block";
    /// The file of a rule is called as the rule, so that a reader finds it.
    FILE_NAME "file-name" Note Low "call the file as the rule: `<ID>.kdl`";
    /// A pack is named by its folder. `pack.kdl` says another name.
    FOLDER_NAME "folder-name" Input High "call the pack as its folder";
    /// Something is missing that every rule or pack says: its severity, its family, its version, a sample.
    INCOMPLETE "incomplete" Input High "add what is missing";
    /// The matcher does not fit what the setting holds: an order of words, a prefix of a number.
    MISFIT "misfit" Input High "use a matcher that fits the setting";
    /// A word of rules stands where it has no meaning.
    MISPLACED "misplaced" Input High "write it beside what it belongs to";
    /// A rule on a list says whether it speaks of each of its entries, of any, or of none.
    NEEDS_QUANTIFIER "needs-quantifier" Input High
        "say which of its entries: `each account { ... }` or `any account { ... }`";
    /// A pack is a folder with one `pack.kdl` that says what it is.
    NO_HEAD "no-head" Input High "write `pack \"name\" version=\"1.0.0\" { }` into `pack.kdl` beside its rules";
    /// A quantifier does not name a list of the group it stands in.
    NO_LIST "no-list" Input High "name the list: `each account { ... }`";
    /// The node says something in words, and the words are missing.
    NO_TEXT "no-text" Input High "write the text in quotes behind the name";
    /// A pack is another one than the site agreed to in `fieldlock.lock`: its rules changed, it came or it went. What a
    /// site is judged by does not change unseen. `fieldlock policy list` shows the rules that are in force.
    PIN "pin" Refusal High "look at what changed; where the site agrees to it, `fieldlock policy pin` writes the pins anew";
    /// A rule of the site has the id of one that fieldlock ships. A waiver or a report would speak of both.
    RESERVED_ID "reserved-id" Input High "give the rule and its file an id of their own";
    /// A folder of the site has the name of a pack that fieldlock ships. The shipped one stays in force unchanged.
    RESERVED_NAME "reserved-name" Input High
        "give the folder and its pack a name of their own; the shipped pack is in force unchanged";
    /// A sample of a rule does not end as it says it does, or no sample shows that the rule can pass and fail.
    SAMPLE "sample" Input High "mend the sample or the rule";
    /// A rule asks for the value of a secret. It would tell one bit of it with every run.
    SECRET "secret" Input High
        "only `present`, `absent` and `declared`; what its value must be is asked by an analysis";
    /// An analysis of secrets was given words of the site's own: guesses, of which every run would tell whether they
    /// are right.
    SECRET_LIST "secret-list" Input High
        "name words that a shipped pack lists: others would be guesses at secrets, one a run";
    /// The site's own packs have more samples than every run can judge.
    TOO_MANY_SAMPLES "too-many-samples" Input High
        "every run judges them all: keep the samples that tell a rule from its neighbours";
    /// Two rules or adjustables have one name.
    TWINS "twins" Input High "give one of them a name of its own";
    /// The site names a pack that is neither shipped nor in `packs/`.
    UNKNOWN "unknown" Input High "see the site's `packs` line";
    /// A rule names an adjustable that its pack does not declare.
    UNKNOWN_ADJUSTABLE "unknown-adjustable" Input High
        "declare it in `pack.kdl`: `adjustable \"name\" 2 toward=\"less\"`";
    /// A rule asks for an analysis that there is not.
    UNKNOWN_ANALYSIS "unknown-analysis" Input High "see `schema/policy.md` for the list";
    /// A rule names a list that its pack does not declare.
    UNKNOWN_LIST "unknown-list" Input High "declare it in `pack.kdl`: `list \"name\" \"a\" \"b\"`";
    /// A property of a condition is none of the matchers.
    UNKNOWN_MATCHER "unknown-matcher" Input High "see `schema/policy.md` for the matchers";
    /// A rule or a pack has no part of this name.
    UNKNOWN_NODE "unknown-node" Input High "see `schema/policy.md` for what there is";
    /// The analysis takes no parameter of this name.
    UNKNOWN_PARAMETER "unknown-parameter" Input High "see `schema/policy.md` for its parameters";
    /// No platform has this name.
    UNKNOWN_PLATFORM "unknown-platform" Input High "write a platform such as `mx-ros`";
    /// A condition names a setting that devices do not have in this place.
    UNKNOWN_SETTING "unknown-setting" Input High "see `schema/language.md` for what there is";
}
