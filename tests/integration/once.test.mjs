// Once: the same delivery any number of times, over many connections and servers, has the effect of one; and the ticks of
// a message never go back.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { api, db, postWebhook, startServer } from './support/server.mjs';
import { contact, delivery, echoes, messages, newCustomer, now, postAll, Sender, statuses, text, wamid } from './support/webhooks.mjs';

let server;
let second;

before(async () => {
  server = await startServer();
  // Another process on the same database, as on a second machine.
  second = await startServer({ env: { DATABASE_URL: await server.databaseUrl() } });
});

const query = async (sql, values = []) => (await (await db(server)).query(sql, values)).rows;

async function post(body, to = server) {
  assert.equal((await postWebhook(to, body)).status, 200);
}

const conversationsOf = (from) => query('SELECT * FROM chat_conversations WHERE customer_phone = $1', [from]);
const messagesOf = (conversation) => query('SELECT * FROM chat_messages WHERE conversation_id = $1 ORDER BY id', [conversation]);
const eventsOf = async (conversation) => (await query('SELECT name FROM events WHERE conversation_id = $1 ORDER BY "offset"', [conversation])).map(({ name }) => name);

async function assertGaplessEvents() {
  const rows = await query(
    'SELECT a.event_offset AS offset, count(e.*) AS n, min(e."offset") AS first, max(e."offset") AS last FROM accounts a JOIN events e ON e.account_id = a.id GROUP BY a.id',
  );
  assert(rows.length > 0);
  for (const { offset, n, first, last } of rows) assert.deepEqual([first, n, last], [1, offset, offset]);
}

/** Posts over so many connections to each of the servers at the same time. */
async function postToBoth(bodies, connections) {
  const half = Math.ceil(bodies.length / 2);
  await Promise.all([
    postAll(server, bodies.slice(0, half), { connections: connections / 2 }),
    postAll(second, bodies.slice(half), { connections: connections / 2 }),
  ]);
}

const ways = {
  'one server': (bodies, connections) => postAll(server, bodies, { connections }),
  'two servers': postToBoth,
};

for (const [how, postMany] of Object.entries(ways)) {
  describe(`with ${how}`, () => {
    test('one delivery posted 100 times over 32 connections is one message, one unread, one event', async () => {
      const from = newCustomer();
      const body = messages(from, [text(from)]);
      await postMany(Array(100).fill(body), 32);
      const [conversation, ...others] = await conversationsOf(from);
      assert.deepEqual(others, []);
      assert.equal(conversation.unread_count, 1);
      assert.equal((await messagesOf(conversation.id)).length, 1);
      assert.deepEqual(await eventsOf(conversation.id), ['message.created']);
      await post(body, second);
      assert.deepEqual(await conversationsOf(from), [conversation]);
      assert.deepEqual(await eventsOf(conversation.id), ['message.created']);
    });

    test('64 first messages of one customer over 64 connections are one contact and one conversation', async () => {
      const from = newCustomer();
      const userId = `US.${from}`;
      const list = Array.from({ length: 64 }, (_, i) => text(from, `message ${i}`, { from_user_id: userId }));
      await postMany(list.map((each) => delivery({ contacts: [{ ...contact(from), user_id: userId }], messages: [each] })), 64);
      const [conversation, ...others] = await conversationsOf(from);
      assert.deepEqual(others, []);
      assert.equal(conversation.unread_count, 64);
      const ids = (await messagesOf(conversation.id)).map(({ whatsapp_message_id: id }) => id);
      assert.deepEqual(ids.sort(), list.map(({ id }) => id).sort());
      const contacts = await query('SELECT DISTINCT contact_id FROM contact_identities WHERE value = ANY ($1)', [[from, userId]]);
      assert.equal(contacts.length, 1);
      const [{ n }] = await query("SELECT count(*) AS n FROM contacts WHERE name = 'Sheena Nelson' AND NOT EXISTS (SELECT FROM contact_identities i WHERE i.contact_id = contacts.id)");
      assert.equal(n, 0, 'contacts were left behind');
      assert.equal((await eventsOf(conversation.id)).filter((name) => name === 'message.created').length, 64);
    });

    test('batches that overlap store each message once', async () => {
      const people = Array.from({ length: 8 }, newCustomer);
      const all = Array.from({ length: 120 }, (_, i) => text(people[i % 8], `message ${i}`));
      // Windows of 30 messages, 10 apart, in another order each time, with a message doubled inside.
      const bodies = Array.from({ length: 12 }, (_, window) => {
        const list = Array.from({ length: 30 }, (_, i) => all[(window * 10 + i * 7) % 120]);
        return delivery({ contacts: people.map((from) => contact(from)), messages: [...list, list[window]] });
      });
      await postMany([...bodies, ...bodies, ...bodies], 12);
      const sent = new Set(bodies.flatMap(({ entry }) => entry[0].changes[0].value.messages.map(({ id }) => id)));
      const [{ n }] = await query('SELECT count(*) AS n FROM chat_messages WHERE whatsapp_message_id = ANY ($1)', [[...sent]]);
      assert.equal(n, sent.size);
      for (const from of people) {
        const [conversation, ...others] = await conversationsOf(from);
        assert.deepEqual(others, []);
        assert.equal(conversation.unread_count, (await messagesOf(conversation.id)).length);
      }
    });

    test('the events of the account have no gap', assertGaplessEvents);
  });
}

test('messages that are read while others arrive leave an exact count', async () => {
  const from = newCustomer();
  await post(messages(from, [text(from)]));
  const [{ id }] = await conversationsOf(from);
  let loading = true;
  const reader = async () => {
    while (loading) await api(second, 'GET', `/api/live-chat/messages?conversation_id=${id}`);
  };
  const readers = Promise.all([reader(), reader()]);
  await postToBoth(Array.from({ length: 200 }, (_, i) => messages(from, [text(from, `message ${i}`)])), 16);
  loading = false;
  await readers;
  const [{ unread_count: unread }] = await conversationsOf(from);
  const [{ n }] = await query("SELECT count(*) AS n FROM chat_messages WHERE conversation_id = $1 AND sender = 'customer' AND NOT is_read", [id]);
  assert.equal(unread, n);
  await api(server, 'GET', `/api/live-chat/messages?conversation_id=${id}`);
  assert.equal((await conversationsOf(from))[0].unread_count, 0);
  await assertGaplessEvents();
});

describe('statuses', () => {
  const at = now() - 1000;
  const times = { sent: at + 1, delivered: at + 2, read: at + 3, played: at + 4, failed: at + 5 };
  const failure = { errors: [{ code: 131026, title: 'Message undeliverable', error_data: { details: 'Not on WhatsApp' } }] };

  function permutations(list) {
    if (list.length <= 1) return [list];
    return list.flatMap((each, i) => permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [each, ...rest]));
  }

  async function echo() {
    const to = newCustomer();
    const message = text(to, 'from the phone', { timestamp: String(at) });
    await post(echoes(to, [message]));
    return { to, id: message.id };
  }

  async function row(id) {
    const [found] = await query(
      `SELECT status, error_code, error_details, extract(epoch FROM sent_at)::bigint AS sent, extract(epoch FROM delivered_at)::bigint AS delivered,
              extract(epoch FROM read_at)::bigint AS read, extract(epoch FROM played_at)::bigint AS played,
              extract(epoch FROM failed_at)::bigint AS failed
       FROM chat_messages WHERE whatsapp_message_id = $1`,
      [id],
    );
    return found;
  }

  const told = (word) => [word, times[word], word === 'failed' ? failure : undefined];
  const read = { status: 'read', error_code: null, error_details: null, sent: at, delivered: times.delivered, read: times.read, played: null, failed: null };

  const orders = [
    ...permutations(['sent', 'delivered', 'read']),
    ['sent', 'sent', 'delivered', 'delivered', 'read', 'read'],
    ['read', 'delivered', 'sent', 'read', 'delivered', 'sent'],
    ['delivered', 'read', 'delivered', 'sent', 'sent'],
  ];
  for (const order of orders) {
    test(`${order.join(', ')} in one body`, async () => {
      const { to, id } = await echo();
      await post(statuses(id, to, order.map(told)));
      assert.deepEqual(await row(id), read);
    });

    test(`${order.join(', ')} one after the other, and never back`, async () => {
      const { to, id } = await echo();
      const rank = ['sent', 'delivered', 'read'];
      let highest = 0;
      for (const word of order) {
        await post(statuses(id, to, [told(word)]));
        highest = Math.max(highest, rank.indexOf(word));
        assert.equal((await row(id)).status, rank[highest]);
      }
      assert.deepEqual(await row(id), read);
    });

    test(`${order.join(', ')} before the message`, async () => {
      const to = newCustomer();
      const message = text(to, 'from the phone', { timestamp: String(at) });
      for (const word of order) await post(statuses(message.id, to, [told(word)]));
      await post(echoes(to, [message]));
      assert.deepEqual(await row(message.id), read);
      const parked = await query('SELECT FROM parked_updates WHERE whatsapp_message_id = $1', [message.id]);
      assert.equal(parked.length, 0);
    });
  }

  test('of many messages, all at the same time over both servers', async () => {
    const sent = await Promise.all(Array.from({ length: 40 }, echo));
    const bodies = sent.flatMap(({ to, id }) => ['read', 'sent', 'delivered', 'read'].map((word) => statuses(id, to, [told(word)])));
    // Spread, so that those of one message meet those of others, and each other.
    await postToBoth(bodies.map((_, i) => bodies[(i * 37) % bodies.length]), 32);
    for (const { id } of sent) assert.deepEqual(await row(id), read);
    await assertGaplessEvents();
  });

  test('at the same time as their message', async () => {
    const list = Array.from({ length: 40 }, () => {
      const to = newCustomer();
      return { to, message: text(to, 'from the phone', { timestamp: String(at) }) };
    });
    const bodies = list.flatMap(({ to, message }) => [
      statuses(message.id, to, [told('read')]),
      statuses(message.id, to, [told('delivered')]),
      echoes(to, [message]),
      statuses(message.id, to, [told('sent')]),
    ]);
    await postToBoth(bodies.map((_, i) => bodies[(i * 37) % bodies.length]), 32);
    for (const { message } of list) assert.deepEqual(await row(message.id), read);
    const parked = await query('SELECT FROM parked_updates WHERE whatsapp_message_id = ANY ($1)', [list.map(({ message }) => message.id)]);
    assert.equal(parked.length, 0);
  });

  test('failed after read does not win, and its reason is kept', async () => {
    const { to, id } = await echo();
    for (const word of ['sent', 'delivered', 'read', 'failed']) await post(statuses(id, to, [told(word)]));
    const found = await row(id);
    assert.deepEqual(found, { ...read, failed: times.failed, error_code: 131026, error_details: 'Not on WhatsApp' });
  });

  test('failed after sent wins', async () => {
    const { to, id } = await echo();
    await post(statuses(id, to, [told('sent')]));
    await post(statuses(id, to, [told('failed')]));
    const found = await row(id);
    assert.deepEqual([found.status, found.failed, found.error_code], ['failed', times.failed, 131026]);
    await post(statuses(id, to, [told('sent')]));
    assert.equal((await row(id)).status, 'failed');
  });

  test('delivered after failed wins', async () => {
    const { to, id } = await echo();
    await post(statuses(id, to, [told('failed')]));
    await post(statuses(id, to, [['delivered', times.failed + 1]]));
    const found = await row(id);
    assert.deepEqual([found.status, found.delivered, found.failed], ['delivered', times.failed + 1, times.failed]);
  });

  test('read alone implies delivered; played implies both', async () => {
    const first = await echo();
    await post(statuses(first.id, first.to, [told('read')]));
    let found = await row(first.id);
    assert.deepEqual([found.status, found.delivered, found.read], ['read', times.read, times.read]);
    const other = await echo();
    await post(statuses(other.id, other.to, [told('played')]));
    found = await row(other.id);
    assert.deepEqual([found.status, found.played], ['played', times.played]);
    assert(found.delivered && found.read);
  });

  test('of a message of the customer change nothing', async () => {
    const from = newCustomer();
    const message = text(from);
    await post(messages(from, [message]));
    await post(statuses(message.id, from, [told('read'), told('failed')]));
    const found = await row(message.id);
    assert.deepEqual([found.status, found.read, found.failed], ['received', null, null]);
  });

  test('with an unknown word are left alone', async () => {
    const { to, id } = await echo();
    await post(statuses(id, to, [['warning', at + 1], ['deleted', at + 2], ['queued', at + 3], ['received', at + 3]]));
    assert.equal((await row(id)).status, 'sent');
  });

  test('told again make no further event', async () => {
    const { to, id } = await echo();
    const [conversation] = await conversationsOf(to);
    for (const word of ['sent', 'delivered', 'read']) await post(statuses(id, to, [told(word)]));
    const before = await eventsOf(conversation.id);
    for (const word of ['read', 'sent', 'delivered']) await post(statuses(id, to, [told(word)]));
    assert.deepEqual(await eventsOf(conversation.id), before);
  });
});

test('a burst over 256 connections is answered whole, and stored once', async () => {
  const people = Array.from({ length: 300 }, newCustomer);
  const list = Array.from({ length: 3000 }, (_, i) => text(people[i % 300], `message ${i}`, { id: wamid('burst') }));
  const bodies = list.map((each) => messages(each.from, [each]));
  const sender = new Sender(server, 256);
  const answers = await sender.postAll(bodies);
  sender.close();
  assert(answers.every(({ status }) => status === 200));
  const rows = await query('SELECT customer_phone, unread_count FROM chat_conversations WHERE customer_phone = ANY ($1)', [people]);
  assert.equal(rows.length, 300);
  for (const { unread_count: unread } of rows) assert.equal(unread, 10);
  await assertGaplessEvents();
});
