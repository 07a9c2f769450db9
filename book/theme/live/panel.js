// @ts-check
// The panel of a lesson: the checks of its chapter, with what became of each.
//
// It is built around the list that the page has anyway. What the learner has folded, typed or focused stays as it is
// while results come in: only what has changed is replaced.

import { SideBySide } from "./side_by_side.js";
import { refusal, toOpenAgain } from "./connection.js";
import { element, fill, keepingFocus, linked, rendered, say, seconds } from "./dom.js";
import { place, way } from "./editor.js";
import { Mistakes } from "./mistakes.js";
import { details, isDone, outcome, storiesOf, summary, told } from "./verdict.js";

/**
 * @import { About, Check, Judged, Lesson } from "./state.js"
 * @import { Connection } from "./connection.js"
 * @import { Attributes } from "./dom.js"
 * @import { Story } from "./verdict.js"
 */

export class Panel extends HTMLElement {
    // The words of each check when nothing was being done, and what was being done last.
    #settled = new Map();
    /** @type {Lesson["doing"]} */
    #doing = null;
    // What the server has said against describing the lesson.
    #undescribed = "";
    // What the description was fetched for, and what the next lesson and the fault were made of that are shown.
    #fetchedFor = "";
    #shownNext = "";
    #shownFault = "";

    /**
     * What the panel is made of, once it is known.
     * @type {About | null}
     */
    about = null;
    /**
     * The checks, by their names.
     * @type {Map<string, Row>}
     */
    rows = new Map();

    // How the lesson stands: in words, as a bar, and where to go on once it is done.
    said = element("p", { class: "live-summary" });
    held = element("progress", { class: "live-progress", hidden: true });
    next = element("p", { hidden: true });

    // What the reader does.
    now = asks("Check now", () => this.act("check"));
    onSave = element("input", { type: "checkbox", "data-asks": true, onchange: () => this.choose() });
    stop = asks("Stop", () => this.tried(this.connection.ask("stop")), { hidden: true });
    watching = element("span", { class: "live-watching" });

    // What is in the way: no server, a remark of the course, a refusal, a program that does not compile, a warning.
    away = element("p", { hidden: true },
        "Nothing is checked: the book's server has ended, and these buttons wait for its return. ", ...toOpenAgain());
    note = element("p", { class: "live-note", hidden: true });
    problem = element("p", { class: "live-problem", role: "alert", hidden: true });
    fault = element("div", { class: "live-fault" });
    warnings = element("div");
    warningsTitle = element("summary", {}, "What the compiler warns of");
    warned = element("details", { hidden: true }, this.warningsTitle, this.warnings);

    // What is folded below the checks.
    sideBySide = new SideBySide(this);
    mistakes = new Mistakes(this);
    files = element("ul", { class: "live-files" });

    /**
     * @param {Connection} connection
     * @param {string} number The lesson's, `06`.
     */
    constructor(connection, number) {
        super();
        this.connection = connection;
        this.number = number;
    }

    /**
     * Surrounds `list`, the chapter's checks.
     * @param {HTMLElement} list
     */
    begin(list) {
        this.id = "live-panel";
        this.tabIndex = -1;
        this.setAttribute("role", "region");
        this.setAttribute("aria-label", `Checks of lesson ${this.number}`);
        list.replaceWith(this);
        this.#replaceCommands();
        this.#adopt(list);
        const onSave = element("label", {}, this.onSave, " check on every save");
        this.append(
            this.said, this.held, this.next,
            element("div", { class: "live-bar" }, this.now, onSave, this.stop, this.watching),
            this.away, this.note, this.problem, this.fault, this.warned,
            list,
            this.sideBySide.root, this.mistakes.root,
            element("details", {}, element("summary", {}, "Open in the editor"), this.files));
        this.#listenToReader();
        this.#listenToServer();
    }

    // The commands to type that the page has without a server.
    #replaceCommands() {
        for (const commands of document.querySelectorAll(".checks-commands")) commands.toggleAttribute("hidden", true);
    }

    /** @param {HTMLElement} list */
    #adopt(list) {
        /** @type {NodeListOf<HTMLElement>} */
        const items = list.querySelectorAll(":scope > [data-check]");
        for (const item of items) this.rows.set(item.dataset.check ?? "", new Row(item, this));
    }

    #listenToReader() {
        this.addEventListener("click", refuseDisabled, { capture: true });
        // There the arrow keys choose, or scroll; elsewhere they turn the book's pages.
        this.addEventListener("keydown", (event) => {
            if (event.target instanceof Element && event.target.matches("select, [tabindex='0']")) event.stopPropagation();
        });
    }

    #listenToServer() {
        // What was fetched before a pause may be old.
        this.connection.on("anew", () => { this.#fetchedFor = ""; });
        this.connection.on("lesson", (number) => { if (number === this.number) this.show(); });
        this.connection.on("course", () => this.showCourse());
        this.connection.on("gone", () => this.lesson ? this.show() : this.able());
    }

    get lesson() { return this.connection.lessons.get(this.number); }

    show() {
        const lesson = this.lesson;
        if (!lesson) return;
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
        // Before the files are known, there are no ways to the places in what the compiler says.
        const warnings = { words: lesson.warnings, hasWays: Boolean(this.about) };
        fill(this.warnings, [warnings], ({ words }) => this.output("What the compiler warns of", words), this.warningsTitle);
        const stories = storiesOf(lesson.checks);
        for (const check of lesson.checks) this.rows.get(check.check)?.show(check, stories.get(check.check));
        this.mistakes.show(lesson);
        this.able();
        this.tell(lesson);
        // The next `todo!`, and what differs from the reference, may have changed with what was saved.
        const now = JSON.stringify([lesson.stale, Boolean(lesson.doing)]);
        if (this.#fetchedFor !== now && !lesson.doing) {
            this.describe();
            this.sideBySide.refresh();
        }
        this.#fetchedFor = now;
    }

    /**
     * How many checks hold, as a bar beside the words; hidden until something was judged.
     * @param {Lesson} lesson
     */
    showHeld(lesson) {
        const held = lesson.checks.filter(({ running, judged }) => !running && judged?.verdict === "green").length;
        this.held.hidden = lesson.checks.every(({ running, judged }) => running || !judged);
        this.held.max = Math.max(lesson.checks.length, 1);
        this.held.value = held;
        this.held.setAttribute("aria-label", `${held} of ${lesson.checks.length} checks hold`);
    }

    showCourse() {
        const course = this.connection.course;
        if (!course) return;
        this.onSave.checked = course["on-save"];
        this.watching.textContent = course.watching;
        this.note.textContent = course.note;
        this.note.hidden = !course.note;
    }

    /**
     * What was learned, and the lesson that comes next, once everything holds.
     * @param {Lesson} lesson
     */
    showNext(lesson) {
        this.next.hidden = !isDone(lesson) || Boolean(lesson.doing);
        if (this.next.hidden || !this.about) return;
        const { learned } = this.about;
        const shown = JSON.stringify([learned, lesson.next]);
        if (this.#shownNext === shown) return;
        this.#shownNext = shown;
        const ways = lesson.next.flatMap(({ words, name, title }) => [` ${words}: `, element("a", { href: `${name}.html` }, title), "."]);
        if (ways.length === 0) ways.push(" Every lesson is green.");
        const words = `${learned} Compare it with the reference below, or meet the mistakes.`;
        keepingFocus(this.next, () => this.next.replaceChildren(words, ...ways), this);
    }

    /** @param {Lesson["fault"]} fault */
    showFault(fault) {
        const same = JSON.stringify([fault, Boolean(this.about)]);
        if (this.#shownFault === same) return;
        this.#shownFault = same;
        const { words, output } = fault ?? {};
        keepingFocus(this.fault, () => this.fault.replaceChildren(
            ...(words ? [element("p", { class: "live-text" }, words)] : []),
            ...(output ? [this.output("What cargo says", output)] : [])), this);
    }

    /**
     * What a tool has printed, as it stands, with ways to the places that it names.
     * @param {string} label
     * @param {string} words
     */
    output(label, words) {
        return element("pre", { tabindex: 0, role: "group", "aria-label": label }, ...linked(words, this.way));
    }

    // What asks the server waits while nobody answers. It stays where the focus can be, which is why it is not `disabled`.
    able() {
        this.away.hidden = !this.connection.gone;
        for (const control of this.querySelectorAll("[data-asks]")) {
            const waits = this.connection.gone || (control === this.mistakes.run && this.lesson?.doing === "mistake");
            control.setAttribute("aria-disabled", String(waits));
        }
    }

    /**
     * Tells a screen reader what came of a run, once it has ended.
     * @param {Lesson} lesson
     */
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

    // Fetches what the panel is made of beside the state: the files, the mistakes.
    async describe() {
        const answer = await fetch(`/live/lessons/${this.number}`).catch(() => null);
        if (!answer) return;
        const words = answer.ok ? "" : await answer.text();
        if (words || this.#undescribed) this.refused(words);
        this.#undescribed = words;
        if (words) return;
        /** @type {About} */
        const about = await answer.json();
        this.about = about;
        fill(this.files, about.files, (file) => element("li", {}, place(file),
            file.todo && element("span", { class: "live-quiet" }, ` ${file.todo}`)));
        this.mistakes.describe(about.mistakes);
        if (this.lesson) this.show();
    }

    /**
     * A file of the learner's program that a text names, from the course's folder or from the lesson's.
     * @param {string} path
     */
    named(path) {
        return this.about?.files.find((file) => `/${file.path}`.endsWith(`/${path}`) || path.endsWith(`/${file.path}`));
    }

    /**
     * A place in it as a way into the editor, with a button to copy it.
     * @param {string} path
     * @param {number} line
     */
    place = (path, line) => {
        const known = this.named(path);
        return known && place({ ...known, line });
    };

    /**
     * The link alone.
     * @param {string} path
     * @param {number} line
     */
    way = (path, line) => {
        const known = this.named(path);
        return known && way({ ...known, line }, `${path}:${line}`);
    };

    async choose() {
        const on = this.onSave.checked;
        if (!await this.tried(this.connection.ask("on-save", { on }))) this.onSave.checked = !on;
        else if (on && this.lesson?.stale) this.act("check");
    }

    /**
     * Asks for something about this lesson. Throws what the server says against it.
     * @param {string} what
     * @param {object} [body]
     */
    ask(what, body) {
        return this.connection.ask(`lessons/${this.number}/${what}`, body);
    }

    /**
     * The same for a click: what the server says against it is shown.
     * @param {string} what
     * @param {object} [body]
     */
    act(what, body) {
        return this.tried(this.ask(what, body));
    }

    /**
     * Whether what was asked has been done.
     * @param {Promise<unknown>} asked
     */
    async tried(asked) {
        const words = await asked.then(() => "", refusal);
        this.refused(words);
        return !words;
    }

    /** @param {string} words What the server says against it; empty, when nothing. */
    refused(words) {
        this.problem.textContent = words;
        this.problem.hidden = !words;
    }
}

/**
 * A button that asks the server for something.
 * @param {string} words
 * @param {() => void} onclick
 * @param {Attributes} [more]
 */
function asks(words, onclick, more) {
    return element("button", { type: "button", "data-asks": true, onclick, ...more }, words);
}

/**
 * Anything may still be pressed; what is said to be disabled does nothing then.
 * @param {MouseEvent} event
 */
function refuseDisabled(event) {
    if (!(event.target instanceof Element) || !event.target.closest("[aria-disabled=true]")) return;
    event.preventDefault();
    event.stopPropagation();
}

// One check of the list.
class Row {
    // What the result was made of that is shown.
    #shown = "";
    /**
     * Whether the learner has opened or folded what is told; undefined while they have chosen nothing.
     * @type {boolean | undefined}
     */
    #isOpen;

    /**
     * @param {HTMLElement} item
     * @param {Panel} panel
     */
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

    /**
     * @param {Check} check
     * @param {Story} [story]
     */
    show(check, story) {
        const shown = JSON.stringify([check.running, check.judged, story, Boolean(this.panel.about)]);
        if (this.#shown !== shown) this.showResult(check, story);
        this.#shown = shown;
        this.showHints(check, story);
    }

    /**
     * @param {Check} check
     * @param {Story} [story]
     */
    showResult(check, story) {
        const [mark, words, kind] = told(check);
        this.item.dataset.kind = kind;
        this.state.dataset.kind = kind;
        this.state.replaceChildren(element("span", { "aria-hidden": "true" }, `${mark} `), words);
        const judged = check.running ? null : check.judged;
        this.took.textContent = judged ? seconds(judged.millis) : "";
        const more = judged ? this.told(judged, story) : [];
        keepingFocus(this.more, () => this.more.replaceChildren(...more), this.item);
    }

    /**
     * What is said of a result, open or folded. A check that was red and is red again stays as the learner has left it.
     * @param {Judged} judged
     * @param {Partial<Story>} [story]
     */
    told(judged, { isTold, words, isFirst } = {}) {
        const { place, way } = this.panel;
        /** @type {HTMLElement[]} */
        const said = words ? [element("p", { class: "live-text" }, words)] : [];
        if (isTold) return said;
        said.push(...details(judged, { place, way }));
        const isFolded = judged.verdict === "red" && !judged.failure.unwritten;
        if (!isFolded) {
            this.#isOpen = undefined;
            return said;
        }
        // Only a click is the learner's choice; the opening of the first is not.
        const choose = () => { this.#isOpen = !fold.open; };
        const fold = element("details", { class: "live-fold", open: this.#isOpen ?? isFirst },
            element("summary", { onclick: choose }, "What was expected, and what was seen"), ...said);
        return [fold];
    }

    /**
     * What is only another end of the same panic has no hint to ask for: where the panic is told, there is one.
     * @param {Check} check
     * @param {Partial<Story>} [story]
     */
    showHints(check, { isTold, words } = {}) {
        const all = check["hints-in-all"];
        const isAsked = check.judged?.verdict === "red" && !(isTold && words);
        const offered = check.hints.length < all && (isAsked || check.hints.length > 0);
        /** @type {({ html: string, label: string } | { words: string })[]} */
        const items = check.hints.map((html, index) => ({ html, label: `Hint ${index + 1} of ${all}` }));
        if (offered) items.push({ words: check.hints.length === 0 ? "A hint" : "Another hint" });
        // A hint takes the place of the button that asked for it, and so its focus.
        fill(this.hints, items, (item) => "words" in item ? this.button(item.words, check) : hint(item), this.item);
    }

    /**
     * @param {string} words
     * @param {Check} check
     */
    button(words, { check, sentence }) {
        return asks(words, () => this.panel.act("hint", { check }), { "aria-label": `${words} for: ${sentence}` });
    }
}

/** @param {{ html: string, label: string }} opened */
function hint({ html, label }) {
    return element("div", { class: "live-hint", tabindex: -1 }, element("p", { class: "live-label" }, label), rendered("div", {}, html));
}

customElements.define("course-panel", Panel);
