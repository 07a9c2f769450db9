// Quizzes answer at once: choosing an answer shows, in words, whether it is right, and why. They remember the answer.
//
// The page is complete without this file: each explanation stands folded below its answer. It is one
// classic script, loaded by mdBook, since browsers refuse modules on pages opened as files.
"use strict";

customElements.define("course-quiz", class extends HTMLElement {
    connectedCallback() {
        // mdBook loads scripts at the end of the page: the questions are already here.
        this.classList.add("quiz-live");
        this.questions = [...this.querySelectorAll("fieldset")];
        this.questions.forEach((question) => this.recall(question));
        // What was answered before is no news. From here on it is, for whoever begins to answer.
        const speak = () => this.querySelectorAll(".quiz-verdict").forEach((verdict) => verdict.removeAttribute("aria-live"));
        this.addEventListener("focusin", speak, { once: true });
        // In here the arrow keys choose; outside they turn the book's pages.
        this.addEventListener("keydown", (event) => event.stopPropagation());
        this.addEventListener("change", (event) => {
            const answer = event.target.closest(".quiz-answer");
            if (!answer) return;
            speak();
            this.explain(answer);
            this.remember(answer);
        });
    }

    // Shows the explanation of `answer` below the answers of its question, where a screen reader hears it.
    explain(answer) {
        const verdict = answer.closest("fieldset").querySelector(".quiz-verdict");
        const because = answer.querySelector(".quiz-because").cloneNode(true);
        verdict.dataset.verdict = answer.dataset.verdict;
        verdict.replaceChildren(because);
    }

    // Answers are kept in the browser, by the words of question and answer: a quiz that was rewritten is asked anew.
    remember(answer) {
        const question = answer.closest("fieldset");
        try {
            localStorage.setItem(this.key(question), answer.querySelector("label").textContent.trim());
        } catch { /* Then it is asked again next time. */ }
    }

    recall(question) {
        let words = null;
        try {
            words = localStorage.getItem(this.key(question));
        } catch { /* As above. */ }
        const chosen = [...question.querySelectorAll(".quiz-answer")]
            .find((answer) => answer.querySelector("label").textContent.trim() === words);
        if (!chosen) return;
        chosen.querySelector("input").checked = true;
        question.querySelector(".quiz-verdict").setAttribute("aria-live", "off");
        this.explain(chosen);
    }

    key(question) {
        return `course-quiz/${this.getAttribute("name")}/${question.querySelector("legend").textContent.trim()}`;
    }
});
