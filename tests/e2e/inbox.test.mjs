// The inbox in a real browser: what customers write on the simulated phone, and what agents do about it.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { api, db, eventually } from '../integration/support/server.mjs';
import { control, customerWrites, onPhone } from '../integration/support/simulator.mjs';
import { expectAccessible, openInbox, openPage, screenshot, signIn, startInbox } from './support/browser.mjs';
import { answer, bubbles, composer, row, rows } from './support/screen.mjs';

let server;
let simulator;
let pool;
let customers = 0;

before(async () => {
  ({ server, simulator } = await startInbox(['ada@example.com', 'ben@example.com']));
  pool = await db(server);
});

const aPhone = () => `4915${String(++customers).padStart(8, '0')}`;
const texts = async (phone) => (await onPhone(simulator, phone)).map((message) => message.request.text.body);

/** What the database says about the one message with this text. */
const stored = async (text) => {
  const { rows: found } = await pool.query('SELECT * FROM chat_messages WHERE message = $1', [text]);
  assert.equal(found.length, 1, `${found.length} messages say "${text}"`);
  return found[0];
};

describe('the checklist', () => {
  test('a message appears without a reload; the reply goes out; ticks and counters move', async () => {
    const page = await openInbox(server);
    const phone = aPhone();
    await customerWrites(simulator, phone, 'Do you deliver?', { name: 'Carla Díaz' });
    await row(page, 'Do you deliver?').waitFor();
    await row(page, 'Do you deliver?').getByText('1', { exact: true }).waitFor();
    await eventually(async () => /^\(1\)/.test(await page.title()));

    await row(page, 'Do you deliver?').click();
    await bubbles(page, 'Do you deliver?').waitFor();
    await eventually(async () => !/^\(/.test(await page.title()));
    await eventually(async () => (await stored('Do you deliver?')).is_read);

    await answer(page, 'Yes, within two days.');
    await bubbles(page, 'Yes, within two days.').waitFor();
    await eventually(async () => (await texts(phone)).includes('Yes, within two days.'));
    const reply = await stored('Yes, within two days.');
    assert.equal(reply.sender, 'agent');
    await screenshot(page, 'checklist');
    await page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: /Delivered/ }).waitFor();
    assert.equal(await bubbles(page, 'Yes, within two days.').count(), 1);
    assert.equal(await composer(page).inputValue(), '');
    assert.deepEqual(page.problems, []);
  });

  test('the newest conversation is first, and stays so as customers write', async () => {
    const page = await openInbox(server);
    const [first, second] = [aPhone(), aPhone()];
    await customerWrites(simulator, first, 'first writes');
    await customerWrites(simulator, second, 'second writes');
    await eventually(async () => /second writes/.test(await rows(page).first().innerText()));
    await customerWrites(simulator, first, 'first again');
    await eventually(async () => /first again/.test(await rows(page).first().innerText()));
  });

  test('hundreds of conversations and messages come page by page', async () => {
    const phone = aPhone();
    await customerWrites(simulator, phone, 'the long thread');
    await pool.query(
      `INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, is_read, status,
         whatsapp_message_id, created_at)
       SELECT account_id, id, 'customer', 'line ' || n, 'text', true, 'received', 'wamid.line' || n,
              now() - interval '1 day' + n * interval '1 second'
       FROM chat_conversations, generate_series(1, 400) n WHERE customer_phone = $1`,
      [phone],
    );
    await pool.query(
      `WITH people AS (INSERT INTO contacts (account_id, name) SELECT 1, 'Person ' || n FROM generate_series(1, 150) n
                       RETURNING id, name)
       INSERT INTO chat_conversations (account_id, phone_number_id, contact_id, customer_phone, customer_name,
         unread_count, last_message_at)
       SELECT 1, '106540352242922', id, '1999' || id, name, 0, now() - interval '3 days' - id * interval '1 minute'
       FROM people`,
    );
    const page = await openInbox(server);
    const list = page.getByRole('listbox', { name: 'Conversations' });
    await eventually(async () => {
      await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      return (await row(page, 'Person 150').count()) === 1;
    });
    await list.evaluate((element) => element.scrollTo(0, 0));
    await row(page, 'the long thread').click();
    await bubbles(page, 'the long thread').waitFor();
    const thread = page.getByRole('region', { name: 'Messages' });
    await eventually(async () => {
      await thread.evaluate((element) => element.scrollTo(0, 0));
      return (await bubbles(page, 'line 1').count()) === 1;
    }, { timeout: 30_000 });
  });

  test('the list shows one number, or all of them, or what is searched for', async () => {
    await pool.query("INSERT INTO phone_numbers (account_id, phone_number_id, display_phone_number) VALUES (1, '777', '+49 30 111')");
    await pool.query(
      `WITH person AS (INSERT INTO contacts (account_id, name) VALUES (1, 'Otto') RETURNING id)
       INSERT INTO chat_conversations (account_id, phone_number_id, contact_id, customer_phone, customer_name, unread_count)
       SELECT 1, '777', id, '4930555', 'Otto Other', 0 FROM person`,
    );
    const page = await openInbox(server);
    await row(page, 'Otto Other').waitFor();
    await page.getByRole('button', { name: /^Business number/ }).click();
    await page.getByRole('menuitemradio', { name: /49 30 111/ }).click();
    await eventually(async () => (await rows(page).count()) === 1);
    await page.reload();
    await eventually(async () => (await rows(page).count()) === 1, { timeout: 15_000 });
    await page.getByRole('button', { name: /^Business number/ }).click();
    await page.getByRole('menuitemradio', { name: 'All numbers' }).click();
    await eventually(async () => (await rows(page).count()) > 3);
    await page.getByRole('searchbox', { name: 'Search name or number' }).fill('otto');
    await eventually(async () => (await rows(page).count()) === 1);
  });
});

describe('when the network fails', () => {
  test('the page says so, catches up and sends what was written, each once', async () => {
    const page = await openInbox(server);
    const phone = aPhone();
    await customerWrites(simulator, phone, 'before the tunnel');
    await row(page, 'before the tunnel').click();
    await bubbles(page, 'before the tunnel').waitFor();
    await page.context().setOffline(true);
    // Chromium leaves open sockets alone: what a dead network does to them, the server does here.
    await page.getByText(/^Offline/).first().waitFor();
    await customerWrites(simulator, phone, 'in the tunnel');
    await answer(page, 'written in the tunnel');
    await bubbles(page, 'written in the tunnel').waitFor();
    assert.deepEqual(await texts(phone), []);
    await page.context().setOffline(false);
    await bubbles(page, 'in the tunnel').waitFor();
    // The customer wrote meanwhile: the agent is asked to look first.
    await page.getByRole('button', { name: 'Send anyway' }).click();
    await eventually(async () => (await texts(phone)).length === 1);
    assert.deepEqual(await texts(phone), ['written in the tunnel']);
    for (const text of ['in the tunnel', 'written in the tunnel']) {
      await eventually(async () => (await bubbles(page, text).count()) === 1);
      await stored(text);
    }
  });

  test('a bubble on its way survives a reload', async () => {
    const page = await openInbox(server);
    const phone = aPhone();
    await customerWrites(simulator, phone, 'reload me');
    await row(page, 'reload me').click();
    await bubbles(page, 'reload me').waitFor();
    await page.route('**/send-message', (route) => route.abort());
    await answer(page, 'kept over a reload');
    await bubbles(page, 'kept over a reload').waitFor();
    await page.unroute('**/send-message');
    await page.reload();
    await eventually(async () => (await texts(phone)).includes('kept over a reload'), { timeout: 30_000 });
    await eventually(async () => (await bubbles(page, 'kept over a reload').count()) === 1);
    assert.deepEqual(await texts(phone), ['kept over a reload']);
  });
});

describe('two agents', () => {
  test('see each other, and are told before they answer over each other', async () => {
    const ada = await openInbox(server, 'ada@example.com');
    const ben = await openInbox(server, 'ben@example.com');
    const phone = aPhone();
    await customerWrites(simulator, phone, 'who answers?');
    for (const page of [ada, ben]) {
      await row(page, 'who answers?').click();
      await bubbles(page, 'who answers?').waitFor();
    }
    await ada.getByText(/ben is viewing/i).first().waitFor();
    await composer(ben).pressSequentially('I am on it');
    await ada.getByText(/ben is typing a reply/i).first().waitFor();
    await composer(ben).press('Enter');
    await bubbles(ada, 'I am on it').waitFor();
    assert.deepEqual(await texts(phone), ['I am on it']);
  });
});

describe('signing in', () => {
  test('a wrong password is said so; signing out ends the session', async () => {
    const page = await openPage(server);
    await signIn(page, 'ada@example.com', 'not the password');
    await page.getByText('E-mail or password is wrong.').waitFor();
    await signIn(page);
    await page.getByRole('searchbox', { name: 'Search name or number' }).waitFor();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });
});

describe('hostile text', () => {
  test('is shown as text', async () => {
    const page = await openInbox(server);
    const phone = aPhone();
    const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> \u202Eevil\u202C';
    await customerWrites(simulator, phone, hostile);
    await customerWrites(simulator, phone, 'x'.repeat(4096));
    await row(page, 'xxxx').click();
    await page.getByRole('region', { name: 'Messages' }).getByText('onerror').waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    const { scroll, client } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      client: document.documentElement.clientWidth,
    }));
    assert(scroll <= client, 'the page is wider than its window');
  });
});

describe('every screen', () => {
  const looks = {
    light: {},
    dark: { colorScheme: 'dark' },
    phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
    arabic: { locale: 'ar' },
  };
  for (const [name, options] of Object.entries(looks)) {
    test(`is accessible: ${name}`, async () => {
      const phone = aPhone();
      await customerWrites(simulator, phone, `*Hello* from ${name} https://example.com`, { name: `Dana ${name}` });
      const page = await openPage(server, '/', { ...options, reducedMotion: 'reduce' });
      const fields = page.locator('form input');
      await fields.first().waitFor();
      await screenshot(page, `sign-in-${name}`);
      await expectAccessible(page, `sign-in, ${name}`);
      await fields.first().fill('ada@example.com');
      await page.locator('input[autocomplete="current-password"]').fill('a password of the tests');
      await page.locator('form button[type="submit"]').click();
      await page.getByRole('option').filter({ hasText: `Dana ${name}` }).waitFor();
      await expectAccessible(page, `list, ${name}`);
      await page.getByRole('option').filter({ hasText: `Dana ${name}` }).click();
      await page.locator('main').getByText(`from ${name}`).waitFor();
      await screenshot(page, `inbox-${name}`);
      await expectAccessible(page, `thread, ${name}`);
      if (name === 'arabic') assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl');
    });
  }
});

test('the API serves a client that polls with its token, beside the page', async () => {
  const { createClient } = await import('@supabase/supabase-js');
  const { WebSocket } = await import('ws');
  const client = createClient(server.url, 'any', { realtime: { transport: WebSocket }, auth: { persistSession: false } });
  const { data, error } = await client.auth.signInWithPassword({
    email: 'ada@example.com',
    password: 'a password of the tests',
  });
  assert.equal(error, null);
  const { body } = await api(server, 'GET', '/api/live-chat/conversations', { token: data.session.access_token });
  assert(body.conversations.length > 0);
});
