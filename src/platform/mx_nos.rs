//! Switches with MX-NOS: a sheet. Their command lines are likely at best, so none is rendered: the table serves to
//! read what a switch shows.

use super::{Platform, by_lines};
use crate::finding::Finding;
use crate::model::device::PlatformKind;
use crate::native::{Form, NativeConfig, Reading};
use crate::site::device::SiteDevice;

pub(super) struct MxNos;

impl Platform for MxNos {
    fn kind(&self) -> PlatformKind {
        PlatformKind::MxNos
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
