// @ts-check
// Every page of the real book: READER is the server, BOOK a copy of the book's folder in a copy of the course.

import { equal, faults, holds, reader, run, serve, told } from "./book.mjs";

/**
 * @import { Page } from "playwright-core"
 * @import { Reader } from "./book.mjs"
 * @typedef {Reader & { address: string, pages: string[] }} Context
 */

const MOST_BYTES = 400_000;

/**
 * The bytes that came over the line for a reader who has nothing yet.
 * @param {Page} page
 * @param {string} address
 */
async function bytes(page, address) {
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    let sum = 0;
    let arrived = () => {};
    const underway = new Set();
    const finished = (/** @type {string} */ id) => { if (underway.delete(id) && underway.size === 0) arrived(); };
    // The line to the server stays open.
    session.on("Network.requestWillBeSent", ({ requestId, type }) => { if (type !== "EventSource") underway.add(requestId); });
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => { sum += encodedDataLength; finished(requestId); });
    session.on("Network.loadingFailed", ({ requestId }) => finished(requestId));
    await page.goto(address);
    await settled(page);
    await page.evaluate(() => document.fonts.ready);
    if (underway.size > 0) await new Promise((resolve) => { arrived = () => resolve(null); });
    await session.detach();
    return sum;
}

/** @param {Context} context */
async function every_page_is_small({ page, pages, address }) {
    const heavy = [];
    for (const name of pages) {
        const sum = await bytes(page, address + name);
        console.log(`        ${String(Math.round(sum / 1000)).padStart(4)} KB  ${name}`);
        if (sum > MOST_BYTES) heavy.push(`${name}: ${sum} bytes`);
    }
    equal(heavy.join("\n"), "", "pages that are too heavy");
}

/** @param {Context} context */
async function axe_finds_no_serious_fault_on_any_page({ page, pages, address }) {
    const found = [];
    for (const name of pages) {
        await page.goto(address + name);
        await settled(page);
        found.push(...(await faults(page)).map((fault) => `${name}: ${fault}`));
    }
    equal(found.join("\n"), "", "faults");
}

/** @param {Context} context */
async function every_page_fits_a_phone({ page, pages, address }) {
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = [];
    for (const name of pages) {
        await page.goto(address + name);
        await settled(page);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > 390) wide.push(`${name}: ${width}`);
    }
    await page.setViewportSize({ width: 1280, height: 1000 });
    equal(wide.join("\n"), "", "pages that are too wide");
}

/** @param {Context} context */
async function a_phone_shows_the_chapter_and_where_a_picture_goes_on({ page, address }) {
    const bar = () => page.locator(".menu-title").innerText();
    const [view, words] = [page.locator(".diagram-view").first(), page.locator(".diagram-more").first()];
    const beyond = () => view.evaluate((view) => view.scrollWidth - view.clientWidth);
    await page.goto(`${address}05-event-loop.html`);
    holds((await bar()).startsWith("Async I/O in Rust"), `the bar: ${await bar()}`);
    equal(await beyond(), 0, "what of the picture is out of sight");
    equal((await words.boundingBox())?.height, 0, "the height of the words about it");
    await page.setViewportSize({ width: 390, height: 800 });
    equal(await bar(), "05 Event loop", "the bar on a phone");
    holds(await beyond() > 100 && ((await words.boundingBox())?.height ?? 0) > 10, "the words above a picture that scrolls");
    const split = await page.locator("main code.whole").evaluateAll((all) => all
        .filter((code) => code.textContent.length <= 28 && code.getClientRects().length > 1)
        .map((code) => code.textContent));
    equal(split.join(", "), "", "a few words of code on two lines");
    await page.setViewportSize({ width: 1280, height: 1000 });
}

/** @param {Context} context */
async function edge_and_level_go_step_by_step({ page, address }) {
    await page.goto(`${address}05-event-loop.html`);
    const picture = page.locator("course-edges");
    const press = (/** @type {string} */ name) => picture.getByRole("button", { name }).press("Enter");
    const said = () => picture.locator(".edges-said").textContent();
    const after = async (/** @type {number} */ steps) => {
        await press("six bytes arrive");
        for (let step = 0; step < steps; step += 1) await press("next step");
        return said();
    };
    holds((await after(3))?.includes("4 bytes lie in the queue"), "under an edge, four bytes are left");
    await press("one byte arrives");
    await press("next step");
    holds((await said())?.includes("epoll_wait returns fd 4"), "one more arrival tells of them");
    await picture.getByLabel(/until WouldBlock/).check();
    holds((await after(5))?.includes("WouldBlock"), "a drained loop ends in WouldBlock");
    await picture.getByLabel(/until WouldBlock/).uncheck();
    await picture.getByRole("radio", { name: /level/ }).check();
    holds((await after(7))?.includes("nothing is there"), "under a level, everything is read");
}

/** @param {Page} page */
async function settled(page) {
    if (await page.locator("course-panel").count()) await page.waitForSelector(".live-summary:not(:empty)");
}

/** @param {Context} context */
async function nothing_went_wrong_on_any_page({ wrong, elsewhere }) {
    equal(wrong.join("\n"), "", "errors on the console");
    equal(elsewhere.join("\n"), "", "requests that left the machine");
}

const server = await serve(told("READER"), told("BOOK"));
const arrived = await reader(server.entrance);
await arrived.page.goto(server.address);
const links = await arrived.page.locator("#mdbook-sidebar a[href$='.html']").evaluateAll((links) => links.map((link) => link.getAttribute("href")?.split("/").pop() ?? ""));
const context = { ...arrived, address: server.address, pages: [...new Set(links)] };
holds(context.pages.length > 5, `the pages of the book: ${context.pages}`);
const failed = await run([
    every_page_is_small,
    axe_finds_no_serious_fault_on_any_page,
    every_page_fits_a_phone,
    a_phone_shows_the_chapter_and_where_a_picture_goes_on,
    edge_and_level_go_step_by_step,
    nothing_went_wrong_on_any_page,
], context);
await context.browser.close();
await server.end();
process.exit(failed ? 1 : 0);
