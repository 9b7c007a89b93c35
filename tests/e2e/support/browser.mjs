// A real Chromium on a real server: agents who sign in, and customers who write from the simulator.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { root, run, temporaryFolder } from '../../integration/support/process.mjs';
import { startPair } from '../../integration/support/simulator.mjs';

const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
export const password = 'a password of the tests';

let browser;
after(() => browser?.close());

/** A server with its own sign-in and a simulator; `agents` are e-mail addresses, the first is the owner. */
export async function startInbox(agents = ['ada@example.com']) {
  const pair = await startPair({ env: { SUPABASE_JWT_SECRET: undefined, PARLEY_OWNER_USER_ID: undefined } });
  for (const [n, email] of agents.entries()) await addAgent(pair.server, email, n === 0 ? 'owner' : 'agent');
  return pair;
}

export async function addAgent(server, email, role) {
  const file = join(temporaryFolder(), 'password');
  writeFileSync(file, password);
  const args = ['user', 'add', '--email', email, '--role', role, '--password-file', file];
  await run(args, { env: { ...server.variables, DATABASE_URL: await server.databaseUrl() } });
}

/**
 * A page of an own browser context. `options`: viewport, colorScheme, locale ... of Playwright; `clock`: the page's clock
 * can be moved (page.clock). The page has `problems`, what it complained of, `sockets`, all that it opened, and `underway`, its
 * requests that are not answered yet.
 */
export async function openPage(server, path = '/', { clock = false, ...options } = {}) {
  assert(executablePath, 'no Chromium is installed: tools/setup brings it');
  browser ??= await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      // A microphone that beeps, and that no one has to allow.
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(15_000);
  context.hasOwnClock = clock;
  if (clock) await context.clock.install();
  return openTab(context, new URL(path, server.url).href);
}

/** One more page of the same agent in the same browser. */
export async function openTab(context, url) {
  const page = await context.newPage();
  page.problems = [];
  page.sockets = [];
  page.underway = new Set();
  page.on('request', (request) => page.underway.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => page.underway.delete(request));
  page.on('websocket', (socket) => {
    const seen = { url: socket.url(), sent: [], received: [], closed: false };
    page.sockets.push(seen);
    socket.on('framesent', ({ payload }) => seen.sent.push(JSON.parse(payload)));
    socket.on('framereceived', ({ payload }) => seen.received.push(JSON.parse(payload)));
    socket.on('close', () => (seen.closed = true));
  });
  page.on('pageerror', (error) => page.problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') page.problems.push(message.text());
  });
  await page.goto(url);
  return page;
}

export async function signIn(page, email = 'ada@example.com', secret = password) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function openInbox(server, email, options) {
  const page = await openPage(server, '/', options);
  await signIn(page, email);
  await page.getByRole('searchbox', { name: 'Search name or number' }).waitFor();
  return page;
}

/** No violation of WCAG 2.2 A and AA that axe can see. */
export async function expectAccessible(page, what) {
  // Over the protocol, because the page's policy lets no inline script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }),
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(found, [], what);
}

/** Kept to be looked at: build/screenshots/<name>.png. `options`: clip and the like of Playwright. */
export async function screenshot(page, name, options = {}) {
  const path = join(root, 'build/screenshots', `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, ...options });
}
