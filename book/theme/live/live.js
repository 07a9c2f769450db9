// @ts-check
// Makes a page live. The server links this file in each page it serves; a page from anywhere else never asks for it.

import { Connection, toComeInAgain, toOpenAgain } from "./connection.js";
import { element, say } from "./dom.js";
import { Panel } from "./panel.js";
import { isDone, summary } from "./verdict.js";

const SCROLL = "course-scroll";
// How long the word on the lesson stays in sight.
const LEAVES_AFTER = 10_000;
const connection = new Connection();

/**
 * The chapter's checks, and their panel.
 * @type {HTMLElement | null}
 */
const list = document.querySelector("ul.checks[data-lesson]");
if (list) {
    const panel = new Panel(connection, list.dataset.lesson ?? "");
    panel.begin(list);
    pill(panel);
}

/**
 * A word on the lesson where the panel is out of sight, and a way to it. It comes with news, and goes once it was seen.
 * @param {Panel} panel
 */
function pill(panel) {
    const words = element("span");
    const root = element("div", { class: "live-pill", hidden: true },
        element("a", { href: `#${panel.id}` }, words),
        element("button", { type: "button", "aria-label": "Close", onclick: () => { show(false); panel.focus({ preventScroll: true }); } }, "×"));
    document.body.append(root);
    let seen = true;
    let news = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @param {boolean} isNews */
    function show(isNews) {
        news = isNews;
        root.hidden = seen || !news;
    }
    function leave() {
        clearTimeout(timer);
        timer = setTimeout(() => {
            if (document.hidden || root.matches(":hover, :focus-within")) leave();
            else show(false);
        }, LEAVES_AFTER);
    }
    new IntersectionObserver(([entry]) => {
        seen = entry.isIntersecting;
        show(news && (!seen || Boolean(panel.lesson?.doing)));
    }).observe(panel);
    connection.on("gone", () => {
        if (!connection.gone) return;
        words.textContent = "The book's server has ended.";
        root.dataset.kind = "bad";
        clearTimeout(timer);
        show(true);
    });
    connection.on("lesson", (number) => {
        const { lesson } = panel;
        if (number !== panel.number || !lesson) return;
        const now = `Lesson ${number}: ${summary(lesson)}`;
        const isNew = words.textContent !== "" && words.textContent !== now;
        root.dataset.kind = lesson.doing || lesson.stale ? "open" : isDone(lesson) ? "good" : "bad";
        words.textContent = now;
        show(Boolean(lesson.doing) || (!seen && (isNew || news)));
        if (lesson.doing) clearTimeout(timer);
        else leave();
    });
}

// Which lessons are green, begun, or being checked, in the sidebar and on the map.
connection.on("lesson", (number) => {
    const lesson = connection.lessons.get(number);
    if (!lesson) return;
    const links = document.querySelectorAll(`#mdbook-sidebar a[href$="${lesson.name}.html"], ul.map a[href$="${lesson.name}.html"]`);
    for (const link of links) {
        const [mark, words] = lesson.doing ? ["…", "is being checked"] : lesson.green ? ["✓", "green"] : lesson.begun ? ["○", "begun"] : [];
        const before = link.querySelector(".live-mark");
        if (before?.firstChild?.nodeValue === ` ${mark}`) continue;
        before?.remove();
        const kind = lesson.green ? "live-mark live-green" : "live-mark";
        if (mark) link.append(element("span", { class: kind }, ` ${mark}`, element("span", { class: "live-unseen" }, ` ${words}`)));
    }
});

// What concerns the page as a whole: the server is gone, the book does not build. What the course has to say besides
// that stands in the panel, where there is one.
const banner = element("div", { class: "live-banner", hidden: true });
document.querySelector("#mdbook-content main, main")?.before(banner);
let shown = "";
function announce() {
    const { gone, isLockedOut, course } = connection;
    const { fault = "", note = "" } = course ?? {};
    const now = JSON.stringify([gone, isLockedOut, fault, note]);
    if (shown === now) return;
    shown = now;
    const parts = [];
    if (isLockedOut) {
        parts.push(element("p", {}, "The book was started anew, and waits for you: nothing is checked on this page. ", ...toComeInAgain()));
    } else if (gone) {
        parts.push(element("p", {}, "The book's server has ended: nothing is checked. ", ...toOpenAgain()));
    } else if (fault) {
        parts.push(element("p", {}, "The book does not build, so you see its last edition:"), element("pre", { tabindex: 0 }, fault));
    }
    say([...parts.slice(0, 1).map((part) => part.textContent), note].join(" ").trim());
    if (note && !list) parts.push(element("p", {}, note));
    banner.replaceChildren(...parts);
    banner.hidden = parts.length === 0;
}
connection.on("gone", announce);
connection.on("course", announce);

/**
 * A changed page is fetched anew, and shown where it was.
 * @type {HTMLMetaElement | null}
 */
const mine = document.querySelector('meta[name="course-page"]');
let told = "";
connection.on("course", async () => {
    const now = `${connection.course?.instance}/${connection.course?.edition}`;
    if (told === now) return;
    told = now;
    const head = await fetch(location.pathname, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (!head?.ok || head.headers.get("etag")?.includes(String(mine?.content))) return;
    keep(SCROLL, JSON.stringify({ path: location.pathname, y: scrollY }));
    location.reload();
});

// Where the reader was before the page was fetched anew. The panel grows when the first results come, so that is
// when it counts.
const before = take(SCROLL);
if (before?.path === location.pathname) {
    history.scrollRestoration = "manual";
    const back = () => scrollTo({ top: before.y, behavior: "instant" });
    back();
    const end = connection.on("lesson", (number) => {
        if (list && number !== list.dataset.lesson) return;
        end();
        requestAnimationFrame(back);
    });
    addEventListener("pagehide", () => { history.scrollRestoration = "auto"; });
}

/**
 * @param {string} key
 * @param {string} text
 */
function keep(key, text) {
    try { sessionStorage.setItem(key, text); } catch { /* Then the page begins at its top. */ }
}

/**
 * @param {string} key
 * @returns {{ path: string, y: number } | null}
 */
function take(key) {
    try {
        const text = sessionStorage.getItem(key);
        sessionStorage.removeItem(key);
        return text && JSON.parse(text);
    } catch {
        return null;
    }
}

connection.begin();
