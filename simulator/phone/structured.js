// Interactive messages and templates of the business, with what can be pressed.
import { element, icon, marked, press, toast } from "/_sim/parts.js";
import { card, media, place } from "/_sim/contents.js";
import { openSheet, sheetRow } from "/_sim/sheet.js";

function choice(picture, label, act) {
  return press("", [...(picture ? [icon(picture)] : []), element("span", "", label)], "", act);
}

const choices = (buttons) => (buttons.length ? [element("div", "choices", ...buttons)] : []);

function open(url) {
  if (/^https?:\/\//.test(url)) window.open(url, "_blank", "noopener,noreferrer");
  else toast("That is not a web address");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${text}`);
  } catch {
    toast(`The browser did not allow copying ${text}`);
  }
}

function header(m, given) {
  if (!given) return [];
  const kind = (given.type ?? given.format ?? "").toLowerCase();
  if (kind === "text") return [element("div", "strong", given.text ?? "")];
  if (kind === "location") return given.location ? [place(given.location)] : [];
  return given[kind] ? media(kind, m, given[kind]) : [card("photo", kind, "")];
}

function listSheet(m, action, answer) {
  openSheet(action.button ?? "Choose", (action.sections ?? []).flatMap((section) => [
    ...(section.title ? [element("h4", "", section.title)] : []),
    ...(section.rows ?? []).map((row) => sheetRow(null, row.title ?? "", () => answer({ type: "interactive", reply_to: m.wamid,
      interactive: { type: "list_reply", list_reply: row } }), { note: row.description ?? "" })),
  ]));
}

const here = { latitude: 40.782910059774, longitude: -73.959075808525, name: "Solomon R. Guggenheim Museum", address: "1071 5th Ave, New York, NY 10128" };

function controls(m, content, { answer }) {
  const action = content.action ?? {};
  const reply = { reply_to: m.wamid };
  const sent = (data) => answer({ type: "interactive", ...reply, interactive: { type: "nfm_reply",
    nfm_reply: { name: "flow", body: "Sent", response_json: JSON.stringify({ ...data, flow_token: action.parameters?.flow_token ?? "unused" }) } } });
  switch (content.type) {
    case "button": return (action.buttons ?? []).map(({ reply: one }) => choice("reply", one?.title ?? "",
      () => answer({ type: "interactive", ...reply, interactive: { type: "button_reply", button_reply: one } })));
    case "list": return [choice("list", action.button ?? "Choose", () => listSheet(m, action, answer))];
    case "cta_url": return [choice("link", action.parameters?.display_text ?? "Open", () => open(action.parameters?.url ?? ""))];
    case "location_request_message": return [choice("pin", "Send location", () => answer({ type: "location", ...reply, location: here }))];
    case "contact_request": return [choice("person", "Share phone number", () => answer({ type: "contacts", ...reply, share_number: true }))];
    case "call_permission_request": return [["Allow calls", "accept"], ["Do not allow", "reject"]].map(([label, response]) => choice("phone", label,
      () => answer({ type: "interactive", ...reply, interactive: { type: "call_permission_reply",
        call_permission_reply: { response, response_source: "user_action" } } })));
    case "flow": return [choice("form", action.parameters?.flow_cta ?? "Open form", () => sent({ rating: "5" }))];
    default: return action.name || action.catalog_id ? [choice("cart", "View items", () => answer({ type: "order", ...reply }))] : [];
  }
}

export function interactive(m, content, acts) {
  const parts = header(m, content.header);
  if (content.body?.text) parts.push(element("div", "body", marked(content.body.text)));
  if (content.footer?.text) parts.push(element("div", "small", content.footer.text));
  return [...parts, ...choices(controls(m, content, acts))];
}

function templateButton(m, button, { answer, call }) {
  switch (button.type) {
    case "QUICK_REPLY": return choice("reply", button.text, () => answer({ type: "button", reply_to: m.wamid,
      button: { payload: button.payload ?? button.text, text: button.text } }));
    case "URL": return choice("link", button.text, () => open(button.url ?? ""));
    case "PHONE_NUMBER": return choice("phone", button.text, () => call(button.phone_number));
    case "COPY_CODE": case "OTP": return choice("copy", button.text || "Copy code", () => copy(button.code ?? ""));
    default: return choice(null, button.text || button.type, () => toast(`${button.type} buttons do nothing here`));
  }
}

export function template(m, content, acts) {
  const shown = m.rendered ?? {};
  const parts = header(m, shown.header);
  parts.push(element("div", "body", marked(shown.body || content.name || "")));
  if (shown.footer) parts.push(element("div", "small", shown.footer));
  return [...parts, ...choices((shown.buttons ?? []).map((button) => templateButton(m, button, acts)))];
}
