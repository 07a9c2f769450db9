// The panel of a lesson: the checks of its chapter, with what became of each.
//
// It is built around the list that the page has anyway. What the learner has folded, typed or focused stays as it is
// while results come in: only what has changed is replaced.

import { Beside } from "./beside.js";
import { element, rendered, seconds } from "./dom.js";
import { place } from "./editor.js";
import { Mistakes } from "./mistakes.js";
import { details, summary, told } from "./verdict.js";

class Panel extends HTMLElement {
    // Surrounds `list`, the chapter's checks.
    begin(connection, list) {
        this.connection = connection;
        this.number = list.dataset.lesson;
        this.id = "live-panel";
        this.setAttribute("role", "region");
        this.setAttribute("aria-label", `Checks of lesson ${this.number}`);
        list.replaceWith(this);
        document.querySelectorAll(".checks-commands").forEach((commands) => { commands.hidden = true; });
        this.rows = new Map([...list.children].map((item) => [item.dataset.check, new Row(item, this)]));
        this.said = element("p", { class: "live-summary", role: "status" });
        this.fault = element("div", { class: "live-fault" });
        this.files = element("ul", { class: "live-files" });
        this.now = element("button", { type: "button", onclick: () => this.act("check") }, "Check now");
        this.onSave = element("input", { type: "checkbox", onchange: () => this.choose() });
        this.beside = new Beside(this);
        this.mistakes = new Mistakes(this);
        const bar = element("div", { class: "live-bar" }, this.now,
            element("label", {}, this.onSave, " check on every save"), element("span", { class: "live-watching" }));
        this.watching = bar.lastElementChild;
        this.problem = element("p", { class: "live-problem", role: "alert", hidden: true });
        this.append(this.said, bar, this.problem, this.fault, list, this.beside.root, this.mistakes.root,
            element("details", {}, element("summary", {}, "Open in the editor"), this.files));
        connection.addEventListener("lesson", ({ detail }) => { if (detail === this.number) this.show(); });
        connection.addEventListener("course", () => this.showCourse());
    }

    get lesson() { return this.connection.lessons.get(this.number); }

    show() {
        const lesson = this.lesson;
        const stale = lesson.stale && !lesson.doing ? " Saved since: check again." : "";
        const said = summary(lesson) + stale;
        if (this.said.textContent !== said) this.said.textContent = said;
        this.toggleAttribute("busy", Boolean(lesson.doing));
        this.toggleAttribute("stale", lesson.stale);
        this.showFault(lesson.fault);
        // Checks that met the same `todo!` are told once.
        const met = new Set();
        for (const check of lesson.checks) {
            const todo = !check.running && check.judged?.failure?.unwritten;
            const where = todo && `${todo.file}:${todo.line}`;
            this.rows.get(check.check)?.show(check, met.has(where));
            if (where) met.add(where);
        }
        this.beside.show(lesson);
        this.mistakes.show(lesson);
        // The place of the next `todo!` may have moved with what was saved.
        const saved = JSON.stringify([lesson.stale, Boolean(lesson.doing)]);
        if (this.saved !== saved && !lesson.doing) this.describe();
        this.saved = saved;
    }

    showCourse() {
        const course = this.connection.course;
        this.onSave.checked = course["on-save"];
        this.watching.textContent = course.watching;
        this.problem.textContent = course.note;
        this.problem.hidden = !course.note;
    }

    showFault(fault) {
        const same = JSON.stringify(fault);
        if (this.shownFault === same) return;
        this.shownFault = same;
        this.fault.replaceChildren();
        if (!fault) return;
        if (fault.words) this.fault.append(element("p", { class: "live-text" }, fault.words));
        if (fault.output) this.fault.append(element("pre", { tabindex: 0, "aria-label": "What cargo says" }, fault.output));
    }

    // Fetches what the panel is made of beside the board: the files, the mistakes.
    async describe() {
        const answer = await fetch(`/live/lessons/${this.number}`).catch(() => null);
        if (!answer?.ok) {
            if (answer) this.refused(await answer.text());
            return;
        }
        this.about = await answer.json();
        const todo = (file) => file.todo ? element("span", { class: "live-quiet" }, ` ${file.todo}`) : "";
        this.files.replaceChildren(...this.about.files.map((file) => element("li", {}, place(file), todo(file))));
        this.mistakes.describe(this.about.mistakes);
        if (this.lesson) this.show();
    }

    // A place in the learner's program that a failure names, as a way into the editor.
    place(path, line) {
        const known = this.about?.files.find((file) => file.path === path || path.endsWith(`/${file.path}`));
        return known && place({ ...known, line });
    }

    choose() {
        this.doing(this.connection.ask("on-save", { on: this.onSave.checked }));
    }

    // Asks for something about this lesson; what the server says against it is shown.
    act(what, body) {
        return this.doing(this.connection.ask(`lessons/${this.number}/${what}`, body));
    }

    async doing(asked) {
        try {
            const answer = await asked;
            this.refused("");
            return answer;
        } catch (error) {
            if (error.status !== 409) this.refused(error.status ? error.message : "The book's server does not answer.");
            throw error;
        }
    }

    refused(words) {
        this.problem.textContent = words;
        this.problem.hidden = !words;
    }
}

// One check of the list.
class Row {
    constructor(item, panel) {
        this.panel = panel;
        this.state = element("span", { class: "live-state" });
        this.took = element("span", { class: "live-took" });
        this.more = element("div", { class: "live-more" });
        this.hints = element("div", { class: "live-hints" });
        item.prepend(this.state, this.took);
        item.append(this.more, this.hints);
        this.item = item;
    }

    show(check, isTold) {
        const shown = JSON.stringify([check, isTold, Boolean(this.panel.about)]);
        if (this.shown === shown) return;
        this.shown = shown;
        const [mark, words, kind] = told(check);
        this.item.dataset.kind = kind;
        this.state.dataset.kind = kind;
        this.state.replaceChildren(element("span", { "aria-hidden": "true" }, `${mark} `), words);
        this.took.textContent = check.judged && !check.running ? seconds(check.judged.millis) : "";
        const place = (path, line) => this.panel.place(path, line);
        const hasMore = check.judged && !check.running && !isTold;
        this.more.replaceChildren(...(hasMore ? details(check.judged, place) : []));
        this.showHints(check);
    }

    showHints(check) {
        const all = check["hints-in-all"];
        const wanted = check.judged?.verdict === "red";
        const key = JSON.stringify([check.hints, all, wanted]);
        if (this.shownHints === key) return;
        this.shownHints = key;
        const opened = check.hints.map((html, index) => element("div", { class: "live-hint" },
            element("p", { class: "live-label" }, `Hint ${index + 1} of ${all}`), rendered("div", {}, html)));
        const had = this.hints.contains(document.activeElement);
        this.hints.replaceChildren(...opened);
        if (check.hints.length < all && (wanted || check.hints.length > 0)) {
            const words = check.hints.length === 0 ? "A hint" : "Another hint";
            const label = `${words} for: ${check.sentence}`;
            const button = element("button", { type: "button", "aria-label": label, onclick: () => this.ask(check.check) }, words);
            this.hints.append(button);
            if (had) button.focus();
        }
    }

    ask(check) {
        this.panel.act("hint", { check }).catch(() => {});
    }
}

customElements.define("course-panel", Panel);
