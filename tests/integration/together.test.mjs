// Agents who work on one conversation, and what they can do about messages that did not go out.
import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { api, db, startServer, token } from './support/server.mjs';
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

const colleague = '22222222-2222-4222-8222-222222222222';
let server;
let simulator;
let pool;
let customers = 0;

async function aCustomer() {
  const phone = `4915${String(++customers).padStart(8, '0')}`;
  await customerWrites(simulator, phone, 'Hello');
  return { phone, id: (await conversationWith(server, phone)).id };
}

const texts = async (phone) => (await onPhone(simulator, phone)).map((message) => message.request.text.body);
const act = (id, action, body = {}) => api(server, 'POST', `/api/live-chat/messages/${id}/${action}`, { body });
const thread = async (id) => (await api(server, 'GET', `/api/live-chat/messages?conversation_id=${id}&mark_read=false`)).body.messages;

before(async () => {
  ({ server, simulator } = await startPair());
  pool = await db(server);
  await pool.query("INSERT INTO members (account_id, user_id, role) VALUES (1, $1, 'agent')", [colleague]);
});
beforeEach(() => control(simulator, 'PUT', 'faults', { not_reached: 0, drop_answer: 0, window_131047: 0 }));

describe('a reply with expected_last_message_id', () => {
  test('is refused when a customer wrote meanwhile, and says what', async () => {
    const { phone, id } = await aCustomer();
    const seen = (await thread(id)).at(-1).id;
    await customerWrites(simulator, phone, 'One more thing');
    const answer = await reply(server, { conversation_id: id, message: 'Answer', expected_last_message_id: seen });
    assert.equal(answer.status, 409);
    assert.equal(answer.body.code, 'newer_messages');
    assert.deepEqual(answer.body.messages.map((message) => message.message), ['One more thing']);
    assert.deepEqual(await texts(phone), []);
    assert.equal((await thread(id)).length, 2);
    const again = { conversation_id: id, message: 'Answer', expected_last_message_id: answer.body.messages[0].id };
    assert.equal((await reply(server, again)).status, 200);
  });

  test('is refused when a colleague answered meanwhile, but not for own messages', async () => {
    const { phone, id } = await aCustomer();
    const expected_last_message_id = (await thread(id)).at(-1).id;
    for (const message of ['First', 'Second'])
      assert.equal((await reply(server, { conversation_id: id, message, expected_last_message_id })).status, 200);
    const late = await reply(
      server,
      { conversation_id: id, message: 'Me too', expected_last_message_id },
      { token: token({ sub: colleague }) },
    );
    assert.equal(late.status, 409);
    assert.deepEqual(late.body.messages.map((message) => message.message), ['First', 'Second']);
    assert.deepEqual(await texts(phone), ['First', 'Second']);
  });

  test('under a key that was used is the stored message, whatever came since', async () => {
    const { phone, id } = await aCustomer();
    const body = {
      conversation_id: id,
      message: 'Once',
      client_message_id: `once-${id}`,
      expected_last_message_id: (await thread(id)).at(-1).id,
    };
    const first = await reply(server, body);
    await customerWrites(simulator, phone, 'Thanks');
    const second = await reply(server, body);
    assert.equal(second.status, 200);
    assert.equal(second.body.message_id, first.body.message_id);
  });

  for (const wrong of [-1, '7', 1.5, true])
    test(`${JSON.stringify(wrong)} is refused`, async () => {
      const { id } = await aCustomer();
      const answer = await reply(server, { conversation_id: id, message: 'Hi', expected_last_message_id: wrong });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.member, 'expected_last_message_id');
    });
});

describe('a failed message', () => {
  test('is sent again on request, once, with all its tries on record', async () => {
    const { phone, id } = await aCustomer();
    await control(simulator, 'PUT', 'faults', { window_131047: 1 });
    const { message_id } = (await reply(server, { conversation_id: id, message: 'Second try' })).body;
    const answer = await act(message_id, 'retry');
    assert.equal(answer.status, 200);
    assert.equal(answer.body.error, null);
    await untilStatus(server, id, message_id, 'delivered');
    assert.deepEqual(await texts(phone), ['Second try']);
    const tries = await pool.query(
      'SELECT outcome FROM send_attempts a JOIN outbox o ON o.id = a.outbox_id WHERE o.message_id = $1 ORDER BY attempt',
      [message_id],
    );
    assert.deepEqual(tries.rows.map((row) => row.outcome), ['refused', 'accepted']);
    const twice = await act(message_id, 'retry');
    assert.equal(twice.status, 409);
    assert.equal(twice.body.code, 'wrong_state');
    assert.deepEqual(await texts(phone), ['Second try']);
  });

  test('is not sent again when the window is closed', async () => {
    const { id } = await aCustomer();
    await control(simulator, 'PUT', 'faults', { window_131047: 1 });
    const { message_id } = (await reply(server, { conversation_id: id, message: 'Late' })).body;
    await pool.query("UPDATE chat_conversations SET last_incoming_at = now() - interval '25 hours' WHERE id = $1", [id]);
    const answer = await act(message_id, 'retry');
    assert.equal(answer.status, 409);
    assert.equal(answer.body.code, 'window_closed');
    assert.equal((await messageOf(server, id, message_id)).status, 'failed');
  });

  test('of another account is not there', async () => {
    await pool.query("INSERT INTO accounts (id, name) VALUES (77, 'Other') ON CONFLICT DO NOTHING");
    const { id } = await aCustomer();
    await control(simulator, 'PUT', 'faults', { window_131047: 1 });
    const { message_id } = (await reply(server, { conversation_id: id, message: 'Mine' })).body;
    const stranger = '33333333-3333-4333-8333-333333333333';
    await pool.query("INSERT INTO members (account_id, user_id, role) VALUES (77, $1, 'owner')", [stranger]);
    for (const action of ['retry', 'settle']) {
      const answer = await api(server, 'POST', `/api/live-chat/messages/${message_id}/${action}`, {
        body: { arrived: true },
        token: token({ sub: stranger }),
      });
      assert.equal(answer.status, 404);
    }
  });
});

describe('a message of unknown outcome', () => {
  async function unknown(text) {
    const { phone, id } = await aCustomer();
    await control(simulator, 'PUT', 'faults', { not_reached: 1 });
    const { message_id, status } = (await reply(server, { conversation_id: id, message: text })).body;
    assert.equal(status, 'unknown');
    return { phone, id, message_id };
  }

  test('that did not arrive is sent again', async () => {
    const { phone, id, message_id } = await unknown('Again');
    const answer = await act(message_id, 'settle', { arrived: false });
    assert.equal(answer.status, 200);
    await untilStatus(server, id, message_id, 'delivered');
    assert.deepEqual(await texts(phone), ['Again']);
  });

  test('that arrived counts as sent, and is not sent again', async () => {
    const { phone, id, message_id } = await unknown('It came');
    const answer = await act(message_id, 'settle', { arrived: true });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.status, 'sent');
    assert.equal((await act(message_id, 'settle', { arrived: false })).status, 409);
    assert.equal((await reply(server, { conversation_id: id, message: 'Next' })).status, 200);
    assert.deepEqual(await texts(phone), ['Next']);
  });

  test('needs to be told which', async () => {
    const { message_id } = await unknown('Which');
    for (const body of [{}, { arrived: 'yes' }, { arrived: null }]) {
      const answer = await act(message_id, 'settle', body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.member, 'arrived');
    }
  });
});

test('without a token nothing is sent again', async () => {
  const { id } = await aCustomer();
  const url = await server.databaseUrl();
  const mute = await startServer({ env: { PARLEY_GRAPH_URL: simulator.url, DATABASE_URL: url } });
  const { message_id } = (await reply(mute, { conversation_id: id, message: 'Saved' })).body;
  const refused = await api(mute, 'POST', `/api/live-chat/messages/${message_id}/retry`, { body: {} });
  assert.equal(refused.status, 409);
  assert.equal(refused.body.code, 'wrong_state');
  assert.equal((await act(message_id, 'retry')).status, 200);
});
