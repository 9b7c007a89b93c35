// The event socket: what is stored is told, in order, without a hole and without a repeat; and who may listen, and how long.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { api, db, eventually, fixture, postWebhook, raw, startServer, token } from './support/server.mjs';
import { connectAgent, eventsPath, openSocket, refusedHandshake, subprotocol } from './support/socket.mjs';
import { messages, newCustomer, postAll, statuses, text } from './support/webhooks.mjs';

let server;
before(async () => {
  server = await startServer();
});

const query = async (sql, values = [], of = server) => (await (await db(of)).query(sql, values)).rows;

async function post(body, to = server) {
  assert.equal((await postWebhook(to, body)).status, 200);
}

/** Another member of the first account: { id, token }. */
async function newAgent(claims = {}, of = server) {
  const id = randomUUID();
  await query("INSERT INTO members (account_id, user_id, role) SELECT min(id), $1, 'agent' FROM accounts", [id], of);
  return { id, token: token({ sub: id, ...claims }) };
}

/** A member of an account of its own. */
async function newStranger() {
  const id = randomUUID();
  await query("WITH a AS (INSERT INTO accounts (name) VALUES ('Other') RETURNING id) INSERT INTO members (account_id, user_id, role) SELECT id, $1, 'owner' FROM a", [id]);
  return { id, token: token({ sub: id }) };
}

const seconds = () => Math.floor(Date.now() / 1000);

describe('events', () => {
  test('a message from a signed webhook arrives with its conversation', async () => {
    const socket = await connectAgent(server);
    assert.equal(socket.ready.recovered, false);
    const from = newCustomer();
    await post(messages(from, [text(from, 'Grüße aus Köln')], { name: 'Ann' }));
    const event = await socket.event('message.created');
    assert.equal(event.offset, socket.ready.offset + 1);
    assert.equal(event.data.message.message, 'Grüße aus Köln');
    assert.equal(event.data.message.conversation_id, event.conversation_id);
    assert.equal(event.data.conversation.id, event.conversation_id);
    assert.equal(event.data.conversation.customer_name, 'Ann');
    assert.equal(event.data.conversation.unread_count, 1);

    // The same things as the HTTP API says.
    const { body } = await api(server, 'GET', `/api/live-chat/messages?conversation_id=${event.conversation_id}&mark_read=false`);
    assert.deepEqual(event.data.message, body.messages[0]);
    assert.deepEqual(event.data.conversation, (await api(server, 'GET', `/api/live-chat/conversations/${event.conversation_id}`)).body);

    await api(server, 'POST', `/api/live-chat/conversations/${event.conversation_id}/read`);
    const read = await socket.event('conversation.read');
    assert.equal(read.data.conversation.unread_count, 0);
    assert.equal(read.data.message, undefined);

    const sent = await api(server, 'POST', '/api/live-chat/send-message', { body: { conversation_id: event.conversation_id, message: 'Hello' } });
    const reply = await socket.event(({ data }) => data.message?.id === sent.body.message_id);
    assert.equal(reply.name, 'message.created');
    assert.equal(reply.data.message.status, 'not_sent');
    socket.assertGapless();
    socket.close();
    assert([1000, 1005].includes((await socket.end()).code));
  });

  test('what the fixtures say is told by frames that the contract knows', async () => {
    const socket = await connectAgent(server);
    const names = ['message-text', 'message-reaction', 'message-image-caption', 'message-edit-image-caption', 'message-revoke', 'message-system-user-changed-number', 'smb-message-echo-text', 'status-read', 'history-threads', 'batch-every-field-in-one-entry'];
    for (const name of names) await post(fixture(name));
    const [{ offset }] = await query('SELECT event_offset AS offset FROM accounts ORDER BY id LIMIT 1');
    assert(offset > socket.ready.offset + 5);
    await socket.event((event) => event.offset === offset);
    socket.assertGapless();
  });

  test('every event comes in order and once, whoever writes', async () => {
    const sockets = await Promise.all([connectAgent(server), connectAgent(server)]);
    const people = Array.from({ length: 10 }, newCustomer);
    const bodies = Array.from({ length: 600 }, (_, i) => messages(people[i % 10], [text(people[i % 10], `number ${i}`)]));
    await postAll(server, bodies, { connections: 16 });
    for (const socket of sockets) {
      await socket.event(({ offset }) => offset === socket.ready.offset + 600);
      socket.assertGapless();
      assert.equal(new Set(socket.events.map(({ data }) => data.message.message)).size, 600);
    }
  });

  test('an account hears nothing of another one', async () => {
    const stranger = await newStranger();
    const [own, other] = [await connectAgent(server), await connectAgent(server, { token: stranger.token })];
    const from = newCustomer();
    await post(messages(from, [text(from)]));
    await own.event('message.created');
    other.send({ type: 'ping' });
    await other.frame('pong');
    assert.deepEqual(other.events, []);
    assert.equal(other.ready.offset, 0);
    const presence = await other.frame('presence');
    assert.deepEqual(presence.agents.map(({ user_id: id }) => id), [stranger.id]);
  });

  test('two processes on one database both tell, whichever stores', async () => {
    const second = await startServer({ env: { DATABASE_URL: await server.databaseUrl() } });
    const sockets = [await connectAgent(server), await connectAgent(second)];
    for (const to of [server, second]) {
      const from = newCustomer();
      await post(messages(from, [text(from, `through ${to.port}`)]), to);
      for (const socket of sockets) await socket.event(({ data }) => data.message?.message === `through ${to.port}`, { timeout: 3000 });
    }
    // From one process to the other without a hole.
    sockets[0].terminate();
    const from = newCustomer();
    await post(messages(from, [text(from, 'meanwhile')]));
    const moved = await connectAgent(second, { resume: sockets[0].position() });
    assert.equal(moved.ready.recovered, true);
    await moved.event(({ data }) => data.message?.message === 'meanwhile');
    moved.assertGapless();
    assert.equal(moved.ready.epoch, sockets[0].ready.epoch);
    await second.stop();
    assert.equal((await sockets[1].end()).code, 1012);
  });

  test('a database that restarts in between loses nothing', async () => {
    const socket = await connectAgent(server);
    const from = newCustomer();
    await post(messages(from, [text(from, 'before')]));
    await socket.event(({ data }) => data.message?.message === 'before');
    // All its connections are ended, the listening one too, as by a fast restart.
    await query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'");
    await eventually(async () => {
      const { status } = await postWebhook(server, messages(from, [text(from, 'after')]));
      return status === 200;
    });
    await socket.event(({ data }) => data.message?.message === 'after');
    socket.assertGapless();
    // And it listens again: what follows does not wait for the second's poll every time.
    await server.event('listening_for_events_again');
    const started = performance.now();
    for (let i = 0; i < 10; ++i) {
      await post(messages(from, [text(from, `again ${i}`)]));
      await socket.event(({ data }) => data.message?.message === `again ${i}`);
    }
    assert(performance.now() - started < 5000, 'ten events took as long as polls');
    socket.assertGapless();
  });
});

describe('coming back', () => {
  test('with the position of before: everything missed, then what follows', async () => {
    const socket = await connectAgent(server);
    const from = newCustomer();
    await post(messages(from, [text(from)]));
    await socket.event('message.created');
    socket.terminate();
    for (let i = 0; i < 5; ++i) await post(messages(from, [text(from, `missed ${i}`)]));
    const back = await connectAgent(server, { resume: socket.position() });
    assert.equal(back.ready.recovered, true);
    assert.equal(back.ready.offset, socket.position().offset);
    await post(messages(from, [text(from, 'live')]));
    await back.event(({ data }) => data.message?.message === 'live');
    back.assertGapless();
    assert.deepEqual(back.events.slice(0, 5).map(({ data }) => data.message.message), [0, 1, 2, 3, 4].map((i) => `missed ${i}`));
  });

  test('with more missed than a socket may have waiting: all of it', async () => {
    const start = await connectAgent(server);
    const person = newCustomer();
    const long = 'x'.repeat(3000);
    const bodies = Array.from({ length: 40 }, () => messages(person, Array.from({ length: 50 }, () => text(person, long))));
    start.terminate();
    await postAll(server, bodies, { connections: 8 });
    const back = await connectAgent(server, { resume: start.position() });
    assert.equal(back.ready.recovered, true);
    await back.event(({ offset }) => offset === back.ready.offset + 2000, { timeout: 30_000 });
    back.assertGapless();
  });

  test('with a position that is not one: load again', async () => {
    const socket = await connectAgent(server);
    const { epoch, offset } = socket.ready;
    const [{ newest }] = await query('SELECT event_offset AS newest FROM accounts ORDER BY id LIMIT 1');
    const wrong = {
      'in the future': { epoch, offset: newest + 1 },
      'far in the future': { epoch, offset: Number.MAX_SAFE_INTEGER },
      'of another epoch': { epoch: randomUUID(), offset },
      'of no epoch': { epoch: 'something', offset },
    };
    for (const [what, resume] of Object.entries(wrong)) {
      const back = await connectAgent(server, { resume });
      assert.equal(back.ready.recovered, false, what);
      assert.equal(back.ready.offset, newest, what);
      assert.equal(back.ready.epoch, epoch);
      back.close();
    }
    const stranger = await newStranger();
    const other = await connectAgent(server, { token: stranger.token, resume: socket.position() });
    assert.equal(other.ready.recovered, false, "another account's position");
    assert.notEqual(other.ready.epoch, epoch);
    const from = newCustomer();
    await post(messages(from, [text(from)]));
    await socket.event('message.created');
    socket.assertGapless();
  });

  test('with too old a position: load again', async () => {
    const socket = await connectAgent(server);
    const { epoch } = socket.ready;
    await query(
      `WITH a AS (UPDATE accounts SET event_offset = event_offset + 5001 WHERE id = (SELECT min(id) FROM accounts) RETURNING id, event_offset)
       INSERT INTO events (account_id, "offset", name, conversation_id)
       SELECT a.id, a.event_offset - 5001 + i, 'conversation.updated', (SELECT min(id) FROM chat_conversations) FROM a, generate_series(1, 5001) i`,
    );
    const [{ newest }] = await query('SELECT event_offset AS newest FROM accounts ORDER BY id LIMIT 1');
    await socket.event((event) => event.offset === newest, { timeout: 30_000 });
    socket.assertGapless();
    const tooOld = await connectAgent(server, { resume: { epoch, offset: newest - 5001 } });
    assert.equal(tooOld.ready.recovered, false);
    assert.equal(tooOld.ready.offset, newest);
    const justInTime = await connectAgent(server, { resume: { epoch, offset: newest - 5000 } });
    assert.equal(justInTime.ready.recovered, true);
    await justInTime.event((event) => event.offset === newest, { timeout: 30_000 });
    justInTime.assertGapless();
  });

  test('to a log that was replaced: sockets are closed and start anew', async () => {
    const own = await startServer();
    const from = newCustomer();
    await post(messages(from, [text(from)]), own);
    const socket = await connectAgent(own);
    await query('UPDATE accounts SET event_epoch = gen_random_uuid()', [], own);
    assert.equal((await socket.end()).code, 1012);
    const back = await connectAgent(own, { resume: socket.position() });
    assert.equal(back.ready.recovered, false);
    assert.notEqual(back.ready.epoch, socket.ready.epoch);
  });
});

describe('the handshake', () => {
  test('without an upgrade, or of another version: 426', async () => {
    assert.equal((await api(server, 'GET', eventsPath, { token: null })).status, 426);
    const answer = await raw(server, `GET ${eventsPath} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
    assert.match(answer, /^HTTP\/1.1 426 /);
    assert.match(answer, /Sec-WebSocket-Version: 13\r\n/);
  });

  test('with a malformed key: 400', async () => {
    for (const key of ['', 'short', 'AAAAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAA===', '!!!!!!!!!!!!!!!!!!!!!!==']) {
      const answer = await raw(server, `GET ${eventsPath} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: parley.v1\r\nSec-WebSocket-Key: ${key}\r\n\r\n`);
      assert.match(answer, /^HTTP\/1.1 400 /, key);
    }
  });

  test('without the subprotocol: 400', async () => {
    for (const protocol of [[], ['graphql-ws'], ['parley.v2']]) {
      const { status, body } = await refusedHandshake(server, { protocol });
      assert.equal(status, 400);
      assert.match(body.detail, /parley\.v1/);
    }
    const socket = await openSocket(server, { protocol: ['parley.v2', subprotocol] });
    assert.equal(socket.ws.protocol, subprotocol);
    assert.equal(socket.ws.extensions, '');
  });

  test('from a page of a foreign origin: 403', async () => {
    const picky = await startServer({ env: { DATABASE_URL: await server.databaseUrl(), PARLEY_CORS_ORIGINS: 'https://inbox.example.com', PARLEY_PUBLIC_URL: 'https://chat.example.com' } });
    for (const origin of ['https://evil.example', `http://127.0.0.1:${picky.port}.evil.example`, 'null', 'https://inbox.example.com.evil.example', `http://127.0.0.1:${picky.port + 1}`]) {
      assert.equal((await refusedHandshake(picky, { headers: { Origin: origin } })).status, 403, origin);
    }
    for (const origin of ['https://inbox.example.com', 'https://chat.example.com', `http://127.0.0.1:${picky.port}`, `https://127.0.0.1:${picky.port}`]) {
      (await connectAgent(picky, { headers: { Origin: origin } })).close();
    }
  });
});

describe('a socket is closed', () => {
  /** Opens a socket, does something with it and gives how it ended. */
  const ending = async (act, options) => {
    const socket = await openSocket(server);
    await act(socket);
    return socket.end(options);
  };

  test('4401: no auth message within 5 s', async () => {
    const started = performance.now();
    const { code, reason } = await ending(() => {});
    assert.equal(code, 4401);
    assert.notEqual(reason, '');
    assert(performance.now() - started > 4500);
  });

  test('4401: another message first, a forged token, an expired one, none', async () => {
    assert.equal((await ending((s) => s.send({ type: 'ping' }))).code, 4401);
    const bad = {
      forged: token({}, { secret: 'another-secret-that-is-long-enough-for-it' }),
      expired: token({ exp: seconds() - 100, iat: seconds() - 3700 }),
      empty: '',
      'not a token': 'x.y.z',
    };
    for (const [what, bearer] of Object.entries(bad)) {
      const { code, reason } = await ending((s) => s.send({ type: 'auth', token: bearer }));
      assert.equal(code, 4401, what);
      assert.notEqual(reason, '', what);
    }
  });

  test('4401: the token expires and no other comes; a warning is given before', async () => {
    // The clocks of issuer and server may differ by a minute, so this one is good for 3 s more.
    const exp = seconds() - 57;
    const bearer = token({ exp, iat: exp - 600 });
    const socket = await connectAgent(server, { token: bearer });
    const renewed = await connectAgent(server, { token: bearer });
    const warning = await socket.frame('auth_expiring');
    assert.equal(Date.parse(warning.expires_at), exp * 1000);
    renewed.send({ type: 'auth', token: token() });
    const { code, reason } = await socket.end();
    assert.equal(code, 4401);
    assert.match(reason, /expired/);
    renewed.send({ type: 'ping' });
    await renewed.frame('pong');
  });

  test("4403: a token of another user on somebody's socket", async () => {
    const other = await newAgent();
    const socket = await connectAgent(server);
    socket.send({ type: 'auth', token: other.token });
    assert.equal((await socket.end()).code, 4403);
  });

  test('4403: a user without a membership, and one whose membership is taken away', async () => {
    assert.equal((await ending((s) => s.send({ type: 'auth', token: token({ sub: randomUUID() }) }))).code, 4403);
    const agent = await newAgent();
    const [leaving, staying] = [await connectAgent(server, { token: agent.token }), await connectAgent(server)];
    await query('DELETE FROM members WHERE user_id = $1', [agent.id]);
    assert.equal((await leaving.end({ timeout: 5000 })).code, 4403);
    staying.send({ type: 'ping' });
    await staying.frame('pong');
  });

  test('4400: what is not JSON or has wrong types', async () => {
    const wrong = ['', 'hello', '[]', '"auth"', '{"type":1}', '{}', '{"type":"auth"}', '{"type":"auth","token":1}', '{"type":"auth","token":"x","resume":1}',
      '{"type":"auth","token":"x","resume":{"epoch":"e","offset":-1}}', '{"type":"auth","token":"x","resume":{"epoch":"e","offset":1.5}}',
      '{"type":"viewing"}', '{"type":"viewing","conversation_id":"1"}', '{"type":"typing","conversation_id":1}', '{"type":"ping"} ,', '['.repeat(20000)];
    for (const message of wrong) {
      const { code, reason } = await ending((s) => s.send(message));
      assert.equal(code, 4400, message.slice(0, 80));
      assert.notEqual(reason, '');
    }
  });

  test('1009: a message of 33 KiB; 1003: a binary one; 1007: not UTF-8', async () => {
    assert.equal((await ending((s) => s.send('x'.repeat(33 * 1024)))).code, 1009);
    assert.equal((await ending((s) => s.send(Buffer.from('{}')))).code, 1003);
    assert.equal((await ending((s) => s.ws.send(Buffer.from([0xff, 0xfe]), { binary: false }))).code, 1007);
    // A long token is no reason.
    assert.equal((await ending((s) => s.send({ type: 'auth', token: 'x'.repeat(30 * 1024) }))).code, 4401);
  });

  test('4429: a flood of messages, too many sockets of a user', async () => {
    const flood = await connectAgent(server);
    for (let i = 0; i < 40; ++i) flood.send({ type: 'ping' });
    assert.equal((await flood.end()).code, 4429);

    const agent = await newAgent();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connectAgent(server, { token: agent.token })));
    const { code, reason } = await ending((s) => s.send({ type: 'auth', token: agent.token }));
    assert.equal(code, 4429);
    assert.notEqual(reason, '');
    // One that goes makes room.
    sockets[0].close();
    await sockets[0].end();
    (await connectAgent(server, { token: agent.token })).close();
    for (const socket of sockets) socket.close();
  });

  test('4429: too many sockets that have not said who they are', async () => {
    const picky = await startServer({ env: { DATABASE_URL: await server.databaseUrl(), PARLEY_SOCKETS_PER_ADDRESS: 3, PARLEY_MAX_SOCKETS: 5 } });
    const silent = await Promise.all([1, 2, 3].map(() => openSocket(picky)));
    const fourth = await openSocket(picky);
    assert.equal((await fourth.end()).code, 4429);
    silent[0].close();
    await silent[0].end();
    await connectAgent(picky);
    await connectAgent(picky);
    await connectAgent(picky);
    const beyond = await openSocket(picky);
    assert.match((await beyond.end()).reason, /the server has too many/);
  });

  test('1012: the server stops', async () => {
    const stopping = await startServer({ env: { DATABASE_URL: await server.databaseUrl() } });
    const sockets = [await connectAgent(stopping), await connectAgent(stopping), await openSocket(stopping)];
    await stopping.stop();
    for (const socket of sockets) assert.equal((await socket.end()).code, 1012);
  });

  test('1013: the database is away', async () => {
    const owner = await startServer();
    const own = await startServer({ env: { DATABASE_URL: await owner.databaseUrl() } });
    const there = await connectAgent(own);
    await owner.stop();  // Its PostgreSQL goes with it.
    const late = await openSocket(own);
    late.send({ type: 'auth', token: token() });
    assert.equal((await late.end()).code, 1013);
    // Who is there already waits a while with us; then heartbeats would say that nothing is missed.
    there.send({ type: 'ping' });
    await there.frame('pong');
    assert.equal((await there.end({ timeout: 20_000 })).code, 1013);
  });

  test('4408: a peer that does not read', async () => {
    const socket = await connectAgent(server);
    const alert = await connectAgent(server);
    socket.ws._socket.pause();
    const person = newCustomer();
    const long = 'x'.repeat(3000);
    // Until what waits for it has no place in any buffer.
    for (let round = 0; round < 3; ++round) {
      await postAll(server, Array.from({ length: 20 }, () => messages(person, Array.from({ length: 50 }, () => text(person, long)))), { connections: 8 });
    }
    await alert.event(({ offset }) => offset === alert.ready.offset + 3000, { timeout: 30_000 });
    alert.assertGapless();
    await eventually(async () => {
      const { body } = await api(server, 'GET', '/metrics', { token: null });
      return /parley_socket_closes_total\{code="4408"\} 1/.test(body);
    }, { timeout: 20_000 });
    socket.ws._socket.resume();
    await socket.end();
    socket.assertGapless();
  });
});

describe('frames', () => {
  test('of an unknown type are answered with a notice', async () => {
    const socket = await connectAgent(server);
    socket.send({ type: 'dance', with: 'me' }, { unchecked: true });
    assert.match((await socket.frame('notice')).detail, /dance/);
    socket.send({ type: 'ping' });
    await socket.frame('pong');
  });

  test('heartbeats carry the offset', async () => {
    const quick = await startServer({ env: { DATABASE_URL: await server.databaseUrl(), PARLEY_SOCKET_HEARTBEAT_SECONDS: 1 } });
    const socket = await connectAgent(quick);
    const from = newCustomer();
    await post(messages(from, [text(from)]));
    const event = await socket.event('message.created');
    const heartbeat = await socket.frame(({ type, offset }) => type === 'heartbeat' && offset === event.offset);
    assert(heartbeat);
  });

  test('the metrics count sockets, frames, closes and delays', async () => {
    const { body } = await api(server, 'GET', '/metrics', { token: null });
    assert.match(body, /^parley_sockets \d/m);
    assert.match(body, /^parley_socket_frames_total [1-9]/m);
    assert.match(body, /^parley_socket_closes_total\{code="4401"\} [1-9]/m);
    assert.match(body, /^parley_event_seconds_count [1-9]/m);
  });
});

describe('presence', () => {
  const present = (socket, expected, options) =>
    socket.frame(({ type, agents }) => type === 'presence' && JSON.stringify(agents) === JSON.stringify(expected), options).catch((error) => {
      throw new Error(`${error.message}; last: ${JSON.stringify(socket.frames.findLast(({ type }) => type === 'presence'))}`);
    });
  const byId = (...agents) => agents.sort((a, b) => (a.user_id < b.user_id ? -1 : 1));

  for (const processes of [1, 2]) {
    test(`shows who is there, looks and types, over ${processes} process${processes > 1 ? 'es' : ''}`, async () => {
      const own = await startServer();
      const other = processes === 1 ? own : await startServer({ env: { DATABASE_URL: await own.databaseUrl() } });
      const ann = await newAgent({ email: 'ann@example.com' }, own);
      const bob = await newAgent({ email: 'bob@example.com' }, own);
      const annSocket = await connectAgent(own, { token: ann.token });
      const entry = (agent, name, viewing = [], typing = []) => ({ user_id: agent.id, name, viewing, typing });
      await present(annSocket, [entry(ann, 'ann')]);
      const bobSocket = await connectAgent(other, { token: bob.token });
      await present(annSocket, byId(entry(ann, 'ann'), entry(bob, 'bob')));
      await present(bobSocket, byId(entry(ann, 'ann'), entry(bob, 'bob')));
      bobSocket.send({ type: 'viewing', conversation_id: 7 });
      bobSocket.send({ type: 'typing', conversation_id: 7, typing: true });
      await present(annSocket, byId(entry(ann, 'ann'), entry(bob, 'bob', [7], [7])));
      // Typing ends by itself, a view when it is left.
      await present(annSocket, byId(entry(ann, 'ann'), entry(bob, 'bob', [7])), { timeout: 8000 });
      const from = annSocket.frames.length;
      bobSocket.send({ type: 'viewing', conversation_id: null });
      await present(annSocket, byId(entry(ann, 'ann'), entry(bob, 'bob')), { from });
      const late = annSocket.frames.length;
      bobSocket.terminate();
      await present(annSocket, [entry(ann, 'ann')], { from: late });
    });
  }

  test('is told at most ten times a second', async () => {
    const agent = await newAgent();
    const [typist, watcher] = [await connectAgent(server, { token: agent.token }), await connectAgent(server)];
    await watcher.frame('presence');
    const before = watcher.frames.filter(({ type }) => type === 'presence').length;
    const started = performance.now();
    for (let i = 0; i < 25; ++i) typist.send({ type: 'viewing', conversation_id: i + 1 });
    await watcher.frame(({ type, agents }) => type === 'presence' && agents.some(({ viewing }) => viewing[0] === 25));
    const told = watcher.frames.filter(({ type }) => type === 'presence').length - before;
    assert(told <= (performance.now() - started) / 100 + 2, `${told} times`);
  });
});

test('statuses of a reply come in order', async () => {
  const socket = await connectAgent(server);
  const from = newCustomer();
  await post(messages(from, [text(from)]));
  const { conversation_id: conversation } = await socket.event('message.created');
  const wamid = `wamid.${randomUUID()}`;
  const { body } = await api(server, 'POST', '/api/live-chat/send-message', { body: { conversation_id: conversation, message: 'Hi' } });
  await query('UPDATE chat_messages SET whatsapp_message_id = $1 WHERE id = $2', [wamid, body.message_id]);
  await post(statuses(wamid, from, [['sent', seconds()]]));
  await post(statuses(wamid, from, [['delivered', seconds()]]));
  await post(statuses(wamid, from, [['read', seconds()]]));
  await eventually(() => socket.events.filter(({ name }) => name === 'message.status').length === 3);
  assert.deepEqual(socket.events.filter(({ name }) => name === 'message.status').map(({ data }) => data.message.id), Array(3).fill(body.message_id));
  assert.equal(socket.events.at(-1).data.message.status, 'read');
  socket.assertGapless();
});
