//! The line of a new chapter in the book's table of contents.

use crate::catalog::lessons::PARTS;

/// `contents` with the chapter in its part, after every chapter with a smaller number. A part
/// without a heading gets one, before the next part and before the appendices.
pub(super) fn with_chapter(contents: &str, part: usize, name: &str, title: &str) -> String {
    let (number, _) = name.split_once('-').unwrap_or((name, ""));
    let chapter = format!("- [{number} {title}]({name}.md)");
    let mut lines: Vec<String> = contents.lines().map(str::to_owned).collect();
    let next_heading = |lines: &[String], from: usize| {
        let mut later = (from..lines.len()).filter(|&at| lines[at].starts_with("# "));
        later.next().unwrap_or(lines.len())
    };
    let headed = lines.iter().position(|line| *line == heading(part));
    let (at, new) = match headed {
        Some(heading) => {
            let end = next_heading(&lines, heading + 1);
            let is_before = |line: &String| number_of(line).is_some_and(|other| other < number);
            let last = (heading..end).rev().find(|&at| is_before(&lines[at]));
            match last {
                Some(last) => (last + 1, vec![chapter]),
                // Below the heading's empty line.
                None => (end.min(heading + 2), vec![chapter]),
            }
        }
        None => {
            let earlier: Vec<_> = (1..part).map(heading).collect();
            let last = lines.iter().rposition(|line| earlier.contains(line));
            // The first heading is the title of the table itself.
            let at = next_heading(&lines, last.map_or(1, |last| last + 1));
            (
                at,
                vec![heading(part), String::new(), chapter, String::new()],
            )
        }
    };
    lines.splice(at..at, new);
    lines.join("\n") + "\n"
}

/// How the table of contents calls a part.
fn heading(part: usize) -> String {
    let (title, about) = PARTS[part - 1];
    format!("# Part {title}: {about}")
}

/// The number of the chapter that a line lists.
fn number_of(line: &str) -> Option<&str> {
    line.strip_prefix("- [")?.split(' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENTS: &str = "# Summary\n\n[Begin here](index.md)\n\n\
        # Part I. Async I/O foundations: what the kernel offers\n\n\
        - [01 One](01-one.md)\n- [03 Three](03-three.md)\n\n\
        # Part III. Inside tokio: read, measure, extend\n\n- [16 Inside](16-inside.md)\n\n\
        # Appendices\n\n- [A Lore](appendix-a-lore.md)\n";

    #[test]
    fn a_chapter_stands_between_those_with_smaller_and_greater_numbers() {
        let between = with_chapter(CONTENTS, 1, "02-two", "Two");
        assert!(between.contains(
            "- [01 One](01-one.md)\n- [02 Two](02-two.md)\n- [03 Three](03-three.md)\n\n"
        ));
        let last = with_chapter(CONTENTS, 3, "20-last", "Last");
        assert!(last.contains("(16-inside.md)\n- [20 Last](20-last.md)\n\n# Appendices"));
        let first = with_chapter(CONTENTS, 3, "15-first", "First");
        assert!(
            first.contains("extend\n\n- [15 First](15-first.md)\n- [16 Inside]"),
            "{first}"
        );
    }

    #[test]
    fn the_first_chapter_of_a_part_brings_its_heading() {
        let floor = with_chapter(CONTENTS, 2, "09-floor", "Floor");
        let part = "(03-three.md)\n\n# Part II. Build a small tokio: one floor a lesson\n\n\
                    - [09 Floor](09-floor.md)\n\n# Part III.";
        assert!(floor.contains(part), "{floor}");
    }
}
