//! Why an image is not sealed, and what a build noticed about the images before.

codes! { "image";
    /// A file that the sheet tells a person to upload holds something else than certificates, such as a private key.
    CERTIFICATE "certificate" Refusal High
        "it would lie beside the sheet for everybody: leave nothing but certificates in PEM in it, and make a new \
         key where one stood there";
    /// The key that fingerprints of secrets are made with is no key.
    FINGERPRINT_KEY "fingerprint-key" Refusal High
        "give the one that earlier builds had; the first file of a sealed store brings one with it";
    /// Public texts of the build before had fingerprints of secrets, by which a reviewer sees that one changed. They
    /// would have none now.
    FINGERPRINTS "fingerprints" Refusal High
        "give the secrets with `site/fingerprint-key` among them, as for the build before";
    /// The passphrase opens none of the images that were built before.
    PASSPHRASE "passphrase" Note Info
        "where it was changed, `fieldlock image rekey` gives the images the new one and nothing is sealed anew; \
         where it was not, it is another passphrase, and whoever has the old one can't open these images";
    /// The public file of an image could not be written. That is a fault of fieldlock.
    PUBLIC "public" Refusal High "this is a fault of fieldlock: please report it";
    /// The image could not be sealed. Nothing of this device was written.
    REFUSED "refused" Refusal High "nothing of this device was written; mend what the message names and build again";
    /// An image that the build before lists is gone, damaged, or sealed with another passphrase. A new one takes its
    /// place.
    REPLACED "replaced" Note Info "ask who can write where earlier builds are kept";
    /// The build before gave the image the highest revision there is.
    REVISION "revision" Refusal High
        "the list of the build before gives it the highest there is; begin anew with `--previous none`";
    /// A secret is missing or has a character that the device does not take.
    SECRET "secret" Refusal High "choose one of printable characters that the device takes";
    /// The value of a secret stands in a file that everybody may read. Nothing was written.
    SECRET_IN_PUBLIC "secret-in-public" Refusal High
        "take it out of the description, and change the secret on the device: git keeps it for ever";
    /// Not all rules of this moment could be judged, or none is in force for the platform: nothing is proved.
    UNPROVED "unproved" Refusal High
        "give what the rules wait for, or name a pack for the platform in `packs` of `site.kdl`";
}
