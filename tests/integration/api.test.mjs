// What the API refuses, what it promises about retries, and how it behaves as an HTTP server.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { before, describe, test } from 'node:test';
import {
  api,
  command,
  db,
  eventually,
  fixture,
  owner,
  phoneNumberId,
  postWebhook,
  raw,
  startServer,
  token,
} from './support/server.mjs';

const origin = 'https://inbox.example.com';
const customer = '16505551234';
const stranger = '22222222-2222-4222-8222-222222222222';
const otherNumber = '999000111222333';

let server;
let pool;
let conversation;
let foreign;

/** A customer writes to a number; Meta's timestamp can be set. Gives the id of the conversation. */
async function customerWrites(from, text, { number = phoneNumberId, at = Date.now(), name = 'A customer' } = {}) {
  const body = fixture('message-text');
  const { value } = body.entry[0].changes[0];
  value.metadata.phone_number_id = number;
  value.contacts[0] = { profile: { name }, wa_id: from };
  const id = `wamid.${randomUUID()}`;
  Object.assign(value.messages[0], { from, id, timestamp: String(Math.floor(at / 1000)), text: { body: text } });
  assert.equal((await postWebhook(server, body)).status, 200);
  const { rows } = await pool.query('SELECT conversation_id FROM chat_messages WHERE whatsapp_message_id = $1', [id]);
  return rows[0].conversation_id;
}

/** How many rows there are of everything that a reply makes. */
async function countRows() {
  const { rows } = await pool.query(
    `SELECT (SELECT count(*) FROM chat_conversations) AS conversations, (SELECT count(*) FROM chat_messages) AS messages,
            (SELECT count(*) FROM contacts) AS contacts, (SELECT count(*) FROM outbox) AS outbox,
            (SELECT count(*) FROM events) AS events`,
  );
  return rows[0];
}

const get = (path, options) => api(server, 'GET', `/api/live-chat${path}`, options);
const send = (body, options) => api(server, 'POST', '/api/live-chat/send-message', { body, ...options });

before(async () => {
  // Without WA_TOKEN: replies are stored as they would be, and nothing else.
  server = await startServer({ env: { PARLEY_CORS_ORIGINS: `${origin},http://localhost:5173` } });
  pool = await db(server);
  conversation = await customerWrites(customer, 'Hello');

  const account = (await command(server, 'account', 'add', 'Somebody else')).match(/Account (\d+)/)[1];
  await command(server, 'user', 'add', '--account', account, '--id', stranger, '--role', 'owner');
  await command(server, 'number', 'add', '--account', account, '--phone-number-id', otherNumber);
  foreign = await customerWrites('16505559999', 'For the other account', { number: otherNumber });
});

describe('parameters of the lists', () => {
  const conversations = '/conversations?';
  const messages = () => `/messages?conversation_id=${conversation}&`;
  const refused = [
    [conversations, 'limit=0', 'limit'],
    [conversations, 'limit=-1', 'limit'],
    [conversations, 'limit=1e9', 'limit'],
    [conversations, 'limit=abc', 'limit'],
    [conversations, 'limit=', 'limit'],
    [conversations, 'limit=10%20', 'limit'],
    [conversations, 'limit=+1', 'limit'],
    [conversations, 'limit=99999999999999999999', 'limit'],
    [conversations, 'offset=-1', 'offset'],
    [conversations, 'offset=1.5', 'offset'],
    [conversations, 'offset=1000000001', 'offset'],
    [conversations, 'cursor=', 'cursor'],
    [conversations, 'cursor=zzz', 'cursor'],
    [conversations, 'cursor=!!', 'cursor'],
    [conversations, `cursor=${Buffer.from('1.2.3').toString('base64url')}`, 'cursor'],
    [conversations, `cursor=${Buffer.from('-5.1').toString('base64url')}`, 'cursor'],
    [conversations, `cursor=${Buffer.from('99999999999999999999.1').toString('base64url')}`, 'cursor'],
    [conversations, `cursor=${Buffer.from('1700000000000000.5').toString('base64url')}&offset=1`, 'offset'],
    [conversations, 'unread=yes', 'unread'],
    [conversations, 'unread=', 'unread'],
    [conversations, `phone_number_id=${'1'.repeat(65)}`, 'phone_number_id'],
    [conversations, `q=${'a'.repeat(201)}`, 'q'],
    [conversations, 'q=%FF', 'q'],
    [conversations, 'q=%00', 'q'],
    [conversations, 'q=%zz', 'q'],
    [conversations, 'limit=%', 'limit'],
    [conversations, 'unread=%0', 'unread'],
    [conversations, 'cursor=%zz', 'cursor'],
    ['/messages?', '', 'conversation_id'],
    ['/messages?', 'conversation_id=', 'conversation_id'],
    ['/messages?', 'conversation_id=0', 'conversation_id'],
    ['/messages?', 'conversation_id=one', 'conversation_id'],
    ['/messages?', "conversation_id=1'%20OR%201=1", 'conversation_id'],
    [messages, 'limit=0', 'limit'],
    [messages, 'limit=1e9', 'limit'],
    [messages, 'offset=x', 'offset'],
    [messages, 'mark_read=maybe', 'mark_read'],
    [messages, 'before=x', 'before'],
    [messages, 'before=0', 'before'],
    [messages, 'after=-1', 'after'],
    [messages, 'before=5&after=5', 'after'],
    [messages, 'before=999999', 'before'],
    [messages, 'after=999999', 'after'],
  ];
  for (const [path, query, member] of refused) {
    test(`${typeof path === 'string' ? path : '/messages?...&'}${query.slice(0, 60)} names ${member}`, async () => {
      const answer = await get((typeof path === 'string' ? path : path()) + query);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.code, 'invalid_argument');
      assert.equal(answer.body.member, member);
    });
  }

  test('a large limit is taken as 200', async () => {
    await pool.query(
      `INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, status)
       SELECT 1, $1, 'customer', 'imported ' || i, 'text', 'received' FROM generate_series(1, 205) i`,
      [conversation],
    );
    const { body } = await get(`/messages?conversation_id=${conversation}&limit=999999&mark_read=false`);
    assert.equal(body.messages.length, 200);
    assert.equal(body.has_more, true);
    assert.equal((await get('/conversations?limit=999999')).status, 200);
  });

  test('what is not known is ignored', async () => {
    assert.equal((await get(`/conversations?sort=name&utm_source=x&limit=5`)).status, 200);
    const answer = await send({ conversation_id: conversation, message: 'Hi', role: 'owner', account_id: 2, status: 'read' });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.status, 'not_sent');
  });

  test('q finds names and numbers, and has no wildcards', async () => {
    await customerWrites('4915112345678', 'x', { name: 'Łukasz 100% Off_shop' });
    const found = async (q) => (await get(`/conversations?q=${encodeURIComponent(q)}`)).body.conversations;
    for (const q of ['łukasz', 'ŁUKASZ', '15112', '100% off', 'f_s']) {
      assert.deepEqual((await found(q)).map((c) => c.customer_phone), ['4915112345678'], q);
    }
    for (const q of ['%', '_', '\\', '10%f', "' OR '1'='1", 'Somebody else', '16505559999']) {
      const phones = (await found(q)).map((c) => c.customer_phone);
      assert.deepEqual(phones, ['%', '_'].includes(q) ? ['4915112345678'] : [], q);
    }
  });

  test('unread=true gives those with something unread', async () => {
    const id = await customerWrites('4915100000001', 'unread');
    const unread = async () => (await get('/conversations?unread=true&limit=200')).body.conversations;
    assert((await unread()).some((c) => c.id === id));
    assert((await unread()).every((c) => c.unread_count > 0));
    await api(server, 'POST', `/api/live-chat/conversations/${id}/read`);
    assert(!(await unread()).some((c) => c.id === id));
    assert((await get('/conversations?unread=false&limit=200')).body.conversations.some((c) => c.id === id));
  });
});

describe('another account', () => {
  const withoutRequestId = ({ request_id, ...rest }) => rest;

  test('its conversations are answered like missing ones', async () => {
    const requests = [
      ['GET', (id) => `/conversations/${id}`],
      ['POST', (id) => `/conversations/${id}/read`],
      ['GET', (id) => `/messages?conversation_id=${id}`],
      ['POST', () => '/send-message', (id) => ({ conversation_id: id, message: 'Mine now' })],
    ];
    const rows = await countRows();
    for (const [method, path, body] of requests) {
      const ask = (id) => api(server, method, `/api/live-chat${path(id)}`, { body: body?.(id) });
      const [theirs, missing] = [await ask(foreign), await ask(987654321)];
      assert.equal(theirs.status, 404);
      assert.equal(missing.status, 404);
      assert.deepEqual(withoutRequestId(theirs.body), withoutRequestId(missing.body));
      const names = (headers) => [...headers.keys()].sort();
      assert.deepEqual(names(theirs.headers), names(missing.headers));
    }
    assert.deepEqual(await countRows(), rows);
    const { rows: kept } = await pool.query('SELECT unread_count FROM chat_conversations WHERE id = $1', [foreign]);
    assert.equal(kept[0].unread_count, 1);
  });

  test('its messages are no place to page from', async () => {
    const { rows } = await pool.query('SELECT id FROM chat_messages WHERE conversation_id = $1', [foreign]);
    for (const member of ['before', 'after']) {
      const ask = (id) => get(`/messages?conversation_id=${conversation}&mark_read=false&${member}=${id}`);
      const [theirs, missing] = [await ask(rows[0].id), await ask(987654321)];
      assert.equal(theirs.status, 400);
      assert.deepEqual(withoutRequestId(theirs.body), withoutRequestId(missing.body));
    }
  });

  test('its numbers, customers and idempotency keys are its own', async () => {
    const ask = (number) => send({ phone_number_id: number, to: '16505550000', message: 'From your number' });
    const [theirs, missing] = [await ask(otherNumber), await ask('111')];
    assert.equal(theirs.status, 404);
    assert.deepEqual(withoutRequestId(theirs.body), withoutRequestId(missing.body));
    assert.deepEqual((await get(`/conversations?phone_number_id=${otherNumber}`)).body.conversations, []);

    const theirToken = token({ sub: stranger });
    const key = { headers: { 'Idempotency-Key': randomUUID() } };
    const mine = await send({ conversation_id: conversation, message: 'mine' }, key);
    const their = await send({ conversation_id: foreign, message: 'theirs' }, { ...key, token: theirToken });
    assert.equal(their.status, 200);
    assert.notEqual(their.body.message_id, mine.body.message_id);
    const list = (await get('/conversations?limit=200', { token: theirToken })).body.conversations;
    assert.deepEqual(list.map((c) => c.id), [foreign]);
  });
});

describe('replies that are refused', () => {
  const image = { message_type: 'image', media_url: 'https://cdn.example.com/a.png' };
  const refused = [
    ['no message', {}, 'message'],
    ['an empty message', { message: '' }, 'message'],
    ['blanks', { message: ' \t\r\n ' }, 'message'],
    ['a null message', { message: null }, 'message'],
    ['4,097 characters', { message: 'x'.repeat(4097) }, 'message'],
    ['4,097 emoji', { message: '🙂'.repeat(4097) }, 'message'],
    ['NUL', { message: 'a\0b' }, 'message'],
    ['a number as message', { message: 5 }, 'message'],
    ['a list as message', { message: ['Hi'] }, 'message'],
    ['an unknown type', { message: 'Hi', message_type: 'hologram' }, 'message_type'],
    ['a template that is not named', { message_type: 'template' }, 'template'],
    ['a number as type', { message: 'Hi', message_type: 1 }, 'message_type'],
    ['text with a file', { message: 'Hi', media_url: image.media_url }, 'media_url'],
    ['audio with a caption', { ...image, message_type: 'audio', message: 'Listen' }, 'message'],
    ['a caption of 1,025 characters', { ...image, message: 'x'.repeat(1025) }, 'message'],
    ['an image without a file', { message: 'Look', message_type: 'image' }, 'media_url'],
    ['an image with an empty address', { ...image, media_url: '' }, 'media_url'],
    ['an image with a file address', { ...image, media_url: 'file:///etc/passwd' }, 'media_url'],
    ['an image with a script address', { ...image, media_url: 'javascript:alert(1)' }, 'media_url'],
    ['an image with a blank in the address', { ...image, media_url: 'https://example.com/a b' }, 'media_url'],
    ['an image with a very long address', { ...image, media_url: `https://example.com/${'a'.repeat(2048)}` }, 'media_url'],
    ['a number as address', { ...image, media_url: 7 }, 'media_url'],
    ['a text as conversation', { conversation_id: '1', message: 'Hi' }, 'conversation_id'],
    ['a negative conversation', { conversation_id: -1, message: 'Hi' }, 'conversation_id'],
    ['half a conversation', { conversation_id: 1.5, message: 'Hi' }, 'conversation_id'],
    ['a conversation beyond 64 bits', { conversation_id: 1e30, message: 'Hi' }, 'conversation_id'],
    ['true as conversation', { conversation_id: true, message: 'Hi' }, 'conversation_id'],
    ['neither conversation nor number', { conversation_id: 0, to: customer, message: 'Hi' }, 'phone_number_id'],
    ['neither conversation nor customer', { conversation_id: 0, phone_number_id: phoneNumberId, message: 'Hi' }, 'to'],
    ['letters as customer', { conversation_id: 0, phone_number_id: phoneNumberId, to: 'Ana', message: 'Hi' }, 'to'],
    ['a short number', { conversation_id: 0, phone_number_id: phoneNumberId, to: '1234', message: 'Hi' }, 'to'],
    ['a long number', { conversation_id: 0, phone_number_id: phoneNumberId, to: '1'.repeat(16), message: 'Hi' }, 'to'],
    ['a number as customer', { conversation_id: 0, phone_number_id: phoneNumberId, to: 16505550000, message: 'Hi' }, 'to'],
    ['no number as customer of a conversation', { to: 'Ana', message: 'Hi' }, 'to'],
    ['an object as client_message_id', { client_message_id: {}, message: 'Hi' }, 'client_message_id'],
    ['a client_message_id beyond ASCII', { client_message_id: 'schlüssel', message: 'Hi' }, 'client_message_id'],
    ['a long client_message_id', { client_message_id: 'k'.repeat(256), message: 'Hi' }, 'client_message_id'],
  ];
  for (const [name, body, member] of refused) {
    test(`${name}: ${member}`, async () => {
      const rows = await countRows();
      const answer = await send({ conversation_id: conversation, ...body });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.code, 'invalid_argument');
      assert.equal(answer.body.member, member);
      assert.deepEqual(await countRows(), rows);
    });
  }

  const others = [
    ['an unknown conversation', 404, 'not_found', { conversation_id: 987654321, message: 'Hi' }],
    ['an unknown business number', 404, 'not_found', { phone_number_id: '1', to: '16505550000', message: 'Hi' }],
    ['another customer', 400, 'recipient_mismatch', { to: '16505550000', message: 'Hi' }],
    ['another business number', 400, 'recipient_mismatch', { phone_number_id: otherNumber, message: 'Hi' }],
    ['no JSON', 400, 'malformed_json', 'conversation_id=1&message=Hi'],
    ['an empty body', 400, 'malformed_json', ''],
    ['a list', 400, 'malformed_json', [{ conversation_id: 1, message: 'Hi' }]],
    ['null', 400, 'malformed_json', 'null'],
    ['a cut body', 400, 'malformed_json', '{"conversation_id":1,"message":"Hi"'],
    ['text after the body', 400, 'malformed_json', '{"conversation_id":1,"message":"Hi"} {}'],
    ['bytes that are not UTF-8', 400, 'malformed_json', Buffer.from('{"conversation_id":1,"message":"\xff"}', 'latin1')],
    ['a lone surrogate', 400, 'malformed_json', '{"conversation_id":1,"message":"\\ud800"}'],
    ['depth', 400, 'malformed_json', `{"message":${'['.repeat(100_000)}`],
  ];
  for (const [name, status, code, given] of others) {
    test(`${name}: ${status} ${code}`, async () => {
      const rows = await countRows();
      const isRaw = typeof given === 'string' || Array.isArray(given) || Buffer.isBuffer(given);
      const named = given.conversation_id !== undefined || status === 404;
      const answer = await send(isRaw ? given : named ? given : { conversation_id: conversation, ...given });
      assert.equal(answer.status, status);
      assert.equal(answer.body.code, code);
      assert.deepEqual(await countRows(), rows);
    });
  }

  test('a body over 256 KiB: 413', async () => {
    const rows = await countRows();
    const body = (size) => {
      const head = `{"conversation_id":${conversation},"message":"Hi","padding":"`;
      return `${head}${' '.repeat(size - head.length - 2)}"}`;
    };
    const answer = await send(body(256 * 1024 + 1));
    assert.equal(answer.status, 413);
    assert.deepEqual(await countRows(), rows);
    assert.equal((await send(body(256 * 1024))).status, 200);
  });

  test('a closed window: 409 with the time when it closed', async () => {
    const wrote = Math.floor((Date.now() - 25 * 3600_000) / 1000) * 1000;
    const id = await customerWrites('16505550025', 'Long ago', { at: wrote });
    const rows = await countRows();
    const answer = await send({ conversation_id: id, message: 'Too late' });
    assert.equal(answer.status, 409);
    assert.equal(answer.body.code, 'window_closed');
    assert.equal(Date.parse(answer.body.window_closed_at), wrote + 24 * 3600_000);
    const shown = (await get(`/conversations/${id}`)).body;
    assert.equal(shown.window_expires_at, answer.body.window_closed_at);
    assert.equal((await send({ phone_number_id: phoneNumberId, to: '16505550025', message: 'Too late' })).status, 409);
    assert.deepEqual(await countRows(), rows);
    const just = await customerWrites('16505550026', 'Just in time', { at: Date.now() - 24 * 3600_000 + 60_000 });
    assert.equal((await send({ conversation_id: just, message: 'Still open' })).status, 200);
  });
});

describe('replies that are taken', () => {
  const stored = async (answer) => {
    const { rows } = await pool.query('SELECT * FROM chat_messages WHERE id = $1', [answer.body.message_id]);
    return rows[0];
  };

  for (const [name, message] of [
    ['4,096 characters', 'x'.repeat(4096)],
    ['4,096 emoji, each of them one character', '🙂'.repeat(4096)],
    ['text from right to left, combining marks and line breaks', 'مرحبا\n\u0301\u200f\u202eabc\t"\\'],
  ]) {
    test(name, async () => {
      const answer = await send({ conversation_id: conversation, message });
      assert.equal(answer.status, 200);
      assert.equal((await stored(answer)).message, message);
      const { body } = await get(`/messages?conversation_id=${conversation}&limit=1`);
      assert.equal(body.messages[0].message, message);
    });
  }

  test('without WA_TOKEN they are saved, and said to be only that', async () => {
    const answer = await send({ conversation_id: conversation, message: 'Saved' });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.status, 'not_sent');
    assert.notEqual(answer.body.message, 'Message sent successfully');
    const row = await stored(answer);
    assert.deepEqual([row.sender, row.status, row.sent_by], ['agent', 'not_sent', owner]);
    const { rows } = await pool.query('SELECT count(*) FROM outbox');
    assert.equal(rows[0].count, 0);
  });

  test('to a customer who never wrote: the conversation is made, and found the next time', async () => {
    const first = await send({ phone_number_id: phoneNumberId, to: '+1 (650) 555-0077', message: 'Hello' });
    assert.equal(first.status, 200);
    const shown = (await get(`/conversations/${first.body.conversation_id}`)).body;
    assert.deepEqual(
      [shown.customer_phone, shown.phone_number_id, shown.last_incoming_at, shown.window_expires_at, shown.unread_count],
      ['16505550077', phoneNumberId, null, null, 0],
    );
    const next = await send({ conversation_id: 0, phone_number_id: phoneNumberId, to: '16505550077', message: 'Again' });
    assert.equal(next.body.conversation_id, first.body.conversation_id);
    assert.equal(await customerWrites('16505550077', 'Who is this?'), first.body.conversation_id);
  });

  test('twenty first messages at once make one conversation', async () => {
    const body = { phone_number_id: phoneNumberId, to: '16505550078', message: 'Hello' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(body)));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
    assert.equal(new Set(answers.map((a) => a.body.conversation_id)).size, 1);
    assert.equal(new Set(answers.map((a) => a.body.message_id)).size, 20);
  });
});

describe('idempotency', () => {
  const withKey = (key) => ({ headers: { 'Idempotency-Key': key } });

  for (const [name, once] of [
    ['Idempotency-Key', (key, body) => send(body, withKey(key))],
    ['client_message_id', (key, body) => send({ ...body, client_message_id: key })],
  ]) {
    test(`${name}: the same request is the same message, another one is refused`, async () => {
      const key = `order 17 / ${randomUUID()}`;
      const body = { conversation_id: conversation, message: 'Only once' };
      const first = await once(key, body);
      assert.equal(first.status, 200);
      const rows = await countRows();
      const second = await once(key, body);
      assert.deepEqual(second.body, first.body);
      for (const other of [{ ...body, message: 'Only Once' }, { ...body, to: customer }]) {
        const refused = await once(key, other);
        assert.equal(refused.status, 409);
        assert.equal(refused.body.code, 'idempotency_conflict');
      }
      assert.deepEqual(await countRows(), rows);
      assert.equal((await once(`${key}2`, body)).status, 200);
    });

    test(`${name}: twenty times at once`, async () => {
      const key = randomUUID();
      const rows = await countRows();
      const body = { conversation_id: conversation, message: 'Twenty fingers' };
      const answers = await Promise.all(Array.from({ length: 20 }, () => once(key, body)));
      assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
      assert.equal(new Set(answers.map((a) => a.body.message_id)).size, 1);
      const now = await countRows();
      assert.deepEqual([now.messages - rows.messages, now.events - rows.events], [1, 1]);
    });
  }

  test('twenty times at once to somebody new, each with another body: one is stored', async () => {
    const key = randomUUID();
    const rows = await countRows();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        send({ phone_number_id: phoneNumberId, to: '16505550079', message: `number ${i}` }, withKey(key)),
      ),
    );
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    assert.equal(answers.filter((a) => a.status === 409).length, 19);
    assert.equal((await countRows()).messages - rows.messages, 1);
  });

  test('a header and a member that differ are refused', async () => {
    const answer = await send({ conversation_id: conversation, message: 'Hi', client_message_id: 'one' }, withKey('two'));
    assert.equal(answer.status, 400);
    assert.equal(answer.body.member, 'client_message_id');
  });

  test('the key comes back in the message', async () => {
    const key = randomUUID();
    const { body } = await send({ conversation_id: conversation, message: 'Marked' }, withKey(key));
    const { messages } = (await get(`/messages?conversation_id=${conversation}&limit=5`)).body;
    assert.equal(messages.find((m) => m.id === body.message_id).client_message_id, key);
  });
});

describe('as an HTTP server', () => {
  test('a method that a path does not have: 405 with those that it has', async () => {
    for (const [method, path, allowed] of [
      ['DELETE', '/api/live-chat/conversations', ['GET', 'HEAD']],
      ['GET', '/api/live-chat/send-message', ['POST']],
      ['PUT', `/api/live-chat/conversations/${conversation}`, ['GET', 'HEAD']],
      ['PATCH', '/webhook', ['GET', 'HEAD', 'POST']],
      ['POST', '/healthz', ['GET', 'HEAD']],
    ]) {
      const answer = await api(server, method, path);
      assert.equal(answer.status, 405, `${method} ${path}`);
      const listed = answer.headers.get('allow').split(', ');
      for (const each of allowed) assert(listed.includes(each), `${path}: ${listed}`);
      assert(!listed.includes(method));
    }
  });

  test('a path that does not exist: 404', async () => {
    for (const path of [
      '/api/live-chat', '/api/live-chat/nothing', '/api/live-chat/conversations/', '/api/live-chat/conversations/x',
      '/api/live-chat/conversations/1%2F..', '/api/live-chat/conversations/-1', '/api/live-chat/conversations/1/2/3',
      '//healthz', '/healthz/', '/HEALTHZ', '/healthz;v=1', '/healthz%00', '/etc/passwd',
    ]) {
      const received = await raw(
        server,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(received, /^HTTP\/1\.1 404 /, path);
      assert.match(received, /application\/problem\+json[^]*"code":"not_found"/, path);
    }
  });

  test('HEAD is GET without the body', async () => {
    for (const path of ['/healthz', '/api/live-chat/conversations']) {
      const answer = await api(server, 'HEAD', path);
      assert.equal(answer.status, 200);
      assert(Number(answer.headers.get('content-length')) > 0);
      assert.equal(answer.text, '');
    }
    const head = await raw(server, 'HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert(head.endsWith('\r\n\r\n'), head);
  });

  test('each answer has an id of its own and the headers that keep browsers careful', async () => {
    const ids = new Set();
    for (const path of ['/healthz', '/api/live-chat/conversations', '/api/live-chat/nothing', '/api/live-chat/messages']) {
      const { headers } = await api(server, 'GET', path);
      ids.add(headers.get('x-request-id'));
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.match(headers.get('content-security-policy'), /default-src 'none'/);
      assert.equal(headers.get('server'), null);
    }
    assert.equal(ids.size, 4);
    const forged = await api(server, 'GET', '/healthz', { headers: { 'X-Request-Id': 'forged' } });
    assert.notEqual(forged.headers.get('x-request-id'), 'forged');
  });

  test('a page of an allowed origin may call; one of another may not', async () => {
    const preflight = (from, path = '/api/live-chat/send-message') =>
      fetch(server.url + path, {
        method: 'OPTIONS',
        headers: {
          Origin: from,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers':
            'apikey,authorization,content-type,x-client-info,x-supabase-api-version,idempotency-key',
        },
      });
    for (const from of [origin, 'http://localhost:5173']) {
      const allowed = await preflight(from);
      assert.equal(allowed.status, 204);
      assert.equal(allowed.headers.get('access-control-allow-origin'), from);
      assert.equal(allowed.headers.get('access-control-allow-credentials'), null);
      assert.match(allowed.headers.get('vary'), /\bOrigin\b/);
      assert.match(allowed.headers.get('access-control-allow-methods'), /\bPOST\b/);
      const names = allowed.headers.get('access-control-allow-headers').split(',');
      for (const name of ['authorization', 'content-type', 'apikey', 'idempotency-key', 'x-supabase-api-version']) {
        assert(names.includes(name), name);
      }
    }
    for (const from of ['https://evil.example.com', 'https://inbox.example.com.evil.com', 'null', `${origin}:8443`]) {
      assert.equal((await preflight(from)).headers.get('access-control-allow-origin'), null, from);
    }

    const answers = [
      ['200', () => get('/conversations', { headers: { Origin: origin } })],
      ['400', () => get('/conversations?limit=0', { headers: { Origin: origin } })],
      ['401', () => get('/conversations', { headers: { Origin: origin }, token: null })],
      ['404', () => get('/nothing', { headers: { Origin: origin } })],
      ['405', () => api(server, 'DELETE', '/api/live-chat/conversations', { headers: { Origin: origin } })],
      ['413', () => send('x'.repeat(256 * 1024 + 1), { headers: { Origin: origin } })],
    ];
    for (const [status, ask] of answers) {
      const answer = await ask();
      assert.equal(String(answer.status), status);
      assert.equal(answer.headers.get('access-control-allow-origin'), origin, status);
    }
    const foreignPage = await get('/conversations', { headers: { Origin: 'https://evil.example.com' } });
    assert.equal(foreignPage.headers.get('access-control-allow-origin'), null);
  });
});

describe('bytes that are not a request', () => {
  const alive = async () => assert.equal((await api(server, 'GET', '/healthz')).status, 200);
  const smuggled = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
  const post = (...fields) => `POST /webhook HTTP/1.1\r\nHost: x\r\n${fields.map((f) => `${f}\r\n`).join('')}\r\n`;

  const refused = [
    ['Transfer-Encoding: chunked', 411, `${post('Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`],
    ['xchunked with a length', 411, `${post('Transfer-Encoding: xchunked', 'Content-Length: 4')}abcd${smuggled}`],
    ['Transfer-Encoding: xchunked', 411, `${post('Transfer-Encoding: xchunked')}${smuggled}`],
    ['Transfer-Encoding: chunked, identity', 411, `${post('Transfer-Encoding: chunked, identity')}${smuggled}`],
    ['Transfer-Encoding: chunked, chunked', 411, `${post('Transfer-Encoding: chunked, chunked')}0\r\n\r\n${smuggled}`],
    ['Transfer-Encoding: "chunked"', 411, `${post('Transfer-Encoding: "chunked"')}${smuggled}`],
    ['Transfer-Encoding: gzip, chunked', 411, `${post('Transfer-Encoding: gzip, chunked')}${smuggled}`],
    ['an empty Transfer-Encoding', 411, `${post('Transfer-Encoding:')}${smuggled}`],
    ['a length and an encoding', 411, `${post('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`],
    ['a blank before the colon', 400, `${post('Transfer-Encoding : chunked')}${smuggled}`],
    ['two lengths', 400, `${post('Content-Length: 4', 'Content-Length: 4')}abcd${smuggled}`],
    ['a list of lengths', 400, `${post('Content-Length: 4,4')}abcd${smuggled}`],
    ['a length with leading zeros', 400, `${post('Content-Length: 0004')}abcd${smuggled}`],
    ['a signed length', 400, `${post('Content-Length: +4')}abcd${smuggled}`],
    ['a hexadecimal length', 400, `${post('Content-Length: 0x4')}abcd${smuggled}`],
    ['a length beyond 64 bits', 400, `${post('Content-Length: 18446744073709551620')}abcd${smuggled}`],
    ['a body over the limit', 413, `${post('Content-Length: 99999999')}${smuggled}`],
    ['no Host', 400, `GET /healthz HTTP/1.1\r\n\r\n${smuggled}`],
    ['two Hosts', 400, `GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${smuggled}`],
    ['an odd Host', 400, `GET /healthz HTTP/1.1\r\nHost: a b/c\r\n\r\n${smuggled}`],
    ['bare line feeds', 400, 'GET /healthz HTTP/1.1\nHost: x\n\n'],
    ['a folded field', 400, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n${smuggled}`],
    ['NUL in a field', 400, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n${smuggled}`],
    ['a bare carriage return in a field', 400, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\rb\r\n\r\n${smuggled}`],
    ['GET with a body', 400, `GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd${smuggled}`],
    ['HTTP/1.0', 505, 'GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n'],
    ['HTTP/2', 505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an absolute target', 400, `GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
    ['UTF-8 in the target', 400, `GET /h\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
    ['a fragment in the target', 400, `GET /healthz#x HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
    ['an unknown method', 501, `TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
    ['a method in lower case', 501, `get /healthz HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
    ['a target over 8 KiB', 414, `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a header over 16 KiB', 431, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['65 fields', 431, `GET /healthz HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(64)}\r\n`],
    ['a compressed body', 415, `${post('Content-Encoding: gzip', 'Content-Length: 4')}abcd${smuggled}`],
    ['an unknown expectation', 417, `${post('Expect: a miracle', 'Content-Length: 4')}abcd${smuggled}`],
    ['TLS', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ];
  for (const [name, status, bytes] of refused) {
    test(`${name}: ${status}, and the connection is closed`, async () => {
      const received = await raw(server, bytes);
      assert.match(received, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.equal(received.match(/HTTP\/1\.1 \d/g).length, 1, `more than one answer: ${received}`);
      assert.match(received, /\r\nConnection: close\r\n/);
      await alive();
    });
  }

  test('a trailer of 70,000 bytes ends a connection and not the server', async () => {
    for (const trailer of [`X: ${'t'.repeat(70_000)}`, `${'N'.repeat(70_000)}: x`, 'Authorization: Bearer evil']) {
      const received = await raw(server, `${post('Transfer-Encoding: chunked')}0\r\n${trailer}\r\n\r\n`);
      assert.match(received, /^HTTP\/1\.1 411 /);
      await alive();
    }
  });

  test('requests sent at once are answered in their order', async () => {
    const ask = (path, last) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}\r\n`;
    const received = await raw(server, ask('/healthz') + ask('/nothing') + ask('/readyz') + ask('/healthz', true));
    assert.deepEqual([...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map((m) => m[1]), ['200', '404', '200', '200']);
  });

  test('a refusal ends a pipeline', async () => {
    const received = await raw(server, `${smuggled}GET /healthz HTTP/1.1\r\n\r\n${smuggled}`);
    assert.deepEqual([...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map((m) => m[1]), ['200', '400']);
  });

  test('a client that goes away halfway harms nobody', async () => {
    await raw(server, 'POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"half', { end: true });
    await raw(server, 'GET /heal', { end: true });
    await raw(server, '', { end: true });
    await alive();
  });

  test('a client that stays silent is sent away', { timeout: 60_000 }, async () => {
    const received = await raw(server, 'GET /healthz HTTP/1.1\r\nHost: x\r\n', { timeout: 40_000 });
    assert.match(received, /^HTTP\/1\.1 408 |^$/);
    await alive();
  });
});

test('asked to stop, the server answers what it has begun, and ends with 0', async () => {
  const second = await startServer({ env: { DATABASE_URL: await server.databaseUrl() } });
  const body = JSON.stringify({ conversation_id: conversation, message: 'Said while stopping' });
  const head =
    `POST /api/live-chat/send-message HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const socket = connect({ host: '127.0.0.1', port: second.port });
  let received = '';
  socket.on('data', (data) => (received += data));
  const closed = new Promise((done) => socket.on('close', done));
  await new Promise((done) => socket.write(head + body.slice(0, 10), done));
  // Another request on another connection: when it is answered, the server has read the half one, too.
  await api(second, 'GET', '/readyz');
  const stopping = second.stop();
  await second.event('signal');
  await eventually(async () => {
    const refused = await fetch(`${second.url}/healthz`).then(() => false, () => true);
    return refused;
  });
  socket.write(body.slice(10));
  await closed;
  assert.match(received, /^HTTP\/1\.1 200 /);
  assert.match(received, /"success":true/);
  await stopping;
  assert.equal((await second.exited).code, 0);
  const { rows } = await pool.query(`SELECT count(*) FROM chat_messages WHERE message = 'Said while stopping'`);
  assert.equal(rows[0].count, 1);
});
