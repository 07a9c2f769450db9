// Makes elements, and keeps the reader's place among them. Text is always text: whatever a program printed can never
// become markup here, and a character that would act instead of being seen is spelled out.

const FOCUSABLE = "a[href], button, input, select, summary, [tabindex]";

// Control characters but for the end of a line and the tab; what turns the direction of writing; what is no character but a
// width of nothing. Any of these can make a line look as if something else stood in it.
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

// Text with each of them as Rust writes it: "\r", "\u{1b}".
function visible(text) {
    const names = { "\n": "\n", "\t": "\t", "\r": "\\r", "\0": "\\0" };
    return text.replace(UNSEEN, (sign) => names[sign] ?? `\\u{${sign.codePointAt(0).toString(16)}}`);
}

// element("p", { class: "x", onclick: f }, "text", another) – children may be missing.
export function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === false) continue;
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else made.setAttribute(key, value === true ? "" : value);
    }
    const given = children.flat().filter((child) => child !== undefined && child !== null && child !== "");
    made.append(...given.map((child) => typeof child === "string" ? visible(child) : child));
    return made;
}

// Text as it stands, in pieces; `way` makes a link of a place in a file, `main.rs:51`, or returns nothing.
export function linked(text, way = () => undefined) {
    return text.split(/((?:[\w-]+\/)*[\w-]+\.rs:\d+)/).map((piece, index) => {
        if (index % 2 === 0) return piece;
        const at = piece.lastIndexOf(":");
        return way(piece.slice(0, at), Number(piece.slice(at + 1))) ?? piece;
    });
}

// The same for words with `code` in them; what is not in pairs of backticks stays as it stands.
export function prose(text, way) {
    return text.split(/`([^`\n]+)`/).flatMap((piece, index) => index % 2 ? [element("code", {}, ...linked(piece, way))] : linked(piece, way));
}

// An element with HTML of the course's own files in it: hints and stories, rendered by the server.
export function rendered(name, attributes, html) {
    const made = element(name, attributes);
    made.innerHTML = html;
    return made;
}

// Gives `parent` one child for each of `items`, made by `make`. A child whose item is the same as before stays; a focus
// that is taken away goes where `keepingFocus` says.
export function fill(parent, items, make, otherwise = null) {
    const children = items.map((item) => {
        const madeOf = JSON.stringify(item);
        return [...parent.children].find((child) => child.madeOf === madeOf) ?? Object.assign(make(item), { madeOf });
    });
    keepingFocus(parent, () => {
        [...parent.childNodes].filter((child) => !children.includes(child)).forEach((child) => child.remove());
        children.forEach((child, index) => {
            if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
        });
    }, otherwise);
}

// Changes what is in `parent`. A focus that this takes away goes to what stands in its place, or to `otherwise`.
export function keepingFocus(parent, change, otherwise = null) {
    const all = () => [...parent.querySelectorAll(FOCUSABLE)];
    const index = all().indexOf(document.activeElement);
    change();
    if (index < 0 || parent.contains(document.activeElement)) return;
    const now = all();
    (now[Math.min(index, now.length - 1)] ?? otherwise)?.focus({ preventScroll: true });
}

// Where a screen reader is told what happens elsewhere: the page's one live region of these parts.
const region = element("div", { class: "live-unseen", role: "status", id: "live-said" });
document.body.append(region);

// Tells it in a sentence; with nothing, what was told last can be told again.
export function say(words) {
    region.textContent = words;
}

export function seconds(millis) {
    return millis < 995 ? `${millis} ms` : `${(millis / 1000).toFixed(1)} s`;
}
