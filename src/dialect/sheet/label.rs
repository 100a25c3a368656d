//! The rows of a filled sheet that say which device it is of. They stand on the device's label, and on no page of it.

use crate::dialect::Target;
use crate::model::paths::{ASSET_MAC, ASSET_SEEN_FIRMWARE, ASSET_SEEN_MODEL, ASSET_SERIAL};
use crate::model::shape::Shape;

/// What stands in place of a menu.
pub(super) const LABEL: &str = "Label";

/// Each row, and where what it says goes. None is a setting, and none a secret.
pub(super) const ROWS: [(&str, &str); 4] = [
    (MODEL, ASSET_SEEN_MODEL),
    ("Serial number", ASSET_SERIAL),
    ("MAC address", ASSET_MAC),
    ("Firmware", ASSET_SEEN_FIRMWARE),
];

/// The row that says which platform's pages these are.
pub(super) const MODEL: &str = "Model";

/// Where a row goes; `None` for one that is no row of the label.
pub(super) fn target(menu: &str, name: &str) -> Option<Target> {
    let (_, path) = ROWS.into_iter().find(|(row, _)| menu == LABEL && *row == name)?;
    Target::resolve(Shape::device().root, path)
}
