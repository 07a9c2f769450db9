// What the scenarios put into a page.

// The words that were told since `heard` asked last.
declare var heard: string[];
declare var axe: typeof import("axe-core");
// Whether a page has come back as it was left.
declare var isKept: boolean | undefined;
// What a program's words would set, if they were ever markup.
declare var spoilt: number | undefined;
