// What an agent sees of a running server, in a real Chromium: the first load, the way of a message from the webhook to its
// bubble, and scrolling through a long list and a long thread. Prints one JSON object a line, as parley-bench does.
//   node bench/page.mjs --url URL --email E --password-file F --secret S --waba W --number N --rounds 5 [--bubbles 200]
// The account holds one thread of --thread messages ("Message number N: ...") and --conversations conversations.
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const text = (fallback) => ({ type: 'string', ...(fallback === undefined ? {} : { default: fallback }) });
const { values: options } = parseArgs({
  options: {
    url: text(), email: text(), 'password-file': text(), secret: text(), waba: text(), number: text(), measure: text(),
    rounds: text('5'), bubbles: text('200'), pause: text('50'), thread: text('0'), conversations: text('0'),
  },
});
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const percentile = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const rounded = (value) => Math.round(value * 10) / 10;
const print = (line) => console.log(JSON.stringify(line));

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!executablePath) throw new Error('no Chromium is installed: tools/setup brings it');
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
const page = await context.newPage();
const protocol = await context.newCDPSession(page);
await protocol.send('Network.enable');
const measures = { load, bubble, list, thread };
try {
  await page.goto(options.url);
  await page.getByLabel('E-mail').fill(options.email);
  await page.getByLabel('Password', { exact: true }).fill(readFileSync(options['password-file'], 'utf8').trim());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('option').first().waitFor();
  for (const name of options.measure.split(',')) await measures[name]();
} finally {
  await browser.close();
}

/** From the beginning of the navigation, nothing cached, until the list shows conversations and can be used. */
async function load() {
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('[role=option]')) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (window.firstShown = performance.now())));
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  const scripts = new Map();
  let bytes = 0;
  protocol.on('Network.responseReceived', ({ requestId, type }) => type === 'Script' && scripts.set(requestId, true));
  protocol.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  const times = [];
  let most = 0;
  for (let round = 0; round < Number(options.rounds); ++round) {
    await protocol.send('Network.clearBrowserCache');
    bytes = 0;
    await page.goto(options.url);
    await page.waitForFunction(() => window.firstShown !== undefined);
    times.push(await page.evaluate(() => window.firstShown));
    most = Math.max(most, bytes);
  }
  print({ kind: 'page_load', rounds: times.length, interactive_ms: rounded(median(times)), slowest_ms: rounded(Math.max(...times)),
    script_kib: rounded(most / 1024) });
}

/** Until the bubble is in a frame that the browser is about to paint, from when its webhook was sent. */
async function bubble() {
  const phone = '4915700000001';
  await deliver(phone, 'opening');
  await page.getByRole('option').filter({ hasText: 'opening' }).click();
  const region = page.getByRole('region', { name: 'Messages' });
  await region.getByText('opening', { exact: true }).waitFor();
  await region.evaluate((element) => {
    window.shown = {};
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes)
          for (const [, number] of (node.textContent ?? '').matchAll(/bubble number (\d+)\./g))
            if (!(number in window.shown)) {
              window.shown[number] = 0;
              requestAnimationFrame(() => (window.shown[number] = performance.timeOrigin + performance.now()));
            }
    }).observe(element, { childList: true, subtree: true });
  });
  const sent = [];
  for (let number = 0; number < Number(options.bubbles); ++number) {
    sent.push(performance.timeOrigin + performance.now());
    await deliver(phone, `bubble number ${number}.`);
    await new Promise((next) => setTimeout(next, Number(options.pause)));
  }
  await page.waitForFunction((count) => Object.values(window.shown).filter(Boolean).length === count, sent.length, { timeout: 10_000 });
  const shown = await page.evaluate(() => window.shown);
  const delays = sent.map((at, number) => shown[number] - at);
  print({ kind: 'bubble', bubbles: delays.length, p50_ms: rounded(percentile(delays, 0.5)), p95_ms: rounded(percentile(delays, 0.95)),
    max_ms: rounded(Math.max(...delays)) });
}

async function deliver(from, body) {
  const payload = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: options.waba, changes: [{ field: 'messages', value: {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '15550783881', phone_number_id: options.number },
      contacts: [{ profile: { name: 'Bubble' }, wa_id: from }],
      messages: [{ from, id: `wamid.bubble${Date.now()}${Math.random()}`, timestamp: String(Math.floor(Date.now() / 1000)),
        type: 'text', text: { body } }],
    } }] }],
  });
  const answer = await fetch(`${options.url}/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json',
      'x-hub-signature-256': `sha256=${createHmac('sha256', options.secret).update(payload).digest('hex')}` },
    body: payload,
  });
  if (answer.status !== 200) throw new Error(`the webhook was answered ${answer.status}`);
}

/** All of the list, from top to bottom, most of a screen every other frame: every conversation has to come by. */
async function list() {
  const wanted = Number(options.conversations);
  await scroll({ kind: 'scroll_list', box: page.getByRole('listbox'), row: '[role=option]', wanted, down: true });
}

/** All of the longest thread, from its end to its beginning. */
async function thread() {
  await page.getByRole('searchbox').fill('The long thread');
  await page.getByRole('option').filter({ hasText: 'The long thread' }).click();
  const wanted = Number(options.thread);
  await scroll({ kind: 'scroll_thread', box: page.getByRole('region', { name: 'Messages' }), row: '[role=listitem]', wanted, down: false });
}

async function scroll({ kind, box, row, wanted, down }) {
  await page.setViewportSize({ width: 1440, height: 2400 });
  await box.waitFor();
  const begin = performance.now();
  const result = await box.evaluate(async (element, { row, wanted, down }) => {
    const seen = new Set();
    const look = () => {
      for (const { id, textContent } of element.querySelectorAll(row)) {
        const name = id || /Message number (\d+):/.exec(textContent)?.[1];
        if (name) seen.add(name);
      }
    };
    const frames = [];
    let last = performance.now();
    let progress = last;
    let before = 0;
    look();
    while (seen.size < wanted && performance.now() - progress < 20_000) {
      element.scrollBy(0, (down ? 0.8 : -0.8) * element.clientHeight);
      // The rows of a place are there in the frame after the one that goes to it.
      for (let frame = 0; frame < 2; ++frame) {
        const now = await new Promise((next) => requestAnimationFrame(next));
        frames.push(now - last);
        last = now;
      }
      look();
      if (seen.size > before) {
        before = seen.size;
        progress = last;
      }
    }
    frames.sort((a, b) => a - b);
    return { seen: seen.size, frames: frames.length, p50: frames[Math.floor(frames.length * 0.5)], p99: frames[Math.floor(frames.length * 0.99)],
      slowest: frames.at(-1) };
  }, { row, wanted, down });
  const ok = result.seen === wanted;
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1048576);
  print({ kind, wanted, seen: result.seen, seconds: rounded((performance.now() - begin) / 1000), frame_p50_ms: rounded(result.p50),
    frame_p99_ms: rounded(result.p99), frame_max_ms: rounded(result.slowest), heap_mib: rounded(heap), ok });
  if (!ok) process.exitCode = 1;
}
