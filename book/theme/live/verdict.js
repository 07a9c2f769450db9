// @ts-check
// Verdicts in the words of the terminal.

import { element, prose } from "./dom.js";

/**
 * @import { Check, Failure, Judged, Lesson } from "./state.js"
 * @import { Way } from "./dom.js"
 */

/**
 * What a check has to tell beside the others: `isTold`, that another one has told all of it; `isFirst`, that it is the
 * first that does not hold, and stands open; `words`, which others have the same to tell.
 * @typedef {{ isTold: boolean, isFirst: boolean, words: string }} Story
 *
 * Ways to a place in a file: `place` has a button to copy it, `way` is the link alone.
 * @typedef {{ place?: Way, way?: Way }} Ways
 */

/**
 * The mark, the words and the kind (which colours them) of a check.
 * @param {Pick<Check, "judged"> & Partial<Check>} check
 * @returns {[string, string, string]}
 */
export function told(check) {
    if (check.running) return ["…", "running", "open"];
    const judged = check.judged;
    if (!judged) return ["·", "not run", "quiet"];
    switch (judged.verdict) {
        case "green": return ["✓", "holds", "good"];
        case "red": return judged.failure.unwritten ? ["○", "not written yet", "open"] : ["✗", "does not hold", "bad"];
        case "skipped": return ["–", "skipped", "quiet"];
        default: return ["?", "could not judge", "open"];
    }
}

/**
 * What is to be said of a result beside its verdict: nothing, for a check that holds without a note.
 * @param {Judged} judged
 * @param {Ways} [ways]
 */
export function details(judged, { place, way } = {}) {
    /** @type {HTMLElement[]} */
    const parts = [];
    for (const note of judged.notes ?? []) parts.push(element("p", {}, note));
    if (judged.verdict === "red") parts.push(failure(judged.failure, place, way));
    else if ("reason" in judged && judged.reason) parts.push(element("p", { class: "live-text" }, ...prose(judged.reason)));
    if (judged.broke?.length) {
        const words = "This is a fault of the course, not of your program. The last lines of its output:";
        parts.push(element("p", {}, words), element("pre", { tabindex: 0 }, judged.broke.join("\n")));
    }
    return parts;
}

/**
 * What each of `checks` has to tell, by its name: those that ran into one `todo!`, or into one panic, are told once.
 * @param {Check[]} checks
 */
export function storiesOf(checks) {
    /** @type {Map<string, Story>} */
    const stories = new Map();
    /**
     * By what they ran into, the first that did, and the sentences of the others.
     * @type {Map<string, { sentence: string, others: string[], story: Story }>}
     */
    const heads = new Map();
    let isFirst = true;
    for (const check of checks) {
        const failure = !check.running && check.judged?.verdict === "red" ? check.judged.failure : null;
        const { unwritten, panic } = failure ?? {};
        const where = unwritten ? `todo ${unwritten.file}:${unwritten.line}` : panic ? JSON.stringify(panic) : check.check;
        const head = heads.get(where);
        if (!failure || !head) {
            const story = { isTold: false, isFirst: Boolean(failure) && !unwritten && isFirst, words: "" };
            if (story.isFirst) isFirst = false;
            if (failure) heads.set(where, { sentence: check.sentence, others: [], story });
            stories.set(check.check, story);
            continue;
        }
        stories.set(check.check, { isTold: true, isFirst: false, words: unwritten ? "" : `The same panic as in “${head.sentence}”.` });
        if (unwritten) continue;
        head.others.push(`“${check.sentence}”`);
        head.story.words = `The same panic in ${head.others.length + 1} checks; the others: ${head.others.join(", ")}.`;
    }
    return stories;
}

/**
 * @param {Failure} failure
 * @param {Way} [place]
 * @param {Way} [way]
 */
function failure(failure, place, way) {
    if (failure.unwritten) {
        const { file, line, words } = failure.unwritten;
        return element("p", { class: "live-text" }, ...prose(words), " ", place?.(file, line) ?? element("code", {}, `${file}:${line}`));
    }
    const list = element("dl", { class: "live-failure" });
    for (const label of /** @type {const} */ (["expected", "saw", "why", "look"])) {
        const words = failure[label];
        if (words) list.append(element("dt", {}, label), element("dd", { class: "live-text" }, ...prose(words, way)));
    }
    if (failure.autopsy?.length) {
        list.append(element("dt", {}, "autopsy"), element("dd", {}, element("pre", { tabindex: 0 }, failure.autopsy.join("\n"))));
    }
    return list;
}

/**
 * The whole lesson in a few words.
 * @param {Lesson} lesson
 */
export function summary(lesson) {
    const doing = {
        nothing: "",
        waiting: "Another check is running in this checkout; waiting for it.",
        building: "Building …",
        running: "Running the checks …",
        model: "Last, a model of threads: every order of steps. The first time, a minute may pass.",
        mistake: "Building and running a mistake …",
    }[lesson.doing ?? "nothing"];
    if (doing && lesson.doing !== "running") return doing;
    if (lesson.fault) {
        const older = lesson.checks.some((check) => check.judged) ? " What stands below is about an older program." : "";
        return `${lesson.fault.words ? "It could not be checked." : "It does not compile."}${older}`;
    }
    const count = (/** @type {string} */ wanted) => lesson.checks.filter((check) => !check.running && told(check)[1] === wanted).length;
    const all = lesson.checks.length;
    const ran = lesson.checks.filter((check) => check.judged && !check.running).length;
    if (doing) return `Running: ${ran} of ${all} are done.`;
    if (ran === 0) return lesson.begun ? "Not checked yet." : "Not started yet: it waits for you.";
    const parts = [`${count("holds")} of ${all} hold`];
    for (const [word, one, many] of [
        ["does not hold", "does not", "do not"],
        ["not written yet", "is not written yet", "are not written yet"],
        ["could not judge", "could not be judged", "could not be judged"],
        ["skipped", "was skipped", "were skipped"],
    ]) {
        const number = count(word);
        if (number) parts.push(`${number} ${number === 1 ? one : many}`);
    }
    return `${parts.join(", ")}.`;
}

// How many checks are named one by one when a run has changed them.
const NAMED = 3;

/**
 * What came of a run, in a sentence or two; `before` has the words of each check as they were.
 * @param {Lesson} lesson
 * @param {Map<string, string>} before
 */
export function outcome(lesson, before) {
    const turned = lesson.fault ? [] : lesson.checks.filter((check) => told(check)[1] !== before.get(check.check));
    const named = turned.length > NAMED ? [] : turned.map((check) => ` “${check.sentence}”: ${told(check)[1]}.`);
    return `Lesson ${lesson.number}: ${summary(lesson)}${named.join("")}`;
}

/** @param {Lesson} lesson */
export function isDone(lesson) {
    const words = lesson.checks.map((check) => told(check)[1]);
    return !lesson.fault && !lesson.stale && words.includes("holds") && words.every((word) => word === "holds" || word === "skipped");
}
