// @ts-check
// The line to the server: what it tells, and what is asked of it.
//
// The server tells states, never steps: `course` once and whenever it changes, `lesson` for each lesson alike. After
// a pause, however long, everything is told again; so a page that slept, or whose server was started anew, is right.
//
// Invariant: there is at most one line, and only while the page is seen: browsers allow six to one server, in all
// tabs together.

import { element } from "./dom.js";

/** @import { Course, Lesson } from "./state.js" */

const AGAIN_AFTER = 2000;

/**
 * What is to be said of what `ask` has thrown.
 * @param {{ status?: number, message: string }} error
 */
export function refusal({ status, message }) {
    return status ? message : "The book's server does not answer.";
}

// What to do when nobody answers, as nodes.
export function toOpenAgain() {
    return ["To open it again, type ", element("code", {}, "just book"), " or ", element("code", {}, "cargo book"), "; this page goes on by itself."];
}

// The same where somebody answers and refuses: each start of the server lets in those who bring its own token.
export function toComeInAgain() {
    return ["Open the address that ", element("code", {}, "cargo book"), " has printed, in this browser; then this page goes on by itself."];
}

export class Connection extends EventTarget {
    /** @type {Course | null} */
    course = null;
    /**
     * By number, `06`.
     * @type {Map<string, Lesson>}
     */
    lessons = new Map();
    gone = false;
    // Whether the server that answers is another one, which does not know this browser yet; only while `gone`.
    isLockedOut = false;
    /**
     * The line, while there is one.
     * @type {EventSource | null}
     */
    #source = null;
    /**
     * The timer of the next try, while nobody answers.
     * @type {ReturnType<typeof setTimeout> | undefined}
     */
    #again;

    // Opens the line whenever the page is seen, from now on.
    begin() {
        document.addEventListener("visibilitychange", () => this.#follow());
        // A page that is left may be kept as it is, for the way back.
        addEventListener("pagehide", () => this.#close());
        addEventListener("pageshow", () => this.#follow());
        this.#follow();
    }

    /**
     * Calls `hear` with each piece of news of one type: `anew`, `course`, `gone`, or `lesson`, which comes with the
     * lesson's number. What this returns ends it.
     * @param {"anew" | "course" | "gone" | "lesson"} type
     * @param {(number: string) => void} hear
     */
    on(type, hear) {
        const listener = (/** @type {Event} */ event) => hear(/** @type {CustomEvent} */ (event).detail);
        this.addEventListener(type, listener);
        return () => this.removeEventListener(type, listener);
    }

    /**
     * Asks for something to be done; the answer's JSON, if it has any. Throws what the server says against it.
     * @param {string} path
     * @returns {Promise<any>}
     */
    async ask(path, body = {}) {
        const answer = await fetch(`/live/${path}`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
        });
        const text = await answer.text();
        if (!answer.ok) throw Object.assign(new Error(text), { status: answer.status });
        return text ? JSON.parse(text) : null;
    }

    #follow() {
        if (document.hidden) this.#close();
        else if (!this.#source) this.#open();
    }

    #open() {
        clearTimeout(this.#again);
        const source = new EventSource("/live/events");
        this.#source = source;
        source.addEventListener("open", () => this.#tell("anew"));
        source.addEventListener("course", (event) => {
            this.#isHere(true);
            this.course = JSON.parse(event.data);
            this.#tell("course");
        });
        source.addEventListener("lesson", (event) => {
            const lesson = JSON.parse(event.data);
            this.lessons.set(lesson.number, lesson);
            this.#tell("lesson", lesson.number);
        });
        source.addEventListener("error", () => {
            this.#isHere(false);
            // Some browsers try again by themselves, some give up; one way for all.
            this.#close();
            this.#again = setTimeout(() => this.#follow(), AGAIN_AFTER);
            this.#knock();
        });
    }

    // Asks whether nobody answers or somebody refuses: a line that fails does not tell.
    async #knock() {
        const answer = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null);
        const isLockedOut = this.gone && answer?.status === 403;
        if (this.isLockedOut === isLockedOut) return;
        this.isLockedOut = isLockedOut;
        this.#tell("gone");
    }

    #close() {
        clearTimeout(this.#again);
        this.#source?.close();
        this.#source = null;
    }

    /** @param {boolean} here */
    #isHere(here) {
        if (this.gone !== here) return;
        this.gone = !here;
        this.isLockedOut = false;
        this.#tell("gone");
    }

    /**
     * @param {string} type
     * @param {string} [detail]
     */
    #tell(type, detail) {
        this.dispatchEvent(new CustomEvent(type, { detail }));
    }
}
