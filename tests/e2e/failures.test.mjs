// What goes wrong while the inbox is open: the server, its database, the network, the laptop. The page says how things
// stand, and afterwards shows everything once.
import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { command, db, eventually, startServer, temporaryFolder } from '../integration/support/server.mjs';
import { control, customerWrites, deliverTo, onPhone, sendingThrough, startTestSimulator } from '../integration/support/simulator.mjs';
import { messages, postAll, text } from '../integration/support/webhooks.mjs';
import { addAgent, openInbox, openTab, screenshot } from './support/browser.mjs';
import { lineTo } from './support/line.mjs';
import {
  answer, banner, bubbles, composer, openConversation, row, searchBox, soon, thread, tokensOf, unreadInTitle, unreadOf, untilLive, wholeThread,
} from './support/screen.mjs';

/** Has the database and takes the webhooks; `desk` is the one with the page, so that it can go while customers write. */
let store;
let desk;
let simulator;
const deskFolder = temporaryFolder();
const storeFolder = temporaryFolder();

const startStore = (port = 0) => startServer({ dataDir: storeFolder, env: { PORT: port } });
async function startDesk(port = 0) {
  const env = { SUPABASE_JWT_SECRET: undefined, PARLEY_OWNER_USER_ID: undefined, PARLEY_ACCESS_TOKEN_SECONDS: 300 };
  const often = { PARLEY_SOCKET_HEARTBEAT_SECONDS: 1 };
  const shared = { DATABASE_URL: await store.databaseUrl(), PORT: port, ...sendingThrough(simulator) };
  return startServer({ dataDir: deskFolder, env: { ...env, ...often, ...shared } });
}

before(async () => {
  simulator = await startTestSimulator();
  store = await startStore();
  desk = await startDesk();
  await deliverTo(simulator, store);
  await addAgent(desk, 'ada@example.com', 'owner');
  await addAgent(desk, 'ben@example.com', 'agent');
});

// What one test left behind when it failed is no reason for the next ones to.
beforeEach(async () => {
  if (store.result) store = await startStore(store.port);
  if (desk.result) desk = await startDesk(desk.port);
});

let customers = 0;
const aPhone = () => `4917${String(++customers).padStart(8, '0')}`;
const query = async (sql, values = []) => (await (await db(store)).query(sql, values)).rows;
const textsOn = async (phone) => (await onPhone(simulator, phone)).map((message) => message.request.text.body);
const storedIn = async (phone) =>
  (await query(
    `SELECT m.message FROM chat_messages m JOIN chat_conversations c ON c.id = m.conversation_id
     WHERE c.customer_phone = $1 ORDER BY m.created_at, m.id`,
    [phone],
  )).map(({ message }) => message);
const unsentIn = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('parley.outbox')).length);
const unreadStored = async () => Number((await query('SELECT sum(unread_count) AS n FROM chat_conversations'))[0].n);


/** A customer whose conversation is open on the page. */
async function openCustomer(page, name) {
  const phone = aPhone();
  await customerWrites(simulator, phone, `${name} says hello`, { name });
  await openConversation(page, name);
  await bubbles(page, `${name} says hello`).waitFor();
  return phone;
}

/** The message and the reply are shown, stored and, the reply, on the phone: each once. */
async function assertOnce(page, phone, { came, replied }) {
  for (const said of [...came, ...replied]) await eventually(async () => (await bubbles(page, said).count()) === 1);
  await eventually(async () => (await textsOn(phone)).length >= replied.length);
  assert.deepEqual(await textsOn(phone), replied);
  const stored = await storedIn(phone);
  for (const said of [...came, ...replied]) assert.equal(stored.filter((one) => one === said).length, 1, `"${said}" is stored ${stored}`);
  assert.equal(await page.getByText('Not sent').count(), 0);
}

describe('the server', () => {
  for (const [how, end] of Object.entries({ stops: () => desk.stop(), 'is killed': () => desk.kill9() })) {
    test(`${how} and starts again: nothing is missed, nothing doubled`, async () => {
      const page = await openInbox(desk);
      const name = `Restart ${how}`;
      const phone = await openCustomer(page, name);
      await answer(page, `before it ${how}`);
      await eventually(async () => (await unsentIn(page)) === 0 && (await textsOn(phone)).length === 1);
      await page.evaluate(() => (window.isSamePage = true));

      await end();
      await banner(page, /^Offline: showing what was loaded until/).waitFor();
      await answer(page, `while it ${how}`);
      await banner(page, '1 message will be sent').waitFor();
      await screenshot(page, `failure-server-${how.replace(' ', '-')}`);
      await customerWrites(simulator, phone, `meanwhile it ${how}`);
      assert.equal(await bubbles(page, `meanwhile it ${how}`).count(), 0);
      assert.deepEqual(await textsOn(phone), [`before it ${how}`]);

      desk = await startDesk(desk.port);
      await bubbles(page, `meanwhile it ${how}`).waitFor({ timeout: 30_000 });
      // The customer wrote meanwhile: the agent is asked to look first.
      await page.getByRole('button', { name: 'Send anyway' }).click();
      await untilLive(page);
      await assertOnce(page, phone, { came: [`${name} says hello`, `meanwhile it ${how}`], replied: [`before it ${how}`, `while it ${how}`] });
      assert(await page.evaluate(() => window.isSamePage), 'the page was loaded anew');
      await page.context().close();
    });
  }

  test('is killed while Meta has a reply and has not said so: it is not sent again, and its ticks come', async () => {
    const page = await openInbox(desk);
    const phone = await openCustomer(page, 'In flight');
    await control(simulator, 'PUT', 'faults', { answer_delay_ms: 5_000 });
    await answer(page, 'in flight');
    await eventually(async () => (await textsOn(phone)).length === 1);
    await desk.kill9();
    await control(simulator, 'PUT', 'faults', { answer_delay_ms: 0 });
    desk = await startDesk(desk.port);
    await eventually(async () => (await unsentIn(page)) === 0, { timeout: 30_000 });
    await thread(page).getByRole('button', { name: /Delivered/ }).waitFor();
    // What is behind it does not wait until the lost answer is given up, which takes a minute.
    await answer(page, 'right behind it');
    await eventually(async () => (await textsOn(phone)).length === 2, { timeout: 25_000 });
    await assertOnce(page, phone, { came: ['In flight says hello'], replied: ['in flight', 'right behind it'] });
    await page.context().close();
  });
});

describe('the database', () => {
  test('stops and starts again under a server that stays: nothing is missed, nothing doubled', async () => {
    const page = await openInbox(desk);
    const phone = await openCustomer(page, 'Database');
    await eventually(async () => (await unreadOf(page, 'Database')) === 0);
    await store.stop();  // Its PostgreSQL goes with it.
    await answer(page, 'while it is away');
    // The server itself is there, but knows of nothing new any more: the page must not look as if all were well.
    await banner(page, /^Offline: showing what was loaded until .* 1 message will be sent/).waitFor();
    await bubbles(page, 'Will be sent when you are back online').waitFor();
    await screenshot(page, 'failure-database');
    store = await startStore(store.port);
    await untilLive(page, { timeout: 40_000 });
    await customerWrites(simulator, phone, 'after it was away');
    await assertOnce(page, phone, { came: ['Database says hello', 'after it was away'], replied: ['while it is away'] });
    await page.context().close();
  });

  test('is away while a conversation is read: it is marked as read afterwards', async () => {
    const page = await openInbox(desk);
    const phone = aPhone();
    await customerWrites(simulator, phone, 'read me', { name: 'Reading' });
    await row(page, 'Reading').waitFor();
    await page.route('**/read', (route) => route.fulfill({ status: 503, json: { code: 'unavailable', detail: 'away' } }));
    const refused = page.waitForResponse(/\/read$/);
    await openConversation(page, 'Reading');
    await refused;
    assert.equal(await unreadOf(page, 'Reading'), 1);
    await page.unroute('**/read');
    await eventually(async () => (await unreadOf(page, 'Reading')) === 0);
    await eventually(async () => (await unreadInTitle(page)) === (await unreadStored()));
    await page.context().close();
  });
});

describe('the network', () => {
  const numbered = (label, n) => Array.from({ length: n }, (_, i) => `[[${label} ${i + 1}]]`);
  const marks = /\[\[.*?\]\]/;

  /** `each` messages of every customer, a few at once, through the signed webhook; the order within a customer is kept. */
  async function write(people, each, label) {
    const texts = numbered(label, each);
    for (let at = 0; at < each; at += 50) {
      const bodies = people.map(({ phone, name }) => messages(phone, texts.slice(at, at + 50).map((body) => text(phone, body)), { name }));
      await postAll(store, bodies, { connections: 4 });
    }
    return texts;
  }

  async function customersOn(page, label, count) {
    const people = Array.from({ length: count }, (_, i) => ({ phone: aPhone(), name: `${label} ${String.fromCharCode(65 + i)}` }));
    for (const { phone, name } of people) await customerWrites(simulator, phone, `[[${name}]]`, { name });
    await openConversation(page, people[0].name);
    await eventually(async () => (await unreadOf(page, people[0].name)) === 0);
    return people;
  }

  /** The open thread is what is stored; the others and the title count what is unread; all threads are whole. */
  async function assertNothingMissing(page, people, each) {
    const [open, ...others] = people;
    await soon(page, async () => (await thread(page).getByText(`${each}]]`).count()) > 0);
    assert.deepEqual(await wholeThread(page, marks), await storedIn(open.phone));
    for (const { name } of others) await soon(page, async () => (await unreadOf(page, name)) === each + 1);
    await soon(page, async () => (await unreadOf(page, open.name)) === 0);
    await soon(page, async () => (await unreadInTitle(page)) === (await unreadStored()));
    await openConversation(page, others[0].name);
    await soon(page, async () => (await thread(page).getByText(`${each}]]`).count()) > 0);
    assert.deepEqual(await wholeThread(page, marks), await storedIn(others[0].phone));
    assert.deepEqual(page.problems.filter((problem) => problem.startsWith('uncaught')), []);
  }
  const readies = (page) => page.sockets.flatMap(({ received }) => received.filter(({ type }) => type === 'ready'));

  test('is switched off while 300 messages arrive: all of them are there afterwards', async () => {
    const page = await openInbox(desk);
    const people = await customersOn(page, 'Switch', 6);
    await page.context().setOffline(true);
    await banner(page, /^Offline/).waitFor();
    await write(people, 50, 'off');
    await page.context().setOffline(false);
    await assertNothingMissing(page, people, 50);
    assert.equal(readies(page).at(-1).recovered, true);
    await page.context().close();
  });

  test('falls silent without a goodbye while 300 messages arrive: the page notices, and catches up', async () => {
    const line = await lineTo(desk);
    const page = await openInbox(line, 'ada@example.com', { clock: true });
    const people = await customersOn(page, 'Hole', 6);
    line.cut();
    await write(people, 50, 'silent');
    await page.clock.runFor('00:45');
    await banner(page, /^(Offline|Connecting)/).waitFor();
    await screenshot(page, 'failure-silence');
    line.mend();
    await assertNothingMissing(page, people, 50);
    assert.equal(readies(page).at(-1).recovered, true);
    await page.context().close();
  });

  test('is away for more than the server tells again: the page loads everything anew', async () => {
    const line = await lineTo(desk);
    const page = await openInbox(line, 'ada@example.com', { clock: true });
    const people = await customersOn(page, 'Long', 3);
    await write(people.slice(0, 1), 120, 'before');
    await thread(page).getByText('[[before 120]]').waitFor();
    // Several pages are loaded, and have to be loaded anew.
    assert.equal((await wholeThread(page, marks)).length, 121);
    line.cut();
    const crowd = Array.from({ length: 25 }, (_, i) => ({ phone: aPhone(), name: `Crowd ${i}` }));
    await write(crowd, 200, 'crowd');
    await write(people, 60, 'long');
    await page.clock.runFor('00:45');
    await banner(page, /^(Offline|Connecting)/).waitFor();
    line.mend();
    await soon(page, async () => readies(page).at(-1).recovered === false);
    await assertNothingMissing(page, people, 60);
    await page.context().close();
  });
});

describe('the laptop', () => {
  // Once so that only the clock has moved, as on most systems; once so that all timers are due at once.
  const wakings = {
    'its clock moved': (page, time) => page.clock.setSystemTime(time),
    'its timers all due': (page) => page.clock.fastForward('09:00:00'),
  };
  for (const [how, wake] of Object.entries(wakings)) {
    test(`sleeps for a night and wakes with ${how}: signed in, current, nothing missing`, async () => {
      const line = await lineTo(desk);
      const page = await openInbox(line, 'ada@example.com', { clock: true });
      const tokens = tokensOf(page);
      const name = `Night ${how}`;
      const phone = await openCustomer(page, name);
      const other = aPhone();
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
      line.cut();
      for (let i = 1; i <= 5; ++i) await customerWrites(simulator, phone, `${name} dream ${i}`);
      for (let i = 1; i <= 3; ++i) await customerWrites(simulator, other, `other dream ${i}`, { name: `Other ${name}` });
      line.mend();
      await devtools.send('Page.setWebLifecycleState', { state: 'active' });
      await wake(page, Date.now() + 9 * 3_600_000);
      await soon(page, async () => (await bubbles(page, `${name} dream 5`).count()) === 1);
      await row(page, `Other ${name}`).waitFor();
      assert.equal(await unreadOf(page, `Other ${name}`), 3);
      await untilLive(page);
      assert.deepEqual(await wholeThread(page, /Night .*?(?:hello|dream \d)/), await storedIn(phone));
      assert.equal(await page.getByRole('button', { name: 'Sign in' }).count(), 0);
      // One new token, and the stream was taken up with it.
      assert.deepEqual(tokens.renewals, [200]);
      assert.equal(new Set(tokens.said()).size, 2);
      await page.context().close();
    });
  }
});

describe('the access token', () => {
  test('runs out while the page is open: a new one is put under the open socket', async () => {
    const page = await openInbox(desk, 'ada@example.com', { clock: true });
    const tokens = tokensOf(page);
    const phone = aPhone();
    const [socket] = page.sockets;
    // A token's life, in steps that are shorter than any deadline of a request and between which the page hears something.
    for (let passed = 15; passed <= 315; passed += 15) {
      await customerWrites(simulator, phone, `${passed} s later`, { name: 'Hourly' });
      await row(page, `${passed} s later`).waitFor();
      await eventually(() => page.underway.size === 0);
      await page.clock.runFor(15_000);
    }
    await eventually(() => new Set(tokens.said()).size === 2);
    assert.deepEqual(tokens.renewals, [200]);
    assert.equal(page.sockets.length, 1);
    assert.equal(socket.closed, false);
    await customerWrites(simulator, phone, 'still there?');
    await row(page, 'still there?').waitFor();
    await page.context().close();
  });
});

test('a renewal that came too early is tried again later: nobody is signed out for it', async () => {
  const page = await openInbox(desk, 'ada@example.com', { clock: true });
  const tokens = tokensOf(page);
  let refused = 0;
  await page.route('**/token?grant_type=refresh_token', (route) => {
    refused += 1;
    return route.fulfill({ status: 429, headers: { 'Retry-After': '2' }, json: { code: 'over_request_rate_limit' } });
  });
  // The token is over, so every request wants another one.
  await page.clock.fastForward('05:10');
  await eventually(() => refused > 0);
  await soon(page, async () => (await banner(page, /^(Offline|Connecting)/).count()) > 0);
  await page.unroute('**/token?grant_type=refresh_token');
  await soon(page, () => tokens.renewals.includes(200));
  await customerWrites(simulator, aPhone(), 'after the crowd', { name: 'Crowded' });
  await soon(page, async () => (await row(page, 'after the crowd').count()) === 1);
  assert.equal(await page.getByRole('button', { name: 'Sign in' }).count(), 0);
  await page.context().close();
});

describe('two tabs of one agent', () => {
  let page;
  let tab;
  beforeEach(async () => {
    page = await openInbox(desk, 'ben@example.com');
    tab = await openTab(page.context(), desk.url);
    await searchBox(tab).waitFor();
  });

  test('show the same; what one has sent, or only written, the other does not send again', async () => {
    const phone = aPhone();
    await customerWrites(simulator, phone, 'to both tabs', { name: 'Tabs' });
    for (const each of [page, tab]) {
      await openConversation(each, 'Tabs');
      await bubbles(each, 'to both tabs').waitFor();
    }
    await composer(page).fill('a draft');
    await eventually(async () => (await composer(tab).inputValue()) === 'a draft');
    await composer(page).press('Enter');
    await bubbles(tab, 'a draft').waitFor();
    await eventually(async () => (await composer(tab).inputValue()) === '');

    // What waits in one tab is found by the other when it is loaded; then both try.
    await page.context().route('**/send-message', (route) => route.abort());
    await answer(page, 'queued once');
    await bubbles(page, 'queued once').waitFor();
    await tab.reload();
    await bubbles(tab, 'queued once').waitFor();
    await page.context().unroute('**/send-message');
    await eventually(async () => (await textsOn(phone)).includes('queued once'), { timeout: 20_000 });
    for (const each of [page, tab]) {
      await eventually(async () => (await unsentIn(each)) === 0);
      await assertOnce(each, phone, { came: ['to both tabs'], replied: ['a draft', 'queued once'] });
    }
  });

  for (const reachable of [true, false]) {
    test(`are signed out together, ${reachable ? 'within seconds' : 'also when the server is not reached'}`, async () => {
      if (!reachable) await page.context().route('**/auth/v1/logout*', (route) => route.abort());
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      for (const each of [page, tab]) await each.getByRole('button', { name: 'Sign in' }).waitFor({ timeout: 5_000 });
      await tab.getByText('Your session has ended').waitFor();
      await eventually(() => [...page.sockets, ...tab.sockets].every(({ closed }) => closed));
      await page.context().close();
    });
  }
});

describe('an agent who is removed from the account', () => {
  test('is told so, and the page does not try again and again', async () => {
    const page = await openInbox(desk, 'ben@example.com', { clock: true });
    const phone = await openCustomer(page, 'Secret');
    await command(desk, 'user', 'remove', '--email', 'ben@example.com', '--account', '1');
    await page.getByRole('alert').getByText('Your account is not a member').waitFor();
    assert.equal(await page.getByText('Secret').count(), 0);
    await screenshot(page, 'failure-removed');
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.clock.runFor('02:00');
    await customerWrites(simulator, phone, 'not for former agents');
    assert.equal(page.sockets.length, 1);
    assert(asked.length <= 2, asked.join());
    assert.equal(await page.getByText('not for former agents').count(), 0);
    await page.reload();
    await page.getByText('Your account is not a member').waitFor();
    await screenshot(page, 'failure-removed-reloaded');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.context().close();
  });
});
