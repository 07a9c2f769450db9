// @ts-check
// A learner's way through a lesson, on a scratch copy of the course: READER is the server, CHECKOUT the copy.

import { readFileSync, writeFileSync } from "node:fs";
import { LONG, equal, faults, heard, holds, reader, run, serve } from "./book.mjs";
import { BOOK, CHAPTER, READER, SOLVED, STUB, WRONG, beside, chapter, check, comesTo, folded, press, save, saying, summary, unfold } from "./lesson.mjs";
import * as line from "./line.mjs";
import * as place from "./place.mjs";

/** @import { Context } from "./lesson.mjs" */

/** @param {Context} context */
async function a_chapter_says_how_the_lesson_stands(context) {
    const { page } = context;
    await chapter(context);
    equal(await summary(page), "Not started yet: it waits for you.", "the summary");
    holds(!await page.isVisible(".checks-commands"), "the commands to type are not needed here");
}

/** @param {Context} context */
async function a_quiz_explains_each_answer_and_remembers({ page }) {
    const verdict = page.locator(".quiz-verdict");
    await page.click("text=Nothing.");
    holds((await verdict.textContent())?.includes("Then it would be no echo."), "the wrong answer is explained");
    await page.click("text=Every byte.");
    holds((await verdict.textContent())?.includes("It is an echo."), "the right answer is explained");
    equal((await heard(page)).length, 2, "answers that were told");
    await page.reload();
    await page.waitForSelector(".quiz-verdict:not(:empty)");
    holds((await verdict.textContent())?.includes("It is an echo."), "the answer is remembered");
}

/** @param {Context} context */
async function a_saved_stub_turns_red_with_its_message({ page }) {
    await page.waitForSelector(".live-summary:not(:empty)");
    save(WRONG);
    await comesTo(page, "1 of 3 hold, 2 do not.");
    const text = await check(page, "echoes_every_byte_back").textContent() ?? "";
    holds(text.includes("does not hold") && text.includes("the very bytes that were sent"), text);
}

/** @param {Context} context */
async function hints_open_one_by_one({ page }) {
    const item = check(page, "echoes_every_byte_back");
    await item.getByRole("button", { name: /A hint/ }).click();
    await item.getByText("Hint 1 of 2").waitFor();
    holds((await item.textContent())?.includes("Read some bytes."), "the first hint");
    await item.getByRole("button", { name: /Another hint/ }).click();
    await item.getByText("Hint 2 of 2").waitFor();
    equal(await item.getByRole("button", { name: /hint/i }).count(), 0, "buttons after the last hint");
}

/** @param {Context} context */
async function nothing_is_compared_unasked_before_the_lesson_is_known(context) {
    await beside(context, async ({ page, address }) => {
        await page.route("**/live/events", () => {});
        await page.goto(`${address}01-tiny.html`);
        await folded(page, "Compare").locator("summary").click();
        await page.getByRole("button", { name: "Show the reference" }).waitFor();
        equal(await page.locator("course-panel table").count(), 0, "tables before the answer");
    });
}

/** @param {Context} context */
async function a_mistake_is_predicted_and_met({ page }) {
    await unfold(page, "Mistakes of this lesson");
    await page.getByLabel("Which mistake?").selectOption("once");
    await page.getByLabel("Which check goes red?").selectOption("echoes_once_more");
    await press(page, "Run it");
    const result = page.locator(".live-result");
    await result.getByText("You said so").waitFor({ timeout: LONG });
    holds((await result.textContent())?.includes("until the client leaves"), "the message of the check that catches it");
}

/** @param {Context} context */
async function a_saved_solution_turns_green_everywhere({ page }) {
    save(SOLVED);
    await comesTo(page, "3 of 3 hold.");
    await page.waitForSelector("#mdbook-sidebar a[href$='01-tiny.html'] .live-green", { state: "attached" });
    await page.locator("course-panel").getByText("Compare it with the reference below").waitFor();
}

/** @param {Context} context */
async function what_the_compiler_warns_of_is_shown({ page }) {
    save(SOLVED.replace("let mut buffer", "let spare = 1;\n    let mut buffer"));
    await page.locator("course-panel").getByText("What the compiler warns of").waitFor({ timeout: LONG });
    await comesTo(page, "3 of 3 hold.");
    await unfold(page, "What the compiler warns of");
    const warned = folded(page, "What the compiler warns of");
    holds((await warned.textContent())?.includes("unused variable: `spare`"), "the warning");
    holds((await warned.locator("a[href^='vscode:']").first().textContent())?.includes("main.rs:"), "a way to the place");
    save(SOLVED);
    await warned.waitFor({ state: "hidden", timeout: LONG });
    await comesTo(page, "3 of 3 hold.");
}

/** @param {Context} context */
async function a_check_can_be_stopped({ page }) {
    save(SOLVED.replace("let mut buffer", "loop { std::thread::park(); }\n    #[allow(unreachable_code)]\n    let mut buffer"));
    await page.waitForSelector("course-panel[busy]");
    await press(page, "Stop");
    await comesTo(page, "Saved since: check again.");
    holds(!await page.getByRole("button", { name: "Stop" }).isVisible(), "there is nothing to stop");
    save(SOLVED);
    await comesTo(page, "3 of 3 hold.");
}

// Switched off and on, a save in between is caught up with.
/** @param {Context} context */
async function on_save_catches_up({ page }) {
    const onSave = page.getByLabel("check on every save");
    // The server has to know of it before something is saved.
    const known = page.waitForResponse((response) => response.url().endsWith("/live/on-save"), { timeout: LONG });
    await onSave.uncheck();
    await known;
    save(WRONG);
    await comesTo(page, "Saved since");
    await onSave.check();
    await comesTo(page, "1 of 3 hold");
    save(SOLVED);
    await comesTo(page, "3 of 3 hold.");
}

/** @param {Context} context */
async function what_a_program_says_is_text({ page }) {
    const image = "<img/src=x/onerror=window.spoilt=1>";
    const markup = `<script>window.spoilt=1</script>${image}`;
    const compare = folded(page, "Compare");
    await compare.locator("summary").click();
    for (const [what, code, outcome, where, shown] of [
        ["a panic's message", `panic!("${markup}");`, "3 do not.", "li[data-check=says_where_it_listens]", markup],
        ["a line of output", `println!("listening on ${image}");`, "3 do not.", "li[data-check=says_where_it_listens]", image],
        ["what acts on a terminal", String.raw`println!("listening on \u{1b}[2J\u{202e}\r\u{8}green");`, "3 do not.", "li[data-check=says_where_it_listens]", String.raw`\u{1b}[2J\u{202e}\r\u{8}green`],
        ["cargo's words", `let n: u8 = "${markup}";`, "It does not compile.", ".live-fault pre", markup],
    ]) {
        save(saying(code));
        // The outcome before may have had the same words.
        await page.waitForFunction(([where, shown]) => document.querySelector(where)?.textContent?.includes(shown), [where, shown], { timeout: LONG });
        await comesTo(page, outcome);
        await compare.locator("code", { hasText: code }).waitFor();
        equal(await page.locator(":is(course-panel, .live-banner, #live-said, .live-pill) :is(img, script)").count(), 0, `${what}: elements made of it`);
        equal(await page.evaluate(() => globalThis.spoilt), undefined, `${what}: what it did`);
    }
    await compare.locator("summary").click();
}

/** @param {Context} context */
async function what_does_not_compile_is_shown({ page }) {
    save(saying('let n: u8 = "n";'));
    await comesTo(page, "It does not compile.");
    holds((await page.textContent(".live-fault pre"))?.includes("mismatched types"), "cargo's words");
    holds((await page.locator(".live-fault a[href^='vscode:']").first().textContent())?.includes("main.rs:"), "a way to the place");
    const told = await summary(page) ?? "";
    holds(told.includes("about an older program") && !told.includes("Saved since"), told);
    save(SOLVED);
    await comesTo(page, "3 of 3 hold.");
    equal(await page.locator(".live-fault pre").count(), 0, "cargo's words after it compiles");
}

/** @param {Context} context */
async function search_finds_a_word({ page, address }) {
    await page.goto(`${address}index.html`);
    await page.click("#mdbook-search-toggle");
    await page.locator("#mdbook-searchbar").pressSequentially("small");
    await page.waitForSelector("#mdbook-searchresults a[href*='01-tiny.html']");
}

/** @param {Context} context */
async function a_search_that_is_closed_leaves_the_reader_where_they_were(context) {
    const { page } = context;
    await chapter(context);
    await page.setViewportSize({ width: 1280, height: 500 });
    await page.evaluate(() => scrollTo({ top: 400, behavior: "instant" }));
    const before = await page.evaluate(() => scrollY);
    holds(before > 100, `the page is long enough: ${before}`);
    await page.keyboard.press("/");
    await page.locator("#mdbook-searchbar").pressSequentially("small");
    await page.keyboard.press("Escape");
    await page.waitForFunction((before) => scrollY === before, before);
    await page.setViewportSize({ width: 1280, height: 1000 });
}

/** @param {Context} context */
async function every_theme_is_readable_in_every_state(context) {
    const { page } = context;
    await chapter(context);
    await page.click("#mdbook-theme-toggle");
    await page.click("#mdbook-theme-navy");
    holds(await page.evaluate(() => document.documentElement.classList.contains("navy")), "the theme was chosen");
    const states = {
        "not written": async () => { save(STUB); await comesTo(page, "3 are not written yet."); },
        red: async () => {
            save(WRONG);
            await comesTo(page, "1 of 3 hold");
            await press(page, "A hint for: echoes every byte back");
            await page.getByText("Hint 1 of 2").waitFor();
            for (const words of ["Compare", "Mistakes of this lesson", "Open in the editor"]) await unfold(page, words);
            await page.waitForSelector("course-panel table");
        },
        stale: async () => {
            await page.getByLabel("check on every save").uncheck();
            save(STUB);
            await comesTo(page, "Saved since");
        },
        green: async () => {
            await page.getByLabel("check on every save").check();
            await comesTo(page, "3 are not written yet.");
            save(SOLVED);
            await comesTo(page, "3 of 3 hold.");
        },
    };
    for (const [state, comeTo] of Object.entries(states)) {
        await comeTo();
        // Only the panel is another in another state.
        const within = state === "not written" ? "html" : "course-panel";
        for (const theme of ["light", "rust", "coal", "navy", "ayu"]) {
            await page.evaluate((theme) => document.getElementById(`mdbook-theme-${theme}`)?.click(), theme);
            holds(await page.evaluate((theme) => document.documentElement.classList.contains(theme), theme), `the theme is ${theme}`);
            equal((await faults(page, within)).join("\n"), "", `${state}, ${theme}`);
        }
    }
}

/** @param {Context} context */
async function a_phone_is_wide_enough(context) {
    const { page } = context;
    await page.setViewportSize({ width: 390, height: 800 });
    save(STUB);
    await chapter(context);
    await comesTo(page, "3 are not written yet.");
    await unfold(page, "Compare");
    await page.waitForSelector("course-panel table");
    const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    holds(width <= room, `the page is ${width} wide, and the phone ${room}`);
    await page.setViewportSize({ width: 1280, height: 1000 });
}

/** @param {Context} context */
async function a_saved_chapter_is_shown_where_the_reader_was({ page }) {
    writeFileSync(CHAPTER, `${readFileSync(CHAPTER, "utf8")}\n${"One more paragraph.\n\n".repeat(100)}`);
    // While the page is replaced there is no body.
    await page.waitForFunction(() => document.body?.textContent.includes("One more paragraph."), null, { timeout: LONG });
    await page.waitForSelector(".live-summary:not(:empty)");
    await page.evaluate(() => scrollTo({ top: 1500, behavior: "instant" }));
    const before = await page.evaluate(() => scrollY);
    writeFileSync(CHAPTER, `${readFileSync(CHAPTER, "utf8")}\nThe very last one.\n`);
    const begun = Date.now();
    await page.waitForFunction(() => document.body?.textContent.includes("The very last one."), null, { timeout: LONG });
    console.log(`        a saved chapter is on the page after ${Date.now() - begun} ms`);
    await page.waitForSelector(".live-summary:not(:empty)");
    await page.waitForFunction((before) => Math.abs(scrollY - before) < 40, before);
}

// The server asks before it shows the reference by a 409; a refusal, a server that has ended, and one that was started anew are
// scenarios here.
const EXPECTED = /: Failed to load resource: (the server responded with a status of (403|409|500)|net::ERR_(FAILED|CONNECTION_\w+|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED))/;

/** @param {Context} context */
async function nothing_went_wrong_on_any_page({ wrong, elsewhere }) {
    equal(wrong.filter((words) => !EXPECTED.test(words)).join("\n"), "", "errors on the console");
    equal(elsewhere.join("\n"), "", "requests that left the machine");
}

const server = await serve(READER, BOOK);
const context = { server, address: server.address, ...await reader(server.entrance) };
const failed = await run([
    a_chapter_says_how_the_lesson_stands,
    a_quiz_explains_each_answer_and_remembers,
    a_saved_stub_turns_red_with_its_message,
    hints_open_one_by_one,
    nothing_is_compared_unasked_before_the_lesson_is_known,
    place.the_focus_goes_to_what_was_asked_for,
    place.the_question_before_compare_keeps_the_focus,
    place.a_run_leaves_the_focus_where_it_is,
    a_mistake_is_predicted_and_met,
    a_saved_solution_turns_green_everywhere,
    what_a_program_says_is_text,
    what_does_not_compile_is_shown,
    what_the_compiler_warns_of_is_shown,
    a_check_can_be_stopped,
    on_save_catches_up,
    place.the_keyboard_is_enough,
    place.a_run_is_told_in_a_sentence,
    place.a_remembered_answer_is_not_told_again,
    place.the_word_beside_the_text_can_be_closed_and_goes_by_itself,
    search_finds_a_word,
    a_search_that_is_closed_leaves_the_reader_where_they_were,
    every_theme_is_readable_in_every_state,
    a_phone_is_wide_enough,
    a_saved_solution_turns_green_everywhere,
    line.a_seventh_tab_is_as_live_as_the_first,
    line.a_page_goes_on_when_the_reader_comes_back_to_it,
    line.two_tabs_agree,
    line.what_is_refused_is_said_until_something_is_done,
    line.what_the_course_has_to_say_stays_on_every_page,
    line.a_server_that_ends_is_said_and_its_return_noticed,
    a_saved_chapter_is_shown_where_the_reader_was,
    nothing_went_wrong_on_any_page,
], context);
await context.browser.close();
await context.server.end();
process.exit(failed ? 1 : 0);
