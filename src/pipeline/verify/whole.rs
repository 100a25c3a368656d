//! Rung 1: nothing was lost or changed on the way.

use super::files::DeviceFiles;
use crate::image::{Core, Digest, Index, IndexImage, Kind, inspect};
use crate::pipeline::folder::{image, public};
use crate::report::verify::Said;

/// Holds each file against its own checksum and against the index; and what the image says of itself.
pub(super) fn look(files: &DeviceFiles, entry: &IndexImage, index: &Index) -> (Said, Option<Core>) {
    let failed = |why: String| (Said::Failed(why), None);
    let Some(bytes) = &files.image else { return failed(format!("`{}` is not here", image(&entry.device))) };
    let inspection = match inspect(bytes) {
        Ok(inspection) => inspection,
        Err(error) => return failed(format!("{error} [{}]", error.class())),
    };
    let Some(core) = inspection.core.filter(|_| inspection.kind == Kind::Device) else {
        return failed(format!("it is a {}, not a {}", inspection.kind.words(), Kind::Device.words()));
    };
    if inspection.digest != entry.image {
        let (wanted, found) = (entry.image.short(), inspection.digest.short());
        return failed(format!("it is not the image that the index names (index {wanted}, image {found})"));
    }
    let says = [
        (core.site == index.site, format!("it is for the site `{}`", core.site)),
        (core.device == entry.device, format!("it is for the device `{}`", core.device)),
        (
            core.revision == entry.revision,
            format!("it is revision {}, the index says {}", core.revision, entry.revision),
        ),
        (core.demo == index.demo, "image and index don't agree on whether this is a demo".to_owned()),
    ];
    if let Some((_, why)) = says.into_iter().find(|(holds, _)| !holds) {
        return failed(why);
    }
    let Some(bytes) = &files.public else { return failed(format!("`{}` is not here", public(&entry.device))) };
    if Digest::of(bytes) != entry.public {
        return failed(format!("`{}` is not the one that the index names", public(&entry.device)));
    }
    let how = if inspection.file == entry.file {
        "checksums and digests fit"
    } else {
        "checksums and digests fit; who can open it was changed after the build"
    };
    (Said::Holds(how.to_owned()), Some(core))
}
