//! A diagram made fit to stand inside a page: names that cannot clash, colours that follow the
//! theme, text that stays readable on a phone.
//!
//! Diagrams are drawn with the classes of `book/theme/course.css`, never with colours of their own,
//! so that one file is right in each of mdBook's themes. A diagram that would break this is refused
//! here.

use std::fmt::Write;

use roxmltree::{Attribute, Document, Node};

use crate::fault::Problem;
use crate::markdown::escape;

/// A label smaller than this cannot be read; a picture that would shrink further scrolls sideways
/// instead.
const SMALLEST_READABLE_PX: f64 = 11.0;
/// The sizes that the style sheet gives to text without a size of its own, and to text of class
/// `small`.
const TEXT_PX: f64 = 14.0;
const SMALL_TEXT_PX: f64 = 12.0;
/// Arrow heads that a diagram may use by `marker-end="url(#…)"` without drawing them.
const ARROWS: &[(&str, &str)] = &[
    ("arrow", "ink"),
    ("arrow-muted", "muted"),
    ("arrow-accent", "accent"),
    ("arrow-warm", "warm"),
];

/// A diagram, ready for a page.
#[derive(Debug)]
pub struct Diagram {
    /// What the picture is, from its `<title>`.
    pub title: String,
    /// The width in px below which its smallest text cannot be read.
    pub least_px: f64,
    /// The element, its ids prefixed, without empty lines.
    pub svg: String,
}

/// Reads the SVG `source` and makes its ids unique by `name`.
///
/// # Errors
/// When it is no SVG, lacks title, description or viewBox, or holds what would not follow the
/// theme.
pub fn read(name: &str, source: &str) -> Result<Diagram, Problem> {
    let document = Document::parse(source).map_err(|error| {
        Problem::new(
            format!("the diagram is not well-formed: {error}"),
            "mend the SVG; a browser shows where",
        )
    })?;
    let root = document.root_element();
    let title = child_text(root, "title")
        .ok_or_else(|| lacks("<title>", "what the picture is, in a few words"))?;
    child_text(root, "desc")
        .ok_or_else(|| lacks("<desc>", "what one sees in it, for those who do not see it"))?;
    let (width, height) = size(root)?;
    for node in root.descendants().filter(Node::is_element) {
        follows_the_theme(node)?;
    }
    let writer = Writer {
        name,
        ids: document
            .descendants()
            .filter_map(|n| n.attribute("id"))
            .collect(),
    };
    let smallest = smallest_text(root)?;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" class=\"diagram\" role=\"img\" \
         aria-labelledby=\"{name}-title\" aria-describedby=\"{name}-desc\">"
    );
    svg += &writer.arrows(source);
    for child in root.children() {
        writer.write(child, &mut svg)?;
    }
    svg += "</svg>";
    let lines: Vec<&str> = svg.lines().filter(|line| !line.trim().is_empty()).collect();
    Ok(Diagram {
        title,
        least_px: (width * SMALLEST_READABLE_PX / smallest).ceil().min(width),
        svg: lines.join("\n"),
    })
}

fn lacks(element: &str, meaning: &str) -> Problem {
    let what = format!("the diagram has no {element}");
    Problem::new(
        what,
        format!("give its <svg> a {element} of its own: {meaning}"),
    )
}

fn child_text(root: Node<'_, '_>, name: &str) -> Option<String> {
    let child = root
        .children()
        .find(|child| child.has_tag_name((SVG, name)))?;
    let text = child
        .text()?
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    (!text.is_empty()).then_some(text)
}

const SVG: &str = "http://www.w3.org/2000/svg";

/// Width and height in px, from a viewBox that begins at 0 0.
fn size(root: Node<'_, '_>) -> Result<(f64, f64), Problem> {
    let view: Vec<f64> = root
        .attribute("viewBox")
        .map(|view| {
            view.split_whitespace()
                .filter_map(|n| n.parse().ok())
                .collect()
        })
        .unwrap_or_default();
    let is_svg = root.has_tag_name((SVG, "svg"));
    match view[..] {
        [0.0, 0.0, width, height] if is_svg && width > 0.0 && height > 0.0 => Ok((width, height)),
        _ => Err(Problem::new(
            "the diagram does not say how large it is",
            format!("open it with <svg xmlns=\"{SVG}\" viewBox=\"0 0 WIDTH HEIGHT\">, in pixels"),
        )),
    }
}

/// Refuses an element that brings colours, code or files of its own.
fn follows_the_theme(node: Node<'_, '_>) -> Result<(), Problem> {
    let element = node.tag_name().name();
    let remedy = "use the classes of book/theme/course.css: box, line, accent, muted, …";
    if ["script", "style", "image", "foreignObject"].contains(&element) {
        return Err(Problem::new(
            format!("the diagram holds a <{element}>"),
            remedy,
        ));
    }
    for attribute in node.attributes() {
        let (name, value) = (attribute.name(), attribute.value().trim());
        let coloured = ["fill", "stroke", "color", "stop-color"].contains(&name)
            && !["none", "currentColor", "inherit", "context-stroke"].contains(&value)
            && !value.starts_with("var(--")
            && !value.starts_with("url(#");
        if coloured || name == "style" || name.starts_with("on") {
            return Err(Problem::new(
                format!("the diagram holds {name}=\"{value}\", which no theme can change"),
                remedy,
            ));
        }
    }
    Ok(())
}

/// The size in px of the diagram's smallest text.
fn smallest_text(root: Node<'_, '_>) -> Result<f64, Problem> {
    let mut smallest = TEXT_PX;
    for node in root.descendants().filter(Node::is_element) {
        let classes = node.attribute("class").unwrap_or_default();
        let size = match node.attribute("font-size") {
            Some(size) => size.trim_end_matches("px").parse().unwrap_or(0.0),
            None if classes.split_whitespace().any(|class| class == "small") => SMALL_TEXT_PX,
            None => continue,
        };
        smallest = smallest.min(size);
    }
    if smallest < SMALLEST_READABLE_PX {
        return Err(Problem::new(
            format!("the diagram has text of {smallest} px"),
            format!(
                "use the class `small`, or a font-size in px of {SMALLEST_READABLE_PX} or more"
            ),
        ));
    }
    Ok(smallest)
}

/// Writes a diagram's elements with every id prefixed.
struct Writer<'a> {
    name: &'a str,
    /// The ids that the diagram itself defines.
    ids: Vec<&'a str>,
}

impl Writer<'_> {
    /// The arrow heads that `source` uses and does not define.
    fn arrows(&self, source: &str) -> String {
        let mut markers = String::new();
        for (id, class) in ARROWS {
            if source.contains(&format!("url(#{id})")) && !self.ids.contains(id) {
                let _ = write!(
                    markers,
                    "<marker id=\"{}-{id}\" class=\"head {class}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" \
                     markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\"><path d=\"M0 0 10 5 0 10z\"></path></marker>",
                    self.name
                );
            }
        }
        if markers.is_empty() {
            markers
        } else {
            format!("<defs>{markers}</defs>")
        }
    }

    fn write(&self, node: Node<'_, '_>, out: &mut String) -> Result<(), Problem> {
        if node.is_text() {
            *out += &escape(node.text().unwrap_or_default());
        } else if node.is_element() {
            let element = node.tag_name().name();
            *out += &format!("<{element}");
            if node
                .parent_element()
                .is_some_and(|parent| parent.parent_element().is_none())
                && (element == "title" || element == "desc")
            {
                *out += &format!(" id=\"{}-{element}\"", self.name);
            }
            for attribute in node.attributes() {
                *out += &format!(
                    " {}=\"{}\"",
                    attribute.name(),
                    escape(&self.value(attribute)?)
                );
            }
            out.push('>');
            for child in node.children() {
                self.write(child, out)?;
            }
            *out += &format!("</{element}>");
        }
        Ok(())
    }

    /// An attribute's value, its id or its references prefixed.
    fn value(&self, attribute: Attribute<'_, '_>) -> Result<String, Problem> {
        let value = attribute.value();
        match attribute.name() {
            "id" => Ok(format!("{}-{value}", self.name)),
            "href" => {
                let target = value.strip_prefix('#').ok_or_else(|| {
                    Problem::new(
                        format!("the diagram refers to {value}"),
                        "refer only to ids of the diagram itself",
                    )
                })?;
                Ok(format!("#{}", self.known(target)?))
            }
            _ => match value.split_once("url(#") {
                Some((before, rest)) => {
                    let (id, after) = rest.split_once(')').unwrap_or((rest, ""));
                    Ok(format!("{before}url(#{}){after}", self.known(id)?))
                }
                None => Ok(value.to_owned()),
            },
        }
    }

    /// The name on the page of the diagram's own `id`.
    fn known(&self, id: &str) -> Result<String, Problem> {
        if self.ids.contains(&id) || ARROWS.iter().any(|(arrow, _)| *arrow == id) {
            return Ok(format!("{}-{id}", self.name));
        }
        Err(Problem::new(
            format!("the diagram refers to #{id}, which it does not define"),
            "correct the id",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(body: &str) -> String {
        format!(
            "<svg xmlns=\"{SVG}\" viewBox=\"0 0 700 200\"><title>Two threads</title><desc>One sleeps.</desc>{body}</svg>"
        )
    }

    #[test]
    fn ids_and_references_carry_the_diagram_s_name() {
        let read = read(
            "two",
            &svg("<g id=\"a\"/>\n\n<use href=\"#a\"/><path marker-end=\"url(#arrow)\"/>"),
        )
        .unwrap();
        assert!(read.svg.contains("<g id=\"two-a\"></g>"), "{}", read.svg);
        assert!(read.svg.contains("href=\"#two-a\"") && read.svg.contains("url(#two-arrow)"));
        assert!(read.svg.contains("<marker id=\"two-arrow\""));
        assert!(!read.svg.contains("\n\n"));
    }

    #[test]
    fn refuses_a_picture_without_title_or_description() {
        let without = |what: &str| svg("").replace(what, "");
        assert!(
            read("a", &without("<title>Two threads</title>"))
                .unwrap_err()
                .what
                .contains("<title>")
        );
        assert!(
            read("a", &without("<desc>One sleeps.</desc>"))
                .unwrap_err()
                .what
                .contains("<desc>")
        );
    }

    #[test]
    fn refuses_colours_that_no_theme_can_change() {
        assert!(read("a", &svg("<rect fill=\"#fff\"/>")).is_err());
        assert!(read("a", &svg("<rect style=\"fill: red\"/>")).is_err());
        assert!(
            read(
                "a",
                &svg("<rect fill=\"currentColor\" stroke=\"var(--fg)\"/>")
            )
            .is_ok()
        );
    }

    #[test]
    fn scrolls_before_text_becomes_unreadable() {
        let least = |body| read("a", &svg(body)).unwrap().least_px;
        assert_eq!(least("<text>a</text>"), 550.0);
        assert_eq!(least("<text class=\"small\">a</text>"), 642.0);
    }

    #[test]
    fn refuses_text_that_is_too_small_and_references_to_nothing() {
        assert!(read("a", &svg("<text font-size=\"9\">a</text>")).is_err());
        assert!(
            read("a", &svg("<use href=\"#b\"/>"))
                .unwrap_err()
                .what
                .contains("#b")
        );
    }
}
