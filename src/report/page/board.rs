//! The page for the change board as HTML: `review.md` itself, so that both say the same. What is no Markdown of ours
//! (elements, links, pictures) is text.

use maud::{PreEscaped, html};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

use super::shell;

/// The page.
pub fn board(markdown: &str) -> String {
    let mut parts: Vec<(String, String)> = Vec::new();
    let (mut title, mut tables) = (String::new(), 0);
    let mut heading: Option<HeadingLevel> = None;
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).flat_map(|event| {
        let level = heading;
        match event {
            Event::Start(Tag::Heading { level: of, .. }) => {
                heading = Some(of);
                if of == HeadingLevel::H2 {
                    parts.push((format!("part{}", parts.len() + 1), String::new()));
                    return vec![raw(format!("</section><section id=\"part{}\"><h2>", parts.len()))];
                }
                vec![event]
            }
            Event::End(TagEnd::Heading(of)) => {
                heading = None;
                vec![if of == HeadingLevel::H2 { raw("</h2>".to_owned()) } else { event }]
            }
            Event::Text(ref text) | Event::Code(ref text) if level.is_some() => {
                match level {
                    Some(HeadingLevel::H1) => title.push_str(text),
                    _ => parts.iter_mut().last().into_iter().for_each(|(_, name)| name.push_str(text)),
                }
                vec![event]
            }
            // the only element that we write
            Event::InlineHtml(text) | Event::Html(text) => {
                vec![if text.trim() == "<br>" { Event::HardBreak } else { Event::Text(text) }]
            }
            Event::SoftBreak => vec![Event::HardBreak],
            Event::Start(Tag::Table(_)) => {
                tables += 1;
                let name = format!("{}, table {tables}", parts.last().map_or("", |(_, name)| name));
                let region = html! { (name) };
                vec![
                    raw(format!(
                        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">",
                        region.into_string()
                    )),
                    event,
                ]
            }
            Event::End(TagEnd::Table) => vec![event, raw("</div>".to_owned())],
            Event::Start(Tag::CodeBlock(_)) => vec![raw("<pre tabindex=\"0\"><code>".to_owned())],
            Event::End(TagEnd::CodeBlock) => vec![raw("</code></pre>".to_owned())],
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
            | Event::End(TagEnd::Link | TagEnd::Image | TagEnd::HtmlBlock) => Vec::new(),
            event => vec![event],
        }
    });
    let events: Vec<Event<'_>> = events.collect();
    let mut body = String::from("<section id=\"top\">");
    push_html(&mut body, events.into_iter());
    body.push_str("</section>");
    // a block of a device is found by its search, the parts of the board by a click
    let shown: Vec<(&str, &str)> =
        parts.iter().filter(|(_, name)| !name.starts_with("CHANGE ")).map(|(id, name)| (&**id, &**name)).collect();
    shell::read(&title, &shown, &html! { (PreEscaped(body)) })
}

/// Our own element around what is said.
fn raw<'a>(text: String) -> Event<'a> {
    Event::InlineHtml(CowStr::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::{code, fenced, hostile, prose};

    fn tags(page: &str) -> Vec<&str> {
        page.split('<').skip(1).map(|tag| tag.split([' ', '>']).next().unwrap_or_default()).collect()
    }

    fn page(text: &str) -> String {
        let (code, prose, fenced) = (code(text), prose(text), fenced(text, "text"));
        board(&format!(
            "# Review of {code}\n\nby {prose} a\n\n## Who {prose} b\n\n| a | b |\n|---|---|\n| {code} | x {prose} |\n\n- {prose} c\n\n{fenced}"
        ))
    }

    #[test]
    fn what_is_no_markdown_of_ours_is_text() {
        for (text, shown) in [
            ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
            ("a <script>x</script> [y](http://z) ![p](q)", "&lt;script&gt;"),
            ("<!-- x -->", "&lt;!-- x --&gt;"),
        ] {
            let page = board(text);
            let body = page.split("<main").nth(1).unwrap_or_default();
            assert!(body.contains(shown) && !body.contains("<a ") && !body.contains("<img"), "{body}");
        }
        assert!(board("| a |\n|---|\n| x<br>y |\n").contains("x<br />"));
    }

    #[test]
    fn texts_from_outside_are_text() {
        let harmless = page("x");
        let plain = tags(&harmless);
        for text in hostile().iter().filter(|text| !text.trim().is_empty()) {
            let shown = page(&format!("x{text}"));
            let own = |tags: Vec<&str>| -> Vec<String> {
                // a sign beside a word stands in a code of its own
                tags.into_iter().filter(|tag| !matches!(*tag, "code" | "/code")).map(str::to_owned).collect()
            };
            assert_eq!(own(tags(&shown)), own(plain.clone()), "{text:?}");
        }
    }
}
