// @ts-check
// Makes elements, and keeps the reader's place among them. Text is always text: whatever a program printed can never
// become markup here, and a character that would act instead of being seen is spelled out.

/**
 * What an element is given beside its attributes: `onclick: f` listens.
 * @typedef {Record<string, any>} Attributes
 * @typedef {string | Node | null | undefined} Child
 * @typedef {(path: string, line: number) => HTMLElement | undefined} Way
 */

const FOCUSABLE = "a[href], button, input, select, summary, [tabindex]";

// Control characters but for the end of a line and the tab; what turns the direction of writing; what is no character but a
// width of nothing. Any of these can make a line look as if something else stood in it.
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/**
 * Text with each of them as Rust writes it: "\r", "\u{1b}".
 * @param {string} text
 */
function visible(text) {
    /** @type {Record<string, string>} */
    const names = { "\n": "\n", "\t": "\t", "\r": "\\r", "\0": "\\0" };
    return text.replace(UNSEEN, (sign) => names[sign] ?? `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}

/**
 * element("p", { class: "x", onclick: f }, "text", another) – children may be missing.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {...(Child | Child[])} children
 */
export function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === false) continue;
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else made.setAttribute(key, value === true ? "" : value);
    }
    const given = children.flat().filter((child) => child !== undefined && child !== null).filter((child) => child !== "");
    made.append(...given.map((child) => typeof child === "string" ? visible(child) : child));
    return made;
}

/**
 * Text as it stands, in pieces; `way` makes a link of a place in a file, `main.rs:51`, or returns nothing.
 * @param {string} text
 * @param {Way} [way]
 */
export function linked(text, way = () => undefined) {
    return text.split(/((?:[\w-]+\/)*[\w-]+\.rs:\d+)/).map((piece, index) => {
        if (index % 2 === 0) return piece;
        const at = piece.lastIndexOf(":");
        return way(piece.slice(0, at), Number(piece.slice(at + 1))) ?? piece;
    });
}

/**
 * The same for words with `code` in them; what is not in pairs of backticks stays as it stands.
 * @param {string} text
 * @param {Way} [way]
 */
export function prose(text, way) {
    return text.split(/`([^`\n]+)`/).flatMap((piece, index) => index % 2 ? [element("code", {}, ...linked(piece, way))] : linked(piece, way));
}

/**
 * An element with HTML of the course's own files in it: hints and stories, rendered by the server.
 * @param {keyof HTMLElementTagNameMap} name
 * @param {Attributes} attributes
 * @param {string} html
 */
export function rendered(name, attributes, html) {
    const made = element(name, attributes);
    made.innerHTML = html;
    return made;
}

/**
 * What each child that `fill` has made was made of, as JSON.
 * @type {WeakMap<Element, string>}
 */
const sources = new WeakMap();

/**
 * Gives `parent` one child for each of `items`, made by `make`. A child whose item is the same as before stays; a focus
 * that is taken away goes where `keepingFocus` says.
 * @template Item
 * @param {Element} parent
 * @param {Item[]} items
 * @param {(item: Item) => HTMLElement} make
 * @param {HTMLElement | null} [otherwise]
 */
export function fill(parent, items, make, otherwise = null) {
    const children = items.map((item) => {
        const source = JSON.stringify(item);
        const kept = [...parent.children].find((child) => sources.get(child) === source);
        if (kept) return kept;
        const made = make(item);
        sources.set(made, source);
        return made;
    });
    keepingFocus(parent, () => {
        [...parent.childNodes].filter((child) => !children.some((kept) => kept === child)).forEach((child) => child.remove());
        children.forEach((child, index) => {
            if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
        });
    }, otherwise);
}

/**
 * Changes what is in `parent`. A focus that this takes away goes to what stands in its place, or to `otherwise`.
 * @param {Element} parent
 * @param {() => void} change
 * @param {HTMLElement | null} [otherwise]
 */
export function keepingFocus(parent, change, otherwise = null) {
    /** @returns {HTMLElement[]} */
    const all = () => [...parent.querySelectorAll(FOCUSABLE)].filter((element) => element instanceof HTMLElement);
    const index = all().findIndex((element) => element === document.activeElement);
    change();
    if (index < 0 || parent.contains(document.activeElement)) return;
    const now = all();
    (now[Math.min(index, now.length - 1)] ?? otherwise)?.focus({ preventScroll: true });
}

// Where a screen reader is told what happens elsewhere: the page's one live region of these parts.
const region = element("div", { class: "live-unseen", role: "status", id: "live-said" });
document.body.append(region);

/**
 * Tells it in a sentence; with nothing, what was told last can be told again.
 * @param {string} words
 */
export function say(words) {
    region.textContent = words;
}

/** @param {number} millis */
export function seconds(millis) {
    return millis < 995 ? `${millis} ms` : `${(millis / 1000).toFixed(1)} s`;
}
