//! Settings as KDL, as a person would write them: what is shown of a device, what a fix says, what an edit puts in.

use super::facts::{Fact, Group, Setting};
use super::shape::{At, FieldShape, Shape};
use crate::source::Origin;

/// One node as it is written.
#[derive(Debug)]
pub struct Node {
    /// Its line: name, arguments, properties.
    pub line: String,
    /// Where the node comes from.
    pub origin: Origin,
    /// The values on its line with their names, and where each comes from.
    pub values: Vec<(&'static str, Origin)>,
    /// What stands in its block.
    pub block: Vec<Node>,
}

/// What is written into the block of a group; `value` writes one value.
pub fn nodes(shape: &'static Shape, group: &Group, value: &dyn Fn(&FieldShape, &Fact) -> String) -> Vec<Node> {
    let declared = shape.group(group.shape);
    let mut nodes = Vec::new();
    for (ix, setting) in group.iter() {
        let field = declared.at(ix);
        match setting {
            // what stands on the line of the group itself
            Setting::Value(_) if field.at != At::Child => {}
            Setting::Value(fact) => nodes.push(Node {
                line: format!("{} {}", field.name, value(field, fact)),
                origin: fact.origin,
                values: Vec::new(),
                block: Vec::new(),
            }),
            Setting::Group(inner) => nodes.push(node(shape, field.name, inner, value)),
            Setting::Items(items) if items.items.is_empty() => nodes.push(Node {
                line: format!("{} none", field.name),
                origin: items.origin,
                values: Vec::new(),
                block: Vec::new(),
            }),
            Setting::Items(items) => {
                nodes.extend(items.items.iter().map(|item| node(shape, field.name, &item.group, value)));
            }
        }
    }
    nodes
}

/// A group as one node: arguments and properties on its line, the rest in its block.
pub fn node(shape: &'static Shape, name: &str, group: &Group, value: &dyn Fn(&FieldShape, &Fact) -> String) -> Node {
    let declared = shape.group(group.shape);
    let mut node =
        Node { line: name.to_owned(), origin: group.origin, values: Vec::new(), block: nodes(shape, group, value) };
    for at in [At::Arg, At::Prop] {
        for (ix, setting) in group.iter() {
            let (field, Setting::Value(fact)) = (declared.at(ix), setting) else { continue };
            match field.at {
                here if here != at => continue,
                At::Arg => node.line.push_str(&format!(" {}", value(field, fact))),
                _ => node.line.push_str(&format!(" {}={}", field.name, value(field, fact))),
            }
            node.values.push((field.name, fact.origin));
        }
    }
    node
}

/// Nodes on one line: `login { lockout on after=3 }; services { telnet off }`.
pub fn on_one_line(nodes: &[Node]) -> String {
    let one = |node: &Node| match node.block.is_empty() {
        true => node.line.clone(),
        false => format!("{} {{ {} }}", node.line, on_one_line(&node.block)),
    };
    nodes.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl Node {
    /// The lines of the node, indented; `each` gets them one by one, and with those that begin a node the node.
    pub fn lines(&self, depth: usize, each: &mut dyn FnMut(String, Option<&Node>)) {
        let indent = "    ".repeat(depth);
        if self.block.is_empty() {
            return each(format!("{indent}{}", self.line), Some(self));
        }
        each(format!("{indent}{} {{", self.line), Some(self));
        self.block.iter().for_each(|node| node.lines(depth + 1, each));
        each(format!("{indent}}}"), None);
    }
}
