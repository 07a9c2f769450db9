// The tiny lesson of the scratch copy of the course: CHECKOUT is where it lies.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LONG } from "./book.mjs";

export const { READER, CHECKOUT } = process.env;
export const BOOK = join(CHECKOUT, "book");
export const CHAPTER = join(BOOK, "src/01-tiny.md");
const MAIN = join(CHECKOUT, "lessons/01-tiny/src/main.rs");

export const STUB = readFileSync(MAIN, "utf8");
export const SOLVED = readFileSync(join(CHECKOUT, "solutions/01-tiny/src/main.rs"), "utf8");
// Sends another byte back than came: two of the three checks go red.
export const WRONG = SOLVED.replace("client.write_all(&buffer[..n])?;", "buffer[0] ^= 1;\n        client.write_all(&buffer[..n])?;");
// The stub with `code` in the place of its first `todo!`.
export const saying = (code) => STUB.replace('todo!("say where the program listens");', code);

export const save = (text) => writeFileSync(MAIN, text);
export const summary = (page) => page.textContent(".live-summary");
// Waits until nothing is being done and the summary has these words.
export const comesTo = (page, words) => page.waitForFunction(
    (words) => document.querySelector(".live-summary")?.textContent.includes(words) && !document.querySelector("course-panel").hasAttribute("busy"),
    words, { timeout: LONG });
export const check = (page, name) => page.locator(`li[data-check="${name}"]`);
export const folded = (page, words) => page.locator("course-panel > details", { has: page.locator("summary", { hasText: words }) });
export const unfold = (page, words) => folded(page, words).evaluate((details) => { details.open = true; });
export const press = (page, name) => page.getByRole("button", { name }).click();

// The chapter, once it shows how the lesson stands.
export async function chapter({ page, address }) {
    await page.goto(`${address}01-tiny.html`);
    await page.waitForSelector(".live-summary:not(:empty)");
}

// Does `work` on another page of the same browser.
export async function beside({ page, address }, work) {
    const other = await page.context().newPage();
    try {
        await work({ page: other, address });
    } finally {
        await other.close();
    }
}
