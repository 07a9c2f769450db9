// @ts-check
// What mdBook's page lacks around the text.

// The button that shows and hides the table of contents is a label in mdBook's page: here it becomes a button for the
// keyboard and for screen readers too.
"use strict";

(() => {
    const toggle = document.getElementById("mdbook-sidebar-toggle");
    if (!toggle) return;
    toggle.setAttribute("role", "button");
    toggle.tabIndex = 0;
    toggle.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        toggle.click();
    });
})();

// mdBook's search opens at the top of the page. Whoever closes it without following a result is taken back.
(() => {
    const search = document.getElementById("mdbook-search-wrapper");
    if (!search) return;
    let before = 0;
    const remember = () => { if (search.classList.contains("hidden")) before = scrollY; };
    addEventListener("keydown", remember, { capture: true });
    addEventListener("pointerdown", remember, { capture: true });
    new MutationObserver(() => {
        if (search.classList.contains("hidden")) scrollTo({ top: before, behavior: "instant" });
    }).observe(search, { attributeFilter: ["class"] });
})();

// On a phone the bar has no room for the book's name: there it shows the chapter's.
(() => {
    const bar = document.querySelector(".menu-title");
    const chapter = document.querySelector("main h1")?.textContent?.trim();
    if (!bar || !chapter) return;
    const part = (/** @type {string} */ kind, /** @type {string | null} */ words) => Object.assign(document.createElement("span"), { className: kind, textContent: words });
    bar.replaceChildren(part("menu-chapter", chapter), part("menu-book", bar.textContent));
})();

// Code in a line of text breaks after a space or a slash, and not at all where it is short. A style cannot tell how long a text
// is; what has a longer piece than fits a phone breaks wherever it must.
(() => {
    const MOST_LETTERS = 28;
    for (const code of document.querySelectorAll("main :not(pre) > code")) {
        const pieces = code.textContent.split(/(?<=[/ ])/);
        if (code.childElementCount || pieces.some((piece) => piece.length > MOST_LETTERS)) continue;
        code.classList.add("whole");
        if (code.textContent.length <= MOST_LETTERS) continue;
        code.replaceChildren(...pieces.flatMap((piece) => [document.createElement("wbr"), piece]).slice(1));
    }
})();
