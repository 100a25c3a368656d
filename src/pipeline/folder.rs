//! What the files of a build's folder are called.

use crate::native::Form;

/// The list of a build's images.
pub const INDEX: &str = "index.json";
/// Its signature.
pub const SIGNATURE: &str = "index.json.sig";
/// The page for the change board.
pub const REVIEW: &str = "review.md";
/// The same for a browser.
pub const REVIEW_PAGE: &str = "review.html";
/// The largest page that is read again, in bytes: ten thousand devices have some forty million.
pub const MAX_PAGE: usize = 256 << 20;

/// Forms of redacted texts: a machine form stands before the sheet, as in the digest of both.
pub const FORMS: [Form; 3] = [Form::Ini, Form::Cli, Form::Sheet];

/// The image of a device.
pub fn image(device: &str) -> String {
    format!("images/{device}.flk")
}

/// Its public facts.
pub fn public(device: &str) -> String {
    format!("public/{device}.public.json")
}

/// A text of it, secrets blanked.
pub fn redacted(device: &str, form: Form) -> String {
    format!("redacted/{device}.redacted.{}", form.ending())
}

/// Beneath it, one folder for each device: what a person uploads to it.
pub const CERTIFICATES: &str = "certs";

/// A certificate of a device.
pub fn certificate(device: &str, name: &str) -> String {
    format!("{CERTIFICATES}/{device}/{name}")
}

/// The plan that is carried out on a device, where the site asks for one that was approved.
pub fn plan(device: &str) -> String {
    format!("plans/{device}.plan.json")
}

/// Endings of what a person types into it: the data of the sheet, and the same as a page and as a text.
pub const SHEETS: [&str; 3] = ["json", "html", "md"];

/// The files of a sheet, in the order of [`SHEETS`].
pub fn sheets(device: &str) -> [String; SHEETS.len()] {
    SHEETS.map(|ending| format!("sheets/{device}.sheet.{ending}"))
}

/// Beneath it, what the site adds to the tables of the program: the plant's laptop has no other place to know it from.
pub const TABLES: &str = "tables";
/// The largest of its files that is read, in bytes.
pub const MAX_TABLE: usize = 1 << 20;

/// What the site adds to a table, by the name of its file.
pub fn table(name: &str) -> String {
    format!("{TABLES}/{name}")
}

/// Beneath it, pages that several devices have alike.
pub const FLEET: &str = "fleet";

/// The files of a sheet for many: its data, and the page.
pub fn fleet(name: &str) -> [String; 2] {
    ["json", "html"].map(|ending| format!("{FLEET}/{name}.sheet.{ending}"))
}
