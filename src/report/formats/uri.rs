//! Files as a pipeline finds them again: relative to the folder that the program was run in, which is that of the
//! repository there.

use std::path::{Component, Path};

use super::super::Report;

/// What stands before the name of a file, which is relative to the site.
pub(super) struct Files {
    /// `examples/01-pump-station/`; empty where the site is the folder itself or is named by an absolute path.
    before: String,
}

impl Files {
    /// Of the site as it was typed.
    pub(super) fn of(report: &Report) -> Files {
        let typed = report.site.as_ref().map(|site| &*site.argument).unwrap_or_default();
        let mut before = String::new();
        for part in Path::new(typed).components() {
            match part {
                Component::CurDir => {}
                Component::Normal(name) => before.extend([&*name.to_string_lossy(), "/"]),
                // where the repository begins can't be told
                Component::Prefix(_) | Component::RootDir | Component::ParentDir => {
                    return Files { before: String::new() };
                }
            }
        }
        Files { before }
    }

    /// The path of a file, with `/`.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.before)
    }

    /// The same as a reference of RFC 3986.
    pub(super) fn uri(&self, name: &str) -> String {
        encoded(&self.path(name))
    }
}

/// Whether a file came with the program: it lies in no repository but that of fieldlock.
pub(super) fn is_shipped(name: &str) -> bool {
    name.starts_with("policies/")
}

/// All but unreserved characters and `/` by their bytes: nothing of a path is read as a scheme, a query or a fragment.
pub(super) fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::super::SiteHead;
    use super::*;

    #[test]
    fn files_are_named_from_where_the_program_ran() {
        let of = |typed: &str| {
            let site = Some(SiteHead { name: "west".into(), argument: typed.into() });
            Files::of(&Report { site, ..Report::new("check", "0") }).path("devices/np07.kdl")
        };
        assert_eq!(of(""), "devices/np07.kdl");
        assert_eq!(of("."), "devices/np07.kdl");
        assert_eq!(of("./plants/west/"), "plants/west/devices/np07.kdl");
        assert_eq!(of("../west"), "devices/np07.kdl");
        assert_eq!(encoded("a b/ü:#?%.kdl"), "a%20b/%C3%BC%3A%23%3F%25.kdl");
    }
}
