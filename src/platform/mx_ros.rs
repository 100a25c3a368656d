//! Routers with MX-ROS: command lines over SSH, a sheet for what has no command that a source shows.

use super::{Platform, by_lines};
use crate::finding::Finding;
use crate::model::device::PlatformKind;
use crate::native::{Form, NativeConfig, Reading};
use crate::site::device::SiteDevice;

pub(super) struct MxRos;

impl Platform for MxRos {
    fn kind(&self) -> PlatformKind {
        PlatformKind::MxRos
    }

    fn machine(&self) -> Option<Form> {
        Some(Form::Cli)
    }

    fn limits(&self, device: &SiteDevice) -> Vec<Finding> {
        by_lines::limits(self, device)
    }

    fn render(&self, device: &SiteDevice, base: Option<&Reading>) -> Result<NativeConfig, Vec<Finding>> {
        by_lines::render(self, device, base)
    }
}
