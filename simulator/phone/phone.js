// The phone page. State comes by long polling (/_sim/updates); all text goes in as textContent.
import { bubble, preview } from "/_sim/bubbles.js";
import { faultPanel, showWebhook } from "/_sim/network.js";
import { element, icon, post, toast, clockTime } from "/_sim/parts.js";

const $ = (id) => document.getElementById(id);
const people = new Map();    // key -> customer
const chats = new Map();     // key -> Map(wamid -> message)
const nodes = new Map();     // wamid -> {seq, node} of the open chat
let open = null;             // key of the open chat
let business = {};
let readSent = 0;            // the newest message that a read mark was sent for

const samples = [
  ["Photo", "photo", { type: "image", image: { caption: "Look at this view" } }],
  ["Voice note", "mic", { type: "voice" }],
  ["Document", "file", { type: "document", document: { caption: "My receipt" } }],
  ["Location", "pin", { type: "location" }],
  ["Contact", "person", { type: "contacts" }],
  ["Reaction", "smile", { type: "reaction" }],
  ["Button reply", "tap", { type: "interactive" }],
  ["Order", "cart", { type: "order" }],
  ["Poll", "poll", { type: "unsupported" }],
  ["Your file", "clip", null],
];

function initials(name) {
  const words = name.trim().split(/\s+/);
  return (words[0]?.[0] ?? "?").toUpperCase() + (words.length > 1 ? words.at(-1)[0].toUpperCase() : "");
}
function colour(key) {
  let sum = 0;
  for (const c of key) sum = (sum * 31 + c.codePointAt(0)) % 997;
  return `c${sum % 6}`;
}
const title = (person) => person.name || (person.wa_id ? "+" + person.wa_id : person.username || person.user_id);
const address = (person) => (person.hides_number ? person.username || person.user_id : "+" + person.wa_id);

function ordered(key) {
  return [...(chats.get(key)?.values() ?? [])].sort((a, b) => a.n - b.n);
}
const unread = (key) => ordered(key).filter((m) => m.from_business && ["accepted", "sent", "delivered"].includes(m.status)
  && m.type !== "reaction").length;

function renderPeople() {
  const focused = document.activeElement?.dataset?.key;
  const rows = [...people.values()].map((person) => ({ person, last: ordered(person.key).at(-1) }));
  rows.sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0) || title(a.person).localeCompare(title(b.person)));
  $("people").replaceChildren(...rows.slice(0, 300).map(({ person, last }) => {
    const side = element("span", "side", element("span", "", last ? clockTime(last.at) : ""));
    const waiting = person.key === open && !document.hidden ? 0 : unread(person.key);
    if (waiting) side.append(element("span", "badge", String(waiting)));
    const names = element("span", "names", element("div", "name", title(person)), element("div", "last", last ? preview(last) : address(person)));
    const row = element("button", "person", element("span", `avatar ${colour(person.key)}`, initials(title(person))), names, side);
    row.type = "button";
    row.dataset.key = person.key;
    row.setAttribute("aria-current", String(person.key === open));
    row.addEventListener("click", () => openChat(person.key));
    return element("li", "", row);
  }));
  if (focused) $("people").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function dayOf(at) {
  return new Date(at).toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });
}

function renderChat() {
  const person = people.get(open);
  $("phone").hidden = !person;
  $("empty").hidden = Boolean(person);
  if (!person) return;
  $("chat-business").textContent = business.verified_name ?? "";
  $("business-avatar").textContent = initials(business.verified_name ?? "?");
  $("chat-sub").textContent = `${title(person)} · ${address(person)}`;
  const closed = !windowOpen(person);
  $("window").className = closed ? "chip closed" : "chip";
  $("window").textContent = closed ? "Window closed" : "Window open";
  $("window").title = closed ? "Free-form replies fail with 131047 until this customer writes" : "Press to let 25 hours pass";

  const list = $("messages");
  const messages = ordered(open);
  const reactions = new Map();
  for (const m of messages) {
    if (m.type === "reaction" && m.status !== "failed") reactions.set(m.body.reaction?.message_id, m.body.reaction?.emoji ?? "");
  }
  const rows = [];
  let day = "", side = null;
  for (const m of messages.slice(-300)) {
    if (m.type === "reaction" && chats.get(open).has(m.body.reaction?.message_id)) continue;
    if (dayOf(m.at) !== day) {
      day = dayOf(m.at);
      side = null;
      rows.push(element("li", "day", day));
    }
    const reaction = reactions.get(m.wamid) ?? "";
    const stamp = `${m.seq} ${reaction} ${side !== m.from_business}`;
    let known = nodes.get(m.wamid);
    if (known?.stamp !== stamp) {
      known = { stamp, node: bubble(m, { reaction, turn: side !== m.from_business, quoted: (id) => chats.get(open).get(id), answer: send }) };
      nodes.set(m.wamid, known);
    }
    rows.push(known.node);
    side = m.from_business;
  }
  if ((person.typing_until ?? 0) > Date.now()) {
    const dots = element("li", "bubble turn typing", element("i"), element("i"), element("i"));
    dots.setAttribute("aria-label", "The business is typing");
    rows.push(dots);
    setTimeout(renderChat, person.typing_until - Date.now() + 50);
  }
  reconcile(list, rows);
  stick();
  markRead(messages);
}

/// Keeps the newest message in view, unless the reader has scrolled up.
let atBottom = true;
function stick() {
  if (atBottom) $("messages").scrollTop = $("messages").scrollHeight;
}

/// Moves only what moved, so that playing audio and the focus stay.
function reconcile(list, rows) {
  const wanted = new Set(rows);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  rows.forEach((row, i) => { if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null); });
}

const windowOpen = (person) => person.last_incoming_at && Date.now() - person.last_incoming_at < 24 * 3600e3;

function markRead(messages) {
  const newest = messages.filter((m) => m.from_business && ["accepted", "sent", "delivered"].includes(m.status)).at(-1);
  if (document.hidden || !newest || newest.status === "accepted" || newest.n === readSent) return;
  readSent = newest.n;
  // A person needs a moment to look; the ticks are nicer to watch, too.
  const key = open;
  setTimeout(() => { if (!document.hidden && open === key) post("/_sim/read", { wa_id: key }); else readSent = 0; }, 600);
}

function openChat(key) {
  open = key;
  readSent = 0;
  nodes.clear();
  $("messages").replaceChildren();
  $("app").classList.add("in-chat");
  history.replaceState(null, "", "#" + encodeURIComponent(key));
  atBottom = true;
  renderPeople();
  renderChat();
  if (matchMedia("(min-width: 721px)").matches) $("text").focus();
}

async function send(content) {
  const person = people.get(open);
  const from = person.wa_id ? { from: person.wa_id } : { user_id: person.user_id };
  atBottom = true;
  await post("/_sim/inbound", { ...from, ...content });
}

async function sendFile(file) {
  const answer = await fetch(`/_sim/media?filename=${encodeURIComponent(file.name)}`,
    { method: "POST", headers: { "Content-Type": file.type || "application/octet-stream" }, body: file });
  if (!answer.ok) return toast("That file is too large");
  const { id } = await answer.json();
  const kind = ["image", "video", "audio"].find((k) => file.type.startsWith(k + "/")) ?? "document";
  const extra = kind === "document" ? { filename: file.name } : {};
  await send({ type: kind, [kind]: { id, ...extra } });
}

function toggle(button, panel, focus) {
  panel.hidden = !panel.hidden;
  button.setAttribute("aria-expanded", String(!panel.hidden));
  if (!panel.hidden) panel.querySelector(focus)?.focus();
}

function wire() {
  $("add").append(icon("plus"));
  $("back").append(icon("back"));
  $("attach").append(icon("plus"));
  document.querySelector(".send").append(icon("send"));
  $("add").addEventListener("click", () => toggle($("add"), $("new-customer"), "input"));
  $("attach").addEventListener("click", () => toggle($("attach"), $("tray"), "button"));
  $("back").addEventListener("click", () => { $("app").classList.remove("in-chat"); open = null; history.replaceState(null, "", "#"); renderPeople(); });
  $("tray").append(...samples.map(([label, picture, content]) => {
    const button = element("button", "", icon(picture), label);
    button.type = "button";
    button.addEventListener("click", () => {
      toggle($("attach"), $("tray"), "");
      if (content) send(content); else $("file").click();
      $("text").focus();
    });
    return button;
  }));
  $("file").addEventListener("change", () => { if ($("file").files[0]) sendFile($("file").files[0]); $("file").value = ""; });
  const text = $("text");
  const fit = () => { text.style.height = "auto"; text.style.height = `${text.scrollHeight + 2}px`; };
  text.addEventListener("input", fit);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); }
    if (event.key === "Escape" && !$("tray").hidden) toggle($("attach"), $("tray"), "");
  });
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!text.value.trim() || !open) return;
    send({ type: "text", text: text.value });
    text.value = "";
    fit();
  });
  $("new-customer").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const number = String(form.get("number")).replace(/\D/g, "");
    people.set(number, people.get(number) ?? { key: number, wa_id: number, user_id: "", name: String(form.get("name")), hides_number: false });
    event.target.reset();
    toggle($("add"), $("new-customer"), "");
    openChat(number);
    renamed.set(number, people.get(number).name);
  });
  $("window").addEventListener("click", () => {
    const hours = windowOpen(people.get(open)) ? 25 : 0;
    post(`/_sim/customers/${encodeURIComponent(open)}/window`, { hours_ago: hours });
  });
  const list = $("messages");
  list.addEventListener("scroll", () => { atBottom = list.scrollHeight - list.scrollTop - list.clientHeight < 60; });
  for (const event of ["load", "loadedmetadata"]) list.addEventListener(event, stick, true);
  new ResizeObserver(stick).observe(list);
  document.addEventListener("visibilitychange", () => { renderPeople(); renderChat(); });
  setInterval(() => { if (open) renderChat(); }, 60_000);
}
const renamed = new Map();   // customers made here, until their first message names them

function apply(update) {
  business = update.business;
  $("business").textContent = business.verified_name;
  for (const person of update.customers) {
    people.set(person.key, { ...person, name: person.name || renamed.get(person.key) || "" });
  }
  for (const message of update.messages) {
    if (!chats.has(message.customer)) chats.set(message.customer, new Map());
    chats.get(message.customer).set(message.wamid, message);
  }
  showWebhook(update.webhook);
  renderPeople();
  renderChat();
}

async function follow() {
  let epoch = "", after = 0;
  for (;;) {
    try {
      const answer = await fetch(`/_sim/updates?after=${after}&epoch=${epoch}`, { cache: "no-store" });
      const update = await answer.json();
      if (update.epoch !== epoch) {
        people.clear();
        chats.clear();
        nodes.clear();
        epoch = update.epoch;
      }
      after = update.seq;
      apply(update);
      if (!open && location.hash.length > 1 && people.has(decodeURIComponent(location.hash.slice(1)))) {
        openChat(decodeURIComponent(location.hash.slice(1)));
      }
      await new Promise((done) => setTimeout(done, 80));
    } catch {
      showWebhook(null);
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

wire();
faultPanel($("faults"));
follow();
