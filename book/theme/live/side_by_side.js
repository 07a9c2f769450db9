// @ts-check
// Compare: the learner's program and the reference, side by side, the words that differ marked.
//
// Invariant: whether the reader is asked first is the server's to say; nothing is shown that it has not been asked for.

import { refusal } from "./connection.js";
import { element, fill, say } from "./dom.js";

/**
 * @import { Compared, Facing, Line } from "./state.js"
 * @import { Panel } from "./panel.js"
 */

export class SideBySide {
    // Grows with each request: an answer that is not the newest's is late.
    #asked = 0;
    /**
     * The answer to the question, while it is asked and thereafter.
     * @type {HTMLElement | null}
     */
    #yes = null;

    /** @param {Panel} panel */
    constructor(panel) {
        this.panel = panel;
        this.body = element("div", { class: "live-side-by-side" });
        this.summary = element("summary", {}, "Compare with the reference");
        this.root = element("details", { ontoggle: () => this.toggled() }, this.summary, this.body);
    }

    toggled() {
        if (this.root.open) this.fetch(false);
        else this.body.replaceChildren();
    }

    // A comparison that is open may be of an older save.
    refresh() {
        if (this.root.open && !this.#isAsking) this.fetch(false);
    }

    /** @param {boolean} sure Whether the reader has been asked. */
    async fetch(sure) {
        const asked = this.#asked += 1;
        let show;
        try {
            const { files } = await this.panel.ask("compare", { sure });
            show = () => this.show(files, sure);
        } catch (error) {
            const refused = /** @type {Error & { status?: number }} */ (error);
            show = () => refused.status === 409 ? this.question() : this.fail(refusal(refused));
        }
        if (asked === this.#asked && this.root.open) show();
    }

    /**
     * @param {Compared[]} files
     * @param {boolean} wasAsked
     */
    show(files, wasAsked) {
        fill(this.body, files.length ? files : [null], file);
        if (wasAsked) /** @type {HTMLElement} */ (this.body.firstElementChild).focus();
    }

    /** @param {string} words */
    fail(words) {
        fill(this.body, [words], (words) => element("p", { class: "live-text" }, words));
        say(words);
    }

    get #isAsking() { return this.#yes !== null && this.body.contains(this.#yes); }

    // Once, before the lesson is green.
    question() {
        if (this.#isAsking) return;
        this.#yes = element("button", { type: "button", "data-asks": true, onclick: () => this.fetch(true) }, "Show the reference");
        const no = element("button", { type: "button", onclick: () => this.fold() }, "Not yet");
        this.body.replaceChildren(
            element("p", {}, "This lesson is not green yet. The reference answers what you are asked to find out. Show it all the same?"),
            element("div", { class: "live-bar" }, this.#yes, no));
    }

    fold() {
        this.root.open = false;
        this.summary.focus();
    }
}

/**
 * A file in which the two differ; null when there is none.
 * @param {Compared | null} compared
 */
function file(compared) {
    if (!compared) return element("p", { tabindex: -1 }, "Your program and the reference are the same, line by line.");
    const { path, whose, places } = compared;
    const words = { both: "", yours: ", only in yours", reference: ", only in the reference" }[whose];
    const rows = places.flatMap((rows, index) => [
        ...(index ? [element("tr", { class: "live-gap" }, element("td", { colspan: 4 }, "…"))] : []),
        ...rows.map(row),
    ]);
    return element("div", { class: "live-scroll", tabindex: 0, role: "group", "aria-label": `src/${path}, compared` },
        element("table", {},
            element("caption", {}, element("code", {}, `src/${path}`), words),
            element("colgroup", {}, ...["live-number", "", "live-number", ""].map((kind) => element("col", { class: kind }))),
            element("thead", {}, element("tr", {},
                element("th", { colspan: 2, scope: "col" }, "yours"), element("th", { colspan: 2, scope: "col" }, "reference"))),
            element("tbody", {}, rows)));
}

/** @param {Facing} facing */
function row({ same, yours, reference }) {
    return element("tr", { class: same ? "live-same" : "live-differs" }, ...side(yours, "live-yours", "del"), ...side(reference, "live-reference", "ins"));
}

/**
 * @param {Line | null} line
 * @param {string} whose
 * @param {"del" | "ins"} mark
 */
function side(line, whose, mark) {
    if (!line) return [element("td", { class: "live-number" }), element("td", { class: `${whose} live-none` })];
    const pieces = line.pieces.map(([differs, text]) => differs ? element(mark, {}, text) : text);
    return [element("td", { class: "live-number" }, String(line.number)), element("td", { class: whose }, element("code", {}, ...pieces))];
}
