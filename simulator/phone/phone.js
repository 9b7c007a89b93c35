// The phone page. State comes by long polling (/_sim/updates); all text goes in as textContent.
import { bubble, note } from "/_sim/bubbles.js";
import { endMode, pick, replyTo, startMode, wireComposer } from "/_sim/composer.js";
import { preview } from "/_sim/contents.js";
import { fillTray, openMessageMenu } from "/_sim/menu.js";
import { faultPanel, showWebhook } from "/_sim/network.js";
import { element, icon, post, toast, clockTime } from "/_sim/parts.js";
import { closeSheet, wireSheet } from "/_sim/sheet.js";

const $ = (id) => document.getElementById(id);
const people = new Map();    // key -> customer
const groups = new Map();    // id -> group
const chats = new Map();     // key or group id -> Map(wamid -> message)
const nodes = new Map();     // wamid -> {stamp, node} of the open chat
const renamed = new Map();   // customers made here, until their first message names them
let numbers = [];            // of the business
let numberId = "";           // the one that is written to
let open = null;             // key of the open chat
let readSent = 0;            // the newest message that a read mark was sent for

const initials = (name) => {
  const words = name.replace(/^[@+]/, "").trim().split(/\s+/);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
};
function colour(key) {
  let sum = 0;
  for (const c of key) sum = (sum * 31 + c.codePointAt(0)) % 997;
  return `c${sum % 6}`;
}
const business = () => numbers.find((number) => number.phone_number_id === numberId) ?? numbers[0] ?? {};
const title = (party) => party.subject ?? (party.name || (party.wa_id ? "+" + party.wa_id : party.username || party.user_id));
const address = (party) => (party.subject ? `${party.participants.length} participants`
  : party.hides_number ? party.username || party.user_id : "+" + party.wa_id);
const party = (key) => people.get(key) ?? groups.get(key);
const partyKey = (one) => one.key ?? one.id;
/// Who plays: the customer of the chat, or the participant chosen in a group.
const player = () => people.get(open) ?? people.get($("speaker").value);
const writerOf = (m) => [...people.values()].find((p) => p.wa_id && p.wa_id === m.body.from) ?? [...people.values()].find((p) => p.user_id === m.body.from_user_id);

function ordered(key) {
  return [...(chats.get(key)?.values() ?? [])].filter((m) => m.phone_number_id === numberId).sort((a, b) => a.n - b.n);
}
const isUnread = (m) => m.from_business && ["accepted", "sent", "delivered"].includes(m.status);
const isShown = (m) => !["reaction", "edit", "revoke", "request_welcome"].includes(m.type);

function renderPeople() {
  const focused = document.activeElement?.dataset?.key;
  const rows = [...people.values(), ...groups.values()].map((one) => ({ one, key: partyKey(one), last: ordered(partyKey(one)).filter(isShown).at(-1) }));
  rows.sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0) || title(a.one).localeCompare(title(b.one)));
  $("people").replaceChildren(...rows.slice(0, 300).map(({ one, key, last }) => {
    const side = element("span", "side", element("span", "", last ? clockTime(last.at) : ""));
    const waiting = key === open && !document.hidden ? 0 : ordered(key).filter((m) => isUnread(m) && m.type !== "reaction").length;
    if (waiting) side.append(element("span", "badge", String(waiting)));
    const names = element("span", "names", element("div", "name", title(one)), element("div", "last", last ? preview(last) : address(one)));
    const face = one.subject ? icon("people") : initials(title(one));
    const row = element("button", "person", element("span", `avatar ${colour(key)}`, face), names, side);
    row.type = "button";
    row.dataset.key = key;
    row.setAttribute("aria-current", String(key === open));
    row.addEventListener("click", () => openChat(key));
    return element("li", "", row);
  }));
  if (focused) $("people").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function renderHead(one) {
  $("chat-business").textContent = business().verified_name ?? "";
  $("business-avatar").textContent = initials(business().verified_name ?? "?");
  const blocked = business().blocked?.includes(open) ? " · blocked" : one.blocks_business ? " · blocks the business" : "";
  $("chat-sub").textContent = `${title(one)} · ${address(one)}${blocked}`;
  const last = one.last_incoming?.[numberId];
  const closed = !(last && Date.now() - last < 24 * 3600e3);
  $("window").hidden = Boolean(one.subject);
  $("window").className = closed ? "chip closed" : "chip";
  $("window").textContent = closed ? "Window closed" : "Window open";
  $("window").title = closed ? "Free-form replies fail with 131047 until this customer writes" : "Press to let 25 hours pass";
  $("call").hidden = Boolean(one.subject);
  const speakers = (one.participants ?? []).map((key) => people.get(key)).filter(Boolean);
  $("speaker").hidden = !one.subject;
  if (speakers.map((p) => p.key).join() !== [...$("speaker").options].map((option) => option.value).join()) {
    $("speaker").replaceChildren(...speakers.map((p) => Object.assign(element("option", "", title(p)), { value: p.key })));
  }
}

/// What later messages did to earlier ones: reactions by wamid, the newest content, what is deleted.
function gather(messages) {
  const found = { reactions: new Map(), edits: new Map(), revoked: new Set() };
  for (const m of messages) {
    const content = m.body[m.type] ?? {};
    if (m.type === "reaction" && m.status !== "failed") {
      if (!found.reactions.has(content.message_id)) found.reactions.set(content.message_id, new Map());
      found.reactions.get(content.message_id).set(m.from_business ? "business" : m.body.from_user_id ?? "", content.emoji ?? "");
    }
    if (m.type === "edit") found.edits.set(content.original_message_id, content.message);
    if (m.type === "revoke") found.revoked.add(content.original_message_id);
  }
  return found;
}

function edited(m, change) {
  return change ? { ...m, body: { ...m.body, [m.type]: { ...m.body[m.type], ...change[m.type] } } } : m;
}

const acts = {
  answer: (content) => send(content.share_number ? { ...content, share_number: undefined, contacts: [ownCard()] } : content),
  played: (m) => { if (m.from_business && m.body.audio?.voice) post("/_sim/played", { id: m.wamid }); },
  call: (to) => toast(`This would call ${to}`),
  menu: messageMenu,
};
function ownCard() {
  const me = player();
  return { origin: "contact_request", name: { formatted_name: title(me) }, phones: [{ phone: "+" + me.wa_id, wa_id: me.wa_id, type: "CELL" }] };
}

function renderChat() {
  const one = party(open);
  $("phone").hidden = !one;
  $("empty").hidden = Boolean(one);
  if (!one) return;
  renderHead(one);
  const messages = ordered(open);
  const { reactions, edits, revoked } = gather(messages);
  const rows = [];
  let day = "", side = "";
  for (const m of messages.filter(isShown).slice(-300)) {
    const date = new Date(m.at).toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });
    if (date !== day) {
      day = date;
      side = "";
      rows.push(note(day));
    }
    const own = m.from_business ? "business" : m.body.from_user_id ?? "";
    const faces = [...(reactions.get(m.wamid)?.values() ?? [])].filter(Boolean);
    const change = edits.get(m.wamid);
    const stamp = JSON.stringify([m.seq, faces, side !== own, change, revoked.has(m.wamid)]);
    let known = nodes.get(m.wamid);
    if (known?.stamp !== stamp) {
      const writer = one.subject && !m.from_business && side !== own ? title(writerOf(m) ?? { name: "Somebody" }) : "";
      const view = { reactions: faces, turn: side !== own, writer, edited: Boolean(change), revoked: revoked.has(m.wamid),
        quoted: (id) => { const target = chats.get(open).get(id); return target && edited(target, edits.get(id)); },
        authorOf: (target) => (!target ? "" : target.from_business ? business().verified_name : one.subject ? title(writerOf(target) ?? one) : "You") };
      known = { stamp, node: m.type === "system" ? note(preview(m)) : bubble(edited(m, change), view, acts) };
      nodes.set(m.wamid, known);
    }
    rows.push(known.node);
    side = m.type === "system" ? "" : own;
  }
  if ((one.typing_until ?? 0) > Date.now()) {
    const dots = element("li", "bubble turn typing", element("i"), element("i"), element("i"));
    dots.setAttribute("aria-label", "The business is typing");
    rows.push(dots);
    setTimeout(renderChat, one.typing_until - Date.now() + 50);
  }
  reconcile($("messages"), rows);
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

function markRead(messages) {
  const newest = messages.filter(isUnread).at(-1);
  if (document.hidden || !people.has(open) || !newest || newest.status === "accepted" || newest.n === readSent) return;
  readSent = newest.n;
  // A person needs a moment to look; the ticks are nicer to watch, too.
  const key = open;
  setTimeout(() => { if (!document.hidden && open === key) post("/_sim/read", { wa_id: key, phone_number_id: numberId }); else readSent = 0; }, 600);
}

function forget() {
  nodes.clear();
  $("messages").replaceChildren();
  readSent = 0;
  atBottom = true;
  endMode();
  closeSheet();
}

function openChat(key) {
  open = key;
  forget();
  $("app").classList.add("in-chat");
  history.replaceState(null, "", "#" + encodeURIComponent(key));
  renderPeople();
  renderChat();
  if (matchMedia("(min-width: 721px)").matches) $("text").focus();
}

async function send(content) {
  const me = player();
  if (!me) return;
  const from = me.wa_id ? { from: me.wa_id } : { user_id: me.user_id, username: me.username, ...(renamed.has(me.key) ? { name: me.name } : {}) };
  if (renamed.has(me.key)) from.name = me.name;
  const group = groups.has(open) ? { group_id: open } : {};
  const quoted = replyTo() && content.type !== "reaction" && !content.reply_to ? { reply_to: replyTo() } : {};
  if (content.type !== "reaction") endMode();
  atBottom = true;
  await post("/_sim/inbound", { ...from, ...group, phone_number_id: numberId, ...quoted, ...content });
}

function messageMenu(m) {
  const mine = gather(ordered(open)).reactions.get(m.wamid)?.get(player()?.user_id ?? "") ?? "";
  const text = m.body[m.type]?.body ?? m.body[m.type]?.caption ?? (m.type === "template" || m.type === "interactive" ? preview(m) : "");
  const canEdit = !m.from_business && (m.type === "text" || m.body[m.type]?.caption);
  const author = m.from_business ? business().verified_name : "You";
  const whole = m.body[m.type];
  openMessageMenu(preview(m).slice(0, 80), mine, {
    react: (face) => send({ type: "reaction", reaction: { message_id: m.wamid, ...(face ? { emoji: face } : {}) } }),
    reply: () => startMode("reply", m, author, preview(m)),
    forward: ["text", "image", "video", "audio", "document", "sticker", "location", "contacts"].includes(m.type) && (!whole.link)
      ? () => send({ type: m.type, [m.type]: whole, forwarded: true }) : null,
    copy: text ? () => navigator.clipboard.writeText(text).then(() => toast("Copied"), () => toast("The browser did not allow copying")) : null,
    edit: canEdit ? () => startMode("edit", m, "Edit", text) : null,
    remove: m.from_business ? null : () => send({ type: "revoke", revoke: { original_message_id: m.wamid } }),
  });
}

function sendEdit(m, text) {
  const key = m.type === "text" ? "body" : "caption";
  const { context } = m.body;
  send({ type: "edit", edit: { original_message_id: m.wamid, message: { ...(context ? { context } : {}), type: m.type, [m.type]: { ...m.body[m.type], [key]: text } } } });
}

function toggle(button, panel, focus) {
  panel.hidden = !panel.hidden;
  button.setAttribute("aria-expanded", String(!panel.hidden));
  if (!panel.hidden) panel.querySelector(focus)?.focus();
}

function wire() {
  $("add").append(icon("plus"));
  $("back").append(icon("back"));
  $("call").append(icon("phone"));
  $("add").addEventListener("click", () => toggle($("add"), $("new-customer"), "input"));
  $("attach").addEventListener("click", () => toggle($("attach"), $("tray"), "button"));
  $("back").addEventListener("click", () => {
    open = null;
    $("app").classList.remove("in-chat");
    history.replaceState(null, "", location.pathname);
    renderPeople();
    renderChat();
  });
  $("call").addEventListener("click", () => {
    const me = people.get(open);
    post("/_sim/calls", { ...(me.wa_id ? { from: me.wa_id } : { user_id: me.user_id }), phone_number_id: numberId });
  });
  fillTray($("tray"), { send, pick, person: () => people.get(open), numberId: () => numberId,
    done: () => toggle($("attach"), $("tray"), ""), rename: (more) => send({ type: "text", text: "Hello again", ...more }) });
  wireComposer({ send, edit: sendEdit, numberId: () => numberId, ready: () => Boolean(player()) });
  wireSheet();
  $("numbers").addEventListener("change", () => { numberId = $("numbers").value; forget(); renderPeople(); renderChat(); });
  $("new-customer").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const number = String(form.get("number")).replace(/\D/g, "");
    const username = String(form.get("username")).replace(/^@?/, "@");
    if (!number && username === "@") return toast("A number or a username is needed");
    const userId = number ? "" : `US.${[...crypto.getRandomValues(new Uint8Array(17))].map((n) => n % 10).join("")}`;
    const key = number || userId;
    people.set(key, people.get(key) ?? { key, wa_id: number, user_id: userId, username: number ? "" : username, name: String(form.get("name")), hides_number: !number });
    renamed.set(key, people.get(key).name);
    event.target.reset();
    toggle($("add"), $("new-customer"), "");
    openChat(key);
  });
  $("window").addEventListener("click", () => {
    const hours = $("window").classList.contains("closed") ? 0 : 25;
    post(`/_sim/customers/${encodeURIComponent(open)}/window`, { hours_ago: hours, phone_number_id: numberId });
  });
  const list = $("messages");
  list.addEventListener("scroll", () => { atBottom = list.scrollHeight - list.scrollTop - list.clientHeight < 60; });
  for (const event of ["load", "loadedmetadata"]) list.addEventListener(event, stick, true);
  new ResizeObserver(stick).observe(list);
  document.addEventListener("visibilitychange", () => { renderPeople(); renderChat(); });
  setInterval(() => { if (open) renderChat(); }, 60_000);
}

function apply(update) {
  numbers = update.numbers;
  if (!numbers.some((number) => number.phone_number_id === numberId)) numberId = numbers[0].phone_number_id;
  $("business").textContent = business().verified_name;
  $("numbers").hidden = numbers.length < 2;
  const options = numbers.map((number) => Object.assign(element("option", "", `${number.verified_name} · ${number.display_phone_number}`), { value: number.phone_number_id }));
  if (options.length !== $("numbers").options.length) { $("numbers").replaceChildren(...options); $("numbers").value = numberId; }
  for (const group of update.groups) groups.set(group.id, group);
  for (const person of update.customers) people.set(person.key, { ...person, name: person.name || renamed.get(person.key) || "" });
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
        for (const all of [people, groups, chats, nodes]) all.clear();
        epoch = update.epoch;
      }
      after = update.seq;
      apply(update);
      const wanted = decodeURIComponent(location.hash.slice(1));
      if (!open && wanted && party(wanted)) openChat(wanted);
      await new Promise((done) => setTimeout(done, 80));
    } catch (error) {
      if (!(error instanceof TypeError)) console.error(error);
      showWebhook(null);
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

wire();
faultPanel($("faults"));
follow();
