// What is inside a bubble: media, places, cards. Structured messages are in structured.js.
import { duration, element, fileSize, icon, marked, outside, press } from "/_sim/parts.js";
import { interactive, template } from "/_sim/structured.js";
import { openSheet } from "/_sim/sheet.js";

const words = { image: "Photo", video: "Video", audio: "Audio", document: "Document", sticker: "Sticker" };

/// One line for the list of customers and for quotes.
export function preview(m) {
  const content = m.body[m.type] ?? {};
  switch (m.type) {
    case "text": return content.body ?? "";
    case "image": case "video": case "document": return content.caption || content.filename || words[m.type];
    case "audio": return content.voice ? "Voice message" : "Audio";
    case "sticker": return "Sticker";
    case "location": return content.name || "Location";
    case "contacts": return "Contact: " + (content[0]?.name?.formatted_name ?? "");
    case "reaction": return content.emoji ? `Reacted ${content.emoji}` : "Reaction removed";
    case "interactive": return content.body?.text ?? content.button_reply?.title ?? content.list_reply?.title
      ?? (content.nfm_reply ? "Form sent" : "Interactive message");
    case "button": return content.text ?? "";
    case "template": return m.rendered?.body || content.name || "Template";
    case "order": return "Order";
    case "call": return content.duration === undefined ? "Missed call" : "Call";
    case "system": return content.body ?? "";
    case "unsupported": return "Poll";
    case "edit": return "Edited a message";
    case "revoke": return "Deleted a message";
    default: return m.type;
  }
}

const source = (content) => (content.id ? `/_sim/media/${encodeURIComponent(content.id)}` : null);

export function card(picture, first, second, href) {
  const made = element(href ? "a" : "div", "card", icon(picture),
    element("div", "words", element("div", "strong", first), ...(second ? [element("div", "small", second)] : [])));
  return href ? outside(made, new URL(href, location.href).href) : made;
}

/// A file that only has a `link` is not loaded here: the page gets nothing from elsewhere.
function linked(kind, content) {
  const picture = { image: "photo", sticker: "photo", video: "video", audio: "sound" }[kind] ?? "file";
  return card(picture, content.filename || words[kind], content.link ?? "", content.link);
}

function picture(content, alt) {
  const image = Object.assign(element("img"), { src: source(content), alt, loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(card("photo", "Photo", "The file is gone")));
  return image;
}

function photo(content) {
  const opened = () => openSheet("Photo", [Object.assign(element("img", "large"), { src: source(content), alt: content.caption || "Photo" })]);
  return press("photo", picture(content, content.caption || "Photo"), "Open the photo", opened);
}

/// A player that looks like a voice message: a button, bars, and the time.
function voice(m, content, played) {
  const audio = Object.assign(new Audio(source(content)), { preload: "metadata" });
  const button = press("play", icon("play"), "Play", () => (audio.paused ? audio.play() : audio.pause()));
  const time = element("span", "small", "0:00");
  const seek = Object.assign(element("input", "seek"), { type: "range", min: 0, max: 1000, value: 0 });
  seek.setAttribute("aria-label", "Position");
  const show = () => {
    const length = Number.isFinite(audio.duration) ? audio.duration : 0;
    seek.value = length ? (audio.currentTime / length) * 1000 : 0;
    seek.style.setProperty("--done", `${seek.value / 10}%`);
    time.textContent = duration(audio.currentTime > 0 ? audio.currentTime : length);
  };
  seek.addEventListener("input", () => { if (Number.isFinite(audio.duration)) audio.currentTime = (seek.value / 1000) * audio.duration; });
  for (const event of ["loadedmetadata", "timeupdate", "durationchange"]) audio.addEventListener(event, show);
  audio.addEventListener("play", () => { button.replaceChildren(icon("pause")); button.setAttribute("aria-label", "Pause"); played(m); });
  for (const event of ["pause", "ended"]) {
    audio.addEventListener(event, () => { button.replaceChildren(icon("play")); button.setAttribute("aria-label", "Play"); });
  }
  const badge = element("span", content.voice ? "voice-mark" : "voice-mark sound", icon(content.voice ? "mic" : "sound"));
  return element("div", "voice", button, element("div", "track", seek, time), badge);
}

function documentCard(content) {
  const extension = /\.([a-z0-9]{1,5})$/i.exec(content.filename ?? "")?.[1] ?? "";
  const made = card("file", content.filename || "Document", extension.toUpperCase(), source(content));
  fetch(source(content), { method: "HEAD" }).then((answer) => {
    const size = Number(answer.headers.get("Content-Length"));
    const line = made.querySelector(".small");
    if (answer.ok && size && line) line.textContent = [extension.toUpperCase(), fileSize(size)].filter(Boolean).join(" · ");
  }).catch(() => {});
  return made;
}

/// The parts of an image, video, audio, document or sticker.
export function media(kind, m, content, { played = () => {} } = {}) {
  const parts = [];
  if (!content.id) parts.push(linked(kind, content));
  else if (kind === "image") parts.push(photo(content));
  else if (kind === "sticker") parts.push(picture(content, "Sticker"));
  else if (kind === "video") parts.push(Object.assign(element("video"), { src: source(content), controls: true, preload: "metadata", playsInline: true }));
  else if (kind === "audio") parts.push(voice(m, content, played));
  else parts.push(documentCard(content));
  if (content.caption) parts.push(element("div", "body caption", marked(content.caption)));
  return parts;
}

export function place(content) {
  const where = `${Number(content.latitude).toFixed(5)}, ${Number(content.longitude).toFixed(5)}`;
  const map = element("div", "map", icon("pin"));
  map.setAttribute("aria-hidden", "true");
  return element("div", "place", map, element("div", "strong", content.name || "Location"), element("div", "small", content.address || where));
}

function contacts(all) {
  return all.map((one) => card("person", one.name?.formatted_name ?? "Contact", [one.phones?.[0]?.phone, one.org?.company].filter(Boolean).join(" · ")));
}

function order(content) {
  const items = content.product_items ?? [];
  const total = items.reduce((sum, item) => sum + Number(item.item_price) * Number(item.quantity), 0);
  const count = items.reduce((sum, item) => sum + Number(item.quantity), 0);
  return card("cart", `Order: ${count} product${count === 1 ? "" : "s"}`, `${total.toFixed(2)} ${items[0]?.currency ?? ""}`);
}

function call(content) {
  const missed = content.duration === undefined;
  return card(missed ? "missed" : "phone", missed ? "Missed voice call" : "Voice call", missed ? "" : duration(content.duration));
}

/// The nodes of a message; `acts` has answer(content), played(message) and open(text) for buttons that would leave.
export function contents(m, acts) {
  const content = m.body[m.type] ?? {};
  switch (m.type) {
    case "text": return [element("div", "body", marked(content.body ?? ""))];
    case "image": case "video": case "audio": case "document": case "sticker": return media(m.type, m, content, acts);
    case "location": return [place(content)];
    case "contacts": return contacts(content);
    case "interactive": return m.from_business ? interactive(m, content, acts) : [element("div", "body", preview(m)),
      ...(content.list_reply?.description ? [element("div", "small", content.list_reply.description)] : [])];
    case "template": return template(m, content, acts);
    case "button": return [element("div", "body", content.text ?? "")];
    case "order": return [order(content)];
    case "call": return [call(content)];
    case "unsupported": return [card("poll", "Poll", "The business gets this as unsupported")];
    default: return [element("div", "small", preview(m))];
  }
}
