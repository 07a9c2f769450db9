// @ts-check
// A Chromium whose tabs are as hidden as they are for a reader: playwright keeps all of its pages in sight.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SOON, told } from "./book.mjs";

/**
 * @import { Readable, Writable } from "node:stream"
 * @typedef {ReturnType<typeof talk>} Send
 */

/**
 * Does `work` with a function that opens a tab, in front of the others.
 * @param {(open: (address: string) => Promise<Tab>) => Promise<void>} work
 */
export async function withTabs(work) {
    const folder = mkdtempSync(join(tmpdir(), "tabs-"));
    const options = ["--headless", "--no-sandbox", "--remote-debugging-pipe", `--user-data-dir=${folder}`, "about:blank"];
    const child = spawn(told("CHROMIUM"), options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    // The two ends of the pipe for which `options` asks.
    const send = talk(/** @type {Writable} */ (child.stdio[3]), /** @type {Readable} */ (child.stdio[4]));
    try {
        await work(async (address) => {
            const { targetId } = await send("Target.createTarget", { url: address });
            const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
            return new Tab(send, targetId, sessionId);
        });
    } finally {
        await send("Browser.close");
        await ended;
        rmSync(folder, { recursive: true, force: true });
    }
}

class Tab {
    /**
     * @param {Send} send
     * @param {string} targetId
     * @param {string} sessionId
     */
    constructor(send, targetId, sessionId) {
        this.send = send;
        this.targetId = targetId;
        this.sessionId = sessionId;
    }

    show() {
        return this.send("Target.activateTarget", { targetId: this.targetId });
    }

    /** @param {string} expression */
    async see(expression) {
        const { result } = await this.send("Runtime.evaluate", { expression, returnByValue: true }, this.sessionId);
        return result.value;
    }

    /**
     * Waits until `expression` is true in the page.
     * @param {string} expression
     */
    async until(expression, millis = SOON) {
        const deadline = Date.now() + millis;
        while (await this.see(expression) !== true) {
            if (Date.now() > deadline) throw new Error(`not so after ${millis} ms: ${expression}`);
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }
}

/**
 * Sends commands of the DevTools protocol, one JSON text after another, each closed by a zero byte. What it returns
 * sends one, and waits for its answer.
 * @param {Writable} to
 * @param {Readable} from
 * @returns {(method: string, params?: object, sessionId?: string) => Promise<any>}
 */
function talk(to, from) {
    const waiting = new Map();
    let text = "";
    from.setEncoding("utf8").on("data", (more) => {
        const messages = (text + more).split("\0");
        text = messages.pop() ?? "";
        for (const { id, result, error } of messages.map((message) => JSON.parse(message))) {
            const { resolve, reject } = waiting.get(id) ?? {};
            if (error) reject?.(new Error(error.message));
            else resolve?.(result);
        }
    });
    let last = 0;
    return (method, params, sessionId) => new Promise((resolve, reject) => {
        const id = last += 1;
        waiting.set(id, { resolve, reject });
        to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}
