// @ts-check
// Quizzes answer at once: choosing an answer shows, in words, whether it is right, and why. They remember the answer.
//
// The page is complete without this file: each explanation stands folded below its answer. It is one
// classic script, loaded by mdBook, since browsers refuse modules on pages opened as files.
"use strict";

customElements.define("course-quiz", class extends HTMLElement {
    connectedCallback() {
        // mdBook loads scripts at the end of the page: the questions are already here.
        this.classList.add("quiz-live");
        this.querySelectorAll("fieldset").forEach((question) => this.recall(question));
        // What was answered before is no news. From here on it is, for whoever begins to answer.
        const speak = () => this.querySelectorAll(".quiz-verdict").forEach((verdict) => verdict.removeAttribute("aria-live"));
        this.addEventListener("focusin", speak, { once: true });
        // In here the arrow keys choose; outside they turn the book's pages.
        this.addEventListener("keydown", (event) => event.stopPropagation());
        this.addEventListener("change", (event) => {
            const answer = event.target instanceof Element && event.target.closest(".quiz-answer");
            if (!(answer instanceof HTMLElement)) return;
            speak();
            this.explain(answer);
            this.remember(answer);
        });
    }

    /**
     * Shows the explanation of `answer` below the answers of its question, where a screen reader hears it.
     * @param {HTMLElement} answer
     */
    explain(answer) {
        const verdict = this.#part(this.#question(answer), ".quiz-verdict");
        const because = this.#part(answer, ".quiz-because").cloneNode(true);
        verdict.dataset.verdict = answer.dataset.verdict;
        verdict.replaceChildren(because);
    }

    /**
     * Answers are kept in the browser, by the words of question and answer: a quiz that was rewritten is asked anew.
     * @param {HTMLElement} answer
     */
    remember(answer) {
        try {
            localStorage.setItem(this.key(this.#question(answer)), this.#words(answer, "label"));
        } catch { /* Then it is asked again next time. */ }
    }

    /** @param {HTMLElement} question */
    recall(question) {
        let words = null;
        try {
            words = localStorage.getItem(this.key(question));
        } catch { /* As above. */ }
        /** @type {NodeListOf<HTMLElement>} */
        const answers = question.querySelectorAll(".quiz-answer");
        const chosen = [...answers].find((answer) => this.#words(answer, "label") === words);
        const button = chosen?.querySelector("input");
        if (!chosen || !button) return;
        button.checked = true;
        this.#part(question, ".quiz-verdict").setAttribute("aria-live", "off");
        this.explain(chosen);
    }

    /** @param {HTMLElement} question */
    key(question) {
        return `course-quiz/${this.getAttribute("name")}/${this.#words(question, "legend")}`;
    }

    /**
     * The question that an answer is one of.
     * @param {HTMLElement} answer
     */
    #question(answer) {
        return /** @type {HTMLElement} */ (answer.closest("fieldset"));
    }

    /**
     * An element that each question, or each answer, has.
     * @param {HTMLElement} of
     * @param {string} selector
     */
    #part(of, selector) {
        return /** @type {HTMLElement} */ (of.querySelector(selector));
    }

    /**
     * @param {HTMLElement} of
     * @param {string} selector
     */
    #words(of, selector) {
        return this.#part(of, selector).textContent?.trim() ?? "";
    }
});
