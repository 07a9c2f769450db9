// Compare: the learner's program and the reference, side by side, the words that differ marked.

import { element } from "./dom.js";

export class Beside {
    constructor(panel) {
        this.panel = panel;
        this.body = element("div", { class: "live-beside" });
        this.root = element("details", { ontoggle: () => this.toggled() }, element("summary", {}, "Compare with the reference"), this.body);
    }

    show(lesson) {
        this.lesson = lesson;
    }

    toggled() {
        if (!this.root.open) return this.body.replaceChildren();
        if (this.lesson && !this.lesson.green && !this.lesson.compared) return this.question();
        return this.fetch(true);
    }

    // Once, before the lesson is green.
    question() {
        const yes = element("button", { type: "button", onclick: () => this.fetch(true) }, "Show the reference");
        const no = element("button", { type: "button", onclick: () => { this.root.open = false; } }, "Not yet");
        this.body.replaceChildren(
            element("p", {}, "This lesson is not green yet. The reference answers what you are asked to find out. Show it all the same?"),
            element("div", { class: "live-bar" }, yes, no));
    }

    async fetch(sure) {
        try {
            const { files } = await this.panel.act("compare", { sure });
            this.body.replaceChildren(...(files.length ? files.map(file) : [element("p", {}, "Your program and the reference are the same, line by line.")]));
        } catch (error) {
            if (error.status === 409) this.question();
        }
    }
}

function file({ path, whose, places }) {
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

function row({ same, yours, reference }) {
    return element("tr", { class: same ? "live-same" : "live-differs" }, ...side(yours, "live-yours", "del"), ...side(reference, "live-reference", "ins"));
}

function side(line, whose, mark) {
    if (!line) return [element("td", { class: "live-number" }), element("td", { class: `${whose} live-none` })];
    const pieces = line.pieces.map(([differs, text]) => differs ? element(mark, {}, text) : text);
    return [element("td", { class: "live-number" }, String(line.number)), element("td", { class: whose }, element("code", {}, ...pieces))];
}
