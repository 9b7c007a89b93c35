// Writing: the text line, the strip above it (a quote, or an edit under way), files and voice messages.
import { duration, element, icon, press, toast } from "/_sim/parts.js";

const $ = (id) => document.getElementById(id);
let mode = null;        // { kind: "reply" | "edit", message, title, text }
let recorder = null;
let kindToPick = "";

export const replyTo = () => (mode?.kind === "reply" ? mode.message.wamid : "");

export function endMode() {
  if (mode?.kind === "edit") { $("text").value = ""; fit(); }
  mode = null;
  $("strip").hidden = true;
}

/// Shows what is answered or edited above the text line.
export function startMode(kind, message, title, text) {
  mode = { kind, message };
  const words = element("div", "words", element("div", "strong", title), element("div", "quoted", text));
  $("strip").replaceChildren(icon(kind === "edit" ? "pencil" : "reply"), words, press("icon-button", icon("cross"), "Do not", endMode));
  $("strip").hidden = false;
  if (kind === "edit") { $("text").value = text; fit(); }
  $("text").focus();
}

function fit() {
  const text = $("text");
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
  const writing = text.value.trim() !== "" || mode?.kind === "edit";
  $("send").hidden = !writing;
  $("record").hidden = writing;
}

export function pick(accept, kind) {
  kindToPick = kind;
  $("file").accept = accept;
  $("file").click();
}

async function upload(file, type, numberId) {
  const query = new URLSearchParams({ filename: file.name ?? "", phone_number_id: numberId });
  try {
    const answer = await fetch(`/_sim/media?${query}`, { method: "POST", headers: { "Content-Type": type }, body: file });
    if (answer.ok) return (await answer.json()).id;
    toast(answer.status === 413 ? "That file is too large: at most 100 MB" : "That file could not be read");
  } catch {
    toast("The simulator does not answer");
  }
  return null;
}

async function sendFile(file, kind, acts) {
  const type = file.type || "application/octet-stream";
  const id = await upload(file, type, acts.numberId());
  if (!id) return;
  const fits = kind === "document" || type.startsWith(`${kind}/`);
  const as = fits ? kind : "document";
  await acts.send({ type: as, [as]: { id, ...(as === "document" ? { filename: file.name } : {}), ...(as === "audio" ? { voice: false } : {}) } });
}

/// Records until it is stopped. Phones send Ogg; a browser that cannot write it sends what it has.
async function record(acts) {
  const forms = ["audio/ogg;codecs=opus", "audio/mp4;codecs=opus", "audio/mp4", "audio/webm;codecs=opus"];
  const form = globalThis.MediaRecorder && forms.find((one) => MediaRecorder.isTypeSupported(one));
  let stream;
  try {
    if (!form) throw new Error("no recorder");
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    toast("No microphone here: the sample was sent");
    return acts.send({ type: "voice" });
  }
  const pieces = [];
  const begun = Date.now();
  recorder = new MediaRecorder(stream, { mimeType: form });
  let wanted = false;
  const end = (keep) => { wanted = keep; recorder.stop(); };
  const time = element("span", "strong", "0:00");
  const clock = setInterval(() => { time.textContent = duration((Date.now() - begun) / 1000); }, 250);
  $("strip").replaceChildren(element("span", "recording"), element("div", "words", time), press("icon-button", icon("bin"), "Throw away", () => end(false)),
    press("icon-button", icon("send"), "Send the voice message", () => end(true)));
  $("strip").hidden = false;
  $("record").disabled = true;
  recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
  recorder.addEventListener("stop", async () => {
    clearInterval(clock);
    for (const track of stream.getTracks()) track.stop();
    $("strip").hidden = true;
    $("record").disabled = false;
    if (!wanted) return;
    const type = form.startsWith("audio/ogg") ? "audio/ogg; codecs=opus" : form;
    const id = await upload(new Blob(pieces, { type: form }), type, acts.numberId());
    if (id) await acts.send({ type: "audio", audio: { id, voice: true } });
  });
  recorder.start();
}

/// `acts`: send(content), edit(message, text), numberId(), ready().
export function wireComposer(acts) {
  $("attach").append(icon("plus"));
  $("send").append(icon("send"));
  $("record").append(icon("mic"));
  $("record").addEventListener("click", () => record(acts));
  const text = $("text");
  text.addEventListener("input", fit);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); }
    if (event.key === "Escape" && mode) endMode();
  });
  $("file").addEventListener("change", () => {
    const file = $("file").files[0];
    if (file) sendFile(file, kindToPick, acts);
    $("file").value = "";
  });
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const written = text.value;
    if (!written.trim() || !acts.ready()) return;
    const edited = mode?.kind === "edit" ? mode.message : null;
    text.value = "";
    if (edited) {
      endMode();
      acts.edit(edited, written);
    } else {
      acts.send({ type: "text", text: written });
    }
    fit();
  });
}
