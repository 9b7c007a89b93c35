// Long threads and long lists: nothing jumps while older pages come, and nothing is left out.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { db, eventually } from '../integration/support/server.mjs';
import { customerWrites } from '../integration/support/simulator.mjs';
import { openInbox, startInbox } from './support/browser.mjs';

const lines = 400;
const phone = '4915755500001';
let server;
let simulator;

before(async () => {
  ({ server, simulator } = await startInbox());
  await customerWrites(simulator, phone, 'The beginning', { name: 'The long thread' });
  const pool = await db(server);
  await eventually(async () => (await pool.query('SELECT FROM chat_messages')).rowCount === 1);
  await pool.query(
    `INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, is_read, status, whatsapp_message_id, created_at)
     SELECT account_id, id, 'customer', 'line ' || n || '.' || repeat(' and so on', n % 40), 'text', true, 'received', 'wamid.line' || n,
            now() - interval '2 days' + n * interval '5 minutes'
     FROM chat_conversations, generate_series(1, ${lines}) n`,
  );
});

/** The uppermost line, or that one, and how far below the upper edge of what is in sight it stands. */
const place = (thread, wanted = null) =>
  thread.evaluate((element, wanted) => {
    const edge = element.getBoundingClientRect().top;
    return [...element.querySelectorAll('[role=listitem]')]
      .map((row) => ({ line: Number(/line (\d+)\./.exec(row.textContent)?.[1]), box: row.getBoundingClientRect() }))
      .filter(({ line, box }) => (wanted === null ? line && box.bottom > edge : line === wanted))
      .map(({ line, box }) => ({ line, y: box.top - edge, height: element.scrollHeight, top: element.scrollTop }))
      .sort((a, b) => a.y - b.y)[0];
  }, wanted);

const twoFrames = (page) => page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));

async function openThread() {
  const page = await openInbox(server);
  await page.getByRole('option').filter({ hasText: 'The long thread' }).click();
  const thread = page.getByRole('region', { name: 'Messages' });
  await thread.getByText(`line ${lines}.`).waitFor();
  await eventually(() => thread.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 5));
  await thread.hover();
  return { page, thread };
}

describe('a long thread', () => {
  test('stands still while older messages are put above', async () => {
    const { page, thread } = await openThread();
    const waiting = [];
    await page.route('**/api/live-chat/messages?**', (route) => waiting.push(route));
    for (let pages = 0; pages < 3; ++pages) {
      await eventually(async () => {
        await page.mouse.wheel(0, -900);
        return (await place(thread)).top === 0 && waiting.length === 1;
      });
      const before = await place(thread);
      await waiting.shift().continue();
      await eventually(async () => (await place(thread)).height > before.height + 1000);
      await twoFrames(page);
      const after = await place(thread, before.line);
      assert(after && Math.abs(after.y - before.y) <= 12, `line ${before.line} went from ${before.y} to ${after?.y}`);
    }
  });

  test('leaves alone who scrolled up while a message glided in', async () => {
    const { page, thread } = await openThread();
    await thread.focus();
    await customerWrites(simulator, phone, 'gliding in');
    await thread.getByText('gliding in', { exact: true }).waitFor();
    await page.keyboard.press('Home');
    await eventually(async () => (await place(thread)).line < lines - 20);
    await customerWrites(simulator, phone, 'the next one');
    await page.getByText('1 new message').waitFor();
    assert((await place(thread)).line < lines - 20, `pulled to line ${(await place(thread)).line}`);
  });

  test('shows every line on the way up', async () => {
    const { page, thread } = await openThread();
    const seen = new Set();
    await eventually(async () => {
      for (const line of await thread.evaluate((element) => [...element.textContent.matchAll(/line (\d+)\./g)].map((found) => found[1]))) seen.add(line);
      await page.mouse.wheel(0, -500);
      await twoFrames(page);
      return seen.has('1');
    }, { timeout: 30_000 });
    assert.equal(seen.size, lines);
  });
});
