// The checklist that came with the first version of this software, from a customer's phone to an agent's screen and back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, command, db, phoneNumberId, token } from './support/server.mjs';
import {
  control,
  conversationWith,
  customerWrites,
  messageOf,
  onPhone,
  reply,
  startPair,
  untilStatus,
} from './support/simulator.mjs';

const secondNumber = '106540352249999';
const ana = '16505550001';
const ben = '16505550002';

const list = async (server, query = '') =>
  (await api(server, 'GET', `/api/live-chat/conversations${query}`)).body.conversations;
const thread = async (server, id, query = '') =>
  (await api(server, 'GET', `/api/live-chat/messages?conversation_id=${id}${query}`)).body;

test('the checklist', { timeout: 180_000 }, async (t) => {
  const { server, simulator } = await startPair();
  const pool = await db(server);
  let conversation;

  await t.test('a message from a phone is in the database and in the lists', async () => {
    const { wamid } = await customerWrites(simulator, ana, 'Do you have it in blue?', { name: 'Ana' });

    const { rows } = await pool.query(
      `SELECT m.sender, m.message, m.message_type, m.is_read, m.status, c.customer_phone, c.customer_name,
              c.phone_number_id, c.unread_count, c.id
       FROM chat_messages m JOIN chat_conversations c ON c.id = m.conversation_id WHERE m.whatsapp_message_id = $1`,
      [wamid],
    );
    assert.equal(rows.length, 1);
    const { id, ...stored } = rows[0];
    assert.deepEqual(stored, {
      sender: 'customer',
      message: 'Do you have it in blue?',
      message_type: 'text',
      is_read: false,
      status: 'received',
      customer_phone: ana,
      customer_name: 'Ana',
      phone_number_id: phoneNumberId,
      unread_count: 1,
    });

    const [newest] = await list(server);
    assert.equal(newest.id, id);
    assert.equal(newest.customer_phone, ana);
    assert.equal(newest.unread_count, 1);
    assert.equal(newest.preview, 'Do you have it in blue?');

    const { messages } = await thread(server, id, '&mark_read=false');
    assert.deepEqual(
      messages.map((m) => [m.sender, m.message, m.whatsapp_message_id, m.conversation_id, m.is_read]),
      [['customer', 'Do you have it in blue?', wamid, id, false]],
    );
    conversation = id;
  });

  await t.test('a reply is on the phone and in the database, and its ticks follow', async () => {
    const body = {
      conversation_id: conversation,
      phone_number_id: phoneNumberId,
      to: ana,
      message: 'Yes, in blue and green.',
      message_type: 'text',
    };
    const sent = await reply(server, body);
    assert.equal(sent.status, 200);
    assert.equal(sent.body.success, true);
    assert.equal(sent.body.message, 'Message sent successfully');
    assert.equal(sent.body.conversation_id, conversation);
    const id = sent.body.message_id;

    const [message, ...others] = await onPhone(simulator, ana);
    assert.deepEqual(others, []);
    assert.equal(message.request.text.body, 'Yes, in blue and green.');
    assert.equal(message.wamid, sent.body.whatsapp_message_id);

    const { rows } = await pool.query('SELECT sender, message, whatsapp_message_id FROM chat_messages WHERE id = $1', [id]);
    assert.deepEqual(rows, [
      { sender: 'agent', message: 'Yes, in blue and green.', whatsapp_message_id: sent.body.whatsapp_message_id },
    ]);

    const delivered = await untilStatus(server, conversation, id, 'delivered');
    assert(delivered.status_times.sent_at && delivered.status_times.delivered_at && !delivered.status_times.read_at);
    await control(simulator, 'POST', 'read', { wa_id: ana });
    const read = await untilStatus(server, conversation, id, 'read');
    assert.equal(read.status_times.delivered_at, delivered.status_times.delivered_at);
    assert(read.status_times.read_at);
    const head = await conversationWith(server, ana);
    assert.deepEqual([head.last_message_sender, head.last_message_status, head.preview], ['agent', 'read', body.message]);
  });

  await t.test('unread counts rise, and reading resets them', async () => {
    const unread = async () => (await conversationWith(server, ana)).unread_count;
    const unreadInDatabase = async () =>
      (await pool.query('SELECT unread_count FROM chat_conversations WHERE id = $1', [conversation])).rows[0].unread_count;
    assert.equal(await unread(), 1);
    await customerWrites(simulator, ana, 'Great');
    assert.equal(await unread(), 2);

    await thread(server, conversation, '&mark_read=false');
    assert.equal(await unread(), 2);
    const { messages } = await thread(server, conversation);
    assert.equal(messages.length, 3);
    assert.equal(await unread(), 0);
    assert.equal(await unreadInDatabase(), 0);
    const again = await thread(server, conversation, '&mark_read=false');
    assert(again.messages.every((message) => message.is_read));

    await customerWrites(simulator, ana, 'One more question');
    assert.equal(await unread(), 1);
    const numbers = (await api(server, 'GET', '/api/live-chat/phone-numbers')).body.phone_numbers;
    assert.deepEqual(numbers.map((n) => [n.phone_number_id, n.unread_count]), [[phoneNumberId, 1]]);
    const read = await api(server, 'POST', `/api/live-chat/conversations/${conversation}/read`);
    assert.deepEqual(read.body, { conversation_id: conversation, unread_count: 0 });
    assert.equal(await unread(), 0);
    assert.equal(await unreadInDatabase(), 0);
    const { rows } = await pool.query('SELECT count(*) FROM chat_messages WHERE NOT is_read', []);
    assert.equal(rows[0].count, 0);
  });

  await t.test('the list is sorted by recent activity', async () => {
    await customerWrites(simulator, ben, 'Hello from Ben', { name: 'Ben' });
    assert.deepEqual((await list(server)).map((c) => c.customer_phone), [ben, ana]);
    await customerWrites(simulator, ana, 'Me again');
    assert.deepEqual((await list(server)).map((c) => c.customer_phone), [ana, ben]);
    const toBen = await conversationWith(server, ben);
    assert.equal((await reply(server, { conversation_id: toBen.id, message: 'Hi Ben' })).status, 200);
    assert.deepEqual((await list(server)).map((c) => c.customer_phone), [ben, ana]);
  });

  await t.test('conversations are filtered by business number', async () => {
    await command(server, 'number', 'add', '--account', '1', '--phone-number-id', secondNumber, '--display', '15550789999');
    await customerWrites(simulator, ana, 'Is this the other shop?', { phone_number_id: secondNumber });
    const ofSecond = await list(server, `?phone_number_id=${secondNumber}`);
    assert.deepEqual(
      ofSecond.map((c) => [c.phone_number_id, c.customer_phone, c.preview]),
      [[secondNumber, ana, 'Is this the other shop?']],
    );
    const ofFirst = await list(server, `?phone_number_id=${phoneNumberId}`);
    assert.deepEqual(ofFirst.map((c) => c.customer_phone), [ben, ana]);
    assert(ofFirst.every((c) => c.phone_number_id === phoneNumberId));
    assert.equal((await list(server)).length, 3);
    assert.deepEqual(await list(server, '?phone_number_id=1'), []);
  });

  await t.test('pages of conversations are complete, also while messages arrive', async () => {
    const customers = Array.from({ length: 23 }, (_, i) => `49151000${String(i).padStart(4, '0')}`);
    for (const customer of customers) await customerWrites(simulator, customer, `I am ${customer}`);
    const total = customers.length + 3;

    const byOffset = [];
    for (let offset = 0; ; offset += 10) {
      const page = await list(server, `?limit=10&offset=${offset}`);
      byOffset.push(...page.map((c) => c.id));
      if (page.length < 10) break;
    }
    assert.equal(byOffset.length, total);
    assert.equal(new Set(byOffset).size, total);
    const times = (await list(server)).map((c) => Date.parse(c.last_message_at));
    assert.deepEqual(times, [...times].sort((a, b) => b - a));

    // Between two pages a customer whom the reader has seen writes again, and a new one comes.
    const wanted = new Set(byOffset);
    const seen = [];
    let cursor = '';
    for (let page = 0; cursor !== null; ++page) {
      const { body } = await api(server, 'GET', `/api/live-chat/conversations?limit=5${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.conversations.map((c) => c.id));
      cursor = body.next_cursor;
      await customerWrites(simulator, customers.at(-1 - page), `again on page ${page}`);
      await customerWrites(simulator, `4915200${page}00`, 'I am new');
    }
    assert.equal(new Set(seen).size, seen.length, 'a conversation was repeated');
    // Those that moved to the top ahead of the reader are on the first page now; the others were all seen.
    const moved = new Set((await list(server, '?limit=20')).map((c) => c.id));
    assert.deepEqual([...wanted].filter((id) => !seen.includes(id) && !moved.has(id)), []);
  });

  await t.test('pages of messages are complete, also while messages arrive', async () => {
    const customer = '16505550003';
    for (let i = 1; i <= 25; ++i) await customerWrites(simulator, customer, `message ${i}`);
    const { id } = await conversationWith(server, customer);
    const texts = (page) => page.messages.map((m) => m.message);
    const numbered = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => `message ${first + i}`);

    assert.deepEqual(texts(await thread(server, id)), numbered(1, 25));
    const newest = await thread(server, id, '&limit=10');
    assert.deepEqual(texts(newest), numbered(16, 25));
    assert.equal(newest.has_more, true);
    assert.deepEqual(texts(await thread(server, id, '&limit=10&offset=10')), numbered(6, 15));
    const oldest = await thread(server, id, '&limit=10&offset=20');
    assert.deepEqual(texts(oldest), numbered(1, 5));
    assert.equal(oldest.has_more, false);

    const back = [...newest.messages];
    let written = 25;
    for (let more = true; more; ) {
      await customerWrites(simulator, customer, `message ${++written}`);
      const page = await thread(server, id, `&limit=7&before=${back[0].id}`);
      back.unshift(...page.messages);
      more = page.has_more;
    }
    assert.deepEqual(back.map((m) => m.message), numbered(1, 25));
    assert(written > 26);

    const forth = [];
    let newestSeen = back.at(-1).id;
    for (let more = true; more; ) {
      const page = await thread(server, id, `&limit=2&after=${newestSeen}`);
      forth.push(...page.messages);
      newestSeen = forth.at(-1).id;
      more = page.has_more;
    }
    assert.deepEqual(forth.map((m) => m.message), numbered(26, written));
    assert.deepEqual((await thread(server, id, `&after=${newestSeen}`)).messages, []);
  });

  await t.test('nothing is answered without a token', async () => {
    const operations = [
      ['GET', '/api/live-chat/conversations'],
      ['GET', `/api/live-chat/conversations/${conversation}`],
      ['POST', `/api/live-chat/conversations/${conversation}/read`],
      ['GET', `/api/live-chat/messages?conversation_id=${conversation}`],
      ['POST', '/api/live-chat/send-message', { conversation_id: conversation, message: 'nobody says this' }],
      ['GET', '/api/live-chat/phone-numbers'],
    ];
    await customerWrites(simulator, ana, 'This stays unread');
    const onPhoneBefore = (await onPhone(simulator, ana)).length;
    for (const [method, path, body] of operations) {
      const answer = await api(server, method, path, { token: null, body });
      assert.equal(answer.status, 401, `${method} ${path}`);
    }
    const { rows } = await pool.query('SELECT unread_count FROM chat_conversations WHERE id = $1', [conversation]);
    assert(rows[0].unread_count > 0, 'a request without a token marked a conversation as read');
    assert.equal((await onPhone(simulator, ana)).length, onPhoneBefore);
    const said = await pool.query(`SELECT count(*) FROM chat_messages WHERE message = 'nobody says this'`);
    assert.equal(said.rows[0].count, 0);
  });

  await t.test('the page of the first version still works: it polls with a bearer token', async () => {
    const session = { access_token: token() };
    const client = async (path, options = {}) => {
      const response = await fetch(`${server.url}/api/live-chat${path}`, {
        ...options,
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${session.access_token}` },
      });
      assert.equal(response.status, 200, `${path}: ${response.status}`);
      return response.json();
    };
    const poll = () => client(`/conversations?phone_number_id=${phoneNumberId}&limit=50&offset=0`);

    await customerWrites(simulator, ana, 'Can you hear me?');
    const [first] = (await poll()).conversations;
    assert.equal(first.customer_phone, ana);
    assert(first.unread_count > 0);
    const { messages } = await client(`/messages?conversation_id=${first.id}&limit=100&offset=0`);
    assert.equal(messages.at(-1).message, 'Can you hear me?');
    assert.equal((await poll()).conversations[0].unread_count, 0);
    const answer = await client('/send-message', {
      method: 'POST',
      body: JSON.stringify({
        conversation_id: first.id,
        phone_number_id: first.phone_number_id,
        to: first.customer_phone,
        message: 'Loud and clear',
        message_type: 'text',
        media_url: null,
      }),
    });
    assert.equal(answer.success, true);
    assert.equal((await messageOf(server, first.id, answer.message_id)).message, 'Loud and clear');
    assert.equal((await onPhone(simulator, ana)).at(-1).request.text.body, 'Loud and clear');
  });
});
