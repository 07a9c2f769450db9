// The panel of a lesson: the checks of its chapter, with what became of each.
//
// It is built around the list that the page has anyway. What the learner has folded, typed or focused stays as it is
// while results come in: only what has changed is replaced.

import { Beside } from "./beside.js";
import { refusal, toOpenAgain } from "./connection.js";
import { element, fill, keepingFocus, linked, rendered, say, seconds } from "./dom.js";
import { place, way } from "./editor.js";
import { Mistakes } from "./mistakes.js";
import { details, isDone, outcome, storiesOf, summary, told } from "./verdict.js";

class Panel extends HTMLElement {
    // The words of each check when nothing was being done, and what was being done last.
    #settled = new Map();
    #doing = null;
    // What the server has said against describing the lesson.
    #undescribed = "";

    // Surrounds `list`, the chapter's checks.
    begin(connection, list) {
        this.connection = connection;
        this.number = list.dataset.lesson;
        this.id = "live-panel";
        this.tabIndex = -1;
        this.setAttribute("role", "region");
        this.setAttribute("aria-label", `Checks of lesson ${this.number}`);
        list.replaceWith(this);
        document.querySelectorAll(".checks-commands").forEach((commands) => { commands.hidden = true; });
        this.rows = new Map([...list.children].map((item) => [item.dataset.check, new Row(item, this)]));
        this.said = element("p", { class: "live-summary" });
        this.held = element("progress", { class: "live-progress", hidden: true });
        this.next = element("p", { hidden: true });
        this.fault = element("div", { class: "live-fault" });
        this.files = element("ul", { class: "live-files" });
        this.onSave = element("input", { type: "checkbox", "data-asks": true, onchange: () => this.choose() });
        this.watching = element("span", { class: "live-watching" });
        this.beside = new Beside(this);
        this.mistakes = new Mistakes(this);
        this.now = element("button", { type: "button", "data-asks": true, onclick: () => this.act("check") }, "Check now");
        this.stop = element("button", { type: "button", "data-asks": true, hidden: true, onclick: () => this.tried(this.connection.ask("stop")) }, "Stop");
        const bar = element("div", { class: "live-bar" }, this.now, element("label", {}, this.onSave, " check on every save"), this.stop, this.watching);
        this.away = element("p", { hidden: true }, "Nothing is checked: the book's server has ended, and these buttons wait for its return. ", ...toOpenAgain());
        this.warnings = element("div");
        this.warned = element("details", { hidden: true }, element("summary", {}, "What the compiler warns of"), this.warnings);
        this.note = element("p", { class: "live-note", hidden: true });
        this.problem = element("p", { class: "live-problem", role: "alert", hidden: true });
        this.append(this.said, this.held, this.next, bar, this.away, this.note, this.problem, this.fault, this.warned, list, this.beside.root, this.mistakes.root,
            element("details", {}, element("summary", {}, "Open in the editor"), this.files));
        this.addEventListener("click", (event) => refuseDisabled(event), { capture: true });
        // There the arrow keys choose, or scroll; elsewhere they turn the book's pages.
        this.addEventListener("keydown", (event) => { if (event.target.matches("select, [tabindex='0']")) event.stopPropagation(); });
        // What was fetched before a pause may be old.
        connection.addEventListener("anew", () => { this.fetchedFor = null; });
        connection.addEventListener("lesson", ({ detail }) => { if (detail === this.number) this.show(); });
        connection.addEventListener("course", () => this.showCourse());
        connection.addEventListener("gone", () => this.lesson ? this.show() : this.able());
    }

    get lesson() { return this.connection.lessons.get(this.number); }

    show() {
        const lesson = this.lesson;
        const stale = lesson.stale && !lesson.doing && !lesson.fault ? " Saved since: check again." : "";
        const doing = Boolean(lesson.doing) && !this.connection.gone;
        this.said.textContent = this.connection.gone ? "The book's server has ended." : summary(lesson) + stale;
        this.showHeld(lesson);
        this.toggleAttribute("busy", doing);
        if (!doing && this.stop === document.activeElement) this.now.focus({ preventScroll: true });
        this.stop.hidden = !doing;
        this.showNext(lesson);
        this.showFault(lesson.fault);
        this.warned.hidden = !lesson.warnings;
        fill(this.warnings, [[lesson.warnings, Boolean(this.about)]], ([words]) => this.output("What the compiler warns of", words), this.warned.firstElementChild);
        const stories = storiesOf(lesson.checks);
        for (const check of lesson.checks) this.rows.get(check.check)?.show(check, stories.get(check.check));
        this.mistakes.show(lesson);
        this.able();
        this.tell(lesson);
        // The next `todo!`, and what differs from the reference, may have changed with what was saved.
        const now = JSON.stringify([lesson.stale, Boolean(lesson.doing)]);
        if (this.fetchedFor !== now && !lesson.doing) {
            this.describe();
            this.beside.refresh();
        }
        this.fetchedFor = now;
    }

    // How many checks hold, as a bar beside the words; hidden until something was judged.
    showHeld(lesson) {
        const held = lesson.checks.filter(({ running, judged }) => !running && judged?.verdict === "green").length;
        this.held.hidden = lesson.checks.every(({ running, judged }) => running || !judged);
        this.held.max = Math.max(lesson.checks.length, 1);
        this.held.value = held;
        this.held.setAttribute("aria-label", `${held} of ${lesson.checks.length} checks hold`);
    }

    showCourse() {
        const course = this.connection.course;
        this.onSave.checked = course["on-save"];
        this.watching.textContent = course.watching;
        this.note.textContent = course.note;
        this.note.hidden = !course.note;
    }

    // What was learned, and the lesson that comes next, once everything holds.
    showNext(lesson) {
        this.next.hidden = !isDone(lesson) || Boolean(lesson.doing);
        if (this.next.hidden || !this.about) return;
        const shown = JSON.stringify([this.about.learned, lesson.next]);
        if (this.shownNext === shown) return;
        this.shownNext = shown;
        const ways = lesson.next.flatMap(({ words, name, title }) => [` ${words}: `, element("a", { href: `${name}.html` }, title), "."]);
        keepingFocus(this.next, () => this.next.replaceChildren(`${this.about.learned} Compare it with the reference below, or meet the mistakes.`,
            ...(ways.length ? ways : [" Every lesson is green."])), this);
    }

    showFault(fault) {
        // Before the files are known, there are no ways to the places in it.
        const same = JSON.stringify([fault, Boolean(this.about)]);
        if (this.shownFault === same) return;
        this.shownFault = same;
        const { words, output } = fault ?? {};
        keepingFocus(this.fault, () => this.fault.replaceChildren(
            ...(words ? [element("p", { class: "live-text" }, words)] : []),
            ...(output ? [this.output("What cargo says", output)] : [])), this);
    }

    // What a tool has printed, as it stands, with ways to the places that it names.
    output(label, words) {
        return element("pre", { tabindex: 0, role: "group", "aria-label": label }, ...linked(words, this.ways));
    }

    // What asks the server waits while nobody answers. It stays where the focus can be, which is why it is not `disabled`.
    able() {
        this.away.hidden = !this.connection.gone;
        for (const control of this.querySelectorAll("[data-asks]")) {
            const waits = this.connection.gone || (control === this.mistakes.run && this.lesson?.doing === "mistake");
            control.setAttribute("aria-disabled", String(waits));
        }
    }

    // Tells a screen reader what came of a run, once it has ended.
    tell(lesson) {
        const did = this.#doing;
        this.#doing = lesson.doing;
        if (lesson.doing) {
            // Whatever was said last is then news again.
            if (!did) say("");
            return;
        }
        if (did) say(did === "mistake" ? this.mistakes.outcome(lesson) : outcome(lesson, this.#settled));
        this.#settled = new Map(lesson.checks.map((check) => [check.check, told(check)[1]]));
    }

    // Fetches what the panel is made of beside the board: the files, the mistakes.
    async describe() {
        const answer = await fetch(`/live/lessons/${this.number}`).catch(() => null);
        if (!answer) return;
        const words = answer.ok ? "" : await answer.text();
        if (words || this.#undescribed) this.refused(words);
        this.#undescribed = words;
        if (words) return;
        this.about = await answer.json();
        fill(this.files, this.about.files, (file) => element("li", {}, place(file),
            file.todo && element("span", { class: "live-quiet" }, ` ${file.todo}`)));
        this.mistakes.describe(this.about.mistakes);
        if (this.lesson) this.show();
    }

    // A file of the learner's program that a text names, from the course's folder or from the lesson's.
    named(path) {
        return this.about?.files.find((file) => `/${file.path}`.endsWith(`/${path}`) || path.endsWith(`/${file.path}`));
    }

    // A place in it as a way into the editor, with a button to copy it.
    place(path, line) {
        const known = this.named(path);
        return known && place({ ...known, line });
    }

    // The link alone.
    ways = (path, line) => {
        const known = this.named(path);
        return known && way({ ...known, line }, `${path}:${line}`);
    };

    async choose() {
        const on = this.onSave.checked;
        if (!await this.tried(this.connection.ask("on-save", { on }))) this.onSave.checked = !on;
        else if (on && this.lesson?.stale) this.act("check");
    }

    // Asks for something about this lesson. Throws what the server says against it.
    ask(what, body) {
        return this.connection.ask(`lessons/${this.number}/${what}`, body);
    }

    // The same for a click: what the server says against it is shown.
    act(what, body) {
        return this.tried(this.ask(what, body));
    }

    // Whether what was asked has been done.
    async tried(asked) {
        const words = await asked.then(() => "", refusal);
        this.refused(words);
        return !words;
    }

    refused(words) {
        this.problem.textContent = words;
        this.problem.hidden = !words;
    }
}

// Anything may still be pressed; what is said to be disabled does nothing then.
function refuseDisabled(event) {
    if (!event.target.closest("[aria-disabled=true]")) return;
    event.preventDefault();
    event.stopPropagation();
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
        // Where the focus stays when what had it is gone.
        item.tabIndex = -1;
        this.item = item;
    }

    show(check, story) {
        const shown = JSON.stringify([check.running, check.judged, story, Boolean(this.panel.about)]);
        if (this.shown !== shown) this.showResult(check, story);
        this.shown = shown;
        this.showHints(check, story);
    }

    showResult(check, story) {
        const [mark, words, kind] = told(check);
        this.item.dataset.kind = kind;
        this.state.dataset.kind = kind;
        this.state.replaceChildren(element("span", { "aria-hidden": "true" }, `${mark} `), words);
        this.took.textContent = check.judged && !check.running ? seconds(check.judged.millis) : "";
        const ways = { place: (path, line) => this.panel.place(path, line), way: this.panel.ways };
        const more = check.judged && !check.running ? this.told(check.judged, story, ways) : [];
        keepingFocus(this.more, () => this.more.replaceChildren(...more), this.item);
    }

    // What is said of a result, open or folded. A check that was red and is red again stays as the learner has left it.
    told(judged, { isTold, words, isFirst } = {}, ways) {
        const said = words ? [element("p", { class: "live-text" }, words)] : [];
        if (isTold) return said;
        said.push(...details(judged, ways));
        const isFolded = judged.verdict === "red" && !judged.failure.unwritten;
        if (!isFolded) {
            this.isOpen = undefined;
            return said;
        }
        const fold = element("details", { class: "live-fold", open: this.isOpen ?? isFirst },
            element("summary", {}, "What was expected, and what was seen"), ...said);
        // Only a click is the learner's choice; the opening of the first is not.
        fold.firstElementChild.addEventListener("click", () => { this.isOpen = !fold.open; });
        return [fold];
    }

    // What is only another end of the same panic has no hint to ask for: where the panic is told, there is one.
    showHints(check, { isTold, words } = {}) {
        const all = check["hints-in-all"];
        const isAsked = check.judged?.verdict === "red" && !(isTold && words);
        const offered = check.hints.length < all && (isAsked || check.hints.length > 0);
        const items = check.hints.map((html, index) => ({ html, label: `Hint ${index + 1} of ${all}` }));
        if (offered) items.push({ words: check.hints.length === 0 ? "A hint" : "Another hint" });
        // A hint takes the place of the button that asked for it, and so its focus.
        fill(this.hints, items, (item) => item.words ? this.button(item.words, check) : hint(item), this.item);
    }

    button(words, check) {
        const ask = () => this.panel.act("hint", { check: check.check });
        return element("button", { type: "button", "data-asks": true, "aria-label": `${words} for: ${check.sentence}`, onclick: ask }, words);
    }
}

function hint({ html, label }) {
    return element("div", { class: "live-hint", tabindex: -1 }, element("p", { class: "live-label" }, label), rendered("div", {}, html));
}

customElements.define("course-panel", Panel);
