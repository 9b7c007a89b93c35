// Connection checks, `parley doctor` and the journal of deliveries.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { control, customerWrites, deliverTo, graphToken, startTestSimulator } from './support/simulator.mjs';
import {
  api,
  appSecret,
  command,
  createDatabase,
  db,
  fixture,
  owner,
  phoneNumberId,
  postWebhook,
  run,
  startServer,
  token,
  verifyToken,
  wabaId,
} from './support/server.mjs';

const base = '/api/live-chat';
const agent = '33333333-3333-4333-8333-333333333333';
const tenant = '44444444-4444-4444-8444-444444444444';
const ids = [
  'database', 'disk', 'media', 'clock', 'token', 'scopes', 'number', 'signature', 'callback', 'subscription', 'deliveries',
  'journal', 'outbox',
];

/** A port that is free now: the public address must be known before the server listens. */
function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

let simulator, server, publicUrl;

const call = (method, path, { as = owner } = {}) => api(server, method, base + path, { token: token({ sub: as }) });
async function examine(options) {
  const { status, body } = await call('POST', '/connection/check', options);
  assert.equal(status, 200);
  return body;
}
const checkOf = (report, id) => report.checks.find((check) => check.id === id);
async function stateOf(id) {
  return checkOf(await examine(), id).state;
}

before(async () => {
  simulator = await startTestSimulator();
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}`;
  server = await startServer({
    env: { PORT: port, PARLEY_PUBLIC_URL: publicUrl, WA_TOKEN: graphToken, PARLEY_GRAPH_URL: simulator.url, PARLEY_SEAL_KEY: 'ab'.repeat(32) },
  });
  await command(server, 'user', 'add', '--id', agent, '--account', '1', '--role', 'agent');
});

describe('the connection', () => {
  test('that nothing came over is told from one that was never set up', async () => {
    const fresh = await examine();
    assert.deepEqual(fresh.checks.map(({ id }) => id), ids);
    assert.equal(fresh.callback_url, `${publicUrl}/webhook`);
    // The simulator delivers somewhere else, as it is told.
    assert.equal(checkOf(fresh, 'callback').state, 'warning');
    assert.equal(fresh.missing, 'deliveries');
    assert.match(checkOf(fresh, 'deliveries').detail, /Meta delivers to /);

    await deliverTo(simulator, server);
    const verified = await examine();
    assert.equal(checkOf(verified, 'callback').state, 'ok');
    assert.equal(verified.missing, 'deliveries');
    assert.match(checkOf(verified, 'deliveries').advice, /field `messages`/);

    await control(simulator, 'PUT', 'subscription', { subscribed: false });
    const unsubscribed = await examine();
    assert.equal(unsubscribed.missing, 'subscription');
    assert.deepEqual(checkOf(unsubscribed, 'subscription').action, { kind: 'subscribe', phone_number_id: phoneNumberId });
    assert.equal((await call('POST', `/settings/numbers/${phoneNumberId}/subscribe`)).status, 200);
    assert.equal(await stateOf('subscription'), 'ok');
  });

  test('is in order once a customer has written', async () => {
    await customerWrites(simulator, '16505550001', 'Hello');
    const report = await examine();
    const not = report.checks.filter(({ id, state }) => state !== 'ok' && id !== 'disk');
    assert.deepEqual(not, []);
    assert(report.checks.every(({ state, advice }) => state !== 'ok' || advice === null));
    assert.deepEqual((await call('GET', '/connection')).body, report, 'GET tells the last report');
  });

  test('names what is wrong with the token, its permissions and the number', async () => {
    await control(simulator, 'PUT', 'token', { scopes: ['whatsapp_business_management'] });
    const lacking = await examine();
    assert.equal(lacking.missing, 'scopes');
    assert.match(checkOf(lacking, 'scopes').detail, /whatsapp_business_messaging/);
    const scopes = ['whatsapp_business_management', 'whatsapp_business_messaging'];
    await control(simulator, 'PUT', 'token', { scopes, expires_at: Math.floor(Date.now() / 1000) + 86_400 });
    assert.equal(await stateOf('token'), 'warning');
    await control(simulator, 'PUT', 'token', { is_valid: false, expires_at: 0 });
    const invalid = await examine();
    assert.equal(invalid.missing, 'token');
    assert.deepEqual(['scopes', 'number', 'subscription'].map((id) => checkOf(invalid, id).state), ['unknown', 'unknown', 'unknown']);
    assert(!JSON.stringify(invalid).includes(graphToken));
    await control(simulator, 'PUT', 'token', { is_valid: true });

    await control(simulator, 'PUT', `numbers/${phoneNumberId}`, { quality_rating: 'RED' });
    const red = checkOf(await examine(), 'number');
    assert.equal(red.state, 'warning');
    assert.match(red.detail, /RED/);
    await control(simulator, 'PUT', `numbers/${phoneNumberId}`, { quality_rating: 'GREEN', status: 'DISCONNECTED' });
    assert.equal(await stateOf('number'), 'failed');
    await control(simulator, 'PUT', `numbers/${phoneNumberId}`, { status: 'CONNECTED' });
    assert.equal(await stateOf('number'), 'ok');
  });

  test('tells deliveries with a wrong signature', async () => {
    assert.equal((await postWebhook(server, fixture('message-text'), { secret: 'another-secret' })).status, 401);
    assert.equal(checkOf(await examine(), 'signature').state, 'failed');
    await customerWrites(simulator, '16505550001', 'Hello again');
    assert.equal(await stateOf('signature'), 'warning');
  });

  test('tells what waits and what lies in the journal', async () => {
    const pool = await db(server);
    await pool.query(`INSERT INTO media (account_id, state, created_at, available_at) VALUES (1, 'announced', now() - interval '1 hour', now() + interval '1 hour')`);
    const waiting = checkOf(await examine(), 'outbox');
    assert.equal(waiting.state, 'warning');
    assert.match(waiting.detail, /1 file /);
    await pool.query(`DELETE FROM media WHERE state = 'announced'`);
    assert.equal((await postWebhook(server, '{"object":')).status, 200);
    const journal = checkOf(await examine(), 'journal');
    assert.equal(journal.state, 'warning');
    assert.match(journal.detail, /1 delivery was not stored/);
    await pool.query(`DELETE FROM webhook_deliveries WHERE state = 'dead'`);
  });

  test('misses files that are gone', async () => {
    const uploaded = await api(server, 'POST', `${base}/media?kind=document`, {
      body: 'hello world', headers: { 'Content-Type': 'text/plain' },
    });
    assert.equal(uploaded.status, 201);
    assert.equal(await stateOf('media'), 'ok');
    const folder = join(server.dataDir, 'media');
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('unfinished-')), [], 'nothing of the check stays');
    const [file] = readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
    rmSync(join(folder, file));
    const gone = checkOf(await examine(), 'media');
    assert.equal(gone.state, 'failed');
    await (await db(server)).query('DELETE FROM media');
  });

  test('is for admins and owners', async () => {
    for (const [method, path] of [['GET', '/connection'], ['POST', '/connection/check'], ['GET', '/deliveries'], ['GET', '/deliveries/1'], ['POST', '/deliveries/1/replay']]) {
      assert.equal((await call(method, path, { as: agent })).status, 403, path);
      assert.equal((await api(server, method, base + path, { token: null })).status, 401, path);
    }
  });

  test('is looked at once for everybody who asks at the same time', async () => {
    const reports = await Promise.all(Array.from({ length: 10 }, () => examine()));
    assert(new Set(reports.map(({ checked_at }) => checked_at)).size <= 2);
  });
});

describe('parley doctor', () => {
  const doctor = async (args, expected, env = {}) =>
    (await run(['doctor', ...args], { env: { ...server.variables, DATABASE_URL: await server.databaseUrl(), ...env }, expected })).stdout;

  test('says that all is well', async () => {
    const free = checkOf(await examine(), 'disk').state === 'ok';
    const text = await doctor([], free ? 0 : 2);
    assert.match(text, /^ok {7}Access token: /m);
    assert.match(text, /^ok {7}Server: /m);
    assert.match(text, /Nothing is missing\.\n$/);
    const { accounts } = JSON.parse(await doctor(['--json'], free ? 0 : 2));
    assert.deepEqual(accounts.map(({ account_id, missing }) => [account_id, missing]), [[1, null]]);
    assert.deepEqual(accounts[0].checks.map(({ id }) => id), [...ids, 'server']);
    for (const secret of [graphToken, appSecret, verifyToken]) assert(!text.includes(secret));
  });

  test('names the one missing step in its last line', async () => {
    await control(simulator, 'PUT', 'subscription', { subscribed: false });
    const text = await doctor(['--account', '1'], 1);
    assert.match(text, /^FAILED {3}Subscription: /m);
    assert.match(text.trimEnd().split('\n').at(-1), /^Missing: Subscription\. Subscribe the app/);
    await control(simulator, 'PUT', 'subscription', { subscribed: true });
    assert.match(await doctor([], 1, { WA_TOKEN: undefined }), /Missing: Access token/);
    assert.match(await doctor([], 1, { WA_APP_SECRET: undefined }), /Missing: Signature secret/);
    assert.match(await doctor([], 1, { WA_VERIFY_TOKEN: 'another' }), /Missing: Webhook address/);
    assert.match(await doctor([], 1, { PARLEY_GRAPH_URL: 'http://127.0.0.1:1' }), /^FAILED {3}Access token: Meta cannot be reached/m);
    assert.match(await doctor([], 2, { PARLEY_PUBLIC_URL: undefined }), /^warning {2}Webhook address: .*PARLEY_PUBLIC_URL/m);
  });

  test('finds a database that forgets', async () => {
    const url = await createDatabase(server);
    const on = { ...server.variables, DATABASE_URL: url };
    assert.match((await run(['doctor'], { env: on, expected: 1 })).stderr, /no account yet/);
    await run(['account', 'add', 'Shop'], { env: on });
    const [, name] = url.match(/\/([^/?]+)(\?|$)/);
    await (await db(server)).query(`ALTER DATABASE "${name}" SET synchronous_commit = off`);
    const { stdout } = await run(['doctor'], { env: on, expected: 1 });
    assert.match(stdout, /^FAILED {3}Database: PostgreSQL has synchronous_commit = off/m);
    assert.match(stdout, /^FAILED {3}Business number: This account has no business number yet/m);
    assert.match(stdout, /^Missing: Database\. Set synchronous_commit = on/m);
    assert.match((await run(['doctor', '--help'])).stdout, /Exit code: 0/);
  });

  test('works without the server and without a database', async () => {
    const port = await freePort();
    const text = await doctor([], 1, { PORT: port, PARLEY_PUBLIC_URL: `http://127.0.0.1:${port}` });
    assert.match(text, /^unknown {2}Server: No server answers/m);
    assert.match(text, /^FAILED {3}Webhook address: /m);
    const away = await doctor([], 1, { DATABASE_URL: 'postgresql://127.0.0.1:1/nothing?connect_timeout=1' });
    assert.match(away, /^FAILED {3}Database: .*\nMissing: Database/m);
    assert.match((await run(['doctor', '--account', '99'], { env: { ...server.variables, DATABASE_URL: await server.databaseUrl() }, expected: 1 })).stderr, /no such account/);
  });
});

describe('the journal', () => {
  const list = async (query = '', options) => (await call('GET', `/deliveries${query}`, options)).body;

  test('lists deliveries, newest first, by pages and states', async () => {
    const all = await list();
    assert(all.deliveries.length >= 2);
    assert.equal(all.has_more, false);
    assert(all.deliveries.every(({ state, problem, bytes }) => state === 'stored' && problem === null && bytes > 0));
    const numbers = all.deliveries.map(({ id }) => id);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => b - a));
    const first = await list('?limit=1');
    assert.equal(first.has_more, true);
    const second = await list(`?limit=1&before=${first.deliveries[0].id}`);
    assert.deepEqual([first.deliveries[0], second.deliveries[0]], all.deliveries.slice(0, 2));
    assert.deepEqual((await list('?state=partial')).deliveries, []);
    for (const [query, member] of [['?state=old', 'state'], ['?before=0', 'before'], ['?limit=x', 'limit']]) {
      const { status, body } = await call('GET', `/deliveries${query}`);
      assert.deepEqual([status, body.member], [400, member]);
    }
  });

  test('shows a body as it came, also one that is no text', async () => {
    const body = fixture('message-text');
    const [message] = body.entry[0].changes[0].value.messages;
    message.id = 'wamid.journal';
    assert.equal((await postWebhook(server, body)).status, 200);
    const [newest] = (await list('?limit=1')).deliveries;
    const shown = await call('GET', `/deliveries/${newest.id}`);
    assert.deepEqual(JSON.parse(shown.body.body), body);
    assert.equal((await postWebhook(server, Buffer.from([0x7b, 0xff, 0x00, 0x7d]))).status, 200);
    const [dead] = (await list('?state=dead')).deliveries;
    assert.notEqual(dead.problem, null);
    assert.equal((await call('GET', `/deliveries/${dead.id}`)).body.body, '{\ufffd\ufffd}');
    assert.equal((await call('GET', '/deliveries/999999')).status, 404);
    assert.equal((await call('GET', '/deliveries/x')).status, 404);
  });

  test('replays what could not be stored once the cause is gone', async () => {
    const body = fixture('message-text');
    body.entry[0].id = '300000000009';
    body.entry[0].changes[0].value.metadata.phone_number_id = '300000000001';
    body.entry[0].changes[0].value.messages[0].id = 'wamid.replayed';
    assert.equal((await postWebhook(server, body)).status, 200);
    const [dead] = (await list('?state=dead')).deliveries;
    const still = await call('POST', `/deliveries/${dead.id}/replay`);
    assert.deepEqual([still.body.state, still.body.replayed_at !== null], ['dead', true]);
    await command(server, 'number', 'add', '--account', '1', '--phone-number-id', '300000000001', '--waba', '300000000009');
    const replayed = await call('POST', `/deliveries/${dead.id}/replay`);
    assert.deepEqual([replayed.body.id, replayed.body.state, replayed.body.problem], [dead.id, 'stored', null]);
    const found = await (await db(server)).query(`SELECT count(*) FROM chat_messages WHERE whatsapp_message_id = 'wamid.replayed'`);
    assert.equal(found.rows[0].count, 1);
    await call('POST', `/deliveries/${dead.id}/replay`);
    assert.equal((await (await db(server)).query(`SELECT count(*) FROM chat_messages WHERE whatsapp_message_id = 'wamid.replayed'`)).rows[0].count, 1);
  });

  test('is a wall between accounts', async () => {
    const mine = (await list()).deliveries.find(({ state }) => state === 'stored');
    await command(server, 'account', 'add', 'Second');
    await command(server, 'user', 'add', '--id', tenant, '--account', '2', '--role', 'owner');
    await command(server, 'number', 'add', '--account', '2', '--phone-number-id', '200000000001', '--waba', '200000000002');
    assert.deepEqual((await list('', { as: tenant })).deliveries, []);
    assert.deepEqual((await list('?state=dead')).deliveries, [], 'those of nobody are shown to nobody now');
    for (const [method, path] of [['GET', ''], ['POST', '/replay']]) {
      assert.equal((await call(method, `/deliveries/${mine.id}${path}`, { as: tenant })).status, 404);
    }
    const report = await examine({ as: tenant });
    assert.match(checkOf(report, 'deliveries').detail, /Nothing has come|nothing has ever come/);
    assert(!JSON.stringify(report).includes(phoneNumberId));

    const both = fixture('message-text');
    const second = structuredClone(both.entry[0]);
    second.id = '200000000002';
    second.changes[0].value.metadata.phone_number_id = '200000000001';
    second.changes[0].value.messages[0].id = 'wamid.of-second';
    both.entry[0].changes[0].value.messages[0].id = 'wamid.of-first';
    both.entry.push(second);
    assert.equal((await postWebhook(server, both)).status, 200);
    const [newest] = (await list('?limit=1')).deliveries;
    assert.equal((await call('GET', `/deliveries/${newest.id}`)).status, 403);
    assert.equal((await list('', { as: tenant })).deliveries.length, 0);
  });
});
