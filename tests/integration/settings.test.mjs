// Several accounts and numbers, their secrets, members and roles.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { customerWrites, deliverTo, graphToken, onPhone, reply, startTestSimulator } from './support/simulator.mjs';
import {
  api,
  appSecret,
  command,
  db,
  eventually,
  fixture,
  owner,
  phoneNumberId,
  postWebhook,
  run,
  startServer,
  temporaryFolder,
  token,
  verifyToken,
  wabaId,
} from './support/server.mjs';
import { openSocket } from './support/socket.mjs';

const base = '/api/live-chat';
const sealKey = 'ab'.repeat(32);
const secondSecret = 'the-app-secret-of-the-second-account';
const secondVerifyToken = 'the-verify-token-of-the-second-account';
const wrongToken = 'EAAG-a-token-that-meta-does-not-know';
const secrets = [sealKey, secondSecret, secondVerifyToken, wrongToken, graphToken, appSecret, verifyToken];

const admin = '22222222-2222-4222-8222-222222222222';
const agent = '33333333-3333-4333-8333-333333333333';
const tenant = '44444444-4444-4444-8444-444444444444';

const servers = [];
const answers = [];
let server, simulator;

/** Calls as one user, in one account if it is named; everything that is answered is kept. */
async function call(method, path, { as = owner, account, body, on = server } = {}) {
  const headers = account === undefined ? {} : { 'X-Account-Id': String(account) };
  const answer = await api(on, method, base + path, { token: token({ sub: as }), body, headers });
  answers.push(answer.text);
  return answer;
}

async function start(env, options = {}) {
  const started = await startServer({
    ...options,
    env: { PARLEY_GRAPH_URL: simulator.url, PARLEY_SEAL_KEY: sealKey, PARLEY_LOG_LEVEL: 'debug', ...env },
  });
  servers.push(started);
  return started;
}

const putMember = (user, role, account = 1) =>
  command(server, 'user', 'add', '--id', user, '--account', String(account), '--role', role);

/** A customer's text for a number, as Meta would deliver it. */
function textFor(number, waba, wamid) {
  const body = fixture('message-text');
  body.entry[0].id = waba;
  body.entry[0].changes[0].value.metadata.phone_number_id = number;
  Object.assign(body.entry[0].changes[0].value.messages[0], { id: wamid, timestamp: String(Math.floor(Date.now() / 1000)) });
  return body;
}

const numbersOf = async (options) => (await call('GET', '/settings/numbers', options)).body.numbers;
const conversationsOf = async (options) => (await call('GET', '/conversations', options)).body.conversations;
const stepOf = ({ body }, name) => body.steps.find(({ step }) => step === name);
const lastDelivery = async (column) =>
  (await (await db(server)).query(`SELECT ${column} AS value FROM webhook_deliveries ORDER BY id DESC LIMIT 1`)).rows[0].value;

before(async () => {
  simulator = await startTestSimulator();
  server = await start();
  await putMember(admin, 'admin');
  await putMember(agent, 'agent');
});

after(() => {
  for (const secret of secrets) {
    assert(!answers.some((text) => text.includes(secret)), 'a secret is in an answer');
    for (const each of servers) assert(!each.tail(Infinity).includes(secret), `a secret is in the log of ${each}`);
  }
});

describe('a number', () => {
  test('says what is set for it, never the values', async () => {
    const [number, ...others] = await numbersOf();
    assert.deepEqual(others, []);
    assert.equal(number.phone_number_id, phoneNumberId);
    assert.deepEqual([number.token, number.app_secret, number.verify_token], ['none', 'shared', 'shared']);
    assert.deepEqual([number.read_receipts, number.send_typing], ['on_open', true]);
    assert.equal(number.last_delivery_at, null);
  });

  test('is not saved with a token that Meta does not take', async () => {
    const refused = await call('POST', '/settings/numbers', {
      body: { phone_number_id: phoneNumberId, waba_id: wabaId, token: wrongToken },
    });
    assert.equal(refused.status, 200);
    assert.equal(refused.body.saved, false);
    assert.deepEqual(refused.body.steps.map(({ step }) => step), ['token', 'scopes', 'waba', 'number', 'subscribed_apps']);
    assert.equal(stepOf(refused, 'token').code, 190);
    assert(refused.body.steps.every(({ ok }) => !ok));
    assert.equal((await numbersOf())[0].token, 'none');
  });

  test('that Meta does not know fails at that step, and is saved when somebody insists', async () => {
    const body = { phone_number_id: '999000111', waba_id: wabaId, token: graphToken };
    const unknown = await call('POST', '/settings/numbers', { body });
    assert.equal(unknown.body.saved, false);
    assert.equal(stepOf(unknown, 'token').ok, true);
    assert.equal(stepOf(unknown, 'number').ok, false);
    assert.equal(stepOf(unknown, 'waba').ok, false);
    const insisted = await call('POST', '/settings/numbers', { body: { ...body, save: 'anyway', name: 'Spare' } });
    assert.equal(insisted.status, 201);
    assert.equal(insisted.body.number.name, 'Spare');
    assert.equal((await call('DELETE', '/settings/numbers/999000111')).body.result, 'removed');
    assert.equal((await call('DELETE', '/settings/numbers/999000111')).status, 404);
  });

  test('is saved with the right token, and sends with it', async () => {
    const saved = await call('POST', '/settings/numbers', {
      body: { phone_number_id: phoneNumberId, waba_id: wabaId, token: graphToken },
    });
    assert.equal(saved.status, 200, 'it was there already');
    assert.equal(saved.body.saved, true);
    assert(saved.body.steps.every(({ ok }) => ok), JSON.stringify(saved.body.steps));
    assert.equal(saved.body.number.token, 'own');
    assert.notEqual(saved.body.number.verified_name, '');

    await deliverTo(simulator, server);
    await customerWrites(simulator, '16505550001', 'Hello');
    const [conversation] = await conversationsOf();
    const sent = await reply(server, { conversation_id: conversation.id, message: 'Hi' });
    assert.equal(sent.body.status, 'sent');
    assert.equal((await onPhone(simulator, '16505550001')).length, 1);
    assert.notEqual((await numbersOf())[0].last_delivery_at, null);
  });

  test('whose app is not subscribed says so, until it is', async () => {
    const graph = await fetch(`${simulator.url}/v24.0/${wabaId}/subscribed_apps`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${graphToken}` },
    });
    assert.equal(graph.status, 200);
    const checked = await call('POST', `/settings/numbers/${phoneNumberId}/check`);
    assert.equal(stepOf(checked, 'subscribed_apps').ok, false);
    assert.equal(stepOf(checked, 'number').ok, true);
    const subscribed = await call('POST', `/settings/numbers/${phoneNumberId}/subscribe`);
    assert.equal(stepOf(subscribed, 'subscribed_apps').ok, true);
    const again = await call('POST', `/settings/numbers/${phoneNumberId}/check`);
    assert.equal(stepOf(again, 'subscribed_apps').ok, true);
  });

  test('is renamed and told how to behave', async () => {
    const change = { name: 'Shop', read_receipts: 'never', send_typing: false };
    const { body } = await call('PATCH', `/settings/numbers/${phoneNumberId}`, { body: change });
    assert.deepEqual([body.number.name, body.number.read_receipts, body.number.send_typing], ['Shop', 'never', false]);
    assert.equal(body.number.token, 'own', 'what is not named stays');
    const back = await call('PATCH', `/settings/numbers/${phoneNumberId}`, { body: { name: null, read_receipts: 'on_open', send_typing: true } });
    assert.equal(back.body.number.name, '');
  });

  test('is refused what cannot be, by name', async () => {
    const good = { phone_number_id: '999000111', waba_id: wabaId };
    for (const [member, value] of [
      ['phone_number_id', ''], ['phone_number_id', '1/2'], ['phone_number_id', 7], ['waba_id', 'a b'], ['waba_id', null],
      ['name', 'x'.repeat(101)], ['name', 1], ['token', 'with space'], ['token', 'x'.repeat(2049)], ['token', ['x']],
      ['app_secret', 'short'], ['app_secret', `${secondSecret},`], ['verify_token', 'short'], ['save', 'yes'],
    ]) {
      const { status, body } = await call('POST', '/settings/numbers', { body: { ...good, [member]: value } });
      assert.deepEqual([status, body.member], [400, member], JSON.stringify(value));
    }
    for (const [member, value] of [['read_receipts', 'always'], ['send_typing', 'yes'], ['waba_id', '/'], ['token', 1]]) {
      const { status, body } = await call('PATCH', `/settings/numbers/${phoneNumberId}`, { body: { [member]: value } });
      assert.deepEqual([status, body.member], [400, member]);
    }
    for (const id of ['nothing', 'a%2Fb', '1%20']) {
      assert.equal((await call('PATCH', `/settings/numbers/${id}`, { body: {} })).status, 404);
      assert.equal((await call('POST', `/settings/numbers/${id}/check`)).status, 404);
    }
  });
});

describe('another account', () => {
  let second;
  const own = '200000000001';
  const ownWaba = '200000000002';

  before(async () => {
    second = (await call('POST', '/accounts', { body: { name: 'Second' } })).body.account.id;
    await putMember(tenant, 'owner', second);
  });

  test('is one of the caller, chosen by X-Account-Id', async () => {
    const me = await call('GET', '/me');
    assert.deepEqual(me.body.accounts.map(({ id, role }) => [id, role]), [[1, 'owner'], [second, 'owner']]);
    assert.equal(me.body.account_id, 1, 'the oldest membership');
    assert.equal((await call('GET', '/me', { account: second })).body.account_id, second);
    assert.equal((await call('GET', '/me', { as: tenant })).body.account_id, second);
    assert.deepEqual(await conversationsOf({ account: second }), []);
    assert.equal((await call('GET', '/conversations', { as: tenant, account: 1 })).status, 403);
    assert.equal((await call('GET', '/conversations', { account: 99 })).status, 403);
    for (const wrong of ['x', '0', '-1', '1 2', '']) {
      const { status } = await call('GET', '/conversations', { account: wrong });
      assert.equal(status, 400, `X-Account-Id: ${wrong}`);
    }
    const renamed = await call('PATCH', '/settings/account', { account: second, body: { name: 'Second shop' } });
    assert.equal(renamed.body.account.name, 'Second shop');
    for (const name of ['', '  ', 'x'.repeat(101), 7]) {
      assert.equal((await call('PATCH', '/settings/account', { account: second, body: { name } })).body.member, 'name');
    }
  });

  test('is a wall', async () => {
    const as = tenant;
    assert.deepEqual(await numbersOf({ as }), []);
    for (const [method, path] of [
      ['PATCH', `/settings/numbers/${phoneNumberId}`], ['DELETE', `/settings/numbers/${phoneNumberId}`],
      ['POST', `/settings/numbers/${phoneNumberId}/check`], ['POST', `/settings/numbers/${phoneNumberId}/subscribe`],
      ['PATCH', `/settings/members/${agent}`], ['DELETE', `/settings/members/${agent}`],
    ]) {
      const body = method === 'PATCH' ? { role: 'admin', name: 'Mine' } : undefined;
      assert.equal((await call(method, path, { as, body })).status, 404, `${method} ${path}`);
    }
    const body = { phone_number_id: phoneNumberId, waba_id: wabaId, token: graphToken, save: 'anyway' };
    const taken = await call('POST', '/settings/numbers', { as, body });
    assert.deepEqual([taken.status, taken.body.code], [409, 'number_taken']);
    assert.doesNotMatch(taken.text, /Default|account 1/);
    assert.equal((await numbersOf())[0].token, 'own');
  });

  test('has its own app secret and verify token, at once and in every process', async () => {
    const other = await start({ DATABASE_URL: await server.databaseUrl() });
    const early = textFor(own, ownWaba, 'wamid.early');
    assert.equal((await postWebhook(server, early, { secret: secondSecret })).status, 401);
    const body = { phone_number_id: own, waba_id: ownWaba, app_secret: secondSecret, verify_token: secondVerifyToken, save: 'anyway' };
    const added = await call('POST', '/settings/numbers', { as: tenant, body });
    assert.deepEqual([added.status, added.body.number.app_secret, added.body.number.verify_token], [201, 'own', 'own']);

    assert.equal((await postWebhook(server, textFor(own, ownWaba, 'wamid.one'), { secret: secondSecret })).status, 200);
    await eventually(async () => (await postWebhook(other, textFor(own, ownWaba, 'wamid.two'), { secret: secondSecret })).status === 200);
    assert.equal((await conversationsOf({ as: tenant }))[0].unread_count, 2);
    for (const [known, status] of [[secondVerifyToken, 200], [verifyToken, 200], ['something-else', 403]]) {
      const query = `hub.mode=subscribe&hub.challenge=123&hub.verify_token=${known}`;
      assert.equal((await api(server, 'GET', `/webhook?${query}`, { token: null })).status, status);
    }
  });

  test('cannot forge deliveries of a neighbour', async () => {
    const before = await conversationsOf();
    for (const waba of [wabaId, ownWaba]) {
      const forged = textFor(phoneNumberId, waba, `wamid.forged-${waba}`);
      assert.equal((await postWebhook(server, forged, { secret: secondSecret })).status, 200, 'Meta would only repeat it');
      assert.equal(await lastDelivery('state'), 'dead');
      assert.match(await lastDelivery('problem'), /another account/);
    }
    const invented = textFor('300000000001', wabaId, 'wamid.invented');
    await postWebhook(server, invented, { secret: secondSecret });
    assert.equal(await lastDelivery('state'), 'dead');
    await command(server, 'webhooks', 'replay');
    assert.deepEqual(await conversationsOf(), before);
    assert.equal((await numbersOf()).length, 1);
    assert.equal((await postWebhook(server, textFor(own, ownWaba, 'wamid.three'))).status, 200, 'the global secret speaks for all');
    assert.equal((await conversationsOf({ as: tenant }))[0].unread_count, 3);
  });

  test('has events of its own on a socket that names it', async () => {
    const authenticated = async (more, sub = owner) => {
      const socket = await openSocket(server);
      socket.send({ type: 'auth', token: token({ sub }), ...more });
      return socket;
    };
    const first = await authenticated({});
    const named = await authenticated({ account_id: second });
    const [one, two] = [await first.frame('ready'), await named.frame('ready')];
    assert.notEqual(one.epoch, two.epoch);
    await postWebhook(server, textFor(own, ownWaba, 'wamid.four'));
    const event = await named.event('message.created');
    assert.equal(event.data.message.whatsapp_message_id, 'wamid.four');
    await customerWrites(simulator, '16505550001', 'Still there?');
    await first.event('message.created');
    assert(!first.events.some(({ data }) => data.message?.whatsapp_message_id === 'wamid.four'));
    const refused = await authenticated({ account_id: 1 }, tenant);
    assert.equal((await refused.end()).code, 4403);
  });

  test('keeps the threads of a number that it retires, and sends nothing from it', async () => {
    const [conversation] = await conversationsOf({ as: tenant });
    assert.equal((await call('DELETE', `/settings/numbers/${own}`, { as: tenant })).body.result, 'retired');
    const [number] = await numbersOf({ as: tenant });
    assert.notEqual(number.retired_at, null);
    assert.deepEqual((await call('GET', '/phone-numbers', { as: tenant })).body.phone_numbers, []);
    const thread = await call('GET', `/messages?conversation_id=${conversation.id}`, { as: tenant });
    assert.equal(thread.body.messages.length, 4);
    const sent = await call('POST', '/send-message', { as: tenant, body: { conversation_id: conversation.id, message: 'Hi' } });
    assert.deepEqual([sent.status, sent.body.code], [409, 'wrong_state']);
    const body = { phone_number_id: own, waba_id: ownWaba, save: 'anyway' };
    const again = await call('POST', '/settings/numbers', { as: tenant, body });
    assert.deepEqual([again.status, again.body.number.retired_at], [200, null]);
  });
});

describe('roles', () => {
  test('each may do what it may', async () => {
    const target = randomUUID();
    await putMember(target, 'agent');
    // What agent, admin and owner are answered; 403 names the role that is needed.
    const table = [
      ['GET', '/me', undefined, [200, 200, 200]],
      ['GET', '/phone-numbers', undefined, [200, 200, 200]],
      ['GET', '/settings/numbers', undefined, [403, 200, 200]],
      ['POST', '/settings/numbers', {}, [403, 400, 400]],
      ['PATCH', `/settings/numbers/${phoneNumberId}`, { name: '' }, [403, 200, 200]],
      ['DELETE', '/settings/numbers/nothing', undefined, [403, 404, 404]],
      ['POST', `/settings/numbers/${phoneNumberId}/check`, undefined, [403, 200, 200]],
      ['POST', `/settings/numbers/${phoneNumberId}/subscribe`, undefined, [403, 200, 200]],
      ['GET', '/settings/members', undefined, [403, 200, 200]],
      ['POST', '/settings/members', { user_id: agent, role: 'agent' }, [403, 409, 409]],
      ['POST', '/settings/members', { user_id: randomUUID(), role: 'owner' }, [403, 403, 201]],
      ['PATCH', `/settings/members/${target}`, { role: 'admin' }, [403, 200, 200]],
      ['PATCH', `/settings/members/${target}`, { role: 'owner' }, [403, 403, 200]],
      ['PATCH', `/settings/members/${target}`, { role: 'agent' }, [403, 403, 200]],
      ['DELETE', `/settings/members/${randomUUID()}`, undefined, [403, 404, 404]],
      ['PATCH', '/settings/account', { name: 'First' }, [403, 200, 200]],
      ['POST', '/accounts', { name: 'Third' }, [403, 403, 201]],
    ];
    for (const [method, path, body, expected] of table) {
      for (const [i, as] of [agent, admin, owner].entries()) {
        const { status, body: said } = await call(method, path, { as, body });
        assert.equal(status, expected[i], `${method} ${path} as ${['agent', 'admin', 'owner'][i]}`);
        if (status === 403) assert.match(said.detail, /role (admin or )?owner/);
      }
    }
    for (const [method, path] of table) {
      assert.equal((await api(server, method, base + path, { token: null })).status, 401, `${method} ${path}`);
    }
  });

  test('nobody changes the own one, admins leave owners alone, an owner stays', async () => {
    for (const as of [admin, owner]) {
      const own = await call('PATCH', `/settings/members/${as}`, { as, body: { role: 'admin' } });
      assert.equal(own.status, 403);
    }
    for (const method of ['PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? { role: 'agent' } : undefined;
      assert.equal((await call(method, `/settings/members/${owner}`, { as: admin, body })).status, 403);
    }
    const { members } = (await call('GET', '/settings/members')).body;
    for (const { user_id } of members.filter(({ role, user_id }) => role === 'owner' && user_id !== owner)) {
      assert.equal((await call('DELETE', `/settings/members/${user_id}`)).status, 200);
    }
    const last = await call('DELETE', `/settings/members/${owner}`);
    assert.deepEqual([last.status, last.body.code], [409, 'wrong_state']);
    assert.equal((await call('PATCH', '/settings/members/nobody', { body: { role: 'agent' } })).status, 404);
    for (const [body, member] of [
      [{ user_id: randomUUID() }, 'role'], [{ user_id: 'x', role: 'agent' }, 'user_id'], [{ role: 'agent' }, 'email'],
      [{ email: 'a@example.com', role: 'agent' }, 'email'], [{ user_id: randomUUID(), role: 'king' }, 'role'],
    ]) {
      assert.equal((await call('POST', '/settings/members', { body })).body.member, member);
    }
  });

  test('who is removed is out, on the socket too', async () => {
    const leaver = randomUUID();
    assert.equal((await call('POST', '/settings/members', { body: { user_id: leaver.toUpperCase(), role: 'agent' } })).status, 201);
    const socket = await openSocket(server);
    await socket.authenticate({ token: token({ sub: leaver }) });
    assert.equal((await call('DELETE', `/settings/members/${leaver}`, { as: admin })).status, 200);
    assert.equal((await socket.end({ timeout: 30_000 })).code, 4403);
    assert.equal((await call('GET', '/me', { as: leaver })).status, 403);
  });
});

describe('people who sign in here', () => {
  test('are added by address, with a password that is shown once', async () => {
    const local = await start({ SUPABASE_JWT_SECRET: undefined, PARLEY_OWNER_USER_ID: undefined });
    const file = join(temporaryFolder(), 'password');
    writeFileSync(file, 'correct horse battery\n');
    await command(local, 'user', 'add', '--email', 'ada@example.com', '--role', 'owner', '--password-file', file);
    const signIn = async (email, password) => {
      const { status, body } = await api(local, 'POST', '/auth/v1/token?grant_type=password', { token: null, body: { email, password } });
      assert.equal(status, 200);
      return body.access_token;
    };
    const bearer = await signIn('ada@example.com', 'correct horse battery');
    const ask = (method, path, body, as = bearer) => api(local, method, base + path, { token: as, body });

    const added = await ask('POST', '/settings/members', { email: 'Ben@Example.com', role: 'agent' });
    assert.equal(added.status, 201);
    assert.equal(added.body.member.email, 'ben@example.com');
    const ben = await signIn('ben@example.com', added.body.password);
    assert.equal((await ask('GET', '/me', undefined, ben)).body.role, 'agent');
    const { members } = (await ask('GET', '/settings/members')).body;
    assert.deepEqual(members.map(({ email, role }) => [email, role]), [['ada@example.com', 'owner'], ['ben@example.com', 'agent']]);

    const chosen = await ask('POST', '/settings/members', { email: 'cem@example.com', password: 'a good long one', role: 'admin' });
    assert.equal(chosen.body.password, null);
    await signIn('cem@example.com', 'a good long one');
    for (const [body, member] of [
      [{ email: 'no address', role: 'agent' }, 'email'], [{ email: 'dee@example.com', password: 'short', role: 'agent' }, 'password'],
      [{ email: 'ben@example.com', password: 'another good one', role: 'agent' }, 'password'],
      [{ user_id: randomUUID(), role: 'agent' }, 'user_id'],
    ]) {
      assert.equal((await ask('POST', '/settings/members', body)).body.member, member);
    }
    assert.equal((await ask('POST', '/settings/members', { email: 'ben@example.com', role: 'agent' })).status, 409);
    assert(!local.tail(Infinity).includes(added.body.password));
    assert(!local.tail(Infinity).includes('ben@example.com'));
  });
});

describe('the seal key', () => {
  test('is a file that is made when it is needed, and a restart finds everything', async () => {
    const folder = temporaryFolder();
    const first = await start({ PARLEY_SEAL_KEY: undefined }, { dataDir: folder });
    const body = { phone_number_id: phoneNumberId, waba_id: wabaId, token: graphToken, app_secret: secondSecret };
    assert.equal((await call('POST', '/settings/numbers', { on: first, body })).body.saved, true);
    const { mode, size } = statSync(join(folder, 'seal-key'));
    assert.deepEqual([mode & 0o777, size], [0o600, 32]);
    await first.stop();
    const again = await start({ PARLEY_SEAL_KEY: undefined }, { dataDir: folder });
    assert.equal((await numbersOf({ on: again }))[0].token, 'own');
    const check = await call('POST', `/settings/numbers/${phoneNumberId}/check`, { on: again });
    assert.equal(stepOf(check, 'number').ok, true);
    assert.equal((await postWebhook(again, textFor(phoneNumberId, wabaId, 'wamid.again'), { secret: secondSecret })).status, 200);
  });

  test('that is another one says so, and nothing else breaks', async () => {
    const other = await start({ DATABASE_URL: await server.databaseUrl(), PARLEY_SEAL_KEY: 'cd'.repeat(32) });
    const [number] = await numbersOf({ on: other });
    assert.equal(number.token, 'unreadable');
    assert.match(number.problem, /seal key/);
    await other.event('credential_unreadable');
    assert.equal((await postWebhook(other, textFor(phoneNumberId, wabaId, 'wamid.other-key'))).status, 200);
    const refused = await run(['serve'], { env: { ...server.variables, PARLEY_SEAL_KEY: 'short' }, expected: 1 });
    assert.match(refused.stderr, /seal-key must be 64/);
  });
});

describe('commands', () => {
  test('add, list, check and remove numbers, with secrets from a file alone', async () => {
    const file = join(temporaryFolder(), 'secrets');
    writeFileSync(file, `token=${graphToken}\n# a comment\napp_secret=${secondSecret}\n`);
    await command(server, 'number', 'add', '--account', '1', '--phone-number-id', 'spare1', '--waba', wabaId, '--secrets-file', file);
    const listed = await command(server, 'number', 'list');
    assert.match(listed, /spare1.*own app_secret, token/);
    assert(!listed.includes(graphToken));
    const checked = await command(server, 'number', 'check', '--phone-number-id', phoneNumberId);
    assert.match(checked, /ok +token/);
    assert.match(checked, /ok +subscribed_apps/);
    const env = { ...server.variables, DATABASE_URL: await server.databaseUrl() };
    const failed = await run(['number', 'check', '--phone-number-id', 'spare1'], { env, expected: 1 });
    assert.match(failed.stdout, /FAILED +number/);
    assert.match(await command(server, 'number', 'remove', '--phone-number-id', 'spare1'), /Removed/);
    writeFileSync(file, 'password=x\n');
    const wrong = await run(['number', 'add', '--account', '1', '--phone-number-id', 'x1', '--secrets-file', file], { env, expected: 1 });
    assert.match(wrong.stderr, /secrets-file/);
    assert.match(await command(server, 'account', 'rename', '--account', '1', 'Renamed'), /renamed/);
    assert.match(await command(server, 'account', 'list'), /Renamed/);
  });
});
