//! `{{#diagram NAME}}`: the picture `book/src/diagrams/NAME.svg`, set into the page so that it
//! takes the theme's colours, with its title as caption.

use crate::fault::Problem;
use crate::markdown::escape;
use crate::page::Page;
use crate::repository::one_of;
use crate::svg;

/// Where diagrams lie, from the repository's root.
pub const FOLDER: &str = "book/src/diagrams";

/// Renders the diagram called `name`.
///
/// # Errors
/// When there is no such diagram, or [`svg::read`] refuses it.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    let known = page.repository.names(FOLDER, "svg");
    if !known.iter().any(|diagram| diagram == name) {
        let remedy = format!(
            "draw {FOLDER}/{name}.svg, or correct the name; {}",
            one_of(&known)
        );
        return Err(Problem::new(
            format!("there is no diagram `{name}`"),
            remedy,
        ));
    }
    let file = format!("{FOLDER}/{name}.svg");
    let diagram = svg::read(name, &page.repository.read(&file)?).map_err(|p| p.in_file(&file))?;
    let title = escape(&diagram.title);
    Ok(format!(
        "<figure class=\"diagram\" style=\"--least: {}px\">\n\
         <div class=\"diagram-more\" aria-hidden=\"true\">The picture scrolls sideways ↔</div>\n\
         <div class=\"diagram-view\" role=\"region\" tabindex=\"0\" aria-label=\"{title}\">\n\
         {}\n</div>\n<figcaption>{title}</figcaption>\n</figure>",
        diagram.least_px, diagram.svg,
    ))
}
