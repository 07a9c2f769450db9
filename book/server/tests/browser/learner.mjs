// A learner's way through a lesson, on a scratch copy of the course: READER is the server, CHECKOUT the copy.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LONG, equal, faults, holds, reader, run, serve } from "./book.mjs";

const { READER, CHECKOUT } = process.env;
const MAIN = join(CHECKOUT, "lessons/01-tiny/src/main.rs");
const CHAPTER = join(CHECKOUT, "book/src/01-tiny.md");
const STUB = readFileSync(MAIN, "utf8");
const SOLVED = readFileSync(join(CHECKOUT, "solutions/01-tiny/src/main.rs"), "utf8");
const SAYS = 'todo!("say where the program listens");';

const save = (text) => writeFileSync(MAIN, text);
const summary = (page) => page.textContent(".live-summary");
const comesTo = (page, words) => page.waitForFunction(
    (words) => document.querySelector(".live-summary")?.textContent.includes(words) && !document.querySelector("course-panel").hasAttribute("busy"),
    words, { timeout: LONG });
const check = (page, name) => page.locator(`li[data-check="${name}"]`);

async function a_chapter_says_how_the_lesson_stands({ page, address }) {
    await page.goto(`${address}01-tiny.html`);
    await page.waitForSelector(".live-summary:not(:empty)");
    equal(await summary(page), "Not started yet: it waits for you.", "the summary");
    holds(!await page.isVisible(".checks-commands"), "the commands to type are not needed here");
}

async function a_quiz_explains_each_answer_and_remembers({ page }) {
    const verdict = page.locator(".quiz-verdict");
    await page.click("text=Nothing.");
    holds((await verdict.textContent()).includes("Then it would be no echo."), "the wrong answer is explained");
    await page.click("text=Every byte.");
    holds((await verdict.textContent()).includes("It is an echo."), "the right answer is explained");
    await page.reload();
    await page.waitForSelector(".quiz-verdict:not(:empty)");
    holds((await verdict.textContent()).includes("It is an echo."), "the answer is remembered");
}

async function a_saved_stub_turns_red_with_its_message({ page }) {
    await page.waitForSelector(".live-summary:not(:empty)");
    save(SOLVED.replace("client.write_all(&buffer[..n])?;", "buffer[0] ^= 1;\n        client.write_all(&buffer[..n])?;"));
    await comesTo(page, "1 of 3 hold, 2 do not.");
    const text = await check(page, "echoes_every_byte_back").textContent();
    holds(text.includes("does not hold") && text.includes("the very bytes that were sent"), text);
}

async function hints_open_one_by_one({ page }) {
    const item = check(page, "echoes_every_byte_back");
    await item.getByRole("button", { name: /A hint/ }).click();
    await item.getByText("Hint 1 of 2").waitFor();
    holds((await item.textContent()).includes("Read some bytes."), "the first hint");
    await item.getByRole("button", { name: /Another hint/ }).click();
    await item.getByText("Hint 2 of 2").waitFor();
    equal(await item.getByRole("button", { name: /hint/i }).count(), 0, "buttons after the last hint");
}

async function compare_asks_before_the_lesson_is_green({ page }) {
    const folded = page.locator("course-panel details", { hasText: "Compare with the reference" });
    await folded.locator("summary").click();
    await page.getByRole("button", { name: "Not yet" }).click();
    equal(await folded.locator("table").count(), 0, "tables before the answer");
    await folded.locator("summary").click();
    await page.getByRole("button", { name: "Show the reference" }).click();
    await folded.locator("table").first().waitFor();
    holds((await folded.textContent()).includes("buffer[0] ^= 1;"), "both sides are shown");
    await folded.locator("summary").click();
    await folded.locator("summary").click();
    await folded.locator("table").first().waitFor();
}

async function a_mistake_is_predicted_and_met({ page }) {
    await page.locator("course-panel summary", { hasText: "Mistakes of this lesson" }).click();
    await page.getByLabel("Which mistake?").selectOption("once");
    await page.getByLabel("Which check goes red?").selectOption("echoes_again");
    await page.getByRole("button", { name: "Run it" }).click();
    const result = page.locator(".live-result");
    await result.getByText("You said so").waitFor({ timeout: LONG });
    holds((await result.textContent()).includes("until the client leaves"), "the message of the check that catches it");
}

async function a_saved_solution_turns_green_everywhere({ page }) {
    save(SOLVED);
    await comesTo(page, "3 of 3 hold.");
    await page.waitForSelector("#mdbook-sidebar a[href$='01-tiny.html'] .live-green", { state: "attached" });
}

async function what_a_program_says_is_text({ page }) {
    save(STUB.replace(SAYS, 'panic!("<script>window.spoilt = 1</script><img src=x onerror=window.spoilt=1>");'));
    await comesTo(page, "3 do not.");
    holds((await check(page, "says_where_it_listens").textContent()).includes("<script>window.spoilt"), "it is shown");
    equal(await page.evaluate(() => window.spoilt), undefined, "what it did");
    equal(await page.locator("course-panel img, course-panel script").count(), 0, "elements made of it");
}

async function what_does_not_compile_is_shown({ page }) {
    save(STUB.replace(SAYS, 'let n: u8 = "n";'));
    await comesTo(page, "It does not compile.");
    holds((await page.textContent(".live-fault pre")).includes("mismatched types"), "cargo's words");
    save(SOLVED);
    await comesTo(page, "3 of 3 hold.");
    equal(await page.locator(".live-fault pre").count(), 0, "cargo's words after it compiles");
}

async function the_keyboard_is_enough({ page }) {
    await page.getByRole("button", { name: "Check now" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("course-panel[busy]");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.waitForFunction(() => !document.querySelector(".live-bar input").checked);
    await page.keyboard.press("Space");
    await comesTo(page, "3 of 3 hold.");
}

async function two_tabs_agree({ page, address }) {
    const other = await page.context().newPage();
    await other.goto(`${address}01-tiny.html`);
    await comesTo(other, "3 of 3 hold.");
    await other.click(".live-bar input");
    await page.waitForFunction(() => !document.querySelector(".live-bar input").checked);
    await page.click(".live-bar input");
    await other.waitForFunction(() => document.querySelector(".live-bar input").checked);
    await other.close();
}

async function search_finds_a_word({ page, address }) {
    await page.goto(`${address}index.html`);
    await page.click("#mdbook-search-toggle");
    await page.locator("#mdbook-searchbar").pressSequentially("small");
    await page.waitForSelector("#mdbook-searchresults a[href*='01-tiny.html']");
}

async function every_theme_is_readable({ page, address }) {
    await page.goto(`${address}01-tiny.html`);
    await comesTo(page, "3 of 3 hold.");
    save(STUB);
    await comesTo(page, "3 are not written yet.");
    for (const theme of ["light", "rust", "coal", "navy", "ayu"]) {
        const choice = page.locator(`#mdbook-theme-${theme}`);
        if (!await choice.isVisible()) await page.click("#mdbook-theme-toggle");
        await choice.click();
        const found = await faults(page);
        equal(found.join("\n"), "", theme);
    }
}

async function a_phone_is_wide_enough({ page, address }) {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(`${address}01-tiny.html`);
    await page.waitForSelector(".live-summary:not(:empty)");
    await page.locator("course-panel summary", { hasText: "Compare" }).click();
    await page.waitForSelector("course-panel table");
    const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    holds(width <= room, `the page is ${width} wide, and the phone ${room}`);
    await page.setViewportSize({ width: 1280, height: 1000 });
}

async function a_saved_chapter_is_shown_where_the_reader_was({ page, address }) {
    writeFileSync(CHAPTER, `${readFileSync(CHAPTER, "utf8")}\n${"One more paragraph.\n\n".repeat(100)}`);
    await page.waitForFunction(() => document.body.textContent.includes("One more paragraph."), null, { timeout: LONG });
    await page.waitForSelector(".live-summary:not(:empty)");
    await page.evaluate(() => scrollTo({ top: 1500, behavior: "instant" }));
    const before = await page.evaluate(() => scrollY);
    writeFileSync(CHAPTER, `${readFileSync(CHAPTER, "utf8")}\nThe very last one.\n`);
    const begun = Date.now();
    await page.waitForFunction(() => document.body.textContent.includes("The very last one."), null, { timeout: LONG });
    console.log(`        a saved chapter is on the page after ${Date.now() - begun} ms`);
    await page.waitForSelector(".live-summary:not(:empty)");
    await page.waitForFunction((before) => Math.abs(scrollY - before) < 40, before);
}

async function a_server_that_ends_is_said_and_its_return_noticed(context) {
    const { page } = context;
    const expected = context.wrong.length;
    await context.server.end();
    await page.getByText("The book's server has ended").waitFor();
    context.server = await serve(READER, join(CHECKOUT, "book"), context.server.port);
    await page.waitForFunction(() => !document.documentElement.hasAttribute("data-live-gone"), null, { timeout: LONG });
    // That nobody answered is what this is about.
    context.wrong.splice(expected);
}

async function nothing_went_wrong_on_any_page({ wrong, elsewhere }) {
    equal(wrong.join("\n"), "", "errors on the console");
    equal(elsewhere.join("\n"), "", "requests that left the machine");
}

const server = await serve(READER, join(CHECKOUT, "book"));
const context = { server, address: server.address, ...await reader() };
const failed = await run([
    a_chapter_says_how_the_lesson_stands,
    a_quiz_explains_each_answer_and_remembers,
    a_saved_stub_turns_red_with_its_message,
    hints_open_one_by_one,
    compare_asks_before_the_lesson_is_green,
    a_mistake_is_predicted_and_met,
    a_saved_solution_turns_green_everywhere,
    what_a_program_says_is_text,
    what_does_not_compile_is_shown,
    the_keyboard_is_enough,
    two_tabs_agree,
    search_finds_a_word,
    every_theme_is_readable,
    a_phone_is_wide_enough,
    a_saved_chapter_is_shown_where_the_reader_was,
    a_server_that_ends_is_said_and_its_return_noticed,
    nothing_went_wrong_on_any_page,
], context);
await context.browser.close();
await context.server.end();
process.exit(failed ? 1 : 0);
