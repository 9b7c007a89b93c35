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
  cross: "M6 6l12 12M18 6L6 18",
  video: "M3.5 7h11v10h-11zM14.5 11l6-3.5v9l-6-3.5z",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  stop: "M7 7h10v10H7z",
  phone: "M6 3.5l3 .5 1.2 4-2 1.6a12 12 0 006.2 6.2l1.6-2 4 1.2.5 3c-1 2-3 2.5-4.5 2C9.5 18.5 5.5 14.5 4 8c-.5-1.5 0-3.5 2-4.5z",
  missed: "M6 3.5l3 .5 1.2 4-2 1.6a12 12 0 006.2 6.2l1.6-2 4 1.2.5 3c-1 2-3 2.5-4.5 2C9.5 18.5 5.5 14.5 4 8c-.5-1.5 0-3.5 2-4.5zM15 4l5 5M20 4l-5 5",
  reply: "M9 6L4 11l5 5M4 11h9a7 7 0 017 7",
  forward: "M15 6l5 5-5 5M20 11h-9a7 7 0 00-7 7",
  pencil: "M5 19l1-4L16.5 4.5l3 3L9 18z",
  bin: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  link: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
  list: "M8 7h12M8 12h12M8 17h12M4 7v.1M4 12v.1M4 17v.1",
  more: "M6 12v.1M12 12v.1M18 12v.1",
  ad: "M4 10v4l9 4V6zM13 9a3 3 0 010 6M6 14.5l1 4.5h2l-1-3.7",
  form: "M6 4h12v16H6zM9 8h6M9 12h6M9 16h3",
  people: "M9 11.5a3 3 0 100-6 3 3 0 000 6zM3.5 19c.4-3.4 2.6-5 5.5-5s5.1 1.6 5.5 5M16 11.5a2.5 2.5 0 100-5M17 14c2 .4 3.200 2 3.5 5",
  block: "M12 20.5a8.5 8.5 0 100-17 8.5 8.5 0 000 17zM6 6l12 12",
  star: "M12 4l2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.7 9.6 9z",
  sound: "M9 18V6l9-2v12M9 18a2.5 2.5 0 11-5 0 2.5 2.5 0 015 0zM18 16a2.5 2.5 0 11-5 0 2.5 2.5 0 015 0z",
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

/// 48213 -> "47 kB".
export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function duration(seconds) {
  const whole = Math.max(0, Math.round(Number.isFinite(seconds) ? seconds : 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/// A button with an icon or a text, and what it does.
export function press(className, children, label, act) {
  const made = element("button", className, ...[children].flat());
  made.type = "button";
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

/// *bold*, _italic_, ~struck~ and ```mono``` as WhatsApp shows them, and links; everything else is text.
export function marked(text) {
  const made = document.createDocumentFragment();
  const pattern = /```([^`]+)```|\*([^*\n]+)\*|(?<![\w])_([^_\n]+)_(?![\w])|~([^~\n]+)~|(https?:\/\/[^\s<>"]+)/g;
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    made.append(text.slice(at, found.index));
    at = found.index + found[0].length;
    const [, mono, bold, italic, struck, url] = found;
    if (url) made.append(outside(element("a", "", url), url));
    else if (mono) made.append(element("code", "", mono));
    else made.append(element(bold ? "b" : italic ? "i" : "s", "", bold ?? italic ?? struck));
  }
  made.append(text.slice(at));
  return made;
}

/// Makes a link that leaves the page; others than http(s) stay without a target.
export function outside(link, url) {
  if (/^https?:\/\//.test(url)) Object.assign(link, { href: url, target: "_blank", rel: "noreferrer noopener" });
  return link;
}
