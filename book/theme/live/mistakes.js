// @ts-check
// Mistakes of a lesson: choose one, predict which check goes red, run it, see.

import { element, fill, keepingFocus, rendered } from "./dom.js";
import { details, told } from "./verdict.js";

/**
 * @import { About, Lesson, Met } from "./state.js"
 * @import { Panel } from "./panel.js"
 */

export class Mistakes {
    /** @type {About["mistakes"]} */
    mistakes = [];
    // What the result was made of that is shown.
    #shown = "";

    /** @param {Panel} panel */
    constructor(panel) {
        this.panel = panel;
        this.choice = element("select", { onchange: () => this.tell() });
        this.guess = element("select");
        this.story = element("div", { class: "live-story" });
        this.run = element("button", { type: "submit", "data-asks": true }, "Run it");
        this.result = element("div", { class: "live-result" });
        const form = element("form", { onsubmit: (/** @type {SubmitEvent} */ event) => this.meet(event) },
            element("label", { class: "live-field" }, "Which mistake? ", this.choice), this.story,
            element("label", { class: "live-field" }, "Which check goes red? ", this.guess), this.run);
        this.root = element("details", { hidden: true }, element("summary", {}, "Mistakes of this lesson"),
            element("p", {}, "Each is the reference, made wrong in one way. Predict which check catches it. Your own program stays untouched."),
            form, this.result);
    }

    /** @param {About["mistakes"]} mistakes */
    describe(mistakes) {
        this.mistakes = mistakes;
        this.root.hidden = mistakes.length === 0;
        const chosen = this.choice.value;
        fill(this.choice, mistakes.map(({ name, words }) => [name, words]), option);
        if (mistakes.some(({ name }) => name === chosen)) this.choice.value = chosen;
        this.tell();
    }

    tell() {
        const chosen = this.mistakes.find(({ name }) => name === this.choice.value);
        fill(this.story, chosen ? [chosen.story] : [], (story) => rendered("div", {}, story));
    }

    /** @param {Lesson} lesson */
    show(lesson) {
        const guesses = lesson.checks.map(({ check, sentence }) => [check, sentence]);
        fill(this.guess, [["", "I do not know"], ...guesses], option);
        const shown = JSON.stringify([lesson.mistake, lesson.doing === "mistake"]);
        if (this.#shown === shown) return;
        this.#shown = shown;
        keepingFocus(this.result, () => this.result.replaceChildren(...this.results(lesson)), this.run);
    }

    /** @param {Lesson} lesson */
    results({ mistake, checks }) {
        if (!mistake) return [];
        const title = element("p", { class: "live-label" }, `The mistake “${mistake.name.replaceAll("-", " ")}”`);
        if (mistake.fault) return [title, element("p", { class: "live-text" }, mistake.fault)];
        const { guess, red, judged } = mistake;
        if (!judged) return [title, element("p", {}, "Building and running …")];
        const words = element("p", {}, answer(mistake, checks));
        if (guess && judged.verdict === "red") {
            const [mark, kind, word] = guess === red ? ["✓", "good", "right"] : ["✗", "bad", "not so"];
            words.prepend(element("span", { class: "live-state", "data-kind": kind }, element("span", { "aria-hidden": "true" }, `${mark} `), word), " ");
        }
        const said = judged.verdict === "red" ? [element("p", { class: "live-label" }, "What that check says of it")] : [];
        return [title, words, ...said, ...details(judged), this.wayToEdit(mistake.name)];
    }

    /**
     * What came of the mistake, in a sentence.
     * @param {Lesson} lesson
     */
    outcome({ mistake, checks }) {
        if (mistake?.fault) return "The mistake could not be run.";
        return mistake?.judged ? `The mistake: ${told(mistake)[1]}. ${answer(mistake, checks)}` : "";
    }

    /**
     * The chapter holds what was changed, folded, further down.
     * @param {string} name
     */
    wayToEdit(name) {
        /** @type {HTMLDetailsElement | null} */
        const folded = document.querySelector(`details.mistake[data-mistake="${CSS.escape(name)}"]`);
        if (!folded) return "";
        const open = () => {
            folded.open = true;
            folded.scrollIntoView({ block: "center" });
            folded.querySelector("summary")?.focus();
        };
        return element("button", { type: "button", class: "live-small", onclick: open }, "see what was changed");
    }

    /** @param {SubmitEvent} event */
    meet(event) {
        event.preventDefault();
        this.panel.act("mistake", { name: this.choice.value, guess: this.guess.value });
    }
}

/** @param {string[]} valueAndWords */
function option([value, words]) {
    return element("option", { value }, words);
}

/**
 * What the reader said, and what was seen.
 * @param {Met} mistake
 * @param {Lesson["checks"]} checks
 */
function answer({ guess, red, judged }, checks) {
    const words = (/** @type {string} */ name) => `“${checks.find(({ check }) => check === name)?.sentence ?? name}”`;
    const verdict = judged?.verdict;
    if (verdict === "green") return "It should have gone red, and did not. Your own program has not been touched.";
    if (verdict !== "red") return `Whether ${words(red)} catches it was not seen. Your own program has not been touched.`;
    if (guess === red) return `You said so: ${words(red)} catches it.`;
    return guess ? `You said ${words(guess)}; ${words(red)} catches it.` : `${words(red)} catches it.`;
}
