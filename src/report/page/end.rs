//! What is done when the last row is answered.

use maud::{Markup, html};

use super::Shown;
use crate::report::escape::line;

impl Shown<'_> {
    pub(super) fn end(&self) -> Markup {
        let sheet = self.sheet;
        html! {
            section.card #end aria-labelledby="he" {
                h2 #he { "When you are done" }
                div #left .jsonly {}
                div.acts.jsonly {
                    button #save-too .main type="button" { "Save answers" }
                    button #load type="button" { "Load answers" }
                    button #print type="button" { "Print" }
                    button #as-text type="button" { "Show as text" }
                    button #forget type="button" { "Forget in this browser" }
                }
                input #file type="file" accept=".json,application/json" hidden aria-label="Answers file";
                textarea #text hidden readonly aria-label="Answers as text" {}
                p { "Copy the file to the stick. In the office: " code { "fieldlock return" } " with the folder that it lies in." }
                @if sheet.places.is_empty() && sheet.rows().next().is_some() {
                    p { "To be taken back? Not backwards row by row: that can shut you out. Save answers; " code { "fieldlock apply " (line(&sheet.device)) " --answers FILE --undo REASON" } " plans the way back from them and asks for it page by page." }
                }
                @if !sheet.unplaced.is_empty() {
                    p { "No page and no command is known for these; ask the vendor before you rely on them:" }
                    ul { @for path in &sheet.unplaced { li { code { (line(path)) } } } }
                }
                p.sign { "Done by ______________________ date ____________ \u{2003} Second person ______________________ date ____________" }
                p.made { (line(&sheet.tool)) ", sheet " code.small { (self.digest) } }
            }
        }
    }
}
