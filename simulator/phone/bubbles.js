// One message as a bubble. A message is what /_sim/updates gives; `body` is the send request or the webhook's message.
import { element, icon, ticks, clockTime } from "/_sim/parts.js";

const sentTicks = { accepted: ["clock", "Accepted"], sent: ["one", "Sent"], delivered: ["two", "Delivered"], read: ["two", "Read"], played: ["two", "Played"] };

/// One line for the list of customers and for quotes.
export function preview(m) {
  const content = m.body[m.type] ?? {};
  switch (m.type) {
    case "text": return content.body ?? "";
    case "image": case "video": case "document": return content.caption || content.filename || { image: "Photo", video: "Video", document: "Document" }[m.type];
    case "audio": return content.voice ? "Voice note" : "Audio";
    case "sticker": return "Sticker";
    case "location": return content.name || "Location";
    case "contacts": return "Contact: " + (content[0]?.name?.formatted_name ?? "");
    case "reaction": return `Reacted ${content.emoji ?? ""}`;
    case "interactive": return content.body?.text ?? content.button_reply?.title ?? content.list_reply?.title ?? "Interactive message";
    case "button": return content.text ?? "";
    case "template": return m.rendered?.body || content.name || "Template";
    case "order": return "Order";
    case "unsupported": return "Poll";
    default: return m.type;
  }
}

function card(picture, first, second, href) {
  const made = element(href ? "a" : "div", "card", icon(picture), element("div", "", element("div", "strong", first), element("div", "small", second)));
  if (href) Object.assign(made, { href, target: "_blank", rel: "noreferrer noopener" });
  return made;
}

function media(m, content) {
  const source = content.id ? `/_sim/media/${encodeURIComponent(content.id)}` : null;
  const parts = [];
  if ((m.type === "image" || m.type === "sticker") && source) {
    parts.push(Object.assign(element("img"), { src: source, alt: content.caption || "Picture", loading: "lazy" }));
  } else if (m.type === "audio" && source) {
    parts.push(Object.assign(element("audio"), { src: source, controls: true, preload: "metadata" }));
  } else {
    const picture = { image: "photo", video: "photo", audio: "mic" }[m.type] ?? "file";
    const link = /^https?:/.test(content.link ?? "") ? content.link : source;
    parts.push(card(picture, content.filename || content.link || m.type, content.mime_type ?? "", link));
  }
  if (content.caption) parts.push(element("div", "caption", content.caption));
  return parts;
}

function choices(labels, answer) {
  if (!labels.length) return [];
  return [element("div", "choices", ...labels.map(([label, reply]) => {
    const button = element("button", "", label);
    button.type = "button";
    button.addEventListener("click", () => answer(reply));
    return button;
  }))];
}

function interactive(m, content, answer) {
  if (!m.from_business) return [element("div", "body", preview(m))];
  const buttons = (content.action?.buttons ?? []).map(({ reply }) => [reply?.title ?? "",
    { type: "interactive", reply_to: m.wamid, interactive: { type: "button_reply", button_reply: reply } }]);
  const rows = (content.action?.sections ?? []).flatMap((section) => section.rows ?? []).map((row) => [row.title ?? "",
    { type: "interactive", reply_to: m.wamid, interactive: { type: "list_reply", list_reply: row } }]);
  const parts = [];
  if (content.header?.text) parts.push(element("div", "strong", content.header.text));
  if (content.body?.text) parts.push(element("div", "body", content.body.text));
  if (content.footer?.text) parts.push(element("div", "small", content.footer.text));
  const url = content.action?.parameters?.url ?? "";
  if (/^https?:/.test(url)) parts.push(card("tap", content.action.parameters.display_text ?? url, url, url));
  return [...parts, ...choices([...buttons, ...rows], answer)];
}

function template(m, content, answer) {
  const text = m.rendered ?? {};
  const parts = [];
  if (text.header) parts.push(element("div", "strong", text.header));
  parts.push(element("div", "body", text.body || content.name || ""));
  if (text.footer) parts.push(element("div", "small", text.footer));
  const buttons = (text.buttons ?? []).map((label) => [label, { type: "button", reply_to: m.wamid, button: { payload: label, text: label } }]);
  return [...parts, ...choices(buttons, answer)];
}

function contents(m, answer) {
  const content = m.body[m.type] ?? {};
  switch (m.type) {
    case "text": return [element("div", "body", content.body ?? "")];
    case "image": case "video": case "audio": case "document": case "sticker": return media(m, content);
    case "location": return [card("pin", content.name || "Location", content.address || `${content.latitude}, ${content.longitude}`)];
    case "contacts": return content.map((c) => card("person", c.name?.formatted_name ?? "", c.phones?.[0]?.phone ?? ""));
    case "interactive": return interactive(m, content, answer);
    case "template": return template(m, content, answer);
    case "button": return [element("div", "body", content.text ?? "")];
    case "order": return [card("cart", "Order", `${content.product_items?.length ?? 0} product(s)`)];
    case "unsupported": return [card("poll", "Poll", "The business gets this as unsupported")];
    default: return [element("div", "small", preview(m))];
  }
}

/// How far a customer's message is on its way to the business, or a reply on its way to the customer.
function state(m) {
  if (m.from_business) {
    if (m.status === "failed") return [element("span", "state failed", `Failed: ${m.problem}`)];
    const [kind, label] = sentTicks[m.status] ?? ["clock", m.status];
    return [labelled(ticks(kind, m.status === "read" || m.status === "played"), label)];
  }
  if (m.status === "retrying") {
    return [Object.assign(element("span", "state retrying", `Webhook: retrying, ${m.attempts} failed`), { title: m.problem }), labelled(ticks("clock"), "Retrying")];
  }
  if (m.status === "dropped") return [element("span", "state failed", "Webhook: not sent")];
  if (m.status !== "delivered") return [labelled(ticks("clock"), "Webhook on its way")];
  const seen = m.read_by_business;
  const made = [labelled(ticks("two", seen), seen ? "Read by the business" : "Webhook delivered")];
  if (m.attempts > 1) made.unshift(element("span", "state", `Webhook: attempt ${m.attempts}`));
  return made;
}

function labelled(node, label) {
  node.removeAttribute("aria-hidden");
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", label);
  const holder = element("span", "", node);
  holder.title = label;
  return holder;
}

/// `reaction` is an emoji or "", `turn` starts a new group, `quoted(id)` finds a message, `answer(content)` sends one.
export function bubble(m, { reaction, turn, quoted, answer }) {
  const made = element("li", `bubble${m.from_business ? "" : " mine"}${turn ? " turn" : ""}${reaction ? " reacted" : ""}`);
  const target = m.body.context?.id ?? m.body.context?.message_id;
  if (target) {
    const known = quoted(target);
    made.append(element("div", "quote", known ? preview(known) : "An earlier message"));
  }
  made.append(...contents(m, answer));
  made.append(element("div", "foot", ...state(m).filter((s) => s.classList.contains("state")), element("span", "", clockTime(m.at)),
    ...state(m).filter((s) => !s.classList.contains("state"))));
  if (reaction) made.append(element("span", "reaction", reaction));
  if (m.from_business) {
    const react = element("button", "react icon-button", icon("smile"));
    react.type = "button";
    react.setAttribute("aria-label", "React with a heart");
    react.addEventListener("click", () => answer({ type: "reaction", reaction: { message_id: m.wamid, emoji: reaction ? "" : "\u2764\uFE0F" } }));
    made.append(react);
  }
  return made;
}
