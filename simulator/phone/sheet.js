// What slides up over the chat: a list's sections, the menu of a message, a form, a picture.
import { element, icon } from "/_sim/parts.js";

const ground = () => document.getElementById("sheet");
let opener = null;

/// Shows `children` under a heading. Escape, the cross and the ground beside close it.
export function openSheet(title, children) {
  opener = document.activeElement;
  const close = element("button", "icon-button", icon("cross"));
  Object.assign(close, { type: "button", ariaLabel: "Close" });
  close.addEventListener("click", closeSheet);
  const sheet = element("div", "sheet", element("header", "sheet-head", element("h3", "", title), close), element("div", "sheet-body", ...children));
  sheet.setAttribute("role", "dialog");
  sheet.setAttribute("aria-modal", "true");
  sheet.setAttribute("aria-label", title);
  ground().replaceChildren(sheet);
  ground().hidden = false;
  (sheet.querySelector(".sheet-body :is(button, input, textarea)") ?? close).focus();
}

export function closeSheet() {
  if (ground().hidden) return;
  ground().hidden = true;
  ground().replaceChildren();
  if (opener?.isConnected) opener.focus();
}

export function wireSheet() {
  ground().addEventListener("click", (event) => { if (event.target === ground()) closeSheet(); });
  ground().addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); closeSheet(); }
    if (event.key !== "Tab") return;
    const all = [...ground().querySelectorAll("button, input, textarea, select, a[href]")];
    const at = all.indexOf(document.activeElement);
    const next = event.shiftKey ? at - 1 : at + 1;
    if (next < 0 || next >= all.length) { event.preventDefault(); all.at(event.shiftKey ? -1 : 0)?.focus(); }
  });
}

/// A row that can be pressed; `act` runs after the sheet is closed.
export function sheetRow(picture, label, act, { note = "", danger = false } = {}) {
  const words = element("span", "words", element("span", "strong", label));
  if (note) words.append(element("span", "small", note));
  const row = element("button", danger ? "sheet-row danger" : "sheet-row", ...(picture ? [icon(picture)] : []), words);
  row.type = "button";
  row.addEventListener("click", () => { closeSheet(); act(); });
  return row;
}

/// Asks for some lines; `done` gets them by name. `fields`: [name, label, value, "input" | "textarea"].
export function askSheet(title, fields, button, done) {
  const form = element("form", "sheet-form", ...fields.map(([name, label, value, tag = "input"]) => {
    const input = Object.assign(element(tag), { name, value, required: true, autocomplete: "off" });
    return element("label", "", label, input);
  }), Object.assign(element("button", "primary", button), { type: "submit" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    closeSheet();
    done(given);
  });
  openSheet(title, [form]);
}
