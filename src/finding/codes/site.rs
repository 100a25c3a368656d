//! What is wrong with a site: its files, how they refer to each other, its secrets and captures.

codes! { "site";
    /// What a site adopted is mended, or was never there: the line dates nothing.
    ADOPTED_IDLE "adopted-idle" Note Low "take the line out of `adoption.kdl`";
    /// An address of a device lies in none of the networks of its zone, so that one of the three is wrong: the address,
    /// the zone or its networks.
    ADDRESS_OUTSIDE_ZONE "address-outside-zone" Rule Medium "correct the address, the zone, or the zone's networks";
    /// A site may move a limit of a pack to the stricter side only, and only limits that the pack calls adjustable.
    ADJUSTABLE "adjustable" Input High "name an adjustable of a pack in force, and a value on the stricter side";
    /// The captured file ends too early or was cut out of a larger one. What it does not show would be taken for what
    /// the device does not have.
    CAPTURE_INCOMPLETE "capture-incomplete" Input High
        "export the file from the device again; a part of one is never laid under a description";
    /// A value that was read from the device is none that the device can have, so that something was misread or typed
    /// wrong. Rules treat the setting as unknown.
    CAPTURE_VALUE "capture-value" Note Low
        "look at the device, and correct the capture or read it again; until then rules treat the setting as unknown";
    /// A capture is named as a device that the site does not have.
    CAPTURE_WITHOUT_DEVICE "capture-without-device" Rule Medium
        "describe the device in `devices/`, or remove the capture";
    /// A captured text needs a file beside it that says when and by whom it was read, and from which device.
    CAPTURE_WITHOUT_HEAD "capture-without-head" Input High
        "write the file beside it: `capture \"name\" form=\"...\" taken=\"...\" by=\"...\" how=\"...\"`";
    /// Two texts of a device in different forms, read on different days, tell the same setting otherwise. The newer one
    /// counts; the device was changed in between, or one of them was filled in wrong.
    CAPTURES_DIFFER "captures-differ" Note Low
        "read the older one again, so that both tell of the same day";
    /// This machine's clock is earlier than something that was made before. With it waivers and keys that have ended
    /// would count again.
    CLOCK "clock" Input High "set the clock";
    /// A site that is a demo has a passphrase that everybody knows. Real secrets sealed with it would be open.
    DEMO_SOURCE "demo-source" Input High
        "leave `--secrets` away; for real secrets remove `demo on`, and use a passphrase of your own";
    /// Something was done on a device in an emergency that no description says. Nobody knows what the device has since.
    EMERGENCY "emergency" Rule High
        "read the device again (`fieldlock capture`), and describe what is to stay: what differs is told by `fieldlock diff`";
    /// A group of devices has nobody in it.
    EMPTY_GROUP "empty-group" Input High "say who is in it: `zones \"control\"`, or `devices \"np07\"`";
    /// A secret is there and has no value. A device would take it for no password at all.
    EMPTY_SECRET "empty-secret" Input High "put its value there";
    /// A block of factory settings does not say for which platform and firmware, how sure it is, or from where.
    FACTORY "factory" Input High
        "write `factory \"mx-ros\" firmware=\"3.0 to 3.99\" grade=\"confirmed\" source=\"...\" { ... }`";
    /// The name of a file is not that of what stands in it, or one that some system can't have.
    FILE_NAME "file-name" Input High
        "choose a name without `<>:\"|?*`, not ending in a dot, and none of Windows' device names";
    /// The model on the label belongs to another platform than the description names. Settings of one are not those of
    /// the other.
    FOREIGN_MODEL "foreign-model" Input High "name the platform of the model, or the model as the label says it";
    /// A device names a secret of another one. By a slip or by intent it would get to know it, and no waiver changes
    /// that. Secrets of several devices are called `shared/...`.
    FOREIGN_SECRET "foreign-secret" Input Critical
        "name a secret of the device's own, or one that begins with `shared/`";
    /// Devices that are in no other group are in the one that is called as the site. It lists nobody.
    GROUP_OF_THE_SITE "group-of-the-site" Input High "give this one another name, or leave it away";
    /// `(drop)` takes an inherited entry away, and no profile below has this one: it was renamed, or there is a slip in
    /// its key.
    IDLE_DROP "idle-drop" Input High
        "write the entry as the profile does, or remove this line if the profile no longer has it";
    /// A profile is used twice: by this line, and by another profile above it.
    IDLE_USE "idle-use" Note Low "it lies beneath the profile that uses it; remove this line, or that one";
    /// What was checked can't be used after all. That is a fault of fieldlock.
    INTERNAL "internal" Input High "this is a fault of fieldlock: please report it";
    /// A link leads to another file. A site has none, so that what is reviewed is what is read.
    LINK "link" Input High "put the file itself there: a site has no links, so what is reviewed is what is read";
    /// A file that something refers to is not there.
    MISSING_FILE "missing-file" Input High "names are relative to the site's folder; upper and lower case differ";
    /// A secret that the description names is not among those that were given.
    MISSING_SECRET "missing-secret" Input High "put its value there, or name another secret";
    /// No line of the captured text is a setting in the form that it is said to have.
    NO_CAPTURE "no-capture" Input High
        "is it another file, or an encrypted one? take it from the device again, as text";
    /// The file of a capture speaks of a text, and the text does not lie beside it.
    NO_CAPTURE_TEXT "no-capture-text" Input High "put it beside this file, or remove this file";
    /// The folder `devices/` holds no device.
    NO_DEVICES "no-devices" Input High
        "write the first one into `devices/<name>.kdl`, or let `fieldlock new device NAME --model MODEL` begin it";
    /// The file holds nothing of the kind that belongs into its folder.
    NO_NODE "no-node" Input High "write it, or remove the file";
    /// The site has zones, and the device stands in none of them: no networks and no level are held against it.
    NO_ZONE "no-zone" Rule Medium "write `zone \"...\"` into its block";
    /// A folder, a pipe or a device stands where a file belongs.
    NOT_A_FILE "not-a-file" Input High "put a regular file in its place";
    /// A file stands where a folder belongs.
    NOT_A_FOLDER "not-a-folder" Input High "give the folder that holds `site.kdl`, or move what stands in its place";
    /// The file is not UTF-8 text.
    NOT_TEXT "not-text" Input High "save the file as UTF-8";
    /// The files of secrets can be read by other users of this machine.
    OPEN_SECRET "open-secret" Rule Medium "take the rights away: `chmod -R go= FOLDER`; FAT and exFAT keep none, so move the folder to a disk that does";
    /// A path leads out of the site, or is written as only one system reads it.
    PATH "path" Input High "name a file within the site, from the site's folder on: `certs/ot-ca.pem`";
    /// A name was put into a text of a profile, and what came of it can't stand there.
    PLACEHOLDER "placeholder" Input High "shorten the text, or write it into the device's own file";
    /// An asset is one thing with a serial number; a profile is many devices' words.
    PROFILE_ASSET "profile-asset" Input High "write `asset` into the device's own file";
    /// Profiles use each other in a circle, so that none of them lies below the others.
    PROFILE_CYCLE "profile-cycle" Input High
        "take out one of these `use` lines; what both need belongs into a third profile";
    /// A profile is written for another platform, or another model, than the device that uses it.
    PROFILE_PLATFORM "profile-platform" Input High "use a profile for this platform, or one that names none";
    /// A chain of profiles is longer than anybody can follow.
    PROFILES_TOO_DEEP "profiles-too-deep" Input High
        "let the device use some of them itself, in the order they should lie";
    /// A receipt tells what was done on a device, and counts as evidence. This one is not as it was written: a line of
    /// it was changed, taken out or put in, or its end is missing.
    RECEIPT "receipt" Input High "take it again from git, or from where it was written; nothing of it counts";
    /// Secrets under `site/` and `shared/` belong to no device, so that no device can be called so.
    RESERVED_NAME "reserved-name" Input High "choose another name";
    /// A device is called as one that was taken out. Its records, its attestations and the names of its secrets would
    /// be taken for those of the new unit.
    RETIRED_NAME "retired-name" Input High "call the new device otherwise; the old name stays with its records";
    /// A capture holds a password, a key or a hash in clear, in a folder that git keeps.
    SECRET_IN_CAPTURE "secret-in-capture" Input High
        "write `<hidden>` in place of what is marked, a hash as well, and change the secret on the device: git keeps \
         it for ever";
    /// What was given as a map of secrets is no JSON object of names and texts. Nothing of it is shown.
    SECRET_MAP "secret-map" Input High
        "write `{\"np07/ot-admin\": \"...\", ...}`: names of secrets and their texts, each once";
    /// A file of the sealed store can't be opened: another passphrase, a damaged file, or one of another site.
    SECRET_STORE "secret-store" Input High "give the passphrase of the store, or take the file from git again";
    /// A file holds one device, profile or waiver. The first one counts, the others are not read.
    SEVERAL_NODES "several-nodes" Input High "give each a file of its own";
    /// Folders stand in each other deeper than a site needs.
    TOO_DEEP "too-deep" Input High "is this the site's own folder? move what doesn't belong to the site";
    /// A file has more bytes than fieldlock reads.
    TOO_LARGE "too-large" Input High "split it, or take out what doesn't belong there";
    /// One device has more values than any device takes.
    TOO_MANY_FACTS "too-many-facts" Input High "say less in one device";
    /// The folder holds more files than a site needs: most likely it is another one.
    TOO_MANY_FILES "too-many-files" Input High "is this the site's own folder? move what doesn't belong to the site";
    /// Two things of the site have one name, or names that are one on Windows.
    TWIN_NAMES "twin-names" Input High "give each its own name";
    /// A device's image and secrets have one passphrase, that of its group. Here it would have two.
    TWO_GROUPS "two-groups" Input High "a device's image and secrets have one passphrase: take it out of one of them";
    /// A group names a device that the site does not have.
    UNKNOWN_DEVICE "unknown-device" Input High "describe it in `devices/`, or take it out of the group";
    /// A setting names a VLAN, a class or another entry that the device does not have.
    UNKNOWN_NAME "unknown-name" Input High "describe what it names, or correct the name";
    /// An id names no person of the site. Who owns and who approves stands in `site.kdl`.
    UNKNOWN_PERSON "unknown-person" Input High "add `person \"...\" role=\"...\"` to `site.kdl`";
    /// Texts of profiles may hold `{device}`, `{site}` and `{zone}`, and nothing else in braces.
    UNKNOWN_PLACEHOLDER "unknown-placeholder" Input High
        "there are `{device}`, `{site}` and `{zone}`; what is of one device only belongs into the device's own file";
    /// A `use` line names a profile that does not lie in `profiles/`.
    UNKNOWN_PROFILE "unknown-profile" Input High "name a profile of `profiles/`";
    /// A device, a station or a group names a zone that `site.kdl` does not have.
    UNKNOWN_ZONE "unknown-zone" Input High "add the zone to `site.kdl`: `zone \"...\" { subnet \"...\" }`";
    /// The system refuses to read a file of the site.
    UNREADABLE_FILE "unreadable-file" Input High "look at its permissions";
    /// Something else stands in a file than what belongs into its folder.
    WRONG_NODE "wrong-node" Input High "move it into a file of the folder that it belongs to";
}
