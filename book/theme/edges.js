// @ts-check
// A picture that moves: one socket, epoll, and a program that reads two bytes at a time. Under an edge, bytes can lie in
// the queue that no one ever reads.
//
// `<course-edges>` in a chapter, on a line of its own, closed on the next; with `drain`, the program reads until
// WouldBlock from the start. It needs no server. Without a script there is nothing here: the chapter has said it all.
// Invariant: `#step` does what the kernel or the program would do next, and nothing else changes what is drawn.
"use strict";

customElements.define("course-edges", class extends HTMLElement {
    // Bytes in the queue, how many of them are drawn, and how many the program has read.
    #bytes = 0;
    #shown = 0;
    #read = 0;
    // Whether the row is on the ready list.
    #isReady = false;
    /**
     * Asleep in epoll_wait, awake with an event, or calling: done with it, and epoll_wait has not looked yet.
     * @type {"asleep" | "awake" | "calling"}
     */
    #program = "asleep";

    connectedCallback() {
        // Its place among the page's pictures of this kind: each has buttons of its own.
        const name = `edges-${[...document.querySelectorAll("course-edges")].indexOf(this)}`;
        this.innerHTML = `
            <figure class="edges" role="group" aria-label="Edge and level, step by step">
            <div class="edges-choices">
                <fieldset><legend>The bell rings</legend>
                    <label><input type="radio" name="${name}" value="level"> while there is something (level)</label>
                    <label><input type="radio" name="${name}" value="edge" checked> when something arrives (edge)</label></fieldset>
                <fieldset><legend>After an event the program reads</legend>
                    <label><input type="checkbox" ${this.hasAttribute("drain") ? "checked" : ""}> until WouldBlock (drain the loop)</label></fieldset>
            </div>
            <dl class="edges-parts">
                <div><dt>Receive queue of fd 4</dt><dd class="edges-queue"></dd></div>
                <div><dt>Ready list of the epoll instance</dt><dd class="edges-ready"></dd></div>
                <div><dt>The program</dt><dd class="edges-program"></dd></div>
            </dl>
            <p class="edges-said" role="status" aria-live="off"></p>
            <div class="edges-buttons"><button type="button" value="arrive">six bytes arrive</button>
                <button type="button" value="one">one byte arrives</button>
                <button type="button" value="step">next step</button>
                <button type="button" value="again">begin again</button></div>
            <figcaption>${this.hasAttribute("drain")
                ? "Let bytes arrive, then go step by step: nothing stays behind. Then let the program read only once, and see what does."
                : "Let bytes arrive, then go step by step. Which bytes does nobody ever read?"}</figcaption>
            </figure>`;
        // How it stands at first is no news.
        const speak = () => this.#part(".edges-said").removeAttribute("aria-live");
        this.addEventListener("focusin", speak, { once: true });
        this.addEventListener("click", (event) => {
            const wish = event.target instanceof Element && event.target.closest("button")?.value;
            if (wish === "arrive") this.#arrive(6);
            else if (wish === "one") this.#arrive(1);
            else if (wish === "step") this.#step();
            else if (wish === "again") this.#begin();
        });
        this.addEventListener("change", () => this.#begin());
        // In here the arrow keys choose; outside they turn the book's pages.
        this.addEventListener("keydown", (event) => event.stopPropagation());
        this.#begin();
    }

    /**
     * @param {string} selector
     * @returns {HTMLElement}
     */
    #part(selector) { return /** @type {HTMLElement} */ (this.querySelector(selector)); }
    get #isLevel() { return this.#part("[value=level]").matches(":checked"); }
    get #drains() { return this.#part("[type=checkbox]").matches(":checked"); }

    #begin() {
        this.#bytes = this.#shown = this.#read = 0;
        this.#isReady = false;
        this.#program = "asleep";
        this.#show("The program sleeps in epoll_wait. Nothing has arrived.");
    }

    /**
     * An arrival puts the row on the ready list, under an edge and under a level alike.
     * @param {number} count
     */
    #arrive(count) {
        const room = Math.min(count, 24 - this.#bytes);
        if (room < count) return this.#show("Enough: the queue of this picture is full.");
        const bytes = count === 1 ? "One byte arrives" : `${count} bytes arrive`;
        const listed = this.#isReady ? "fd 4 is on the ready list already." : "The kernel puts fd 4 on the ready list.";
        const woken = !this.#isReady && this.#program === "asleep" ? " That wakes the program." : "";
        this.#bytes += count;
        this.#isReady = true;
        this.#show(`${bytes}. ${listed}${woken}`);
    }

    #step() {
        if (this.#program === "awake") this.#readTwo();
        else if (!this.#isReady) this.#sleep();
        else if (this.#bytes === 0) {
            this.#isReady = false;
            this.#program = "asleep";
            this.#show("The kernel looks at fd 4 again: nothing is there. It takes it off the ready list, and the program sleeps.");
        } else {
            this.#program = "awake";
            // Under a level the kernel puts the row back at once, and looks again next time.
            this.#isReady = this.#isLevel;
            this.#show(this.#isLevel
                ? "epoll_wait returns fd 4. It stays on the ready list: the kernel will look again."
                : "epoll_wait returns fd 4, and takes it off the ready list. The edge is consumed.");
        }
    }

    #readTwo() {
        if (this.#bytes === 0) {
            this.#program = "calling";
            return this.#show("read answers WouldBlock: the queue is empty, and the kernel owes an event. Back to epoll_wait.");
        }
        const count = Math.min(2, this.#bytes);
        this.#bytes -= count;
        this.#read += count;
        this.#program = this.#drains ? "awake" : "calling";
        this.#show(`read takes ${count === 1 ? "1 byte" : `${count} bytes`}. ${this.#drains ? "The loop goes round." : "Back to epoll_wait."}`);
    }

    #sleep() {
        this.#program = "asleep";
        if (this.#bytes === 0) return this.#show("epoll_wait sleeps, and rightly so: nothing is there.");
        const bytes = this.#bytes === 1 ? "1 byte lies" : `${this.#bytes} bytes lie`;
        this.#show(`epoll_wait sleeps, although ${bytes} in the queue. Nobody will ever read them, unless more arrive.`, true);
    }

    /**
     * @param {string} words
     * @param {boolean} [lost] Whether nobody will ever read what is in the queue.
     */
    #show(words, lost = false) {
        const of = (/** @type {string} */ part) => this.#part(`.edges-${part}`);
        of("queue").replaceChildren(...Array.from({ length: this.#bytes }, (_, index) => {
            const byte = document.createElement("i");
            byte.className = `edges-byte ${lost ? "edges-lost" : ""} ${index < this.#shown ? "" : "edges-new"}`;
            return byte;
        }), ` ${this.#bytes === 0 ? "empty" : this.#bytes}`);
        this.#shown = this.#bytes;
        of("ready").textContent = this.#isReady ? "fd 4" : "empty";
        const asleep = this.#isReady ? "woken in epoll_wait" : "asleep in epoll_wait";
        const doing = { asleep, awake: "awake: its turn with fd 4", calling: "about to call epoll_wait" }[this.#program];
        of("program").textContent = `${doing}; has read ${this.#read}`;
        of("program").toggleAttribute("data-awake", this.#program === "awake");
        of("ready").toggleAttribute("data-ready", this.#isReady);
        of("said").textContent = words;
    }
});
