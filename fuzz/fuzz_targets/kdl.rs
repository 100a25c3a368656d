//! KDL text to a tree, and the tree against every shape.
#![no_main]

use libfuzzer_sys::fuzz_target;
use fieldlock::model::shape::{self, Shape};
use fieldlock::source::SourceMap;
use fieldlock::syntax;

fuzz_target!(|text: &str| {
    let mut map = SourceMap::new();
    let file = map.add("fuzz.kdl", text);
    let parsed = syntax::parse(file, text);
    for node in parsed.tree.iter().flat_map(|t| &t.nodes) {
        for shape in [Shape::device(), Shape::site(), Shape::waiver(), Shape::capture()] {
            let checked = shape::check(shape, file, node);
            checked.masks.iter().for_each(|m| map.mask(*m));
            checked.findings.iter().for_each(|f| drop(map.shown(f.loc)));
        }
    }
});
