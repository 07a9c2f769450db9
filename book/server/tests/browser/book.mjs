// A served book and a browser that reads it, for the scenarios.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

// What waits for a build, and what does not.
export const LONG = 120_000;
const SOON = 20_000;

const axe = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

// Serves the book in `folder` by the program at `reader`; `end` ends it.
export async function serve(reader, folder, port = 0) {
    const child = spawn(reader, ["serve", "--no-open", "--port", String(port), folder], { stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const [line] = await Promise.race([
        (async () => { for await (const line of createInterface(child.stdout)) return [line]; return []; })(),
        ended.then(() => []),
    ]);
    if (!line) throw new Error("the server said nothing");
    const address = line.match(/http:\S+/)[0];
    return {
        address,
        port: Number(new URL(address).port),
        end: async () => { child.kill("SIGINT"); await ended; },
    };
}

// A page that keeps what went wrong on it.
export async function reader(options = {}) {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(SOON);
    const wrong = [];
    const elsewhere = [];
    page.on("console", (message) => { if (message.type() === "error") wrong.push(`${page.url()}: ${message.text()}`); });
    page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error.message}`));
    page.on("request", (request) => {
        const { hostname, protocol } = new URL(request.url());
        if (protocol !== "data:" && !["127.0.0.1", "localhost"].includes(hostname)) elsewhere.push(request.url());
    });
    return { browser, page, wrong, elsewhere };
}

export function holds(is, words) {
    if (!is) throw new Error(words);
}

export function equal(one, other, words) {
    holds(one === other, `${words}: ${JSON.stringify(one)}, and not ${JSON.stringify(other)}`);
}

// What axe-core calls serious or critical, a line each.
export async function faults(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary.split("\n")[1]?.trim()}`));
}

// Runs each scenario, says what came of it, and tells by the exit code.
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
            console.log(`FAILED  ${words}\n${error.stack}`);
        }
    }
    return failed;
}
