// @ts-check
// The reader's place in the page: the focus of the keyboard, what a screen reader is told, the word beside the text.

import { LONG, equal, heard, holds } from "./book.mjs";
import { SOLVED, STUB, WRONG, beside, chapter, check, comesTo, folded, save, unfold } from "./lesson.mjs";

/** @import { Context } from "./lesson.mjs" */
/** @import { Page } from "playwright-core" */

const SHORT = 200;

// Where the focus is, in words.
const focused = (/** @type {Page} */ page) => page.evaluate(() => {
    const at = document.activeElement ?? document.body;
    const item = at.closest("li[data-check]")?.getAttribute("data-check") ?? "";
    return `${at.localName}.${at.className} ${at.ariaLabel ?? at.textContent?.slice(0, 40)} (${item})`;
});

/**
 * @param {Page} page
 * @param {string} words
 */
async function focusIsOn(page, words) {
    const at = await focused(page);
    holds(at.includes(words), `the focus is on ${at}, and not on ${words}`);
}

/**
 * Steps with Tab until the focus is on something with these words.
 * @param {Page} page
 * @param {string} words
 */
async function tabTo(page, words) {
    for (let steps = 0; steps < 60; steps += 1) {
        await page.keyboard.press("Tab");
        if ((await focused(page)).includes(words)) return;
    }
    throw new Error(`60 steps do not lead to ${words}`);
}

/** @param {Context} context */
export async function the_keyboard_is_enough({ page }) {
    await page.getByRole("button", { name: "Check now" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("course-panel[busy]");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.waitForFunction(() => document.querySelector(".live-bar input:not(:checked)"));
    await page.keyboard.press("Space");
    await comesTo(page, "3 of 3 hold.");
}

/** @param {Context} context */
export async function the_focus_goes_to_what_was_asked_for(context) {
    const { page } = context;
    await chapter(context);
    await comesTo(page, "1 of 3 hold");
    await page.getByRole("button", { name: "Check now" }).focus();
    await tabTo(page, "A hint for: echoes once more");
    await page.keyboard.press("Enter");
    await check(page, "echoes_once_more").getByText("Hint 1 of 2").waitFor();
    await focusIsOn(page, "Hint 1 of 2");
    await tabTo(page, "Another hint for: echoes once more");
    await page.keyboard.press("Enter");
    await check(page, "echoes_once_more").getByText("Hint 2 of 2").waitFor();
    await focusIsOn(page, "Hint 2 of 2");
}

/** @param {Context} context */
export async function the_question_before_compare_keeps_the_focus({ page }) {
    const compare = folded(page, "Compare");
    await tabTo(page, "Compare with the reference");
    await page.keyboard.press("Enter");
    await compare.getByRole("button", { name: "Not yet" }).waitFor();
    await tabTo(page, "Not yet");
    await page.keyboard.press("Enter");
    await focusIsOn(page, "Compare with the reference");
    await page.keyboard.press("Enter");
    await compare.getByRole("button", { name: "Show the reference" }).waitFor();
    await tabTo(page, "Show the reference");
    await page.keyboard.press("Enter");
    await compare.locator("table").waitFor();
    await focusIsOn(page, "src/main.rs, compared");
    save(`${WRONG}// One more line.\n`);
    await compare.getByText("// One more line.").waitFor({ timeout: LONG });
    await focusIsOn(page, "src/main.rs, compared");
    await compare.locator("summary").click();
}

/** @param {Context} context */
export async function a_run_leaves_the_focus_where_it_is({ page }) {
    save(STUB);
    await comesTo(page, "3 are not written yet.");
    const link = page.locator("li[data-check] .live-place a").first();
    await link.waitFor();
    const name = await link.evaluate((link) => link.closest("li")?.dataset.check);
    await link.focus();
    await runs(page, () => save(`\n${STUB}`));
    await focusIsOn(page, `(${name})`);
    await unfold(page, "Open in the editor");
    const copy = folded(page, "Open in the editor").getByRole("button").first();
    await copy.focus();
    // The `todo!` is one line further down, and so are the links.
    await runs(page, () => save(`\n\n${STUB}`));
    await focusIsOn(page, "Copy the path");
    await unfold(page, "Mistakes of this lesson");
    await page.getByRole("button", { name: "Run it" }).focus();
    await runs(page, () => page.keyboard.press("Enter"));
    await focusIsOn(page, "Run it");
}

/**
 * Does what makes something run, and waits until the page has shown all that comes of it.
 * @param {Page} page
 * @param {() => void | Promise<void>} begin
 */
async function runs(page, begin) {
    const isBusy = page.waitForSelector("course-panel[busy]", { timeout: LONG });
    await begin();
    await isBusy;
    const described = await page.waitForResponse((response) => response.url().endsWith("/live/lessons/01"), { timeout: LONG });
    await described.finished();
    await page.waitForSelector("course-panel:not([busy])");
}

/** @param {Context} context */
export async function a_run_is_told_in_a_sentence({ page }) {
    await comesTo(page, "3 of 3 hold.");
    await heard(page);
    save(WRONG);
    await comesTo(page, "1 of 3 hold");
    const told = await heard(page);
    holds(told.some((words) => words.includes("1 of 3 hold, 2 do not. “echoes every byte back”: does not hold.")), `what was told: ${told}`);
    equal(told.filter((words) => words.length > SHORT).join("\n"), "", "what is too long to be told");
}

/** @param {Context} context */
export async function a_remembered_answer_is_not_told_again({ page }) {
    await page.reload();
    await page.waitForSelector(".quiz-verdict:not(:empty)");
    await page.waitForSelector(".live-summary:not(:empty)");
    equal((await heard(page)).join("\n"), "", "what was told of a page that has only been opened");
    await page.locator(".quiz input").first().focus();
    await page.keyboard.press("ArrowRight");
    const told = await heard(page);
    equal(told.length, 1, `what was told of an answer: ${told}`);
}

/** @param {Context} context */
export async function the_word_beside_the_text_can_be_closed_and_goes_by_itself(context) {
    await beside(context, async ({ page, address }) => {
        await page.clock.install();
        await page.setViewportSize({ width: 390, height: 500 });
        await chapter({ page, address });
        const pill = page.locator(".live-pill");
        holds(!await pill.isVisible(), "there is no news yet");
        save(SOLVED);
        await pill.getByText("Lesson 01: 3 of 3 hold.").waitFor({ timeout: LONG });
        const { y, height } = await pill.boundingBox() ?? { y: 0, height: 0 };
        equal(Math.round(y + height), 500, "where it ends, on a phone");
        const room = await page.evaluate(() => parseFloat(getComputedStyle(document.body).paddingBlockEnd));
        holds(room >= height, `it is ${height} high, and the page leaves ${room} below its end`);
        await pill.getByRole("button", { name: "Close" }).click();
        await pill.waitFor({ state: "hidden" });
        // It stays while somebody points at it.
        await page.mouse.move(10, 10);
        save(WRONG);
        await pill.getByText("Lesson 01: 1 of 3 hold").waitFor({ timeout: LONG });
        await comesTo(page, "1 of 3 hold");
        await page.clock.fastForward(11_000);
        await pill.waitFor({ state: "hidden" });
    });
}
