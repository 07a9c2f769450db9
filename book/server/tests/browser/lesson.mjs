// @ts-check
// The tiny lesson of the scratch copy of the course: CHECKOUT is where it lies.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LONG, told } from "./book.mjs";

/**
 * @import { Page } from "playwright-core"
 * @import { Reader, Server } from "./book.mjs"
 * @typedef {Reader & { server: Server, address: string }} Context
 * @typedef {Pick<Context, "page" | "address">} Place
 */

export const READER = told("READER");
export const CHECKOUT = told("CHECKOUT");
export const BOOK = join(CHECKOUT, "book");
export const CHAPTER = join(BOOK, "src/01-tiny.md");
const MAIN = join(CHECKOUT, "lessons/01-tiny/src/main.rs");

export const STUB = readFileSync(MAIN, "utf8");
export const SOLVED = readFileSync(join(CHECKOUT, "solutions/01-tiny/src/main.rs"), "utf8");
// Sends another byte back than came: two of the three checks go red.
export const WRONG = SOLVED.replace("client.write_all(&buffer[..n])?;", "buffer[0] ^= 1;\n        client.write_all(&buffer[..n])?;");
// The stub with `code` in the place of its first `todo!`.
export const saying = (/** @type {string} */ code) => STUB.replace('todo!("say where the program listens");', code);

export const save = (/** @type {string} */ text) => writeFileSync(MAIN, text);
export const summary = (/** @type {Page} */ page) => page.textContent(".live-summary");
// Waits until nothing is being done and the summary has these words.
export const comesTo = (/** @type {Page} */ page, /** @type {string} */ words) => page.waitForFunction(
    (words) => document.querySelector(".live-summary")?.textContent?.includes(words) && document.querySelector("course-panel:not([busy])"),
    words, { timeout: LONG });
export const check = (/** @type {Page} */ page, /** @type {string} */ name) => page.locator(`li[data-check="${name}"]`);
export const folded = (/** @type {Page} */ page, /** @type {string} */ words) => page.locator("course-panel > details", { has: page.locator("summary", { hasText: words }) });
export const unfold = (/** @type {Page} */ page, /** @type {string} */ words) =>
    folded(page, words).evaluate((details) => details.toggleAttribute("open", true));
export const press = (/** @type {Page} */ page, /** @type {string} */ name) => page.getByRole("button", { name }).click();

/**
 * The chapter, once it shows how the lesson stands.
 * @param {Place} place
 */
export async function chapter({ page, address }) {
    await page.goto(`${address}01-tiny.html`);
    await page.waitForSelector(".live-summary:not(:empty)");
}

/**
 * Does `work` on another page of the same browser.
 * @param {Place} place
 * @param {(place: Place) => Promise<void>} work
 */
export async function beside({ page, address }, work) {
    const other = await page.context().newPage();
    try {
        await work({ page: other, address });
    } finally {
        await other.close();
    }
}
