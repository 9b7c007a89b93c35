// The tray of things to send, the rarer ones behind "More", and the menu of one message.
import { element, icon, post, press } from "/_sim/parts.js";
import { askSheet, closeSheet, openSheet, sheetRow } from "/_sim/sheet.js";

const emoji = ["\u{1F44D}", "\u2764\uFE0F", "\u{1F602}", "\u{1F62E}", "\u{1F622}", "\u{1F64F}", "\u{1F389}", "\u{1F335}"];

/// `acts`: send(content), pick(accept, kind) for files, person(), numberId(), groups.
export function fillTray(tray, acts) {
  const { send, pick } = acts;
  const things = [
    ["Photo", "photo", () => pick("image/*", "image")],
    ["Video", "video", () => pick("video/*", "video")],
    ["Audio file", "sound", () => pick("audio/*", "audio")],
    ["Document", "file", () => pick("", "document")],
    ["Location", "pin", () => send({ type: "location" })],
    ["Contact", "person", () => send({ type: "contacts" })],
    ["Sticker", "smile", () => send({ type: "sticker" })],
    ["More", "more", () => openMore(acts)],
  ];
  tray.replaceChildren(...things.map(([label, picture, act]) => press("", [icon(picture), element("span", "", label)], "", () => { acts.done(); act(); })));
}

function openMore({ send, person, numberId, rename }) {
  const who = person();
  const sample = (type, more = {}) => () => send({ type, ...more });
  const number = { phone_number_id: numberId() };
  const customer = `/_sim/customers/${encodeURIComponent(who?.key ?? "")}`;
  const rows = [
    element("h4", "", "Samples"),
    sheetRow("photo", "Photo", sample("image", { image: { caption: "Look at this view" } })),
    sheetRow("video", "Video", sample("video", { video: { caption: "Look, it moves" } })),
    sheetRow("mic", "Voice message", sample("voice")),
    sheetRow("file", "Document", sample("document", { document: { caption: "My receipt" } })),
    element("h4", "", "Rarer messages"),
    sheetRow("ad", "Write from an ad", sample("text", { text: "Can I get more info about this?", referral: true }), { note: "A click-to-WhatsApp ad" }),
    sheetRow("cart", "Send an order", sample("order")),
    sheetRow("form", "Send a flow reply", sample("interactive", { interactive: { type: "nfm_reply", nfm_reply: { name: "flow", body: "Sent",
      response_json: JSON.stringify({ rating: "5", comment: "Lovely plants", flow_token: "unused" }) } } })),
    sheetRow("forward", "Forward a text", sample("text", { text: "Look what they have!", forwarded: true })),
    sheetRow("poll", "Make a poll", sample("unsupported"), { note: "Businesses get it as unsupported" }),
    sheetRow("star", "Open the chat for the first time", sample("request_welcome")),
  ];
  if (who) {
    const from = who.wa_id ? { from: who.wa_id } : { user_id: who.user_id };
    rows.push(
      element("h4", "", "This customer"),
      sheetRow("phone", "Call the business", () => post("/_sim/calls", { ...from, ...number })),
      sheetRow("missed", "Call, and nobody answers", () => post("/_sim/calls", { ...from, ...number, missed: true })),
      ...(who.wa_id ? [
        sheetRow("person", "Change the number", () => askSheet("New number", [["to", "Number", who.wa_id.replace(/\d$/, (d) => String((Number(d) + 1) % 10))]],
          "Change", ({ to }) => post(`${customer}/number`, { to, ...number }))),
        sheetRow("people", who.hides_number ? "Show the number" : "Hide the number", () => rename({ hide_phone: !who.hides_number }),
          { note: who.hides_number ? "From the next message on" : "From the next message on only the user id and a username are known" }),
      ] : []),
      sheetRow("block", who.blocks_business ? "Unblock the business" : "Block the business", () => post(`${customer}/blocks`, { blocks: !who.blocks_business }),
        { note: who.blocks_business ? "" : "What it sends fails with 131026" }),
    );
  }
  openSheet("More", rows);
}

/// The menu of one message. `acts`: react(emoji), reply(), forward(), edit(), remove(), copy(); what is not there is not offered.
export function openMessageMenu(title, mine, acts) {
  const faces = element("div", "faces", ...[...emoji, ...(mine ? [""] : [])].map((face) => {
    const button = press(face === mine ? "face chosen" : "face", face || icon("cross"), face ? `React with ${face}` : "Take the reaction away",
      () => { closeSheet(); acts.react(face === mine ? "" : face); });
    return button;
  }));
  const rows = [["reply", "Reply", acts.reply], ["forward", "Forward", acts.forward], ["copy", "Copy", acts.copy], ["pencil", "Edit", acts.edit]]
    .filter(([, , act]) => act).map(([picture, label, act]) => sheetRow(picture, label, act));
  if (acts.remove) rows.push(sheetRow("bin", "Delete for everyone", acts.remove, { danger: true }));
  openSheet(title || "Message", [faces, ...rows]);
}
