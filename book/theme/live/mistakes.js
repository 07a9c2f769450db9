// Mistakes of a lesson: choose one, predict which check goes red, run it, see.

import { element, rendered } from "./dom.js";
import { details, told } from "./verdict.js";

export class Mistakes {
    constructor(panel) {
        this.panel = panel;
        this.choice = element("select", { onchange: () => this.tell() });
        this.guess = element("select");
        this.story = element("div", { class: "live-story" });
        this.run = element("button", { type: "submit" }, "Run it");
        this.result = element("div", { class: "live-result", role: "status" });
        const form = element("form", { onsubmit: (event) => this.meet(event) },
            element("label", { class: "live-field" }, "Which mistake? ", this.choice), this.story,
            element("label", { class: "live-field" }, "Which check goes red? ", this.guess), this.run);
        this.root = element("details", { hidden: true }, element("summary", {}, "Mistakes of this lesson"),
            element("p", {}, "Each is the reference, made wrong in one way. Predict which check catches it. Your own program stays untouched."),
            form, this.result);
    }

    describe(mistakes) {
        const chosen = this.choice.value;
        this.mistakes = mistakes;
        this.root.hidden = mistakes.length === 0;
        this.choice.replaceChildren(...mistakes.map(({ name, words }) => element("option", { value: name }, words)));
        if (mistakes.some(({ name }) => name === chosen)) this.choice.value = chosen;
        this.tell();
    }

    tell() {
        const chosen = this.mistakes?.find(({ name }) => name === this.choice.value);
        this.story.replaceChildren(...(chosen ? [rendered("div", {}, chosen.story)] : []));
    }

    show(lesson) {
        if (this.guess.options.length !== lesson.checks.length + 1) {
            this.guess.replaceChildren(element("option", { value: "" }, "I do not know"),
                ...lesson.checks.map(({ check, sentence }) => element("option", { value: check }, sentence)));
        }
        this.run.disabled = lesson.doing === "mistake";
        const shown = JSON.stringify([lesson.mistake, lesson.doing === "mistake"]);
        if (this.shown === shown) return;
        this.shown = shown;
        this.result.replaceChildren(...this.results(lesson));
    }

    results(lesson) {
        const mistake = lesson.mistake;
        if (!mistake) return [];
        const words = (check) => lesson.checks.find((view) => view.check === check)?.sentence ?? check;
        const title = element("p", { class: "live-label" }, `The mistake “${mistake.name.replaceAll("-", " ")}”`);
        if (mistake.fault) return [title, element("p", { class: "live-text" }, mistake.fault)];
        if (!mistake.judged) return [title, element("p", {}, "Running …")];
        const [mark, verdict, kind] = told({ judged: mistake.judged });
        const state = element("span", { class: "live-state", "data-kind": kind }, element("span", { "aria-hidden": "true" }, `${mark} `), verdict);
        let answer = `${words(mistake.red)}.`;
        if (mistake.guess === mistake.red) answer = `You said so: “${words(mistake.red)}” catches it.`;
        else if (mistake.guess) answer = `You said “${words(mistake.guess)}”; “${words(mistake.red)}” catches it.`;
        else answer = `“${words(mistake.red)}” catches it.`;
        if (mistake.judged.verdict !== "red") answer = "It should have gone red, and did not. Your own program has not been touched.";
        return [title, element("p", {}, state, " ", answer), ...details(mistake.judged), this.wayToEdit(mistake.name)];
    }

    // The chapter holds what was changed, folded, further down.
    wayToEdit(name) {
        const folded = document.querySelector(`details.mistake[data-mistake="${CSS.escape(name)}"]`);
        if (!folded) return "";
        const open = () => {
            folded.open = true;
            folded.scrollIntoView({ block: "center" });
            folded.querySelector("summary").focus();
        };
        return element("button", { type: "button", class: "live-small", onclick: open }, "see what was changed");
    }

    meet(event) {
        event.preventDefault();
        this.panel.act("mistake", { name: this.choice.value, guess: this.guess.value }).catch(() => {});
    }
}
