// @ts-check
// Ways into the editor: a link that VS Code opens, and the path to copy for any other.

import { element, say } from "./dom.js";

/** @import { LessonFile } from "./state.js" */

/**
 * A link to `line` of the file at `place`, shown as `path`, with a button that copies the path.
 * @param {LessonFile} file
 */
export function place({ path, place, line }) {
    const shown = `${path}:${line}`;
    const copy = element("button", { type: "button", class: "live-small", "aria-label": `Copy the path of ${path}` }, "copy path");
    copy.addEventListener("click", async () => {
        const whole = line > 1 ? `${place}:${line}` : place;
        const copied = await navigator.clipboard.writeText(whole).then(() => true, () => false);
        copy.textContent = copied ? "copied" : whole;
        say(copied ? "Copied." : whole);
        setTimeout(() => { copy.textContent = "copy path"; }, 4000);
    });
    return element("span", { class: "live-place" },
        way({ place, line }, shown), " ", copy);
}

/**
 * The link alone, for a place that is named in a text.
 * @param {Pick<LessonFile, "place" | "line">} at
 * @param {string} shown
 */
export function way({ place, line }, shown) {
    const link = encodeURI(place).replace(/[?#]/g, encodeURIComponent);
    return element("a", { href: `vscode://file${link}:${line}`, title: "Opens in VS Code" }, shown);
}
