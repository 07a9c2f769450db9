//! `{{#transcript NAME}}`: a recorded run, from `book/src/transcripts/NAME.txt`, as a terminal
//! shows it.
//!
//! The file holds the recorded output, after some lines that open with `# `: these say when and on
//! which machine it was recorded, and stand below the output. Lines that open with `$ ` were typed.

use crate::fault::Problem;
use crate::markdown::{escape, inline, keep_together};
use crate::page::Page;
use crate::repository::one_of;

/// Where transcripts lie, from the repository's root.
pub const FOLDER: &str = "book/src/transcripts";

/// Renders the transcript called `name`.
///
/// # Errors
/// When there is no such transcript, or it does not say where it was recorded.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    let known = page.repository.names(FOLDER, "txt");
    if !known.iter().any(|transcript| transcript == name) {
        let remedy = format!(
            "record it to {FOLDER}/{name}.txt, or correct the name; {}",
            one_of(&known)
        );
        return Err(Problem::new(
            format!("there is no transcript `{name}`"),
            remedy,
        ));
    }
    let file = format!("{FOLDER}/{name}.txt");
    let text = page.repository.read(&file)?;
    let caption: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("# "))
        .collect();
    if caption.is_empty() {
        return Err(Problem::new(
            format!("{file} does not say where it was recorded"),
            "begin it with a line such as `# Linux 6.12, strace 6.13, two cores`",
        ));
    }
    let lines: Vec<String> = text.lines().skip(caption.len()).map(line_html).collect();
    Ok(format!(
        "<figure class=\"transcript\">\n\
         <div class=\"transcript-screen\" role=\"region\" tabindex=\"0\" aria-label=\"Recorded run: {}\">\n\
         <pre>{}</pre>\n</div>\n<figcaption>{}</figcaption>\n</figure>",
        escape(&name.replace('-', " ")),
        keep_together(lines.join("\n").trim_matches('\n')),
        inline(&caption.join(" ")),
    ))
}

fn line_html(line: &str) -> String {
    match line.strip_prefix("$ ") {
        Some(typed) => format!(
            "<span class=\"prompt\">$ </span><kbd>{}</kbd>",
            escape(typed)
        ),
        None => escape(line.trim_end()),
    }
}
