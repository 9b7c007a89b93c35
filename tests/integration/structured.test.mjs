// Messages with structure on their way out: quotes, reactions, locations, contacts, buttons and lists; and what is wrong in them.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { api, eventually } from './support/server.mjs';
import { control, conversationWith, customerWrites, messageOf, onPhone, reply, startPair } from './support/simulator.mjs';

let server;
let simulator;
let customers = 0;

before(async () => {
  ({ server, simulator } = await startPair());
});

async function aCustomer() {
  const phone = `4918${String(++customers).padStart(8, '0')}`;
  const { wamid } = await customerWrites(simulator, phone, 'Hello');
  const { id } = await conversationWith(server, phone);
  const { body } = await api(server, 'GET', `/api/live-chat/messages?conversation_id=${id}`);
  return { phone, id, wamid, hello: body.messages[0] };
}

const thread = async (id) => (await api(server, 'GET', `/api/live-chat/messages?conversation_id=${id}&mark_read=false`)).body.messages;

const kinds = {
  location: { latitude: 52.52, longitude: 13.405, name: 'Office', address: 'Alexanderplatz 1' },
  contacts: [{ name: { formatted_name: 'Ada Lovelace' }, phones: [{ phone: '+44 20 7946 0000', type: 'WORK' }] }],
};
const interactives = {
  button: {
    type: 'button', header: { type: 'text', text: 'Delivery' }, body: { text: 'When does it suit you?' }, footer: { text: 'Thanks' },
    action: { buttons: [{ type: 'reply', reply: { id: 'am', title: 'Morning' } }, { type: 'reply', reply: { id: 'pm', title: 'Afternoon' } }] },
  },
  list: {
    type: 'list', body: { text: 'Which size?' },
    action: { button: 'Choose', sections: [{ title: 'Sizes', rows: [{ id: 's', title: 'Small' }, { id: 'l', title: 'Large', description: 'roomy' }] }] },
  },
  cta_url: {
    type: 'cta_url', body: { text: 'Your order' },
    action: { name: 'cta_url', parameters: { display_text: 'Track it', url: 'https://example.com/track' } },
  },
  location_request_message: { type: 'location_request_message', body: { text: 'Where are you?' }, action: { name: 'send_location' } },
};

describe('a message with structure', () => {
  for (const [type, content] of [...Object.entries(kinds), ...Object.values(interactives).map((one) => ['interactive', one])]) {
    test(`goes out and is shown: ${content.type ?? type}`, async () => {
      const { phone, id } = await aCustomer();
      const answer = await reply(server, { conversation_id: id, message_type: type, [type]: content });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const [{ request }] = await onPhone(simulator, phone);
      assert.equal(request.type, type);
      const wanted = type === 'contacts' ? [{ ...content[0], name: { formatted_name: 'Ada Lovelace', first_name: 'Ada Lovelace' } }] : content;
      assert.deepEqual(request[type], wanted);
      const shown = await messageOf(server, id, answer.body.message_id);
      assert.deepEqual(shown.payload, { type, [type]: wanted });
      assert(shown.message.length > 3);
    });
  }

  test('quotes a message of the customer, and one of our own', async () => {
    const { phone, id, hello, wamid } = await aCustomer();
    const first = await reply(server, { conversation_id: id, message: 'To that', reply_to_message_id: hello.id });
    const second = await reply(server, { conversation_id: id, message: 'And to this', reply_to_message_id: first.body.message_id });
    const sent = await onPhone(simulator, phone);
    assert.deepEqual(sent.map(({ request }) => request.context.message_id), [wamid, sent[0].wamid]);
    assert.equal((await messageOf(server, id, second.body.message_id)).reply_to_whatsapp_message_id, sent[0].wamid);
  });
});

describe('a group', () => {
  test('has a thread of its own, and can be answered', async () => {
    const group = 'Y2FwaV9ncm91cDo5MTc5NzA1Nzg5';
    for (const from of ['4918990000001', '4918990000002']) {
      await customerWrites(simulator, from, `from ${from}`, { message: { group_id: group } });
    }
    const { body } = await api(server, 'GET', '/api/live-chat/conversations');
    const [conversation] = body.conversations.filter((one) => one.is_group);
    assert.equal((await thread(conversation.id)).length, 2);
    const answer = await reply(server, { conversation_id: conversation.id, message: 'Hello everybody' });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { messages } = await control(simulator, 'GET', 'messages');
    const sent = messages.find(({ request }) => request.text?.body === 'Hello everybody').request;
    assert.deepEqual([sent.recipient_type, sent.to], ['group', group]);
  });
});

describe('a reaction', () => {
  const react = (id, message, emoji) => reply(server, { conversation_id: id, message_type: 'reaction', reaction: { message_id: message, emoji } });

  test('is set, changed and taken away, and is no line of the thread', async () => {
    const { phone, id, hello, wamid } = await aCustomer();
    for (const [emoji, shown] of [['👍', ['👍']], ['❤️', ['❤️']], ['', []]]) {
      assert.equal((await react(id, hello.id, emoji)).status, 200);
      const now = await messageOf(server, id, hello.id);
      assert.deepEqual(now.reactions.map((one) => [one.sender, one.emoji]), shown.map((one) => ['agent', one]));
    }
    const sent = await onPhone(simulator, phone);
    assert.deepEqual(sent.map(({ request }) => request.reaction), ['👍', '❤️', ''].map((emoji) => ({ message_id: wamid, emoji })));
    assert.equal((await thread(id)).length, 1);
    const conversation = await conversationWith(server, phone);
    assert.equal(conversation.preview, 'Hello');
  });

  test('that Meta refuses disappears again', async () => {
    const { id, hello } = await aCustomer();
    await control(simulator, 'PUT', 'faults', { window_131047: 1 });
    assert.equal((await react(id, hello.id, '🎉')).status, 502);
    await eventually(async () => (await messageOf(server, id, hello.id)).reactions.length === 0);
  });

  test('of both sides stands side by side', async () => {
    const { phone, id, hello, wamid } = await aCustomer();
    await react(id, hello.id, '👍');
    await control(simulator, 'POST', 'inbound', { from: phone, type: 'reaction', reaction: { message_id: wamid, emoji: '😀' }, wait: true });
    const now = await messageOf(server, id, hello.id);
    assert.deepEqual(now.reactions.map((one) => one.sender).sort(), ['agent', 'customer']);
  });
});

describe('bad input is refused with the member and the rule, and nothing is sent', () => {
  const long = (count) => 'x'.repeat(count);
  const withButtons = (buttons) => ({ ...interactives.button, action: { buttons } });
  const button = (id, title) => ({ type: 'reply', reply: { id, title } });
  const rows = (count) => Array.from({ length: count }, (_, i) => ({ id: `${i}`, title: `Row ${i}` }));
  const withSections = (sections) => ({ ...interactives.list, action: { button: 'Choose', sections } });
  const cases = [
    ['message_type', { message_type: 'poll' }],
    ['location', { message_type: 'location' }],
    ['location.latitude', { message_type: 'location', location: { longitude: 1 } }],
    ['location.latitude', { message_type: 'location', location: { latitude: 91, longitude: 1 } }],
    ['location.longitude', { message_type: 'location', location: { latitude: 1, longitude: '13' } }],
    ['location.name', { message_type: 'location', location: { latitude: 1, longitude: 1, name: 7 } }],
    ['contacts', { message_type: 'contacts', contacts: [] }],
    ['contacts[0].name', { message_type: 'contacts', contacts: [{}] }],
    ['contacts[0].name.formatted_name', { message_type: 'contacts', contacts: [{ name: { formatted_name: ' ' } }] }],
    ['contacts[0].phones[0].phone', { message_type: 'contacts', contacts: [{ name: { formatted_name: 'A' }, phones: [{}] }] }],
    ['interactive.type', { message_type: 'interactive', interactive: { ...interactives.button, type: 'flow' } }],
    ['interactive.body', { message_type: 'interactive', interactive: { type: 'button', action: interactives.button.action } }],
    ['interactive.body.text', { message_type: 'interactive', interactive: { ...interactives.button, body: { text: long(1025) } } }],
    ['interactive.footer.text', { message_type: 'interactive', interactive: { ...interactives.button, footer: { text: long(61) } } }],
    ['interactive.header.text', { message_type: 'interactive', interactive: { ...interactives.button, header: { type: 'text', text: long(61) } } }],
    ['media_id', { message_type: 'interactive', interactive: { ...interactives.button, header: { type: 'image' } } }],
    ['interactive.action.buttons', { message_type: 'interactive', interactive: withButtons([]) }],
    ['interactive.action.buttons', { message_type: 'interactive', interactive: withButtons([1, 2, 3, 4].map((n) => button(`${n}`, `${n}`))) }],
    ['interactive.action.buttons[0].reply.title', { message_type: 'interactive', interactive: withButtons([button('a', long(21))]) }],
    ['interactive.action.buttons[1].reply.id', { message_type: 'interactive', interactive: withButtons([button('a', 'A'), button('a', 'B')]) }],
    ['interactive.action.buttons[1].reply.title', { message_type: 'interactive', interactive: withButtons([button('a', 'A'), button('b', 'A')]) }],
    ['interactive.action.sections', { message_type: 'interactive', interactive: withSections([{ rows: rows(6), title: 'A' }, { rows: rows(5).map((row) => ({ ...row, id: `b${row.id}` })), title: 'B' }]) }],
    ['interactive.action.sections[0].title', { message_type: 'interactive', interactive: withSections([{ rows: rows(1) }, { title: 'B', rows: rows(1) }]) }],
    ['interactive.action.sections[0].rows[0].title', { message_type: 'interactive', interactive: withSections([{ rows: [{ id: '1', title: long(25) }] }]) }],
    ['interactive.action.parameters.url', { message_type: 'interactive', interactive: { ...interactives.cta_url, action: { parameters: { display_text: 'Go', url: 'javascript:alert(1)' } } } }],
    ['reaction', { message_type: 'reaction' }],
    ['reaction.emoji', { message_type: 'reaction', reaction: { message_id: 1 } }],
    ['reaction.emoji', { message_type: 'reaction', reaction: { message_id: 1, emoji: 'nice' } }],
    ['reaction.message_id', { message_type: 'reaction', reaction: { message_id: 424242, emoji: '👍' } }],
    ['reply_to_message_id', { message: 'Hi', reply_to_message_id: 424242 }],
    ['reply_to_message_id', { message: 'Hi', reply_to_message_id: 'x' }],
    ['message', { message_type: 'location', location: kinds.location, message: 'and words' }],
    ['message', { message_type: 'sticker', media_id: 1, message: 'and words' }],
    ['voice', { message_type: 'audio', media_id: 1, voice: 'yes' }],
    ['media_id', { message_type: 'text', message: 'Hi', media_id: 1 }],
  ];
  for (const [member, body] of cases) {
    test(`${member}: ${JSON.stringify(body).slice(0, 90)}`, async () => {
      const { phone, id } = await aCustomer();
      const answer = await reply(server, { conversation_id: id, ...body });
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.equal(answer.body.member, member, answer.body.detail);
      assert.deepEqual(await onPhone(simulator, phone), []);
      assert.equal((await thread(id)).length, 1);
    });
  }

  test('a reaction or a quote needs a conversation', async () => {
    const answer = await reply(server, { phone_number_id: '106540352242922', to: '4919900000000', message: 'Hi', reply_to_message_id: 1 });
    assert.deepEqual([answer.status, answer.body.member], [400, 'conversation_id']);
    assert.equal(await conversationWith(server, '4919900000000'), undefined);
  });

  test('outside the window everything but a template is 409 with its end', async () => {
    const { phone, id } = await aCustomer();
    await (await import('./support/server.mjs')).db(server).then((pool) => pool.query("UPDATE chat_conversations SET last_incoming_at = now() - interval '25 hours' WHERE id = $1", [id]));
    for (const body of [{ message_type: 'location', location: kinds.location }, { message_type: 'reaction', reaction: { message_id: 1, emoji: '👍' } }]) {
      const answer = await reply(server, { conversation_id: id, ...body });
      assert.equal(answer.status, 409);
      assert.equal(answer.body.code, 'window_closed');
      assert(Date.parse(answer.body.window_closed_at) < Date.now());
      assert.match(answer.body.detail, /template/);
    }
    assert.deepEqual(await onPhone(simulator, phone), []);
  });
});
