// What becomes of a reply when Meta, the network or the server fails: sent once, or said not to be; never twice, never lost.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, beforeEach, describe, test } from 'node:test';
import {
  api,
  createDatabase,
  db,
  eventually,
  fixture,
  phoneNumberId,
  postWebhook,
  startServer,
  withDatabase,
} from './support/server.mjs';
import {
  control,
  conversationWith,
  customerWrites,
  deliverTo,
  messageOf,
  onPhone,
  reply,
  sendingThrough,
  startPair,
  startTestSimulator,
  untilStatus,
} from './support/simulator.mjs';

let server;
let simulator;
let pool;
let customers = 0;

const faults = (switches) => control(simulator, 'PUT', 'faults', switches);
const noFaults = {
  not_reached: 0, drop_answer: 0, html_200: 0, token_190: 0, http_500: 0, http_429: 0, pair_rate_131056: 0,
  window_131047: 0, duplicate: 0, delay_ms: 0, answer_delay_ms: 0, reorder: false, sync_131047: false,
  auto_statuses: true, auto_read: false,
};

/** A customer whom nobody knows yet, who has just written: { phone, id } with the id of the conversation. */
async function aCustomer() {
  const phone = `4916${String(++customers).padStart(8, '0')}`;
  await customerWrites(simulator, phone, 'Hello');
  return { phone, id: (await conversationWith(server, phone)).id };
}

const texts = async (phone) => (await onPhone(simulator, phone)).map((message) => message.request.text.body);

/** The outbox row of a message with its attempts, oldest first. */
async function outboxOf(message) {
  const { rows } = await pool.query('SELECT * FROM outbox WHERE message_id = $1', [message]);
  if (rows.length === 0) return undefined;
  const attempts = await pool.query('SELECT * FROM send_attempts WHERE outbox_id = $1 ORDER BY attempt', [rows[0].id]);
  return { ...rows[0], tried: attempts.rows.map(({ outcome, error_code }) => [outcome, error_code]) };
}

/** The same, once the answer of the try that Meta took is processed; statuses may have come before it. */
const accepted = (message) =>
  eventually(async () => {
    const row = await outboxOf(message);
    return row.state === 'sent' && row.tried.at(-1)[0] === 'accepted' && row;
  });

before(async () => {
  ({ server, simulator } = await startPair());
  pool = await db(server);
});

beforeEach(() => faults(noFaults));

describe('a reply', () => {
  test('twenty quick ones arrive once, in their order', async () => {
    const { phone, id } = await aCustomer();
    const wanted = Array.from({ length: 20 }, (_, i) => `reply ${i + 1}`);
    const answers = [];
    // Each is asked for as soon as the one before is stored, whether that is sent or not.
    for (const [n, message] of wanted.entries()) {
      answers.push(reply(server, { conversation_id: id, message }));
      await eventually(
        async () => {
          const { rows } = await pool.query(
            `SELECT count(*) FROM chat_messages WHERE conversation_id = $1 AND sender = 'agent'`,
            [id],
          );
          return rows[0].count === n + 1;
        },
        { interval: 1 },
      );
    }
    for (const answer of await Promise.all(answers)) assert([200, 202].includes(answer.status));
    await eventually(async () => (await texts(phone)).length === 20);
    assert.deepEqual(await texts(phone), wanted);
    const { body } = await api(server, 'GET', `/api/live-chat/messages?conversation_id=${id}`);
    assert.deepEqual(body.messages.slice(1).map((m) => m.message), wanted);
  });

  test('order is kept while the first one has to be tried again', async () => {
    const { phone, id } = await aCustomer();
    await faults({ http_500: 1 });
    const first = await reply(server, { conversation_id: id, message: 'first' });
    assert.equal(first.status, 202);
    assert.equal(first.body.status, 'queued');
    const second = await reply(server, { conversation_id: id, message: 'second' });
    assert([200, 202].includes(second.status));
    await untilStatus(server, id, second.body.message_id, 'delivered');
    assert.deepEqual(await texts(phone), ['first', 'second']);
  });

  test('to somebody who never wrote is sent, and Meta decides', async () => {
    const first = await reply(server, { phone_number_id: phoneNumberId, to: '4917000000001', message: 'Hello' });
    // The simulator takes it and fails it by webhook, as Meta does; the webhook may come before we have answered.
    assert([200, 502].includes(first.status));
    const message = await untilStatus(server, first.body.conversation_id, first.body.message_id, 'failed');
    assert.equal(message.error.code, 131047);
    assert.equal(message.whatsapp_message_id, first.body.whatsapp_message_id);

    await faults({ sync_131047: true });
    const second = await reply(server, { phone_number_id: phoneNumberId, to: '4917000000001', message: 'Hello?' });
    assert.equal(second.status, 502);
    assert.equal(second.body.conversation_id, first.body.conversation_id);
    assert.equal(second.body.error.code, 131047);
  });

  test('with an idempotency key is sent once, twenty times at once and later too', async () => {
    const { phone, id } = await aCustomer();
    const headers = { 'Idempotency-Key': randomUUID() };
    const ask = () => reply(server, { conversation_id: id, message: 'once' }, { headers });
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    assert(answers.every((a) => [200, 202].includes(a.status)));
    assert.equal(new Set(answers.map((a) => a.body.message_id)).size, 1);
    await untilStatus(server, id, answers[0].body.message_id, 'delivered');
    const later = await ask();
    assert.equal(later.status, 200);
    assert.equal(later.body.status, 'delivered');
    assert.deepEqual(await texts(phone), ['once']);
  });

  test('carries what settles it later, and the text as it was written', async () => {
    const { phone, id } = await aCustomer();
    const message = ' Line one\n\u2028"quoted" \\ <b>🙂</b> مرحبا https://example.com ';
    const answer = await reply(server, { conversation_id: id, message });
    const [sent] = await onPhone(simulator, phone);
    assert.equal(sent.request.text.body, message);
    assert(sent.biz_opaque_callback_data.includes(String(answer.body.message_id)));
    assert.deepEqual((await outboxOf(answer.body.message_id)).tried, [['accepted', null]]);
  });
});

describe('when Meta or the way to Meta fails', () => {
  for (const [fault, name] of [
    ['drop_answer', 'the answer is lost'],
    ['html_200', 'something else answers'],
  ]) {
    test(`${name}: unknown, then settled by the status; sent once`, async () => {
      const { phone, id } = await aCustomer();
      await faults({ [fault]: 1, auto_statuses: false });
      const answer = await reply(server, { conversation_id: id, message: 'Did it arrive?' });
      assert.equal(answer.status, 202);
      assert.equal(answer.body.status, 'unknown');
      assert.equal(answer.body.whatsapp_message_id, null);
      const [sent, ...more] = await onPhone(simulator, phone);
      assert.deepEqual(more, []);
      assert.equal((await outboxOf(answer.body.message_id)).state, 'unknown');
      // Others of the conversation go on.
      const next = await reply(server, { conversation_id: id, message: 'And this?' });
      assert.equal(next.status, 200);

      await control(simulator, 'POST', 'statuses', { id: sent.wamid, status: 'sent' });
      const settled = await untilStatus(server, id, answer.body.message_id, 'sent');
      assert.equal(settled.whatsapp_message_id, sent.wamid);
      await control(simulator, 'POST', 'statuses', { id: sent.wamid, status: 'read' });
      await untilStatus(server, id, answer.body.message_id, 'read');
      assert.deepEqual(await texts(phone), ['Did it arrive?', 'And this?']);
      const row = await outboxOf(answer.body.message_id);
      assert.deepEqual([row.tried.length, row.tried[0][0]], [1, 'unknown']);
    });
  }

  test('an unknown one is not sent again when the customer never got it', async () => {
    const { phone, id } = await aCustomer();
    await faults({ not_reached: 1 });
    const answer = await reply(server, { conversation_id: id, message: 'Lost' });
    // The request was written before the connection closed: Meta might have taken it.
    assert.equal(answer.body.status, 'unknown');
    const next = await reply(server, { conversation_id: id, message: 'Next' });
    await untilStatus(server, id, next.body.message_id, 'delivered');
    assert.deepEqual(await texts(phone), ['Next']);
    assert.equal((await messageOf(server, id, answer.body.message_id)).status, 'unknown');
  });

  for (const [fault, code] of [
    ['http_500', 131000],
    ['http_429', 130429],
    ['pair_rate_131056', 131056],
  ]) {
    test(`${fault}: tried again, sent once, each try on record`, async () => {
      const { phone, id } = await aCustomer();
      await faults({ [fault]: 1 });
      const answer = await reply(server, { conversation_id: id, message: fault });
      assert.equal(answer.status, 202);
      assert.equal(answer.body.status, 'queued');
      await untilStatus(server, id, answer.body.message_id, 'delivered');
      const { tried } = await accepted(answer.body.message_id);
      assert.equal((await messageOf(server, id, answer.body.message_id)).error, null);
      assert.deepEqual(await texts(phone), [fault]);
      assert.equal(tried.length, 2);
      assert.equal(tried[0][0], 'refused');
      assert(tried[0][1] > 0, `no code: ${tried}`);
      if (code !== 131000) assert.equal(tried[0][1], code);
      assert.deepEqual(tried[1], ['accepted', null]);
    });
  }

  test('why a message waited is forgotten once it is out, whichever way that became known', async () => {
    const waits = async (id) => {
      await faults({ http_500: 1 });
      const answer = await reply(server, { conversation_id: id, message: 'Out at last' });
      assert.equal(answer.body.status, 'queued');
      return answer.body.message_id;
    };
    const withoutError = (id, message, status) =>
      eventually(async () => {
        const shown = await messageOf(server, id, message);
        return shown.status === status && shown.error === null;
      });

    const { id } = await aCustomer();
    const overtaken = await waits(id);
    await faults({ answer_delay_ms: 700 });
    await untilStatus(server, id, overtaken, 'delivered');
    await accepted(overtaken);
    await withoutError(id, overtaken, 'delivered');

    await faults({ answer_delay_ms: 0 });
    const other = await aCustomer();
    const lost = await waits(other.id);
    await faults({ drop_answer: 1, auto_statuses: false });
    await untilStatus(server, other.id, lost, 'unknown');
    await withoutError(other.id, lost, 'unknown');
    const [sent] = await onPhone(simulator, other.phone);
    await control(simulator, 'POST', 'statuses', { id: sent.wamid, status: 'sent' });
    await withoutError(other.id, lost, 'sent');
  });

  test('the pair limit holds up one customer and nobody else', async () => {
    const [slow, quick] = [await aCustomer(), await aCustomer()];
    await faults({ pair_rate_131056: 1 });
    const waiting = await reply(server, { conversation_id: slow.id, message: 'waits' });
    assert.equal(waiting.body.status, 'queued');
    assert.equal((await reply(server, { conversation_id: quick.id, message: 'does not' })).status, 200);
    const shown = await messageOf(server, slow.id, waiting.body.message_id);
    if (shown.status === 'queued') assert.equal(shown.error.code, 131056);
    await untilStatus(server, slow.id, waiting.body.message_id, 'delivered');
    assert.deepEqual(await texts(slow.phone), ['waits']);
  });

  test('131047 at once: 502 and failed, with what Meta said', async () => {
    const { phone, id } = await aCustomer();
    await faults({ window_131047: 1 });
    const answer = await reply(server, { conversation_id: id, message: 'Too late' });
    assert.equal(answer.status, 502);
    assert.equal(answer.body.code, 'send_failed');
    assert.equal(answer.body.error.code, 131047);
    assert(answer.body.error.title.length > 5 && answer.body.error.details.length > 5);
    const message = await messageOf(server, id, answer.body.message_id);
    assert.equal(message.status, 'failed');
    assert(message.status_times.failed_at);
    assert.deepEqual(message.error, answer.body.error);
    assert.deepEqual(await texts(phone), []);
    assert.deepEqual((await outboxOf(answer.body.message_id)).tried, [['refused', 131047]]);
    assert.equal((await reply(server, { conversation_id: id, message: 'Next' })).status, 200);
  });

  test('131047 by webhook: sent, then failed with what Meta said', async () => {
    const { id, phone } = await aCustomer();
    await control(simulator, 'POST', `customers/${phone}/window`, { hours_ago: 25 });
    const answer = await reply(server, { conversation_id: id, message: 'Too late' });
    assert([200, 502].includes(answer.status));
    const message = await untilStatus(server, id, answer.body.message_id, 'failed');
    assert.equal(message.error.code, 131047);
    assert(message.error.title && message.error.details);
    assert.equal((await conversationWith(server, phone)).last_message_status, 'failed');
  });

  test('statuses that overtake the answer wait for it', async () => {
    const { phone, id } = await aCustomer();
    await faults({ answer_delay_ms: 800, auto_read: true });
    const asked = reply(server, { conversation_id: id, message: 'Overtaken' });
    await eventually(async () => (await onPhone(simulator, phone))[0]?.status === 'read');
    const answer = await asked;
    assert.equal(answer.status, 200);
    const message = await untilStatus(server, id, answer.body.message_id, 'read');
    assert(message.status_times.sent_at && message.status_times.delivered_at && message.status_times.read_at);
    assert.deepEqual(await texts(phone), ['Overtaken']);
  });

  test('a status of an unknown wamid waits until the answer brings the wamid', async () => {
    const { phone, id } = await aCustomer();
    await faults({ answer_delay_ms: 1000, auto_statuses: false });
    const asked = reply(server, { conversation_id: id, message: 'Parked' });
    const sent = await eventually(async () => (await onPhone(simulator, phone))[0]);
    const body = fixture('status-delivered');
    const status = body.entry[0].changes[0].value.statuses[0];
    // Without the callback data: the wamid alone says whose status it is.
    delete status.biz_opaque_callback_data;
    const timestamp = String(Math.floor(Date.now() / 1000));
    Object.assign(status, { id: sent.wamid, status: 'delivered', recipient_id: phone, timestamp });
    assert.equal((await postWebhook(server, body)).status, 200);
    const parked = await pool.query('SELECT count(*) FROM parked_updates WHERE whatsapp_message_id = $1', [sent.wamid]);
    assert.equal(parked.rows[0].count, 1);
    const answer = await asked;
    assert.equal(answer.body.status, 'delivered');
    const left = await pool.query('SELECT count(*) FROM parked_updates WHERE whatsapp_message_id = $1', [sent.wamid]);
    assert.equal(left.rows[0].count, 0);
  });

  test('an expired token pauses the number: queued with the reason, sent once it is mended', async () => {
    const { phone, id } = await aCustomer();
    await faults({ token_190: 1 });
    const answer = await reply(server, { conversation_id: id, message: 'Waits for the token' });
    assert.equal(answer.status, 202);
    assert.equal(answer.body.status, 'queued');
    const message = await messageOf(server, id, answer.body.message_id);
    assert.equal(message.status, 'queued');
    assert.equal(message.error.code, 190);
    assert(server.logs.some((line) => line.event === 'number_paused' && line.code === 190));
    const other = await aCustomer();
    const behind = await reply(server, { conversation_id: other.id, message: 'Waits too' });
    assert.equal(behind.body.status, 'queued');
    assert.deepEqual((await outboxOf(behind.body.message_id)).tried, []);

    // Who mends the token restarts the server with it; what waited goes out then, not a minute later.
    await server.stop();
    server = await startServer({ dataDir: server.dataDir, env: sendingThrough(simulator) });
    await deliverTo(simulator, server);
    pool = await db(server);
    await untilStatus(server, other.id, behind.body.message_id, 'delivered');
    await pool.query('UPDATE outbox SET available_at = now() WHERE message_id = $1', [answer.body.message_id]);
    await untilStatus(server, id, answer.body.message_id, 'delivered');
    assert.deepEqual(await texts(phone), ['Waits for the token']);
  });
});

describe('when the Graph API is away', () => {
  test('queued; sent once it is back', async () => {
    const { id, phone } = await aCustomer();
    const { port } = simulator;
    await simulator.stop();
    const answer = await reply(server, { conversation_id: id, message: 'Patience' });
    assert.equal(answer.status, 202);
    assert.equal(answer.body.status, 'queued');
    assert.match((await messageOf(server, id, answer.body.message_id)).error.title, /Graph/);
    simulator = await startTestSimulator(port);
    await control(simulator, 'PUT', 'webhook', { url: `${server.url}/webhook` });
    await eventually(async () => (await onPhone(simulator, phone)).length === 1, { timeout: 20_000 });
    assert.deepEqual(await texts(phone), ['Patience']);
    assert((await accepted(answer.body.message_id)).tried.length >= 2);
  });
});

describe('when the server is killed', () => {
  const restart = async () => {
    server = await startServer({ dataDir: server.dataDir, env: sendingThrough(simulator) });
    await deliverTo(simulator, server);
    pool = await db(server);
  };

  test('while Meta has its request: unknown afterwards, and not sent again', async () => {
    const { phone, id } = await aCustomer();
    await faults({ answer_delay_ms: 5000, auto_statuses: false });
    const asked = reply(server, { conversation_id: id, message: 'In flight' }).catch((error) => error);
    const sent = await eventually(async () => (await onPhone(simulator, phone))[0]);
    await server.kill9();
    await asked;
    await faults({ answer_delay_ms: 0 });
    await restart();
    const { rows } = await pool.query('SELECT * FROM outbox WHERE conversation_id = $1', [id]);
    assert.equal(rows[0].state, 'sending');
    await pool.query("UPDATE outbox SET lease_until = now() - interval '1 second' WHERE id = $1", [rows[0].id]);
    await untilStatus(server, id, rows[0].message_id, 'unknown', { timeout: 15_000 });
    const next = await reply(server, { conversation_id: id, message: 'After the restart' });
    assert.equal(next.status, 200);
    assert.deepEqual(await texts(phone), ['In flight', 'After the restart']);
    assert.equal((await outboxOf(rows[0].message_id)).tried.length, 1);

    await control(simulator, 'POST', 'statuses', { id: sent.wamid, status: 'delivered' });
    await untilStatus(server, id, rows[0].message_id, 'delivered');
  });

  test('between taking a reply and sending it: sent once afterwards', async () => {
    const { phone, id } = await aCustomer();
    await server.stop();
    // The private cluster stops with its server, so the row is made by one that cannot reach Meta.
    const nowhere = { ...sendingThrough(simulator), PARLEY_GRAPH_URL: 'http://127.0.0.1:9' };
    server = await startServer({ dataDir: server.dataDir, env: nowhere });
    pool = await db(server);
    const answer = await reply(server, { conversation_id: id, message: 'Claimed and dropped' });
    assert.equal(answer.body.status, 'queued');
    await pool.query(
      `UPDATE outbox SET state = 'claimed', lease = gen_random_uuid(), lease_until = now() - interval '1 second'
       WHERE message_id = $1 AND state = 'pending'`,
      [answer.body.message_id],
    );
    await server.kill9();
    await restart();
    await pool.query(`UPDATE outbox SET available_at = now() WHERE message_id = $1 AND state IN ('pending', 'claimed')`, [
      answer.body.message_id,
    ]);
    await untilStatus(server, id, answer.body.message_id, 'delivered', { timeout: 15_000 });
    assert.deepEqual(await texts(phone), ['Claimed and dropped']);
  });

  test('a worker that comes back after its lease ran out settles the message, not twice', async () => {
    const { phone, id } = await aCustomer();
    await faults({ answer_delay_ms: 7000, auto_statuses: false });
    const asked = reply(server, { conversation_id: id, message: 'Slow' });
    await eventually(async () => (await onPhone(simulator, phone)).length === 1);
    await pool.query(`UPDATE outbox SET lease_until = now() - interval '1 second' WHERE conversation_id = $1`, [id]);
    const answer = await asked;
    assert.equal(answer.status, 202);
    await untilStatus(server, id, answer.body.message_id, 'unknown', { timeout: 10_000 });
    const settled = await untilStatus(server, id, answer.body.message_id, 'sent', { timeout: 15_000 });
    const [sent, ...more] = await onPhone(simulator, phone);
    assert.deepEqual(more, []);
    assert.equal(settled.whatsapp_message_id, sent.wamid);
    assert.equal((await outboxOf(answer.body.message_id)).state, 'sent');
  });
});

describe('two servers on one database', () => {
  test('each reply is sent once, whoever took it', async () => {
    const second = await startServer({ env: { ...sendingThrough(simulator), DATABASE_URL: await server.databaseUrl() } });
    const people = [];
    for (let i = 0; i < 6; ++i) people.push(await aCustomer());
    const asked = [];
    for (let i = 0; i < 5; ++i) {
      for (const [n, { id }] of people.entries()) {
        asked.push(reply((n + i) % 2 ? server : second, { conversation_id: id, message: `reply ${i}` }));
      }
    }
    const answers = await Promise.all(asked);
    assert.deepEqual(answers.filter(({ status }) => ![200, 202].includes(status)), []);
    for (const { phone } of people) {
      await eventually(async () => (await onPhone(simulator, phone)).length >= 5, { timeout: 20_000 });
      assert.deepEqual((await texts(phone)).sort(), [0, 1, 2, 3, 4].map((i) => `reply ${i}`));
    }
    const { rows } = await pool.query(
      `SELECT count(*) AS tries, count(DISTINCT outbox_id) AS messages FROM send_attempts
       WHERE outbox_id IN (SELECT id FROM outbox WHERE conversation_id = ANY ($1))`,
      [people.map(({ id }) => id)],
    );
    assert.deepEqual([rows[0].tries, rows[0].messages], [30, 30]);
    await second.stop();
  });

  test('started at the same time on an empty database, they agree on one account', async () => {
    const url = await createDatabase(server);
    const both = await Promise.all([1, 2, 3].map(() => startServer({ env: { DATABASE_URL: url } })));
    const { rows } = await withDatabase(url, (client) => client.query('SELECT count(*) FROM accounts'));
    assert.equal(rows[0].count, 1);
    for (const each of both) {
      assert.equal((await api(each, 'GET', '/api/live-chat/conversations')).status, 200);
      await each.stop();
    }
  });
});

describe('without WA_TOKEN', () => {
  test('a reply is saved, said to be only that, and not sent when a token comes', async () => {
    const { phone, id } = await aCustomer();
    const url = await server.databaseUrl();
    const mute = await startServer({ env: { PARLEY_GRAPH_URL: simulator.url, DATABASE_URL: url } });
    const answer = await reply(mute, { conversation_id: id, message: 'For the record' });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.status, 'not_sent');
    assert.match(answer.body.message, /not sent/);
    assert(mute.logs.some((line) => line.event === 'sending_disabled'));
    assert(mute.logs.some((line) => line.event === 'reply_saved_not_sent' && line.message_id === answer.body.message_id));
    assert.equal(await outboxOf(answer.body.message_id), undefined);
    assert.equal((await reply(server, { conversation_id: id, message: 'Really' })).status, 200);
    assert.deepEqual(await texts(phone), ['Really']);
    assert.equal((await messageOf(server, id, answer.body.message_id)).status, 'not_sent');
  });
});
