// Blue ticks and "typing ..." on customers' phones, as the business number wants them.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { api, db, eventually, phoneNumberId } from './support/server.mjs';
import { control, conversationWith, customerWrites, reply, startPair } from './support/simulator.mjs';
import { connectAgent } from './support/socket.mjs';
import { newCustomer } from './support/webhooks.mjs';

const base = '/api/live-chat';
let server, simulator;

before(async () => {
  ({ simulator, server } = await startPair());
});

const policy = (read_receipts, send_typing = true) =>
  api(server, 'PATCH', `${base}/settings/numbers/${phoneNumberId}`, { body: { read_receipts, send_typing } });
const open = (id, more = '') => api(server, 'GET', `${base}/messages?conversation_id=${id}${more}`);

/** The customer's own messages on their phone: which of them the business has read. */
async function ticks(customer) {
  const { messages } = await control(simulator, 'GET', `updates?after=0`);
  return messages.filter((message) => message.customer === customer && !message.from_business).map(({ read_by_business }) => read_by_business);
}
const typingOn = async (customer) =>
  (await control(simulator, 'GET', 'state')).customers.find(({ wa_id }) => wa_id === customer).typing_until;

async function someone(...texts) {
  const customer = newCustomer();
  for (const text of texts) await customerWrites(simulator, customer, text);
  return { customer, conversation: await conversationWith(server, customer) };
}

/** Nothing is under way: what a receipt would have told is told by one that is certain to come. */
async function afterAnotherReceipt() {
  const { customer, conversation } = await someone('the last one');
  await policy('on_open');
  await open(conversation.id);
  await eventually(async () => (await ticks(customer)).every(Boolean));
}

describe('read receipts', () => {
  test('on_open: opening the thread marks all of it, once', async () => {
    await policy('on_open');
    const { customer, conversation } = await someone('one', 'two');
    assert.deepEqual(await ticks(customer), [false, false]);
    await open(conversation.id, '&mark_read=false');
    assert.deepEqual(await ticks(customer), [false, false]);
    await open(conversation.id);
    await eventually(async () => (await ticks(customer)).every(Boolean));
    await customerWrites(simulator, customer, 'three');
    assert.deepEqual(await ticks(customer), [true, true, false]);
    await api(server, 'POST', `${base}/conversations/${conversation.id}/read`);
    await eventually(async () => (await ticks(customer)).every(Boolean));
  });

  test('what a lost process did not tell, the next opening does', async () => {
    const { customer, conversation } = await someone('one');
    // Marked as read here, and nothing was told.
    await (await db(server)).query(`UPDATE chat_messages SET is_read = true WHERE conversation_id = $1`, [conversation.id]);
    await (await db(server)).query(`UPDATE chat_conversations SET unread_count = 0, unread_since = NULL WHERE id = $1`, [conversation.id]);
    await open(conversation.id);
    await eventually(async () => (await ticks(customer)).every(Boolean));
  });

  test('on_reply: not by opening, but by answering', async () => {
    await policy('on_reply');
    const { customer, conversation } = await someone('one');
    await open(conversation.id);
    const sent = await reply(server, { conversation_id: conversation.id, message: 'Hi' });
    assert.equal(sent.body.status, 'sent');
    await eventually(async () => (await ticks(customer)).every(Boolean));
  });

  test('never: neither', async () => {
    await policy('never');
    const { customer, conversation } = await someone('one');
    await open(conversation.id);
    await reply(server, { conversation_id: conversation.id, message: 'Hi' });
    await afterAnotherReceipt();
    assert.deepEqual(await ticks(customer), [false]);
  });

  test('one that Meta cannot take at the moment is told again', async () => {
    await policy('on_open');
    const { customer, conversation } = await someone('one');
    await control(simulator, 'PUT', 'faults', { http_500: 1 });
    await open(conversation.id);
    await eventually(async () => (await ticks(customer)).every(Boolean));
  });
});

describe('typing', () => {
  const types = (socket, conversation) => socket.send({ type: 'typing', conversation_id: conversation.id, typing: true });

  test('of an agent is shown on the phone, and counts as read', async () => {
    await policy('on_open');
    const { customer, conversation } = await someone('Are you there?');
    const socket = await connectAgent(server);
    types(socket, conversation);
    const until = await eventually(() => typingOn(customer));
    assert.deepEqual(await ticks(customer), [true]);
    // Not again within 20 s.
    types(socket, conversation);
    socket.send({ type: 'ping' });
    await socket.frame('pong');
    await afterAnotherReceipt();
    assert.equal(await typingOn(customer), until);
    socket.close();
  });

  test('is not shown when the number does not want it, or wants no read marks', async () => {
    const socket = await connectAgent(server);
    for (const [receipts, typing] of [['on_open', false], ['on_reply', true], ['never', true]]) {
      await policy(receipts, typing);
      const { customer, conversation } = await someone('Are you there?');
      types(socket, conversation);
      const from = socket.frames.length;
      socket.send({ type: 'ping' });
      await socket.frame('pong', { from });
      await afterAnotherReceipt();
      assert.equal(await typingOn(customer), null, `${receipts} ${typing}`);
      assert.deepEqual(await ticks(customer), [false], `${receipts} ${typing}`);
    }
    socket.close();
  });
});
