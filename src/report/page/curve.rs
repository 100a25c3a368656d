//! Open findings over time, as a drawing: one band for each severity, each with a word at its end.

use maud::{Markup, html};

use crate::report::documents::{History, HistoryPoint};
use crate::report::escape::line;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
/// Room for the axis on the left, for words on the right, and below.
const LEFT: f64 = 44.0;
const RIGHT: f64 = 150.0;
const BELOW: f64 = 34.0;
const ABOVE: f64 = 12.0;

type Count = fn(&HistoryPoint) -> usize;

/// Severities from the ground up, with the tone of each; without colours the words tell them apart.
const BANDS: [(&str, &str, Count); 4] = [
    ("critical", "#8c1127", |p| p.open.critical),
    ("high", "#d1495b", |p| p.open.high),
    ("medium", "#e9a23b", |p| p.open.medium),
    ("low and info", "#9fb3c8", |p| p.open.low + p.open.info),
];

/// The drawing as a file of its own.
pub fn curve(history: &History) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", drawing(history).into_string())
}

/// The drawing.
pub(super) fn drawing(history: &History) -> Markup {
    let points: Vec<&HistoryPoint> = history.points.iter().filter(|point| point.devices.is_some()).collect();
    let sum = |point: &HistoryPoint, bands: usize| -> usize { BANDS[..bands].iter().map(|(.., of)| of(point)).sum() };
    let most = points.iter().map(|point| sum(point, BANDS.len())).max().unwrap_or(0).max(1);
    let step = (WIDTH - LEFT - RIGHT) / (points.len().saturating_sub(1).max(1)) as f64;
    let x = |at: usize| LEFT + step * at as f64;
    let y = |n: usize| HEIGHT - BELOW - (HEIGHT - BELOW - ABOVE) * n as f64 / most as f64;
    let band = |upper: usize| -> String {
        let edge = |bands: usize, at: usize| format!("{:.1},{:.1}", x(at), y(sum(points[at], bands)));
        let there = (0..points.len()).map(|at| edge(upper, at));
        let back = (0..points.len()).rev().map(|at| edge(upper - 1, at));
        there.chain(back).collect::<Vec<_>>().join(" ")
    };
    let ends = points.first().zip(points.last()).map(|(first, last)| (line(&first.at), line(&last.at)));
    let last = points.last().map_or(0, |point| sum(point, BANDS.len()));
    html! {
        svg.curve xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="curve-title curve-words"
            viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) font-family="sans-serif" font-size="12" {
            title #curve-title { "Open findings over time" }
            desc #curve-words {
                (points.len()) " commits; at most " (most) " open at once, " (last) " at the last; the table has every number"
            }
            rect width=(WIDTH) height=(HEIGHT) fill="#ffffff" {}
            @for part in 0..=4 {
                @let n = most * part / 4;
                line x1=(LEFT) x2=(WIDTH - RIGHT) y1=(format!("{:.1}", y(n))) y2=(format!("{:.1}", y(n))) stroke="#d5dce3" {}
                text x=(LEFT - 6.0) y=(format!("{:.1}", y(n) + 4.0)) text-anchor="end" fill="#39434d" { (n) }
            }
            @for (at, (_, tone, _)) in BANDS.iter().enumerate() {
                polygon points=(band(at + 1)) fill=(tone) stroke="#ffffff" stroke-width="0.5" {}
            }
            @for (at, (name, tone, of)) in BANDS.iter().enumerate() {
                @let top = ABOVE + 8.0 + 20.0 * (BANDS.len() - 1 - at) as f64;
                rect x=(WIDTH - RIGHT + 8.0) y=(top - 9.0) width="10" height="10" fill=(tone) {}
                text x=(WIDTH - RIGHT + 22.0) y=(top) fill="#11161c" {
                    (name) @if let Some(point) = points.last() { " " (of(point)) }
                }
            }
            @if let Some((first, last)) = ends {
                text x=(LEFT) y=(HEIGHT - 12.0) fill="#39434d" { (first) }
                text x=(WIDTH - RIGHT) y=(HEIGHT - 12.0) text-anchor="end" fill="#39434d" { (last) }
            }
        }
    }
}
