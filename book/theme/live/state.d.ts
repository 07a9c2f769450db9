// What the server tells a page, as book/server/src/live/live_state.rs and panel.rs write it.

export interface Course {
    instance: number;
    "on-save": boolean;
    watching: string;
    edition: number;
    fault: string;
    note: string;
}

export interface Lesson {
    number: string;
    name: string;
    green: boolean;
    begun: boolean;
    stale: boolean;
    doing: "waiting" | "building" | "running" | "model" | "mistake" | null;
    fault: { words: string; output: string } | null;
    warnings: string;
    checks: Check[];
    compared: boolean;
    mistake: Met | null;
    next: { name: string; title: string; words: string }[];
}

export interface Check {
    check: string;
    sentence: string;
    running: boolean;
    judged: Judged | null;
    // As HTML, like a mistake's story.
    hints: string[];
    "hints-in-all": number;
}

export type Judged = { millis: number; notes?: string[]; broke?: string[] } & (
    | { verdict: "green" }
    | { verdict: "red"; failure: Failure }
    | { verdict: "skipped" | "could-not-judge"; reason: string }
);

export interface Failure {
    expected?: string;
    saw?: string;
    why?: string;
    look?: string;
    autopsy?: string[];
    unwritten?: { file: string; line: number; words: string };
    panic?: unknown;
}

// A mistake that was met.
export interface Met {
    name: string;
    guess: string;
    red: string;
    judged: Judged | null;
    fault: string;
}

// What a panel is made of, beside the state.
export interface About {
    learned: string;
    files: LessonFile[];
    mistakes: { name: string; words: string; story: string }[];
}

// `path` is how it is shown, `place` where it lies on this machine.
export interface LessonFile {
    path: string;
    place: string;
    line: number;
    todo?: string;
}

// A file in which the learner's program and the reference differ.
export interface Compared {
    path: string;
    whose: "both" | "yours" | "reference";
    places: Facing[][];
}

export interface Facing {
    same: boolean;
    yours: Line | null;
    reference: Line | null;
}

// Its text in pieces, each with whether it differs.
export interface Line {
    number: number;
    pieces: [boolean, string][];
}
