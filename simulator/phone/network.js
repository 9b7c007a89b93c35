// The panel on the right: what happens to webhooks, and the fault switches.
import { element, post } from "/_sim/parts.js";

const $ = (id) => document.getElementById(id);

const switches = [
  ["auto_read", "Read replies at once"],
  ["reorder", "Shuffle webhooks"],
  ["sync_131047", "Refuse outside the window"],
  ["enforce_limits", "Keep the rate limits"],
  ["webhook_media_url", "Media URLs in webhooks"],
];
const counters = [
  ["duplicate", "Deliver twice"],
  ["drop_answer", "Lose the answer"],
  ["not_reached", "Lose the request"],
  ["html_200", "Answer with HTML"],
  ["http_500", "Answer 500"],
  ["http_429", "Answer 429"],
  ["pair_rate_131056", "Pair rate 131056"],
  ["token_190", "Token expired 190"],
  ["media_lookup_500", "Media look-up 500"],
  ["media_lookup_429", "Media look-up 429"],
  ["media_download_500", "Download 500"],
  ["media_download_404", "Download 404"],
  ["media_download_cut", "Download cut"],
  ["media_wrong_sha", "Download changed"],
  ["media_upload_500", "Upload 500"],
  ["media_upload_drop_answer", "Upload, no answer"],
];

/// The state of the link to the business; null when the simulator itself is gone.
export function showWebhook(webhook) {
  const link = $("link");
  const good = webhook?.verified && webhook.retrying === 0;
  link.className = "link" + (good ? " good" : webhook ? "" : " bad");
  $("link-text").textContent = !webhook ? "The simulator is gone"
    : !webhook.url ? "No webhook URL: messages wait"
    : webhook.retrying > 0 ? `${webhook.retrying} webhook${webhook.retrying === 1 ? "" : "s"} to be delivered again`
    : webhook.verified ? "Connected to the business" : `Webhook not verified: ${webhook.verification}`;
  if (!webhook) return;
  const rows = [["Verified", webhook.verified ? "yes" : "no"], ["Delivered", webhook.delivered], ["Waiting", webhook.waiting + webhook.in_flight],
    ["Failed attempts", webhook.failed_attempts]];
  $("counters").replaceChildren(...rows.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", String(value))]));
  $("problem").hidden = webhook.retrying === 0 || !webhook.last_problem;
  $("problem").textContent = `Last answer: ${webhook.last_problem}`;
}

function draw(box, faults) {
  const rows = switches.map(([name, label]) => {
    const input = Object.assign(element("input"), { type: "checkbox", checked: faults[name] });
    input.addEventListener("change", () => change(box, { [name]: input.checked }));
    return element("label", "", label, input);
  });
  rows.push(...counters.map(([name, label]) => {
    const button = Object.assign(element("button", "", faults[name] ? `next ${faults[name]}` : "+1"), { type: "button" });
    button.dataset.name = name;
    button.setAttribute("aria-label", `${label}: the next ${faults[name] + 1}`);
    button.addEventListener("click", () => change(box, { [name]: faults[name] + 1 }));
    return element("div", faults[name] ? "count armed" : "count", element("span", "", label), button);
  }));
  const focused = document.activeElement?.dataset?.name;
  box.replaceChildren(...rows);
  if (focused) box.querySelector(`[data-name="${focused}"]`)?.focus();
}

async function change(box, faults) {
  const answer = await post("/_sim/faults", faults, "PUT");
  if (answer) draw(box, answer);
}

export async function faultPanel(box) {
  const refresh = async () => {
    if (document.hidden || getComputedStyle(box.parentElement).display === "none" || box.contains(document.activeElement)) return;
    try {
      draw(box, await (await fetch("/_sim/faults")).json());
    } catch { /* the poll of the page tells it */ }
  };
  await refresh();
  setInterval(refresh, 2000);
}
