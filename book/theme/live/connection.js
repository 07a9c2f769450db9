// The line to the server: what it tells, and what is asked of it.
//
// The server tells states, never steps: `course` once and whenever it changes, `lesson` for each lesson alike. After
// a pause, however long, everything is told again; so a page that slept, or whose server was started anew, is right.

const AGAIN_AFTER = 2000;

export class Connection extends EventTarget {
    course = null;
    lessons = new Map();
    gone = false;
    #source = null;

    open() {
        const source = new EventSource("/live/events");
        this.#source = source;
        source.addEventListener("course", (event) => {
            this.#isHere(true);
            this.course = JSON.parse(event.data);
            this.#tell("course");
        });
        source.addEventListener("lesson", (event) => {
            const lesson = JSON.parse(event.data);
            this.lessons.set(lesson.number, lesson);
            this.#tell("lesson", lesson.number);
        });
        source.addEventListener("error", () => {
            this.#isHere(false);
            // Some browsers try again by themselves, some give up; one way for all.
            source.close();
            setTimeout(() => this.open(), AGAIN_AFTER);
        });
        // A page that is left lets go of the line: browsers allow six to one server.
        addEventListener("pagehide", () => source.close(), { once: true });
    }

    // Asks for something to be done; the answer's JSON, if it has any. Throws what the server says against it.
    async ask(path, body = {}) {
        const answer = await fetch(`/live/${path}`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
        });
        const text = await answer.text();
        if (!answer.ok) throw Object.assign(new Error(text), { status: answer.status });
        return text ? JSON.parse(text) : null;
    }

    #isHere(here) {
        if (this.gone !== here) return;
        this.gone = !here;
        this.#tell("gone");
    }

    #tell(type, detail) {
        this.dispatchEvent(new CustomEvent(type, { detail }));
    }
}
