// Verdicts in the words of the terminal.

import { element, prose } from "./dom.js";

// The mark, the words and the kind (which colours them) of a check on the board.
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

// What is to be said of a result beside its verdict: nothing, for a check that holds without a note. `place` makes a link of a
// place in a file with a button to copy it, `way` the link alone.
export function details(judged, { place, way } = {}) {
    const parts = [];
    for (const note of judged.notes ?? []) parts.push(element("p", {}, note));
    if (judged.verdict === "red") parts.push(failure(judged.failure, place, way));
    else if (judged.reason) parts.push(element("p", { class: "live-text" }, ...prose(judged.reason)));
    if (judged.broke?.length) {
        const words = "This is a fault of the course, not of your program. The last lines of its output:";
        parts.push(element("p", {}, words), element("pre", { tabindex: 0 }, judged.broke.join("\n")));
    }
    return parts;
}

// What each of `checks` has to tell beside the others, by its name: checks that ran into one `todo!`, or into one panic, are
// told once. `isFirst` marks the first that does not hold: it stands open. `words` names the others of a story.
export function storiesOf(checks) {
    const stories = new Map();
    const heads = new Map();
    let isFirst = true;
    for (const check of checks) {
        const failure = check.running ? null : check.judged?.failure;
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

function failure(failure, place, way) {
    if (failure.unwritten) {
        const { file, line, words } = failure.unwritten;
        return element("p", { class: "live-text" }, ...prose(words), " ", place?.(file, line) ?? element("code", {}, `${file}:${line}`));
    }
    const list = element("dl", { class: "live-failure" });
    for (const label of ["expected", "saw", "why", "look"]) {
        if (failure[label]) list.append(element("dt", {}, label), element("dd", { class: "live-text" }, ...prose(failure[label], way)));
    }
    if (failure.autopsy?.length) {
        list.append(element("dt", {}, "autopsy"), element("dd", {}, element("pre", { tabindex: 0 }, failure.autopsy.join("\n"))));
    }
    return list;
}

// The whole lesson in a few words.
export function summary(lesson) {
    const doing = {
        waiting: "Another check is running in this checkout; waiting for it.",
        building: "Building …",
        running: "Running the checks …",
        model: "Last, a model of threads: every order of steps. The first time, a minute may pass.",
        mistake: "Building and running a mistake …",
    }[lesson.doing];
    if (doing && lesson.doing !== "running") return doing;
    if (lesson.fault) {
        const older = lesson.checks.some((check) => check.judged) ? " What stands below is about an older program." : "";
        return `${lesson.fault.words ? "It could not be checked." : "It does not compile."}${older}`;
    }
    const count = (wanted) => lesson.checks.filter((check) => !check.running && wanted.includes(told(check)[1])).length;
    const all = lesson.checks.length;
    const ran = lesson.checks.filter((check) => check.judged && !check.running).length;
    if (doing) return `Running: ${ran} of ${all} are done.`;
    if (ran === 0) return lesson.begun ? "Not checked yet." : "Not started yet: it waits for you.";
    const parts = [`${count(["holds"])} of ${all} hold`];
    for (const [word, one, many] of [
        ["does not hold", "does not", "do not"],
        ["not written yet", "is not written yet", "are not written yet"],
        ["could not judge", "could not be judged", "could not be judged"],
        ["skipped", "was skipped", "were skipped"],
    ]) {
        const number = count([word]);
        if (number) parts.push(`${number} ${number === 1 ? one : many}`);
    }
    return `${parts.join(", ")}.`;
}

// How many checks are named one by one when a run has changed them.
const NAMED = 3;

// What came of a run, in a sentence or two; `before` has the words of each check as they were.
export function outcome(lesson, before) {
    const turned = lesson.fault ? [] : lesson.checks.filter((check) => told(check)[1] !== before.get(check.check));
    const named = turned.length > NAMED ? [] : turned.map((check) => ` “${check.sentence}”: ${told(check)[1]}.`);
    return `Lesson ${lesson.number}: ${summary(lesson)}${named.join("")}`;
}

export function isDone(lesson) {
    const words = lesson.checks.map((check) => told(check)[1]);
    return !lesson.fault && !lesson.stale && words.includes("holds") && words.every((word) => word === "holds" || word === "skipped");
}
