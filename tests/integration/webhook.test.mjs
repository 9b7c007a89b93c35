// The door that Meta knocks at: the handshake, signatures, what is refused, and what happens without a database.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import {
  api,
  appSecret,
  createDatabase,
  db,
  eventually,
  fixture,
  postWebhook,
  raw,
  run,
  sign,
  startServer,
  temporaryFolder,
  verifyToken,
  wire,
} from './support/server.mjs';
import { messages, newCustomer, Sender, text } from './support/webhooks.mjs';

let server;

before(async () => {
  server = await startServer();
});

async function count(of, table) {
  const { rows } = await (await db(of)).query(`SELECT count(*) AS n FROM ${table}`);
  return rows[0].n;
}

const stored = async (of) => ({
  deliveries: await count(of, 'webhook_deliveries'),
  messages: await count(of, 'chat_messages'),
  events: await count(of, 'events'),
});

async function problemGauge(of, state) {
  const { text: page } = await api(of, 'GET', '/metrics', { token: null });
  return Number(page.match(new RegExp(`^parley_problem_deliveries\\{state="${state}"\\} (\\d+)$`, 'm'))[1]);
}

function verification(parameters) {
  return `/webhook?${new URLSearchParams(parameters)}`;
}

const subscribe = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': verifyToken };

describe('the handshake', () => {
  test('echoes the challenge, exactly', async () => {
    const answer = await api(server, 'GET', verification(subscribe), { token: null });
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '1158201444');
    assert.match(answer.headers.get('content-type'), /^text\/plain/);
  });

  test('takes the parameters in any order and percent-encoded', async () => {
    const answer = await api(
      server,
      'GET',
      `/webhook?hub%2Everify_token=${encodeURIComponent(verifyToken).replaceAll('-', '%2D')}&hub.challenge=a.b-c_9&hub.mode=subscribe`,
      { token: null },
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.text, 'a.b-c_9');
  });

  const refused = {
    'a wrong token': { ...subscribe, 'hub.verify_token': `${verifyToken}x` },
    'the beginning of the token': { ...subscribe, 'hub.verify_token': verifyToken.slice(0, -1) },
    'an empty token': { ...subscribe, 'hub.verify_token': '' },
    'no token': { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444' },
    'another mode': { ...subscribe, 'hub.mode': 'unsubscribe' },
    'no mode': { 'hub.challenge': '1158201444', 'hub.verify_token': verifyToken },
    'a challenge with markup': { ...subscribe, 'hub.challenge': '<script>alert(1)</script>' },
    'a challenge with a line break': { ...subscribe, 'hub.challenge': '1\r\nSet-Cookie: a=b' },
    'an empty challenge': { ...subscribe, 'hub.challenge': '' },
    'no challenge': { 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken },
    'a challenge of 65 characters': { ...subscribe, 'hub.challenge': '1'.repeat(65) },
  };
  for (const [what, parameters] of Object.entries(refused)) {
    test(`refuses ${what} and echoes nothing`, async () => {
      const answer = await api(server, 'GET', verification(parameters), { token: null });
      assert.equal(answer.status, 403);
      for (const secret of ['script', '1158201444', 'Set-Cookie', verifyToken]) {
        assert(!answer.text.includes(secret), `${secret} is in ${answer.text}`);
      }
    });
  }
});

describe('a signature', () => {
  const body = wire(messages(newCustomer(), [text(newCustomer())]));
  const right = sign(body);
  const flipped = right.slice(0, -1) + (right.endsWith('0') ? '1' : '0');
  const wrong = {
    'is missing': null,
    'is empty': '',
    'is of another secret': sign(body, 'another-secret'),
    'is of another body': sign(`${body} `),
    'has one changed digit': flipped,
    'is cut short': right.slice(0, -1),
    'is too long': `${right}0`,
    'has no prefix': right.slice('sha256='.length),
    'has the prefix sha1=': `sha1=${right.slice('sha256='.length)}`,
    'holds no digits': `sha256=${'g'.repeat(64)}`,
    'is listed twice': `${right}, ${right}`,
  };
  for (const [what, signature] of Object.entries(wrong)) {
    test(`that ${what} is refused, and nothing is stored`, async () => {
      const before = await stored(server);
      const answer = await postWebhook(server, body, { signature });
      assert.equal(answer.status, 401);
      assert.equal(answer.body.code, 'signature_invalid');
      assert.deepEqual(await stored(server), before);
    });
  }

  test('given in two headers is refused, whichever is the right one', async () => {
    const before = await stored(server);
    for (const pair of [[right, flipped], [flipped, right], [right, right]]) {
      const head = pair.map((signature) => `X-Hub-Signature-256: ${signature}\r\n`).join('');
      const answer = await raw(
        server,
        `POST /webhook HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      assert.match(answer, /^HTTP\/1\.1 401 /);
    }
    assert.deepEqual(await stored(server), before);
  });

  test('does not cover a body with one changed byte', async () => {
    const before = await stored(server);
    for (const at of [0, Math.floor(body.length / 2), body.length - 1]) {
      const changed = Buffer.from(body);
      changed[at] ^= 1;
      const answer = await postWebhook(server, changed, { signature: right });
      assert.equal(answer.status, 401);
    }
    assert.deepEqual(await stored(server), before);
  });

  test('over an escaped body counts the bytes of the wire', async () => {
    // The vectors are Meta's rule worked out elsewhere: the raw bytes, the secret's ASCII text.
    const { vectors } = JSON.parse(readFileSync(new URL('../../contract/fixtures/signature/x-hub-signature-256.json', import.meta.url), 'utf8'));
    assert(vectors.length > 0);
    const secrets = [...new Set(vectors.map(({ app_secret: secret }) => secret))];
    for (const secret of secrets) {
      const other = await startServer({
        env: { DATABASE_URL: await createDatabase(server), WA_APP_SECRET: secret },
      });
      for (const { raw_body: bytes, x_hub_signature_256: header } of vectors.filter(({ app_secret: of }) => of === secret)) {
        assert.equal((await postWebhook(other, bytes, { signature: header })).status, 200);
      }
      await other.stop();
    }
  });
});

test('two secrets are accepted while they are exchanged, and no third one', async () => {
  const other = await startServer({
    env: { DATABASE_URL: await createDatabase(server), WA_APP_SECRET: 'the-new-secret-of-the-app,the-old-secret-of-the-app' },
  });
  const from = newCustomer();
  for (const secret of ['the-new-secret-of-the-app', 'the-old-secret-of-the-app']) {
    assert.equal((await postWebhook(other, messages(from, [text(from)]), { secret })).status, 200);
  }
  for (const secret of [appSecret, 'the-new-secret-of-the-app,the-old-secret-of-the-app', ',']) {
    assert.equal((await postWebhook(other, messages(from, [text(from)]), { secret })).status, 401);
  }
  assert.equal(await count(other, 'chat_messages'), 2);
  await other.stop();
});

test('without an app secret no delivery is taken', async () => {
  const other = await startServer({ env: { DATABASE_URL: await createDatabase(server), WA_APP_SECRET: undefined } });
  assert(other.logs.some(({ event, level }) => event === 'webhooks_disabled' && level === 'warn'));
  const from = newCustomer();
  for (const signature of [null, undefined]) {
    const answer = await postWebhook(other, messages(from, [text(from)]), { signature });
    assert.equal(answer.status, 503);
    assert.equal(answer.body.code, 'webhooks_disabled');
  }
  assert.deepEqual(await stored(other), { deliveries: 0, messages: 0, events: 0 });
  await other.stop();
});

test('unsigned deliveries are taken only when asked for, and that is said at the start', async () => {
  const other = await startServer({
    env: { DATABASE_URL: await createDatabase(server), WA_APP_SECRET: undefined },
    args: ['--allow-unsigned-webhooks'],
  });
  assert(other.logs.some(({ event, level }) => event === 'webhooks_unsigned' && level === 'warn'));
  const from = newCustomer();
  assert.equal((await postWebhook(other, messages(from, [text(from)]), { signature: null })).status, 200);
  assert.equal(await count(other, 'chat_messages'), 1);
  await other.stop();

  // With a secret the switch opens nothing.
  const signed = await startServer({ env: { DATABASE_URL: await createDatabase(server) }, args: ['--allow-unsigned-webhooks'] });
  assert.equal((await postWebhook(signed, messages(from, [text(from)]), { signature: null })).status, 401);
  assert.equal(await count(signed, 'chat_messages'), 0);
  await signed.stop();
});

describe('the size of a body', () => {
  test('over 4 MiB is refused, and nothing is stored', async () => {
    const before = await stored(server);
    const answer = await raw(
      server,
      `POST /webhook HTTP/1.1\r\nHost: a\r\nX-Hub-Signature-256: sha256=${'0'.repeat(64)}\r\nContent-Type: application/json\r\nContent-Length: ${4 * 1024 * 1024 + 1}\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.deepEqual(await stored(server), before);
  });

  test('up to 4 MiB is taken', async () => {
    const from = newCustomer();
    const short = messages(from, [text(from, 'x')]);
    const room = 4 * 1024 * 1024 - wire(short).length;
    short.entry[0].changes[0].value.messages[0].padding = '';
    const padded = wire(short).replace('"padding":""', `"padding":"${'p'.repeat(room - '"padding":"",'.length)}"`);
    assert.equal(Buffer.byteLength(padded), 4 * 1024 * 1024);
    assert.equal((await postWebhook(server, padded)).status, 200);
    const { rows } = await (await db(server)).query('SELECT length(body) AS bytes FROM webhook_deliveries ORDER BY id DESC LIMIT 1');
    assert.equal(rows[0].bytes, 4 * 1024 * 1024);
  });
});

describe('a signed body that is not understood', () => {
  const odd = {
    'not JSON': 'hello',
    'half of a JSON text': wire(fixture('message-text')).slice(0, -1),
    'empty': '',
    'an array': '[]',
    'a string': '"entry"',
    'null': 'null',
    'an object without entry': '{"object":"whatsapp_business_account"}',
    'an entry that is no array': '{"entry":{"changes":[]}}',
    'a thousand brackets': '['.repeat(1000),
    'bytes that are no text': Buffer.from([0xff, 0x00, 0xfe, 0x5c, 0x78, 0x27]),
  };
  for (const [what, body] of Object.entries(odd)) {
    test(`(${what}) is answered 200 and kept as a dead letter, byte for byte`, async () => {
      const deadBefore = await problemGauge(server, 'dead');
      const before = await stored(server);
      const answer = await postWebhook(server, body);
      assert.equal(answer.status, 200);
      const { rows } = await (await db(server)).query('SELECT id, state, problem, body FROM webhook_deliveries ORDER BY id DESC LIMIT 1');
      assert.equal(rows[0].state, 'dead');
      assert(rows[0].problem.length > 0);
      assert.deepEqual(rows[0].body, Buffer.from(body));
      assert.deepEqual(await stored(server), { ...before, deliveries: before.deliveries + 1 });
      assert.equal(await problemGauge(server, 'dead'), deadBefore + 1);
    });
  }

  test('is listed by `parley webhooks list`, and stays when replayed', async () => {
    const { rows } = await (await db(server)).query("SELECT id FROM webhook_deliveries WHERE state = 'dead'");
    assert(rows.length > 0);
    const listed = (await run(['webhooks', 'list'], { env: server.variables })).stdout;
    for (const { id } of rows) assert.match(listed, new RegExp(`^${id} .*\\bdead\\b`, 'm'));
    await run(['webhooks', 'replay'], { env: server.variables });
    const after = await (await db(server)).query("SELECT count(*) AS n FROM webhook_deliveries WHERE state = 'dead' AND replayed_at IS NOT NULL");
    assert.equal(after.rows[0].n, rows.length);
  });
});

test('the log names no text, number or secret of what was delivered', async () => {
  const from = newCustomer();
  const secret = 'a text that nobody may read in a log';
  await postWebhook(server, messages(from, [text(from, secret)], { name: 'Wilhelmina Unmistakable' }));
  await postWebhook(server, messages(from, [text(from, secret)]), { signature: null });
  await postWebhook(server, messages(from, [text(from, secret, { id: `wamid.${'x'.repeat(600)}` })]));
  await eventually(() => server.logs.some(({ event }) => event === 'item_refused'));
  const log = server.tail(1e6);
  for (const word of [secret, from, 'Wilhelmina', appSecret, verifyToken]) assert(!log.includes(word), `${word} is in the log`);
});

describe('without its database', () => {
  let host;
  let guest;
  const hostFolder = temporaryFolder();
  const postmaster = () => Number(readFileSync(join(hostFolder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

  before(async () => {
    host = await startServer({ dataDir: hostFolder });
    guest = await startServer({ env: { DATABASE_URL: await createDatabase(host, { name: 'guest' }) } });
  });

  async function assertAway(body) {
    const answer = await postWebhook(guest, body);
    assert.equal(answer.status, 503);
    assert.notEqual(answer.body.code, 'webhooks_disabled');
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  }

  test('answers 503 with Retry-After under load, never a 200 that was not committed, and comes back by itself', async () => {
    const from = newCustomer();
    const acknowledged = new Set();
    const answers = { 200: 0, 503: 0 };
    const sender = new Sender(guest, 8);
    let loading = true;
    const worker = async () => {
      while (loading) {
        const message = text(from);
        const { status } = await sender.post(messages(from, [message]));
        answers[status] += 1;
        if (status === 200) acknowledged.add(message.id);
      }
    };
    const load = Promise.all(Array.from({ length: 8 }, worker));
    const moreOf = async (status) => {
      const before = answers[status];
      await eventually(() => answers[status] > before + 20, { timeout: 30_000 });
    };
    await moreOf(200);
    process.kill(postmaster(), 'SIGQUIT');
    await moreOf(503);
    await assertAway(messages(from, [text(from)]));
    const health = await api(guest, 'GET', '/healthz', { token: null });
    assert.equal(health.status, 200);
    await host.stop();
    host = await startServer({ dataDir: hostFolder });
    await moreOf(200);
    loading = false;
    await load;
    sender.close();

    const { rows } = await (await db(guest)).query('SELECT whatsapp_message_id AS id FROM chat_messages WHERE whatsapp_message_id = ANY ($1)', [
      [...acknowledged],
    ]);
    assert.equal(rows.length, acknowledged.size);
    assert.equal(guest.result, undefined, 'the server ended');
  });

  test('a database that hangs is given up in time; what it does later all the same is done once', async () => {
    const from = newCustomer();
    const hanging = messages(from, [text(from)]);
    assert.equal((await postWebhook(guest, messages(from, [text(from)]))).status, 200);
    const { rows } = await (await db(host)).query("SELECT pid FROM pg_stat_activity WHERE datname = 'guest' AND application_name = 'parley'");
    assert(rows.length > 0);
    const all = (signal) => rows.forEach(({ pid }) => process.kill(pid, signal));
    all('SIGSTOP');
    try {
      const waiting = postWebhook(guest, hanging);
      assert.equal((await api(guest, 'GET', '/healthz', { token: null })).status, 200);
      assert.equal((await postWebhook(guest, hanging, { signature: null })).status, 401);
      assert.equal((await waiting).status, 503);
    } finally {
      all('SIGCONT');
    }
    await eventually(async () => (await postWebhook(guest, hanging)).status === 200, { timeout: 20_000 });
    assert.equal((await postWebhook(guest, hanging)).status, 200);
    const { rows: stored } = await (await db(guest)).query('SELECT unread_count FROM chat_conversations WHERE customer_phone = $1', [from]);
    assert.deepEqual(stored, [{ unread_count: 2 }]);
  });

  test('a database that became read-only is one that is away', async () => {
    const from = newCustomer();
    const pool = await db(host);
    await pool.query('ALTER DATABASE guest SET default_transaction_read_only = on');
    await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'guest'");
    await eventually(async () => (await postWebhook(guest, messages(from, [text(from)]))).status === 503);
    await assertAway(messages(from, [text(from)]));
    await pool.query('ALTER DATABASE guest RESET default_transaction_read_only');
    await eventually(async () => (await postWebhook(guest, messages(from, [text(from)]))).status === 200);
  });
});
