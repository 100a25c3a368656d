//! What is wrong with a waiver. One that does not hold covers nothing: the finding below it stays open.

codes! { "waiver";
    /// The waiver ends before it begins.
    BACKWARDS "backwards" Rule High "the first day comes first";
    /// One waiver covers several rules on several devices. Nobody can say what was approved.
    BROAD "broad" Rule High "it does not hold: write a waiver for each rule, or for each device";
    /// The waiver's last day is over. What it covered is open again.
    EXPIRED "expired" Rule Medium "mend what it covered, or have a new one approved";
    /// The waiver covers nothing: what it was for is mended, or it names another setting or value.
    IDLE "idle" Note Low
        "remove it; if a rule still fails there, its setting or value is another one than the waiver's";
    /// The waiver does not say which setting and value it covers.
    INCOMPLETE "incomplete" Rule High "it does not hold until they are named";
    /// The waiver's first day is not here yet.
    NOT_YET "not-yet" Note Low "until then the rule is judged as if it were not there";
    /// Who owns a waiver does not approve it.
    SAME_PERSON "same-person" Rule High "the waiver does not hold until another person approves it";
    /// A waiver holds for a year at most, so that somebody looks at it again.
    TOO_LONG "too-long" Rule High "it does not hold at all until it ends earlier; renew it when it does";
    /// The waiver names a rule, a family, a device or a zone that the site does not have.
    UNMATCHED "unmatched" Rule Medium "name what the site has, or remove the waiver";
}
