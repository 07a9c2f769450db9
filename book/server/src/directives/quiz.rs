//! `{{#quiz NAME}}`: the questions of `book/src/quizzes/NAME.toml`.
//!
//! The rendered quiz reads well without a script: each answer carries its explanation, folded. The
//! script (`book/theme/quiz.js`) only shows the right one at the right moment. Every answer, right
//! or wrong, has to say why; that is the point of asking.

use serde::Deserialize;

use crate::fault::Problem;
use crate::markdown::{blocks, escape, first_paragraph, inline};
use crate::page::Page;
use crate::repository::one_of;

/// Where quizzes lie, from the repository's root.
pub const FOLDER: &str = "book/src/quizzes";

/// A quiz file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quiz {
    /// What stands above the questions.
    #[serde(default = "default_title")]
    title: String,
    /// In the order they are asked.
    #[serde(rename = "question", default)]
    questions: Vec<Question>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// Markdown that begins with a paragraph: the question itself.
    prompt: String,
    #[serde(rename = "answer", default)]
    answers: Vec<Answer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// One paragraph of markdown.
    text: String,
    correct: bool,
    /// Why it is right, or why it is not; markdown.
    because: String,
}

fn default_title() -> String {
    "Predict".to_owned()
}

/// Renders the quiz called `name`.
///
/// # Errors
/// When there is no such quiz, or it asks something that it does not explain.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    let known = page.repository.names(FOLDER, "toml");
    if !known.iter().any(|quiz| quiz == name) {
        let remedy = format!(
            "write {FOLDER}/{name}.toml, or correct the name; {}",
            one_of(&known)
        );
        return Err(Problem::new(format!("there is no quiz `{name}`"), remedy));
    }
    let file = format!("{FOLDER}/{name}.toml");
    let quiz = parse(&page.repository.read(&file)?).map_err(|problem| problem.in_file(&file))?;
    let count = quiz.questions.len();
    let questions = quiz.questions.iter().enumerate();
    let questions: Vec<String> = questions
        .map(|(i, question)| question_html(name, i + 1, count, question))
        .collect();
    Ok(format!(
        "<section class=\"quiz\" aria-label=\"Quiz: {title}\">\n<course-quiz name=\"{name}\">\n\
         <p class=\"quiz-title\">{title}</p>\n{}\n</course-quiz>\n</section>",
        questions.join("\n"),
        title = escape(&quiz.title),
        name = escape(name),
    ))
}

fn parse(text: &str) -> Result<Quiz, Problem> {
    let quiz: Quiz = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        Problem::new(
            format!("the quiz cannot be read, line {line}: {}", error.message()),
            "a quiz is [[question]] with a prompt and several [[question.answer]], each with text, correct and because",
        )
    })?;
    if quiz.questions.is_empty() {
        return Err(Problem::new("the quiz asks nothing", "add a [[question]]"));
    }
    for (index, question) in quiz.questions.iter().enumerate() {
        check(question).map_err(|what| {
            Problem::new(
                format!("question {}: {what}", index + 1),
                "two or more answers, at least one correct, and every one with its `because`",
            )
        })?;
    }
    Ok(quiz)
}

/// Says what a question lacks.
fn check(question: &Question) -> Result<(), String> {
    if first_paragraph(&blocks(&question.prompt)).is_none() {
        return Err("its prompt does not begin with a paragraph".to_owned());
    }
    if question.answers.len() < 2 {
        return Err("there is nothing to choose between".to_owned());
    }
    if !question.answers.iter().any(|answer| answer.correct) {
        return Err("no answer is correct".to_owned());
    }
    for answer in &question.answers {
        if answer.text.trim().is_empty() {
            return Err("an answer has no text".to_owned());
        }
        if answer.because.trim().is_empty() {
            return Err(format!("the answer “{}” does not say why", answer.text));
        }
    }
    Ok(())
}

fn question_html(quiz: &str, number: usize, count: usize, question: &Question) -> String {
    let prompt = blocks(&question.prompt);
    let (first, rest) = first_paragraph(&prompt).unwrap_or((&prompt, ""));
    let group = format!("quiz-{}-{number}", escape(quiz));
    let answers: Vec<String> = question
        .answers
        .iter()
        .map(|answer| answer_html(&group, answer))
        .collect();
    format!(
        "<fieldset>\n<legend><span class=\"quiz-number\">Question {number} of {count}.</span> {first}</legend>\n\
         <div class=\"quiz-more\">{}</div>\n{}\n<div class=\"quiz-verdict\" role=\"status\"></div>\n</fieldset>",
        rest.trim(),
        answers.join("\n"),
    )
}

fn answer_html(group: &str, answer: &Answer) -> String {
    let verdict = if answer.correct { "Right." } else { "Not so." };
    let kind = if answer.correct { "right" } else { "wrong" };
    let because = blocks(&format!("**{verdict}** {}", answer.because.trim()));
    format!(
        "<div class=\"quiz-answer\" data-verdict=\"{kind}\">\n\
         <label><input type=\"radio\" name=\"{group}\"> <span>{}</span></label>\n\
         <details class=\"quiz-why\"><summary>why, or why not</summary>\n\
         <div class=\"quiz-because\">{because}</div>\n</details>\n</div>",
        inline(&answer.text),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn question(answers: &str) -> String {
        format!("[[question]]\nprompt = \"What does `read` return?\"\n{answers}")
    }

    fn answer(correct: bool, because: &str) -> String {
        format!("[[question.answer]]\ntext = \"a\"\ncorrect = {correct}\nbecause = \"{because}\"\n")
    }

    #[test]
    fn refuses_a_question_without_a_correct_answer() {
        let text = question(&(answer(false, "no") + &answer(false, "no")));
        assert!(
            parse(&text)
                .unwrap_err()
                .what
                .contains("no answer is correct")
        );
    }

    #[test]
    fn refuses_an_answer_that_does_not_say_why() {
        let text = question(&(answer(true, "  ") + &answer(false, "no")));
        assert!(parse(&text).unwrap_err().what.contains("does not say why"));
    }

    #[test]
    fn refuses_an_answer_without_because_and_names_the_line() {
        let text = question("[[question.answer]]\ntext = \"a\"\ncorrect = true\n");
        let what = parse(&text).unwrap_err().what;
        assert!(
            what.contains("because") && what.contains("line 3"),
            "{what}"
        );
    }

    #[test]
    fn refuses_a_misspelt_key() {
        let text = question(&answer(true, "yes").replace("because", "becuase"));
        assert!(parse(&text).is_err());
    }

    #[test]
    fn every_answer_carries_its_explanation_without_a_script() {
        let text = question(&(answer(true, "it *is*") + &answer(false, "it is not")));
        let html = question_html("q", 1, 1, &parse(&text).unwrap().questions[0]);
        assert!(
            html.contains("<strong>Right.</strong> it <em>is</em>"),
            "{html}"
        );
        assert!(
            html.contains("<strong>Not so.</strong> it is not"),
            "{html}"
        );
    }

    /// What tells the right answer from the others before anybody has thought about the question:
    /// it is the longest, or shorter than three fifths of every wrong one.
    fn given_away(question: &Question) -> Option<&'static str> {
        let length = |answer: &Answer| answer.text.chars().count();
        let wrong = || question.answers.iter().filter(|answer| !answer.correct);
        let (shortest, longest) = (wrong().map(length).min()?, wrong().map(length).max()?);
        let mut right = question.answers.iter().filter(|answer| answer.correct);
        right.find_map(|answer| match length(answer) {
            length if length > longest => Some("the right answer is the longest"),
            length if length * 5 < shortest * 3 => Some("the right answer is much the shortest"),
            _ => None,
        })
    }

    #[test]
    fn the_length_of_the_right_answer_can_give_it_away() {
        let lengths = |right: usize, wrong: [usize; 2]| {
            let texts = [(right, true), (wrong[0], false), (wrong[1], false)];
            let answers = texts.map(|(length, correct)| {
                answer(correct, "so").replace("\"a\"", &format!("\"{}\"", "a".repeat(length)))
            });
            given_away(&parse(&question(&answers.concat())).unwrap().questions[0])
        };
        assert_eq!(
            lengths(21, [20, 5]),
            Some("the right answer is the longest")
        );
        assert_eq!(lengths(20, [20, 5]), None);
        assert_eq!(lengths(12, [20, 40]), None);
        assert_eq!(
            lengths(11, [20, 40]),
            Some("the right answer is much the shortest")
        );
    }

    #[test]
    fn no_quiz_of_the_book_gives_its_answer_away_by_its_length() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(FOLDER);
        let mut faults = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let quiz = parse(&fs::read_to_string(&file).unwrap()).unwrap();
            for (index, question) in quiz.questions.iter().enumerate() {
                if let Some(fault) = given_away(question) {
                    faults.push(format!(
                        "{}: question {}: {fault}",
                        file.display(),
                        index + 1
                    ));
                }
            }
        }
        assert_eq!(faults, Vec::<String>::new());
    }
}
