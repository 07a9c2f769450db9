// Quizzes answer at once: choosing an answer shows, in words, whether it is right, and why.
//
// The page is complete without this file: each explanation stands folded below its answer. It is one
// classic script, loaded by mdBook, since browsers refuse modules on pages opened as files.
"use strict";

customElements.define("course-quiz", class extends HTMLElement {
    connectedCallback() {
        // mdBook loads scripts at the end of the page: the questions are already here.
        this.classList.add("quiz-live");
        this.addEventListener("change", (event) => {
            const answer = event.target.closest(".quiz-answer");
            if (answer) this.explain(answer);
        });
    }

    // Shows the explanation of `answer` below the answers of its question, where a screen reader hears it.
    explain(answer) {
        const verdict = answer.closest("fieldset").querySelector(".quiz-verdict");
        const because = answer.querySelector(".quiz-because").cloneNode(true);
        verdict.dataset.verdict = answer.dataset.verdict;
        verdict.replaceChildren(because);
    }
});
