// People: several spellings of a number, names, merging and undoing it, blocking.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, command, db, phoneNumberId, postWebhook, startServer, token } from './support/server.mjs';
import { control, conversationWith, customerWrites, onPhone, reply, startPair } from './support/simulator.mjs';
import { connectAgent } from './support/socket.mjs';
import { messages, newCustomer, now, text } from './support/webhooks.mjs';

const base = '/api/live-chat';
let server, simulator;

before(async () => {
  ({ simulator, server } = await startPair());
});

const call = (method, path, body, options = {}) => api(server, method, base + path, { body, ...options });
const contactOf = async (conversation) => (await call('GET', `/contacts/${conversation.contact_id}`)).body;
const thread = async (id) => (await call('GET', `/messages?conversation_id=${id}&mark_read=false`)).body.messages;

async function writes(from, name, body = 'Hello') {
  const answer = await postWebhook(server, messages(from, [text(from, body)], { name }));
  assert.equal(answer.status, 200);
  return conversationWith(server, from);
}

describe('spellings of a number', () => {
  test('a customer of Brazil who comes with and without the ninth digit is one contact', async () => {
    const first = await writes('551187650001', 'Ana');
    const second = await writes('5511987650001', 'Ana');
    assert.equal(second.id, first.id);
    // Replies go to where the customer wrote from last.
    assert.equal(second.customer_phone, '5511987650001');
    assert.equal((await writes('551187650001', 'Ana')).customer_phone, '551187650001');
    const { identities } = await contactOf(first);
    assert.deepEqual(identities.map(({ value }) => value).sort(), ['551187650001', '5511987650001']);
    assert.equal((await thread(first.id)).length, 3);
  });

  test('so are those of Mexico and Argentina, and landlines are not', async () => {
    assert.equal((await writes('525512345601', 'Luz')).id, (await writes('5215512345601', 'Luz')).id);
    assert.equal((await writes('5491123456701', 'Leo')).id, (await writes('54111523456701', 'Leo')).id);
    const landline = await writes('551131234501', 'Shop');
    assert.notEqual((await writes('5511931234501', 'Eva')).id, landline.id);
  });

  test('two contacts that are there are never made one by it', async () => {
    const pool = await db(server);
    await pool.query(`WITH k AS (INSERT INTO contacts (account_id) VALUES (1), (1) RETURNING id)
      INSERT INTO contact_identities (account_id, kind, value, contact_id)
      SELECT 1, 'wa_id', CASE row_number() OVER () WHEN 1 THEN '551187650009' ELSE '5511987650009' END, id FROM k`);
    assert.notEqual((await writes('551187650009', 'A')).contact_id, (await writes('5511987650009', 'B')).contact_id);
  });

  test('an agent may type either', async () => {
    await customerWrites(simulator, '551187650002', 'Oi', { name: 'Bia' });
    const conversation = await conversationWith(server, '551187650002');
    const sent = await reply(server, { phone_number_id: phoneNumberId, to: '+55 11 98765-0002', message: 'Oi!', message_type: 'text' });
    assert.equal(sent.body.conversation_id, conversation.id);
    assert.equal((await onPhone(simulator, '551187650002')).length, 1);
    const again = await reply(server, { conversation_id: conversation.id, to: '5511987650002', message: 'Tudo bem?' });
    assert.equal(again.status, 200);
    const wrong = await reply(server, { conversation_id: conversation.id, to: '5511987650003', message: 'Quem?' });
    assert.equal(wrong.body.code, 'recipient_mismatch');
  });
});

describe('names', () => {
  test('what agents call a customer is shown everywhere, until it is taken back', async () => {
    const socket = await connectAgent(server);
    const conversation = await writes(newCustomer(), 'Sheena');
    const path = `/contacts/${conversation.contact_id}`;
    const { body } = await call('PATCH', path, { name: '  Mrs. Nelson ' });
    assert.equal(body.name, 'Mrs. Nelson');
    assert.equal(body.profile_name, 'Sheena');
    const event = await socket.event(({ name }) => name === 'conversation.updated');
    assert.equal(event.data.conversation.customer_name, 'Mrs. Nelson');
    assert.equal((await call('GET', '/contacts?q=nelson')).body.contacts[0].phone, conversation.customer_phone);
    assert.equal((await call('PATCH', path, { name: '' })).body.name, 'Sheena');
    socket.close();
  });

  test('bad names name the rule', async () => {
    const { contact_id } = await writes(newCustomer(), 'Sheena');
    for (const body of [{}, { name: 7 }, { name: 'x'.repeat(201) }, { name: 'a\u0000b' }]) {
      const refused = await call('PATCH', `/contacts/${contact_id}`, body);
      assert.equal(refused.status, 400);
      assert.equal(refused.body.member, 'name');
    }
  });
});

describe('one person under two contacts', () => {
  let ann, bob, socket;
  before(async () => {
    ann = await writes(newCustomer(), 'Ann', 'from the old phone');
    bob = await writes(newCustomer(), 'Bob', 'from the new phone');
    socket = await connectAgent(server);
  });
  after(() => socket.close());

  test('becomes one, and every screen is told', async () => {
    const { body } = await call('POST', `/contacts/${ann.contact_id}/merge`, { contact_id: bob.contact_id });
    assert.deepEqual(body.conversations.map(({ id }) => id), [ann.id]);
    assert.deepEqual(body.merges.map(({ name }) => name), ['Bob']);
    assert.equal((await thread(ann.id)).length, 2);
    assert.equal((await call('GET', `/conversations/${bob.id}`)).body.id, ann.id);
    assert.equal((await call('GET', `/contacts/${bob.contact_id}`)).body.id, ann.contact_id);
    const merged = await socket.event('conversation.merged');
    assert.equal(merged.conversation_id, bob.id);
    assert.equal(merged.data.conversation.id, ann.id);
    assert.equal(merged.data.conversation.unread_count, 2);
  });

  test('and two again', async () => {
    const { merges } = await contactOf(ann);
    const path = `/contacts/${ann.contact_id}/merges/${merges[0].id}/undo`;
    assert.equal((await call('POST', path)).status, 200);
    assert.equal((await thread(bob.id)).length, 1);
    assert.equal((await call('GET', `/conversations/${bob.id}`)).body.unread_count, 1);
    const split = await socket.event('conversation.split');
    assert.equal(split.conversation_id, ann.id);
    await socket.event(({ name, conversation_id }) => name === 'conversation.updated' && conversation_id === bob.id);
    assert.equal((await call('POST', path)).status, 409);
    socket.assertGapless();
  });

  test('not with itself, with nobody, or by a stranger', async () => {
    const merge = (contact_id, options) => call('POST', `/contacts/${ann.contact_id}/merge`, { contact_id }, options);
    assert.equal((await merge(ann.contact_id)).status, 400);
    assert.equal((await merge('2')).body.member, 'contact_id');
    assert.equal((await merge(999_999)).status, 404);
    const stranger = '99999999-9999-4999-8999-999999999999';
    assert.equal((await merge(bob.contact_id, { token: token({ sub: stranger }) })).status, 403);
    await command(server, 'account', 'add', 'Second');
    await command(server, 'user', 'add', '--id', stranger, '--account', '2', '--role', 'owner');
    assert.equal((await merge(bob.contact_id, { token: token({ sub: stranger }) })).status, 404);
    assert.equal((await call('GET', `/contacts/${ann.contact_id}`, undefined, { token: token({ sub: stranger }) })).status, 404);
  });
});

describe('blocking', () => {
  const blockList = async () =>
    (await (await fetch(`${simulator.url}/v24.0/${phoneNumberId}/block_users`, {
      headers: { Authorization: 'Bearer EAAG-the-graph-token-of-the-integration-tests' },
    })).json()).data.map(({ wa_id }) => wa_id);

  test('is done at Meta and shown', async () => {
    const customer = newCustomer();
    await customerWrites(simulator, customer, 'Buy my pills');
    const conversation = await conversationWith(server, customer);
    assert.equal(conversation.blocked, false);
    const blocked = await call('POST', `/contacts/${conversation.contact_id}/block`);
    assert.equal(blocked.status, 200);
    assert(blocked.body.blocked_at);
    assert((await blockList()).includes(customer));
    assert.equal((await conversationWith(server, customer)).blocked, true);
    const free = await call('POST', `/contacts/${conversation.contact_id}/unblock`);
    assert.equal(free.body.blocked_at, null);
    assert(!(await blockList()).includes(customer));
  });

  test('is refused for who did not write lately, by us and by Meta', async () => {
    const customer = newCustomer();
    const old = text(customer, 'Long ago', { timestamp: String(now() - 25 * 3600) });
    await postWebhook(server, messages(customer, [old]));
    const { contact_id } = await conversationWith(server, customer);
    const refused = await call('POST', `/contacts/${contact_id}/block`);
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /24 hours/);
    // Meta knows of no message of this one.
    const unknown = await writes(newCustomer(), 'Nobody');
    const byMeta = await call('POST', `/contacts/${unknown.contact_id}/block`);
    assert.equal(byMeta.status, 409);
    assert.match(byMeta.body.detail, /139100/);
    assert.equal((await contactOf(unknown)).blocked_at, null);
  });

  test('needs a token, and says when Meta is away', async () => {
    const alone = await startServer({ env: { WA_TOKEN: 'EAAG-some-token-of-meta', PARLEY_GRAPH_URL: 'http://127.0.0.1:9' } });
    const customer = newCustomer();
    await postWebhook(alone, messages(customer, [text(customer)]));
    const { contact_id } = await conversationWith(alone, customer);
    const away = await api(alone, 'POST', `${base}/contacts/${contact_id}/block`);
    assert.equal(away.status, 502);
    assert.equal(away.body.code, 'send_failed');
  });
});
