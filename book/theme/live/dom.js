// Makes elements. Text is always text: whatever a program printed can never become markup here.

// element("p", { class: "x", onclick: f }, "text", another) – children may be missing.
export function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === false) continue;
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ""));
    return made;
}

// An element with HTML of the course's own files in it: hints and stories, rendered by the server.
export function rendered(name, attributes, html) {
    const made = element(name, attributes);
    made.innerHTML = html;
    return made;
}

export function seconds(millis) {
    return millis < 995 ? `${millis} ms` : `${(millis / 1000).toFixed(1)} s`;
}
