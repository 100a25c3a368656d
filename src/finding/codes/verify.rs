//! What the folder of a build or a stick proves, and what it does not: `verify`.

codes! { "verify";
    /// It was put on the device, as a receipt says it: what a person confirmed there, or what was read back.
    APPLIED "applied" Proof Info "bring the receipts home with `fieldlock return`, or put it on the device with `fieldlock apply`";
    /// What the image holds is the text beside it and the secrets that the source names, byte for byte.
    CONTENT "content" Proof High
        "whoever has the passphrase runs `fieldlock verify --rebuild`; where it differs, build again from the commit";
    /// A device is for now: no waiver that it stands on has ended, nothing newer was seen here, and this machine's
    /// clock is not before the build.
    NOW "now" Proof High "use a newer build; where an older one is meant, `--allow-rollback REASON` says why";
    /// A signature, or the passphrase, proves who made what is here.
    ORIGIN "origin" Proof Critical
        "`fieldlock trust add` says who may sign; without a signature the passphrase proves the images";
    /// The page for the change board is the one that the list names: what was approved is this build.
    PAGE "page" Proof Critical "approve nothing on it: copy the folder again from where it was built";
    /// The text that reviewers read beside an image is the one that it was sealed with.
    REVIEWED "reviewed" Proof Critical "go by nothing of it: copy the folder again from where it was built";
    /// Somebody who is trusted here signed the list of the images.
    SIGNED "signed" Proof Critical
        "copy the folder again from where it was built; `fieldlock trust add` says whose signatures count here";
    /// The text follows from the site's files at the commit of the build.
    SOURCE "source" Proof High "`--site DIR` says where the source is; where it differs, build again from the commit";
    /// A file is called like one of a build, and the list does not name it.
    STRANGER "stranger" Proof Critical "take it away: no build of this list made it";
    /// The files of a device are whole: none is missing, and each is the one that the list names.
    WHOLE "whole" Proof Critical "use nothing of it: copy the folder again from where it was built";
}
