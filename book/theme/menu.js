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
