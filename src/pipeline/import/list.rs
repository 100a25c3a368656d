//! A list of devices, as an asset register or a spreadsheet gives it: what they are called, what they are, where they
//! stand.

use std::net::IpAddr;

use csv::StringRecord;
use encoding_rs::WINDOWS_1252;

use super::names::slug;
use super::text::platform;
use crate::model::device::PlatformKind;
use crate::model::facts::quote;
use crate::model::site::Zone;
use crate::report::escape::line;
use crate::site::Site;
use crate::site::identity::{Owners, Tells, same_serial};
use crate::site::models::{self, Model};

/// A line of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// `plant.csv:7`
    pub place: String,
    /// What the device is to be called; empty where the line does not say it.
    pub name: String,
    /// Its model, as its label says it.
    pub model: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Its address, with or without the length of its prefix.
    pub address: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
}

/// The columns that are read; others are passed over.
const COLUMNS: [&str; 5] = ["name", "model", "serial", "address", "zone"];

/// As many bytes are looked at for the first line of a list.
const FIRST: usize = 4096;

/// What parts the columns, where the first line is that of a list.
fn parted_by(bytes: &[u8]) -> Option<u8> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.split(|b| matches!(b, b'\n' | b'\r')).next().filter(|line| line.len() <= FIRST)?;
    let first = String::from_utf8_lossy(first).to_lowercase();
    let columns = |sign: char| -> Vec<&str> { first.split(sign).map(|c| c.trim().trim_matches('"')).collect() };
    let holds =
        |sign: &char| columns(*sign).contains(&"name") && columns(*sign).iter().any(|c| COLUMNS[1..].contains(c));
    [';', ',', '\t'].into_iter().find(holds).map(|sign| sign as u8)
}

/// Whether a file is a list: its first line names the columns.
pub fn is_list(bytes: &[u8]) -> bool {
    parted_by(bytes).is_some()
}

/// The rows of a list, UTF-8 or Windows-1252, with `;`, `,` or tabs between its columns.
///
/// # Errors
/// What is wrong, with the line it is in.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Row>, String> {
    let sign = parted_by(bytes).ok_or("its first line does not name the columns")?;
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    // the line of a record is counted by its LF
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
    let mut reader =
        csv::ReaderBuilder::new().delimiter(sign).trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| heads.iter().position(|head| head.eq_ignore_ascii_case(name));
    let at = COLUMNS.map(column);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let number = record.position().map_or(0, csv::Position::line);
        let field = |which: usize| said(&record, at[which]);
        if record.iter().all(str::is_empty) {
            continue;
        }
        rows.push(Row {
            place: format!("{file}:{number}"),
            name: field(0).unwrap_or_default(),
            model: field(1),
            serial: field(2),
            address: field(3),
            zone: field(4),
        });
    }
    Ok(rows)
}

fn said(record: &StringRecord, at: Option<usize>) -> Option<String> {
    let text = record.get(at?)?;
    (!text.is_empty()).then(|| text.to_owned())
}

impl Row {
    /// Whether it speaks of a device that was read: by serial number, else by address.
    pub(super) fn is_of(&self, tells: &Tells) -> bool {
        match self.serial.as_deref().zip(tells.serial.as_deref()) {
            Some((own, told)) => same_serial(own, told),
            None => self.host().is_some_and(|host| tells.addresses.contains(&host)),
        }
    }

    fn host(&self) -> Option<IpAddr> {
        self.address.as_deref()?.split('/').next()?.parse().ok()
    }

    /// Whether the site has the device that it speaks of.
    pub(super) fn is_in(&self, site: &Site, owners: &Owners<'_>) -> bool {
        let tells =
            Tells { serial: self.serial.clone(), addresses: self.host().into_iter().collect(), ..Tells::default() };
        slug(&self.name).is_some_and(|name| site.device(&name).is_some()) || !owners.find(&tells).is_empty()
    }

    /// What another line says as well that only one device can have.
    pub(super) fn same_as(&self, other: &Row) -> Option<String> {
        let both = |of: fn(&Row) -> Option<String>| of(self).filter(|own| of(other).as_ref() == Some(own));
        let name = both(|row| slug(&row.name)).map(|name| format!("the name `{name}`"));
        let serial = || both(|row| row.serial.clone()).map(|serial| format!("the serial number `{serial}`"));
        let address =
            || both(|row| row.host().map(|host| host.to_string())).map(|host| format!("the address `{host}`"));
        let what = name.or_else(serial).or_else(address)?;
        Some(format!("`{}` has {what} too", other.place))
    }

    /// What it is.
    ///
    /// # Errors
    /// It has no name, or its model is none that is known.
    pub(super) fn known(&self) -> Result<(PlatformKind, &'static Model), String> {
        if self.name.is_empty() {
            return Err("it has no name".to_owned());
        }
        let label = self.model.as_deref().ok_or(
            "it has no model, which says the platform; the columns that are read are `name`, `model`, `serial`, \
             `address` and `zone`",
        )?;
        let known = models::known(label);
        known.ok_or_else(|| format!("`{label}` is no model that is known; `fieldlock models` lists them"))
    }

    /// The description of a device that nothing was read from; `zones` give the prefix that an address lacks.
    pub(super) fn description(&self, name: &str, (kind, known): (PlatformKind, &Model), zones: &[Zone]) -> String {
        let mut out = format!(
            "// From `{}`. Nothing was read from it yet: `fieldlock capture {name} --from FILE` keeps what it has.\n",
            // a file may be called anything, and a comment ends with its line
            line(&self.place)
        );
        out.push_str(&format!("device {} {{\n", quote(name)));
        out.push_str(&format!("    {}\n", platform(kind, Some(&known.name), None)));
        out.extend(self.zone.as_deref().map(|zone| format!("    zone {}\n", quote(zone))));
        out.extend(self.serial.as_deref().map(|serial| format!("    asset serial={}\n", quote(serial))));
        if let Some(address) = self.address.as_deref() {
            match self.with_prefix(address, zones) {
                Some(net) => {
                    out.push_str(&format!("    network {{ interface \"lan\" {{ address {} }} }}\n", quote(&net)))
                }
                None => {
                    let why = if self.host().is_some() { "has no prefix, and no zone says one" } else { "is none" };
                    out.push_str(&format!("    // its address {} {why}\n", quote(address)));
                }
            }
        }
        out + "}\n"
    }

    fn with_prefix(&self, address: &str, zones: &[Zone]) -> Option<String> {
        if address.contains('/') {
            return Some(address.to_owned());
        }
        let host = self.host()?;
        let nets = zones.iter().flat_map(|zone| &zone.subnet).filter_map(|subnet| subnet.net.as_ref());
        let length = nets.filter(|net| net.0.contains(&host)).map(|net| net.0.prefix_len()).max()?;
        Some(format!("{host}/{length}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreadsheets_of_all_kinds_are_read() {
        let row = |name: &str| Row {
            place: "plant.csv:3".to_owned(),
            name: name.to_owned(),
            model: Some("NPort 6150-G2".to_owned()),
            address: Some("10.20.7.1".to_owned()),
            zone: Some("control".to_owned()),
            ..Row::default()
        };
        for (bytes, name) in [
            (&b"Name;Model;Serial;Address;Zone\r\n;;;;\r\nnp1;NPort 6150-G2;;10.20.7.1;control\r\n;;;;\r\n"[..], "np1"),
            (b"\xef\xbb\xbfname,zone,notes,model,address\n,,,,\nnp1,control,\"a, b\",NPort 6150-G2,10.20.7.1", "np1"),
            (b"name;model;address;zone\n;;;\nPumpe S\xfcd;NPort 6150-G2;10.20.7.1;control\n", "Pumpe S\u{fc}d"),
            (b"\"Zone\"\t\"Name\"\t\"Model\"\t\"Address\"\n\t\t\t\ncontrol\tnp1\tNPort 6150-G2\t10.20.7.1\n", "np1"),
        ] {
            assert!(is_list(bytes));
            assert_eq!(read("plant.csv", bytes), Ok(vec![row(name)]));
        }
        for bytes in [&b""[..], b"hostname r1\n", b"[Overview]\nModel Name=x\n", b"name\nnp1\n"] {
            assert!(!is_list(bytes), "{bytes:?}");
        }
        let nameless = read("x", b"name;model\n;NPort 6150-G2\n").unwrap_or_default();
        assert_eq!(nameless.first().map(|row| row.known().err()), Some(Some("it has no name".to_owned())));
    }
}
