// @ts-check
// The line from the page to the server: many tabs, the way back, refusals, a server that ends.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LONG, equal, holds, reader, serve } from "./book.mjs";
import { BOOK, CHECKOUT, READER, SOLVED, WRONG, beside, chapter, comesTo, folded, press, save } from "./lesson.mjs";
import { withTabs } from "./tabs.mjs";

/** @import { Context } from "./lesson.mjs" */
/** @import { Page } from "playwright-core" */

const DOES_NOT_ANSWER = "The book's server does not answer.";
const NOTE = /Your progress could not be (saved|read)/;
const says = (/** @type {string} */ words) => `document.querySelector(".live-summary")?.textContent.includes("${words}") === true`;
const isOnSave = (/** @type {Page} */ page, /** @type {boolean} */ is) =>
    page.waitForFunction((is) => document.querySelector(".live-bar input")?.matches(":checked") === is, is);

/** @param {Context} context */
export async function a_seventh_tab_is_as_live_as_the_first({ address, server }) {
    await withTabs(async (open) => {
        const entrance = await open(server.entrance);
        await entrance.until("location.search === '' && document.title !== ''");
        const tabs = [];
        for (let count = 0; count < 8; count += 1) {
            const tab = await open(`${address}01-tiny.html`);
            await tab.until(says("3 of 3 hold."));
            tabs.push(tab);
        }
        equal(await tabs[0].see("document.visibilityState"), "hidden", "the first tab, behind the others");
        save(WRONG);
        await tabs[7].until(says("1 of 3 hold"), LONG);
        await tabs[0].show();
        await tabs[0].until(says("1 of 3 hold"));
        save(SOLVED);
        await tabs[0].until(says("3 of 3 hold."), LONG);
    });
}

/** @param {Context} context */
export async function a_page_goes_on_when_the_reader_comes_back_to_it({ address, server }) {
    const { browser, page } = await reader(server.entrance, { ignoreDefaultArgs: ["--disable-back-forward-cache"] });
    try {
        // mdBook's own handler keeps the page from being kept, in Chromium alone.
        await page.addInitScript(() => Object.defineProperty(globalThis, "onunload", { set() {} }));
        await chapter({ page, address });
        await page.evaluate(() => { globalThis.isKept = true; });
        await page.goto(`${address}index.html`);
        await page.goBack({ waitUntil: "commit" });
        await page.waitForFunction(() => globalThis.isKept);
        save(WRONG);
        await comesTo(page, "1 of 3 hold");
        save(SOLVED);
        await comesTo(page, "3 of 3 hold.");
    } finally {
        await browser.close();
    }
}

/** @param {Context} context */
export async function two_tabs_agree(context) {
    const { page } = context;
    await beside(context, async ({ page: other, address }) => {
        await chapter({ page: other, address });
        await comesTo(other, "3 of 3 hold.");
        await other.click(".live-bar input");
        await isOnSave(page, false);
        await page.click(".live-bar input");
        await isOnSave(other, true);
    });
}

/** @param {Context} context */
export async function what_is_refused_is_said_until_something_is_done(context) {
    const { page } = context;
    await page.route("**/lessons/01/check", (route) => route.fulfill({ status: 500, body: "This cannot be." }), { times: 1 });
    await press(page, "Check now");
    const problem = page.locator(".live-problem");
    await problem.getByText("This cannot be.").waitFor();
    await beside(context, async ({ page: other, address }) => {
        await chapter({ page: other, address });
        await other.click(".live-bar input");
        await isOnSave(page, false);
        await other.click(".live-bar input");
        await isOnSave(page, true);
    });
    equal(await problem.textContent(), "This cannot be.", "the refusal, after another tab has chosen");
    await page.route("**/live/on-save", (route) => route.abort(), { times: 1 });
    await page.click(".live-bar input");
    await problem.getByText(DOES_NOT_ANSWER).waitFor();
    await isOnSave(page, true);
    await press(page, "Check now");
    await problem.waitFor({ state: "hidden" });
    await comesTo(page, "3 of 3 hold.");
}

/** @param {Context} context */
export async function what_the_course_has_to_say_stays_on_every_page(context) {
    const { page, address } = context;
    const progress = join(CHECKOUT, ".course/progress.json");
    rmSync(progress, { force: true });
    // Nothing can be put in the place of a folder.
    mkdirSync(join(progress, "in-the-way"), { recursive: true });
    await press(page, "Check now");
    const note = page.locator(".live-note", { hasText: NOTE });
    await note.waitFor({ timeout: LONG });
    await comesTo(page, "3 of 3 hold.");
    await page.click(".live-bar input");
    await isOnSave(page, false);
    await page.click(".live-bar input");
    await isOnSave(page, true);
    holds(await note.isVisible(), "the note, after something was done");
    await beside(context, async ({ page: other }) => {
        await other.goto(`${address}index.html`);
        await other.locator(".live-banner").getByText(NOTE).waitFor();
    });
    rmSync(progress, { recursive: true });
}

/** @param {Context} context */
export async function a_server_that_ends_is_said_and_its_return_noticed(context) {
    const { page } = context;
    const banner = page.locator(".live-banner");
    await chapter(context);
    await context.server.end();
    await banner.getByText("The book's server has ended").waitFor();
    await page.getByText("these buttons wait for its return").waitFor();
    await page.waitForFunction(() => document.querySelector(".live-summary")?.textContent === "The book's server has ended.");
    /** @type {string[]} */
    const asked = [];
    page.on("request", (request) => { if (request.method() === "POST") asked.push(request.url()); });
    for (const control of [page.getByRole("button", { name: "Check now" }), page.locator(".live-bar input")]) {
        equal(await control.getAttribute("aria-disabled"), "true", "what asks the server is disabled");
        await control.focus();
        await page.keyboard.press("Space");
        await control.click({ force: true });
    }
    equal(asked.join(), "", "what was asked of nobody");
    holds(await page.isChecked(".live-bar input"), "nothing was chosen");
    await folded(page, "Compare").evaluate((details) => details.toggleAttribute("open", false));
    await folded(page, "Compare").locator("summary").click();
    await folded(page, "Compare").getByText(DOES_NOT_ANSWER).waitFor();
    context.server = await serve(READER, BOOK, context.server.port);
    // The new server knows nobody. Its address, opened anywhere in this browser, is what the open pages wait for.
    await banner.getByText("Open the address that cargo book has printed, in this browser").waitFor({ timeout: LONG });
    await beside(context, async ({ page: other }) => {
        await other.goto(context.server.entrance);
        equal(other.url(), context.address, "the address, once the token has been exchanged");
        equal(await other.evaluate(() => document.cookie), "", "what a page's scripts see of the cookie");
    });
    await banner.waitFor({ state: "hidden", timeout: LONG });
    await folded(page, "Compare").getByText(DOES_NOT_ANSWER).waitFor({ state: "hidden" });
    save(WRONG);
    await comesTo(page, "1 of 3 hold");
    await press(page, "Check now");
    await page.waitForSelector("course-panel[busy]");
    await comesTo(page, "1 of 3 hold");
}
