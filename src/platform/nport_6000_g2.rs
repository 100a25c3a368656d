//! NPort 6000-G2: a sheet. Its exported file is not public, so nothing is rendered for a machine.

use super::{Platform, by_lines};
use crate::finding::Finding;
use crate::model::device::PlatformKind;
use crate::native::{Form, NativeConfig, Reading};
use crate::site::device::SiteDevice;

pub(super) struct Nport6000G2;

impl Platform for Nport6000G2 {
    fn kind(&self) -> PlatformKind {
        PlatformKind::Nport6000G2
    }

    fn machine(&self) -> Option<Form> {
        None
    }

    fn limits(&self, device: &SiteDevice) -> Vec<Finding> {
        by_lines::limits(self, device)
    }

    fn render(&self, device: &SiteDevice, base: Option<&Reading>) -> Result<NativeConfig, Vec<Finding>> {
        by_lines::render(self, device, base)
    }
}
