// Small pieces that the page is made of.

/// An element with a class and children: nodes, or strings that become text.
export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const paths = {
  plus: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  send: "M4 12l16-7-6 15-3-6-7-2z",
  photo: "M4 6h16v13H4zM8.5 11a1.5 1.5 0 100-3 1.5 1.5 0 000 3zM4 17l5-4 3 2 4-5 4 5",
  mic: "M12 4a2.5 2.5 0 00-2.5 2.5v5a2.5 2.5 0 005 0v-5A2.5 2.5 0 0012 4zM6.5 11.5a5.5 5.5 0 0011 0M12 17v3",
  file: "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5",
  pin: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0113 0c0 5-6.5 11-6.5 11zM12 12a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4z",
  person: "M12 12a3.7 3.7 0 100-7.4 3.7 3.7 0 000 7.4zM5 20c.5-4 3.5-6 7-6s6.5 2 7 6",
  smile: "M12 20.5a8.5 8.5 0 100-17 8.5 8.5 0 000 17zM8.5 14a4 4 0 007 0M9 9.5v.1M15 9.5v.1",
  tap: "M4 8h16v8H4zM8 12h8",
  cart: "M4 5h2l2 10h9l2-7H7M9 19.5v.1M16 19.5v.1",
  poll: "M5 20V11M12 20V4M19 20v-6",
  clip: "M18 11l-6.5 6.5a3.5 3.5 0 01-5-5L13 6a2.3 2.3 0 013.3 3.3L10 15.5",
};

function svg(path, className, viewBox) {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  for (const [name, value] of Object.entries({ viewBox, fill: "none", stroke: "currentColor", "stroke-width": "1.7",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", class: className })) made.setAttribute(name, value);
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  made.append(line);
  return made;
}

export const icon = (name) => svg(paths[name], "icon", "0 0 24 24");

const tickPaths = {
  clock: "M8.5 1.5a4 4 0 100 8 4 4 0 000-8zM8.5 3.5v2.2l1.5.9",
  one: "M4 6l3 3 6-7",
  two: "M1 6l3 3 6-7M7.5 8.5l.5.5 6-7",
};
export const ticks = (kind, read) => svg(tickPaths[kind], read ? "ticks read" : "ticks", "0 0 17 11");

export function clockTime(at) {
  const when = new Date(at);
  const today = when.toDateString() === new Date().toDateString();
  return today ? when.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })
    : when.toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

let toastTimer = 0;
export function toast(text) {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 4000);
}

export async function post(path, body, method = "POST") {
  try {
    const answer = await fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const result = await answer.json();
    if (!answer.ok) toast(result.detail ?? "That did not work");
    return result;
  } catch {
    toast("The simulator does not answer");
    return null;
  }
}
