// One message as a bubble. A message is what /_sim/updates gives; `body` is the send request or the webhook's message.
import { contents, preview } from "/_sim/contents.js";
import { element, icon, press, ticks, clockTime } from "/_sim/parts.js";

const sentTicks = { accepted: ["clock", "Accepted"], sent: ["one", "Sent"], delivered: ["two", "Delivered"], read: ["two", "Read"], played: ["two", "Played"] };

/// How far a customer's message is on its way to the business, or a reply on its way to the customer.
function state(m) {
  if (m.type === "call" || m.type === "system") return [];
  if (m.from_business) {
    if (m.status === "failed") return [element("span", "state failed", `Failed: ${m.problem}`)];
    const [kind, label] = sentTicks[m.status] ?? ["clock", m.status];
    return [labelled(ticks(kind, m.status === "read" || m.status === "played"), label)];
  }
  if (m.status === "retrying") {
    return [Object.assign(element("span", "state retrying", `Webhook: retrying, ${m.attempts} failed`), { title: m.problem }), labelled(ticks("clock"), "Retrying")];
  }
  if (m.status === "dropped") return [element("span", "state failed", "Webhook: not sent")];
  if (m.status === "blocked") return [labelled(ticks("one"), "Blocked by the business: no webhook")];
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

function quote(target, author) {
  return element("div", "quote", element("div", "strong", author), element("div", "quoted", target ? preview(target) : "An earlier message"));
}

/// A note in the middle of the chat: a changed number, a call is a bubble.
export function note(text) {
  return element("li", "day", text);
}

/// `view`: `reactions` (emoji), `turn` starts a new group of bubbles, `writer` a name above it in groups, `edited`, `revoked`,
/// `quoted(id)` finds a message and `authorOf(message)` says who wrote it. `acts`: see contents(), and menu(message).
export function bubble(m, view, acts) {
  const kind = m.type === "sticker" && !view.revoked ? " bare" : "";
  const made = element("li", `bubble${m.from_business ? "" : " mine"}${view.turn ? " turn" : ""}${view.reactions.length ? " reacted" : ""}${kind}`);
  if (view.writer) made.append(element("div", "writer", view.writer));
  if (view.revoked) {
    made.append(element("div", "body gone", icon("block"), "You deleted this message"));
  } else {
    const context = m.body.context ?? {};
    if (context.forwarded || context.frequently_forwarded) {
      made.append(element("div", "small tag", icon("forward"), context.frequently_forwarded ? "Forwarded many times" : "Forwarded"));
    }
    if (m.body.referral) made.append(element("div", "small tag", icon("ad"), `From an ad: ${m.body.referral.headline ?? ""}`));
    const target = context.id ?? context.message_id;
    if (target) made.append(quote(view.quoted(target), view.authorOf(view.quoted(target))));
    made.append(...contents(m, acts));
  }
  const signs = state(m);
  made.append(element("div", "foot", ...signs.filter((s) => s.classList.contains("state")), ...(view.edited ? [element("span", "", "Edited")] : []),
    element("span", "", clockTime(m.at)), ...signs.filter((s) => !s.classList.contains("state"))));
  if (view.reactions.length) made.append(element("span", "reaction", [...new Set(view.reactions)].join(" ")));
  if (!view.revoked && m.type !== "call") {
    const menu = press("message-menu icon-button", icon("more"), `Actions: ${preview(m).slice(0, 60)}`, () => acts.menu(m));
    made.append(menu);
    made.addEventListener("contextmenu", (event) => { if (event.target.closest("a, input, video") === null) { event.preventDefault(); acts.menu(m); } });
  }
  return made;
}
