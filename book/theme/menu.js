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
