//! What is wrong with how an attestation is written. One that has such a finding answers no rule.

codes! { "attestation";
    /// The attestation ends before it was made.
    BACKWARDS "backwards" Rule High "the day on which it was done comes first";
    /// None of the rules that the attestation names concerns a device that it names.
    IDLE "idle" Note Low "remove it, or name the devices that it speaks of";
    /// The description of a device lies in `retired/`, and no attestation names it.
    NO_RECORD "no-record" Rule Medium "`fieldlock retire` writes the record; else write it into `attestations/`";
    /// The attestation names a rule that a configuration answers. What a device shows is not a matter of what people
    /// say.
    NOT_ASKED "not-asked" Rule Medium "take the rule out; who can't meet it has a waiver approved";
    /// The attestation answers a point that none of its rules asks for.
    UNKNOWN_POINT "unknown-point" Rule Medium "name a point of the rule, or remove it";
    /// The attestation names a rule, a device, a zone or a group that the site does not have.
    UNMATCHED "unmatched" Rule Medium "name what the site has, or remove the attestation";
}
