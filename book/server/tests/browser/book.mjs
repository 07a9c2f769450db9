// @ts-check
// A served book and a browser that reads it, for the scenarios.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

/**
 * @import { LaunchOptions, Page } from "playwright-core"
 * @typedef {Awaited<ReturnType<typeof serve>>} Server
 * @typedef {Awaited<ReturnType<typeof reader>>} Reader
 */

// What waits for a build, and what does not.
export const LONG = 120_000;
export const SOON = 20_000;

/**
 * What the test that calls a script tells it.
 * @param {string} name
 */
export function told(name) {
    const value = process.env[name];
    if (value === undefined) throw new Error(`${name} is not set: book/server/tests/browser.rs calls this`);
    return value;
}

const AXE = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/**
 * Serves the book in `folder` by the program at `reader`; `end` ends it.
 * @param {string} reader
 * @param {string} folder
 */
export async function serve(reader, folder, port = 0) {
    const child = spawn(reader, ["serve", "--no-open", "--port", String(port), folder], { stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const [line] = await Promise.race([
        (async () => { for await (const line of createInterface(child.stdout)) return [line]; return []; })(),
        ended.then(() => []),
    ]);
    if (!line) throw new Error("the server said nothing");
    // What is printed lets a browser in; the pages stand below it without the token.
    const entrance = line.match(/http:\S+/)?.[0] ?? "";
    const place = new URL(entrance);
    return {
        entrance,
        address: `${place.origin}/`,
        port: Number(place.port),
        end: async () => { child.kill("SIGINT"); await ended; },
    };
}

/**
 * A page that has come in by `entrance`, in a browser that keeps what goes wrong on any of its pages, and what they
 * would tell a screen reader.
 * @param {string} entrance
 * @param {LaunchOptions} [options]
 */
export async function reader(entrance, options = {}) {
    const browser = await chromium.launch({ executablePath: told("CHROMIUM"), args: ["--no-sandbox"], ...options });
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
    context.setDefaultTimeout(SOON);
    await context.addInitScript(listen);
    /** @type {string[]} */
    const wrong = [];
    /** @type {string[]} */
    const elsewhere = [];
    context.on("console", (message) => { if (message.type() === "error") wrong.push(`${message.page()?.url()}: ${message.text()}`); });
    context.on("weberror", (fault) => wrong.push(`${fault.page()?.url()}: thrown: ${fault.error().message}`));
    context.on("request", (request) => {
        const { hostname, protocol } = new URL(request.url());
        if (protocol !== "data:" && !["127.0.0.1", "localhost"].includes(hostname)) elsewhere.push(request.url());
    });
    const page = await context.newPage();
    await page.goto(entrance);
    return { browser, page, wrong, elsewhere };
}

// Keeps the text of each live region whenever something comes into it; this runs in the page.
function listen() {
    globalThis.heard = [];
    new MutationObserver((changes) => {
        for (const { target } of changes) {
            const region = (target instanceof Element ? target : target.parentElement)?.closest("[aria-live], [role=status], [role=alert]");
            const words = region?.textContent?.trim();
            if (region && words && region.getAttribute("aria-live") !== "off" && globalThis.heard.at(-1) !== words) globalThis.heard.push(words);
        }
    }).observe(document, { subtree: true, childList: true, characterData: true });
}

/**
 * What a screen reader was told since this was asked last.
 * @param {Page} page
 */
export function heard(page) {
    return page.evaluate(() => globalThis.heard.splice(0));
}

/**
 * @param {unknown} is
 * @param {string} words
 */
export function holds(is, words) {
    if (!is) throw new Error(words);
}

/**
 * @param {unknown} one
 * @param {unknown} other
 * @param {string} words
 */
export function equal(one, other, words) {
    holds(one === other, `${words}: ${JSON.stringify(one)}, and not ${JSON.stringify(other)}`);
}

/**
 * What axe-core calls serious or critical in the part of the page that `within` selects, a line each.
 * @param {Page} page
 */
export async function faults(page, within = "html") {
    if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(AXE);
    const { violations } = await page.evaluate((within) => globalThis.axe.run(within, { resultTypes: ["violations"] }), within);
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary?.split("\n")[1]?.trim()}`));
}

/**
 * Runs each scenario, says what came of it, and tells how many failed.
 * @template Context
 * @param {((context: Context) => Promise<void>)[]} scenarios
 * @param {Context} context
 */
export async function run(scenarios, context) {
    let failed = 0;
    for (const scenario of scenarios) {
        const words = scenario.name.replaceAll("_", " ");
        const begun = Date.now();
        try {
            await scenario(context);
            console.log(`ok      ${words} (${Date.now() - begun} ms)`);
        } catch (error) {
            failed += 1;
            console.log(`FAILED  ${words}\n${error instanceof Error ? error.stack : error}`);
        }
    }
    return failed;
}
