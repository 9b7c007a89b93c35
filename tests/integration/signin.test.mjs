// The built-in sign-in, as the unmodified client of Supabase sees it.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { checkAnswer } from './support/contract.mjs';
import { api, command, db, eventually, run, startServer, temporaryFolder } from './support/server.mjs';
import { connectAgent } from './support/socket.mjs';

// Node 20 has no WebSocket of its own; createClient wants one, and nothing here opens it.
globalThis.WebSocket ??= class {};

const password = 'correct horse battery';
const path = '/api/live-chat/conversations';
const origin = 'https://inbox.example.com';

/** fetch that checks every answer against the contract and keeps what was asked and answered. */
function recordingFetch(headers = {}) {
  const exchanges = [];
  const recording = async (url, options = {}) => {
    const sent = new Headers(options.headers);
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    const response = await fetch(url, { ...options, headers: sent });
    const text = await response.clone().text();
    const method = options.method ?? 'GET';
    checkAnswer({ method, url: String(url), status: response.status, headers: response.headers, body: text });
    exchanges.push({ method, url: new URL(url), status: response.status, headers: response.headers, text });
    return response;
  };
  return Object.assign(recording, { exchanges });
}

/** What the browser keeps in localStorage; several clients with one are tabs of one browser. */
function storage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

function client(server, { key = 'any', headers, store = storage() } = {}) {
  const recording = recordingFetch(headers);
  const made = createClient(server.url, key, {
    auth: { autoRefreshToken: false, persistSession: true, detectSessionInUrl: false, storage: store },
    global: { fetch: recording },
  });
  return Object.assign(made, { exchanges: recording.exchanges });
}

const claimsOf = (access) => JSON.parse(Buffer.from(access.split('.')[1], 'base64url'));

const start = (env = {}, more = {}) =>
  startServer({ env: { SUPABASE_JWT_SECRET: undefined, PARLEY_OWNER_USER_ID: undefined, ...env }, ...more });

const folder = temporaryFolder();
const passwordFile = join(folder, 'password');
writeFileSync(passwordFile, `${password}\n`);

let people = 0;

/** A new agent of account 1, added on the command line. */
async function addAgent(server, ...more) {
  const email = `agent${++people}@example.com`;
  await command(server, 'user', 'add', '--email', email, '--password-file', passwordFile, ...more);
  return email;
}

async function signedIn(server, options) {
  const email = await addAgent(server);
  const supabase = client(server, options);
  const { data, error } = await supabase.auth.signInWithPassword({ email, password });
  assert.equal(error, null);
  return { supabase, email, session: data.session, user: data.user };
}

const good = async (on, session) => (await api(on, 'GET', path, { token: session.access_token })).status === 200;

let first;
let server;
let adminKey;
const logs = [];

before(async () => {
  first = await start();
  adminKey = JSON.parse(readFileSync(join(first.dataDir, 'auth-keys.json'))).admin_key;
});

// Every test comes from the same address: a new process counts its attempts anew.
beforeEach(async () => {
  const env = { PARLEY_CORS_ORIGINS: origin, DATABASE_URL: await first.databaseUrl() };
  server = await start(env, { dataDir: first.dataDir });
});

afterEach(async () => {
  await server.stop();
  logs.push(...server.logs.map((line) => JSON.stringify(line)), ...server.other);
});

describe('signing in with a password', () => {
  test('gives a session that the API takes, and nothing else is asked', async () => {
    const email = await addAgent(server, '--role', 'owner', '--name', 'Ada Lovelace');
    const supabase = client(server);
    const { data, error } = await supabase.auth.signInWithPassword({ email: email.toUpperCase(), password });
    assert.equal(error, null);
    assert.deepEqual(supabase.exchanges.map((e) => `${e.method} ${e.url.pathname}${e.url.search}`), [
      'POST /auth/v1/token?grant_type=password',
    ]);
    const { session, user } = data;
    assert.equal(session.expires_in, 3600);
    assert.equal(JSON.parse(supabase.exchanges[0].text).expires_at, undefined);
    assert.equal(user.email, email);
    assert.deepEqual(user.user_metadata, { display_name: 'Ada Lovelace' });
    assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'] });
    assert(Date.now() - Date.parse(user.last_sign_in_at) < 60_000);

    const claims = claimsOf(session.access_token);
    assert.equal(claims.sub, user.id);
    assert.equal(claims.email, email);
    assert.equal(claims.exp - claims.iat, 3600);
    assert.equal(claims.iss, 'parley/auth/v1');
    assert.deepEqual(claims.user_metadata, { display_name: 'Ada Lovelace' });
    assert(await good(server, session));
  });

  test('wrong password and unknown address: one answer, after as long', async () => {
    const email = await addAgent(server);
    const answers = { known: [], unknown: [] };
    const times = { known: [], unknown: [] };
    for (let round = 0; round < 4; ++round) {
      for (const [kind, address] of [['known', email], ['unknown', 'nobody@example.com']]) {
        const begin = performance.now();
        const body = { email: address, password: 'not the password' };
        const answer = await api(server, 'POST', '/auth/v1/token?grant_type=password', { token: null, body });
        times[kind].push(performance.now() - begin);
        answers[kind].push(`${answer.status} ${answer.text}`);
      }
    }
    assert.equal(new Set([...answers.known, ...answers.unknown]).size, 1, JSON.stringify(answers));
    assert.match(answers.known[0], /^400 .*"code":"invalid_credentials"/);
    const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
    const ratio = median(times.known) / median(times.unknown);
    assert(ratio > 1 / 3 && ratio < 3, JSON.stringify(times));
  });

  test('the errors reach the client as Supabase names them', async () => {
    const supabase = client(server);
    const wrong = await supabase.auth.signInWithPassword({ email: 'nobody2@example.com', password: 'x'.repeat(300) });
    assert.equal(wrong.error.name, 'AuthApiError');
    assert.deepEqual([wrong.error.status, wrong.error.code, wrong.error.message], [
      400, 'invalid_credentials', 'Invalid login credentials',
    ]);
    const signUp = await supabase.auth.signUp({ email: 'new@example.com', password });
    assert.deepEqual([signUp.error.status, signUp.error.code], [422, 'signup_disabled']);
    const recover = await supabase.auth.resetPasswordForEmail('new@example.com', { redirectTo: 'https://a.example/b' });
    assert.deepEqual([recover.error.status, recover.error.code], [422, 'feature_disabled']);
    for (const { headers } of supabase.exchanges) {
      assert.equal(headers.get('x-supabase-api-version'), '2024-01-01');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert(headers.get('x-sb-error-code'));
    }
  });

  test('what cannot be read is refused with a reason', async () => {
    const ask = (query, body, more = {}) =>
      api(server, 'POST', `/auth/v1/token${query}`, { token: null, body, ...more });
    for (const [query, body, code] of [
      ['', {}, 'invalid_credentials'],
      ['?grant_type=pkce', { auth_code: 'x' }, 'invalid_credentials'],
      ['?grant_type=password', '{"email":', 'bad_json'],
      ['?grant_type=password', '[]', 'bad_json'],
      ['?grant_type=password', {}, 'validation_failed'],
      ['?grant_type=password', { email: 1, password }, 'validation_failed'],
      ['?grant_type=password', { email: 'a@b', password: ['x'] }, 'validation_failed'],
      ['?grant_type=refresh_token', { refresh_token: '529d5172b533' }, 'refresh_token_not_found'],
      ['?grant_type=refresh_token', { refresh_token: 'A'.repeat(54) }, 'refresh_token_not_found'],
      ['?grant_type=refresh_token', {}, 'validation_failed'],
    ]) {
      const answer = await ask(query, body);
      assert.deepEqual([answer.status, answer.body.code], [400, code], `${query} ${JSON.stringify(body)}`);
    }
    assert.equal((await ask('?grant_type=password', { email: 'a@b', password: 'x'.repeat(20_000) })).status, 413);
    assert.equal((await api(server, 'GET', '/auth/v1/nothing', { token: null })).status, 404);
  });

  test('an address is one user, whatever its case', async () => {
    const email = await addAgent(server);
    const again = await command(server, 'user', 'add', '--email', email.toUpperCase(), '--role', 'admin');
    assert.match(again, /can sign in already/);
    assert.match(again, /is admin of account 1/);
    assert.doesNotMatch(again, /Password/);
  });
});

describe('from another origin', () => {
  test('preflights are answered for every path, and errors can be read', async () => {
    const asked = 'apikey,authorization,content-type,x-client-info,x-supabase-api-version';
    for (const [target, method] of [['token', 'POST'], ['user', 'PUT'], ['logout', 'POST'], ['admin/users/1', 'DELETE']]) {
      const answer = await fetch(`${server.url}/auth/v1/${target}`, {
        method: 'OPTIONS',
        headers: { Origin: origin, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': asked },
      });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.get('access-control-allow-origin'), origin);
      assert(answer.headers.get('access-control-allow-methods').split(',').includes(method));
      const allowed = answer.headers.get('access-control-allow-headers').split(',');
      for (const name of asked.split(',')) assert(allowed.includes(name), name);
    }
    const supabase = client(server, { headers: { Origin: origin } });
    const { error } = await supabase.auth.signInWithPassword({ email: 'nobody3@example.com', password });
    assert.equal(error.code, 'invalid_credentials');
    const [{ headers }] = supabase.exchanges;
    assert.equal(headers.get('access-control-allow-origin'), origin);
    const exposed = headers.get('access-control-expose-headers').split(',');
    for (const name of ['X-Supabase-Api-Version', 'X-Total-Count', 'Link', 'Retry-After']) assert(exposed.includes(name));
    const stranger = client(server, { headers: { Origin: 'https://evil.example.com' } });
    await stranger.auth.signInWithPassword({ email: 'nobody3@example.com', password });
    assert.equal(stranger.exchanges[0].headers.get('access-control-allow-origin'), null);
  });
});

describe('a session', () => {
  test('is refreshed: the same session, another refresh token', async () => {
    const { supabase, session } = await signedIn(server);
    const { data, error } = await supabase.auth.refreshSession();
    assert.equal(error, null);
    assert.notEqual(data.session.refresh_token, session.refresh_token);
    assert.equal(claimsOf(data.session.access_token).session_id, claimsOf(session.access_token).session_id);
    assert(await good(server, data.session));
    assert(await good(server, session));
  });

  test('five tabs that refresh with the same token all go on, and so does the next refresh', async () => {
    const { session } = await signedIn(server);
    const tabs = Array.from({ length: 5 }, () => client(server));
    const refreshed = await Promise.all(
      tabs.map((tab) => tab.auth.refreshSession({ refresh_token: session.refresh_token })),
    );
    const active = new Set(refreshed.map(({ data, error }) => {
      assert.equal(error, null);
      return data.session.refresh_token;
    }));
    assert.equal(active.size, 1);
    assert.deepEqual(tabs.map((tab) => tab.exchanges.length), [1, 1, 1, 1, 1]);
    for (const { data } of refreshed) assert(await good(server, data.session));
    for (const tab of tabs) {
      const { data, error } = await tab.auth.refreshSession();
      assert.equal(error, null);
      assert(await good(server, data.session));
    }
  });

  test('an old refresh token ends the session once the tabs had their time', async () => {
    const database = await db(server);
    const { supabase, session } = await signedIn(server);
    const second = (await supabase.auth.refreshSession()).data.session;
    const third = (await supabase.auth.refreshSession()).data.session;
    const id = claimsOf(session.access_token).session_id;
    await database.query(`UPDATE sessions SET refreshed_at = now() - interval '11 s' WHERE id = '${id}'`);

    const thief = client(server);
    // The parent of the active one: the client may have lost the answer.
    const parent = await thief.auth.refreshSession({ refresh_token: second.refresh_token });
    assert.equal(parent.data.session.refresh_token, third.refresh_token);
    const old = await thief.auth.refreshSession({ refresh_token: session.refresh_token });
    assert.deepEqual([old.error.status, old.error.code], [400, 'refresh_token_already_used']);
    assert.equal((await api(server, 'GET', path, { token: third.access_token })).status, 401);
    const after = await client(server).auth.refreshSession({ refresh_token: third.refresh_token });
    assert.equal(after.error.code, 'refresh_token_not_found');
  });

  test('ends when its days are over', async () => {
    const database = await db(server);
    const { supabase, session } = await signedIn(server);
    const id = claimsOf(session.access_token).session_id;
    await database.query(`UPDATE sessions SET not_after = now() WHERE id = '${id}'`);
    const { error } = await supabase.auth.refreshSession();
    assert.equal(error.code, 'session_expired');
    assert.equal((await api(server, 'GET', path, { token: session.access_token })).status, 401);
  });

  test('signing out closes the event sockets of the session within 5 s, and no others', async () => {
    const { supabase, email, session } = await signedIn(server);
    const other = (await client(server).auth.signInWithPassword({ email, password })).data.session;
    const left = await connectAgent(server, { token: session.access_token });
    const stays = await connectAgent(server, { token: other.access_token });
    const { error } = await supabase.auth.signOut({ scope: 'local' });
    assert.equal(error, null);
    await eventually(() => left.closed, { timeout: 5_000 });
    assert.equal(left.closed.code, 4401);
    assert.equal(stays.closed, null);
    stays.close();
  });

  test('signing out ends it here, everywhere or elsewhere, for the API at once', async () => {
    for (const [scope, left] of [['global', [false, false]], ['local', [false, true]], ['others', [true, false]]]) {
      const { supabase, email, session } = await signedIn(server);
      const other = client(server);
      const second = (await other.auth.signInWithPassword({ email, password })).data.session;
      assert(await good(server, session));
      assert(await good(server, second));
      const { error } = await supabase.auth.signOut({ scope });
      assert.equal(error, null);
      assert.equal(supabase.exchanges.at(-1).status, 204);
      assert.deepEqual([await good(server, session), await good(server, second)], left, scope);
      const refreshed = await client(server).auth.refreshSession({ refresh_token: session.refresh_token });
      assert.equal(refreshed.error?.code, left[0] ? undefined : 'refresh_token_not_found', scope);
    }
    const { session } = await signedIn(server);
    const refused = await api(server, 'POST', '/auth/v1/logout?scope=all', { token: session.access_token });
    assert.deepEqual([refused.status, refused.body.code], [400, 'validation_failed']);
  });

  test('that is over is told to getUser, and the client forgets it', async () => {
    const { supabase, email, session } = await signedIn(server);
    const other = client(server);
    await other.auth.signInWithPassword({ email, password });
    await other.auth.signOut({ scope: 'others' });
    const events = [];
    supabase.auth.onAuthStateChange((event) => events.push(event));
    const { error } = await supabase.auth.getUser();
    assert(error);
    const last = supabase.exchanges.at(-1);
    assert.deepEqual([last.status, JSON.parse(last.text).code], [403, 'session_not_found']);
    assert.equal((await supabase.auth.getSession()).data.session, null);
    assert(events.includes('SIGNED_OUT'));
    assert.equal((await supabase.auth.signOut()).error, null);
    assert.equal(await good(server, session), false);
  });

  test('a clock that is two hours wrong does not make the client refresh again and again', async () => {
    const RealDate = Date;
    for (const hours of [2, -2]) {
      const email = await addAgent(server);
      const supabase = client(server);
      globalThis.Date = class extends RealDate {
        constructor(...values) {
          super(...(values.length ? values : [RealDate.now() + hours * 3_600_000]));
        }
        static now() {
          return RealDate.now() + hours * 3_600_000;
        }
      };
      try {
        assert.equal((await supabase.auth.signInWithPassword({ email, password })).error, null);
        for (let i = 0; i < 10; ++i) assert((await supabase.auth.getSession()).data.session);
      } finally {
        globalThis.Date = RealDate;
      }
      assert.equal(supabase.exchanges.length, 1, `${hours} h`);
    }
  });
});

describe('the user', () => {
  test('is told by getUser and by the published key', async () => {
    const { supabase, email, user } = await signedIn(server);
    const told = await supabase.auth.getUser();
    assert.equal(told.error, null);
    assert.equal(told.data.user.id, user.id);
    const { data, error } = await supabase.auth.getClaims();
    assert.equal(error, null);
    assert.equal(data.claims.email, email);
    assert.equal(data.header.alg, 'ES256');
    await supabase.auth.getClaims();
    const keys = supabase.exchanges.filter((e) => e.url.pathname.endsWith('/jwks.json'));
    assert.equal(keys.length, 1);
    assert.equal(keys[0].headers.get('cache-control'), 'public, max-age=600');
    assert.deepEqual(Object.keys(JSON.parse(keys[0].text).keys[0]).sort(), [
      'alg', 'crv', 'key_ops', 'kid', 'kty', 'use', 'x', 'y',
    ]);
  });

  test('without a token, or with one that is none, is nobody', async () => {
    for (const [method, target] of [['GET', 'user'], ['PUT', 'user'], ['POST', 'logout']]) {
      const none = await api(server, method, `/auth/v1/${target}`, { token: null });
      assert.deepEqual([none.status, none.body.code], [401, 'no_authorization']);
      const key = await api(server, method, `/auth/v1/${target}`, { token: 'any' });
      assert.deepEqual([key.status, key.body.code], [403, 'bad_jwt']);
    }
  });

  test('changes their name; tokens carry it from the next refresh', async () => {
    const { supabase } = await signedIn(server);
    const { data, error } = await supabase.auth.updateUser({ data: { display_name: 'Ana', colour: 'blue' } });
    assert.equal(error, null);
    assert.deepEqual(data.user.user_metadata, { display_name: 'Ana', colour: 'blue' });
    const merged = await supabase.auth.updateUser({ data: { colour: null, size: 3 } });
    assert.deepEqual(merged.data.user.user_metadata, { display_name: 'Ana', size: 3 });
    const refreshed = (await supabase.auth.refreshSession()).data.session;
    assert.deepEqual(claimsOf(refreshed.access_token).user_metadata, { display_name: 'Ana' });
    const large = await supabase.auth.updateUser({ data: { text: 'x'.repeat(5000) } });
    assert.deepEqual([large.error.status, large.error.code], [400, 'validation_failed']);
    const address = await supabase.auth.updateUser({ email: 'other@example.com' });
    assert.deepEqual([address.error.status, address.error.code], [422, 'feature_disabled']);
    const nothing = await supabase.auth.updateUser({ data: { text: 'a\u0000b' } });
    assert.equal(nothing.error, null);
  });

  test('changes their password: the other sessions end, the old password is no more', async () => {
    const { supabase, email, session } = await signedIn(server);
    const other = client(server);
    const second = (await other.auth.signInWithPassword({ email, password })).data.session;
    for (const [bad, code, reason] of [
      ['short', 'weak_password', 'length'],
      ['Password123', 'weak_password', 'pwned'],
      ['x'.repeat(257), 'weak_password', 'length'],
      [password, 'same_password'],
    ]) {
      const { error } = await supabase.auth.updateUser({ password: bad });
      assert.deepEqual([error.status, error.code], [422, code], bad);
      if (reason) assert.deepEqual(error.reasons, [reason]);
    }
    const wrong = await supabase.auth.updateUser({ password: 'another good one', current_password: 'wrong one' });
    assert.equal(wrong.error.code, 'current_password_invalid');
    assert(await good(server, second));
    const long = 'ü'.repeat(128);
    assert.equal((await supabase.auth.updateUser({ password: long })).error, null);
    assert(await good(server, session));
    assert.equal(await good(server, second), false);
    assert.equal((await client(server).auth.signInWithPassword({ email, password })).error.code, 'invalid_credentials');
    assert.equal((await client(server).auth.signInWithPassword({ email, password: long })).error, null);
  });
});

describe('limits', () => {
  test('a user who fails again and again has to wait, with the right password too; success forgives', async () => {
    const on = await start({ DATABASE_URL: await server.databaseUrl() });
    const email = await addAgent(server);
    const waits = {};
    for (const [kind, address] of [['known', email], ['unknown', 'nobody4@example.com']]) {
      const ask = (secret) => {
        const body = { email: address, password: secret };
        return api(on, 'POST', '/auth/v1/token?grant_type=password', { token: null, body });
      };
      const answers = [];
      for (let i = 0; i < 6; ++i) answers.push(await ask('not the password'));
      assert.deepEqual(answers.map((a) => a.status), [400, 400, 400, 400, 400, 429], kind);
      assert.equal(answers[5].body.code, 'over_request_rate_limit');
      waits[kind] = Number(answers[5].headers.get('retry-after'));
      assert.equal(waits[kind], 1);
    }
    // Long before the wait is over.
    const database = await db(server);
    await database.query(`UPDATE users SET next_attempt_at = now() + interval '40 s' WHERE email = '${email}'`);
    const { error } = await client(on).auth.signInWithPassword({ email, password });
    assert.deepEqual([error.status, error.code], [429, 'over_request_rate_limit']);
    await database.query(`UPDATE users SET next_attempt_at = now() WHERE email = '${email}'`);
    assert.equal((await client(on).auth.signInWithPassword({ email, password })).error, null);
    const { rows } = await database.query(`SELECT failed_sign_ins FROM users WHERE email = '${email}'`);
    assert.equal(rows[0].failed_sign_ins, 0);
    await on.stop();
  });

  test('guesses that come all at once count one by one', async () => {
    const on = await start({ DATABASE_URL: await server.databaseUrl() });
    const email = await addAgent(server);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const body = { email, password: `guess number ${i}` };
        return api(on, 'POST', '/auth/v1/token?grant_type=password', { token: null, body });
      }),
    );
    assert.equal(answers.filter((a) => a.status === 400).length, 5);
    assert.equal(answers.filter((a) => a.status === 429).length, 7);
    await on.stop();
  });

  test('one address may not ask for tokens without end', async () => {
    const on = await start({ DATABASE_URL: await server.databaseUrl() });
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        api(on, 'POST', '/auth/v1/token?grant_type=refresh_token', { token: null, body: { refresh_token: 'x' } }),
      ),
    );
    const refused = answers.filter((a) => a.status === 429);
    assert(refused.length >= 5 && refused.length <= 10, String(refused.length));
    for (const { headers } of refused) assert(Number(headers.get('retry-after')) >= 1);
    await on.stop();
  });
});

describe('behind a proxy', () => {
  const ask = (on, forwarded) =>
    api(on, 'POST', '/auth/v1/token?grant_type=refresh_token', {
      token: null,
      headers: { 'X-Forwarded-For': forwarded },
      body: { refresh_token: 'x' },
    });
  const refusals = (answers) => answers.filter(({ status }) => status === 429).length;

  test('every client has an allowance of its own, whatever it claims', async () => {
    const on = await start({ DATABASE_URL: await server.databaseUrl() });
    const clients = Array.from({ length: 40 }, (_, n) => `198.51.100.${n}`);
    assert.equal(refusals(await Promise.all(clients.map((client) => ask(on, client)))), 0);
    assert(refusals(await Promise.all(clients.map((claim) => ask(on, `${claim}, 203.0.113.7`)))) >= 5);
    await on.stop();
  });

  test('that is not trusted, nobody is believed', async () => {
    const on = await start({ DATABASE_URL: await server.databaseUrl(), PARLEY_TRUSTED_PROXIES: '10.0.0.0/8' });
    assert(refusals(await Promise.all(Array.from({ length: 40 }, (_, n) => ask(on, `198.51.100.${n}`)))) >= 5);
    await on.stop();
  });

  test('a setting that is no network is refused at the start', async () => {
    await assert.rejects(run(['serve'], { env: { ...server.variables, PORT: '0', PARLEY_TRUSTED_PROXIES: '10.0.0.0/33' } }), /--trusted-proxies: 10.0.0.0\/33 is neither an address nor a network/);
  });
});

describe('the administrator', () => {
  test('adds, lists, changes and removes users with the admin key', async () => {
    const { admin } = client(server, { key: adminKey }).auth;
    const email = 'Made.By.Admin@example.com';
    const made = await admin.createUser({ email, password, email_confirm: true, user_metadata: { name: 'M' } });
    assert.equal(made.error, null);
    const { id } = made.data.user;
    assert.equal(made.data.user.email, email.toLowerCase());
    const twice = await admin.createUser({ email, password });
    assert.deepEqual([twice.error.status, twice.error.code], [422, 'email_exists']);
    for (const bad of ['', 'nobody', 'a@b@c', '@b', 'a@', 'a b@c', `${'x'.repeat(250)}@example.com`]) {
      const { error } = await admin.createUser({ email: bad, password });
      assert.equal(error.code, 'validation_failed', bad);
    }
    assert.equal((await admin.createUser({ email: 'weak@example.com', password: 'short' })).error.code, 'weak_password');

    const page = await admin.listUsers({ page: 1, perPage: 2 });
    assert.equal(page.error, null);
    assert.equal(page.data.users.length, 2);
    assert.equal(page.data.users[0].id, id);
    assert(page.data.total > 2);
    assert.equal(page.data.nextPage, 2);
    assert.equal((await admin.getUserById(id)).data.user.user_metadata.name, 'M');

    const supabase = client(server);
    const { session } = (await supabase.auth.signInWithPassword({ email, password })).data;
    const told = { password: 'a new good password', app_metadata: { team: 'a' }, user_metadata: { x: 1 } };
    const changed = await admin.updateUserById(id, told);
    assert.deepEqual(changed.data.user.app_metadata, { provider: 'email', providers: ['email'], team: 'a' });
    assert.deepEqual(changed.data.user.user_metadata, { name: 'M', x: 1 });
    assert.equal((await supabase.auth.refreshSession()).error.code, 'refresh_token_not_found');
    assert.equal(await api(server, 'GET', path, { token: session.access_token }).then((a) => a.status), 401);

    assert.equal((await admin.updateUserById(id, { ban_duration: '1h30m' })).error, null);
    const banned = await supabase.auth.signInWithPassword({ email, password: told.password });
    assert.equal(banned.error.code, 'user_banned');
    assert.equal((await admin.updateUserById(id, { ban_duration: 'soon' })).error.code, 'validation_failed');
    await admin.updateUserById(id, { ban_duration: 'none' });
    assert.equal((await supabase.auth.signInWithPassword({ email, password: told.password })).error, null);

    assert.equal((await admin.deleteUser(id)).error, null);
    assert.equal((await admin.getUserById(id)).error.code, 'user_not_found');
    assert.equal((await admin.deleteUser(id)).error.status, 404);
    assert.equal((await supabase.auth.refreshSession()).error.code, 'refresh_token_not_found');
  });

  test('is nobody who has a token of a user, or another key', async () => {
    const { session } = await signedIn(server);
    const id = claimsOf(session.access_token).sub;
    for (const [method, target] of [
      ['GET', 'users'], ['POST', 'users'], ['GET', `users/${id}`], ['PUT', `users/${id}`], ['DELETE', `users/${id}`],
    ]) {
      const ask = (bearer, headers = {}) =>
        api(server, method, `/auth/v1/admin/${target}`, { token: bearer, headers });
      assert.deepEqual([(await ask(null)).status, (await ask(null, { apikey: adminKey })).status], [401, 401]);
      for (const wrong of [session.access_token, 'any', `${adminKey}x`, adminKey.slice(0, -1)]) {
        const answer = await ask(wrong);
        assert.deepEqual([answer.status, answer.body.code], [403, 'not_admin']);
      }
    }
    assert.equal((await api(server, 'GET', path, { token: adminKey })).status, 401);
  });
});

describe('who runs the server', () => {
  test('gives access tokens other lives and another issuer', async () => {
    const url = 'https://inbox.example.com';
    const env = { PARLEY_ACCESS_TOKEN_SECONDS: 300, PARLEY_PUBLIC_URL: url, DATABASE_URL: await server.databaseUrl() };
    const on = await start(env);
    const email = await addAgent(server);
    const supabase = client(on);
    const { session } = (await supabase.auth.signInWithPassword({ email, password })).data;
    assert.equal(session.expires_in, 300);
    assert.equal(claimsOf(session.access_token).iss, `${url}/auth/v1`);
    for (let i = 0; i < 10; ++i) await supabase.auth.getSession();
    assert.equal(supabase.exchanges.length, 1);
    assert(await good(on, session));
    // Another data directory has other keys.
    assert.equal(await good(server, session), false);
    await on.stop();
    for (const wrong of [{ PARLEY_ACCESS_TOKEN_SECONDS: 299 }, { PARLEY_PUBLIC_URL: `${url}/` }]) {
      await assert.rejects(run(['serve'], { env: { PORT: 0, PARLEY_DATA_DIR: temporaryFolder(), ...wrong } }));
    }
  });

  test('lets processes of one data directory sign in and out for each other', async () => {
    const databaseUrl = await server.databaseUrl();
    const dataDir = temporaryFolder();
    const both = [
      await start({ DATABASE_URL: databaseUrl }, { dataDir }),
      await start({ DATABASE_URL: databaseUrl }, { dataDir }),
    ];
    const { supabase, session } = await signedIn(both[0]);
    assert(await good(both[1], session));
    const second = await client(both[1]).auth.refreshSession({ refresh_token: session.refresh_token });
    assert.equal(second.error, null);
    await supabase.auth.signOut();
    assert.equal(await good(both[0], session), false);
    for (const one of both) await one.stop();
  });

  test('adds, lists, changes and removes people on the command line', async () => {
    const made = await command(server, 'user', 'add', '--email', 'Boss@Example.com', '--role', 'owner');
    const secret = made.match(/^Password: (\S{20,})$/m)[1];
    assert.match(made, /boss@example\.com .* is owner of account 1/);
    const supabase = client(server);
    const { data } = await supabase.auth.signInWithPassword({ email: 'boss@example.com', password: secret });
    assert(await good(server, data.session));
    const id = data.user.id;
    assert.match(await command(server, 'user', 'list'), new RegExp(`^account 1  ${id}  owner  boss@example.com$`, 'm'));

    const set = ['user', 'password', '--email', 'boss@example.com', '--password-file', passwordFile];
    assert.match(await command(server, ...set), /sessions ended: 1/);
    assert.equal((await supabase.auth.refreshSession()).error.code, 'refresh_token_not_found');
    assert.equal((await supabase.auth.signInWithPassword({ email: 'boss@example.com', password })).error, null);
    const printed = (await command(server, 'user', 'token', '--email', 'boss@example.com')).trim();
    assert.equal((await api(server, 'GET', path, { token: printed })).status, 200);
    const asked = await api(server, 'GET', '/auth/v1/user', { token: printed });
    assert.equal(asked.body.email, 'boss@example.com');

    assert.match(await command(server, 'user', 'remove', '--email', 'boss@example.com', '--account', '1'), /Removed/);
    assert.match(await command(server, 'user', 'list'), new RegExp(`^no account  ${id}  boss@example.com$`, 'm'));
    assert.equal((await api(server, 'GET', path, { token: printed })).status, 403);
    assert.match(await command(server, 'user', 'remove', '--email', 'boss@example.com'), /Removed/);
    assert.doesNotMatch(await command(server, 'user', 'list'), /boss@/);

    const refused = async (said, env, ...args) => {
      const variables = { ...server.variables, DATABASE_URL: await server.databaseUrl(), ...env };
      assert.match((await run(args, { env: variables, expected: 1 })).stderr, said, args.join(' '));
    };
    writeFileSync(join(folder, 'weak'), 'password1\n');
    await refused(/everybody tries/, {}, 'user', 'add', '--email', 'w@example.com', '--password-file', join(folder, 'weak'));
    await refused(/cannot be read/, {}, 'user', 'add', '--email', 'w@example.com', '--password-file', join(folder, 'no'));
    await refused(/one @/, {}, 'user', 'add', '--email', 'nobody');
    await refused(/no such account/i, {}, 'user', 'add', '--email', 'w@example.com', '--account', '99');
    await refused(/no user with this address/, {}, 'user', 'remove', '--email', 'w9@example.com');
    await refused(/--email or --id/, {}, 'user', 'remove');
    const external = { SUPABASE_URL: 'https://abc.supabase.co' };
    await refused(/Supabase project/, external, 'user', 'add', '--email', 'w@example.com');
  });

  test('finds keys that only the owner of the data directory reads', async () => {
    assert.equal(statSync(join(server.dataDir, 'auth-keys.json')).mode & 0o777, 0o600);
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, 'auth-keys.json'), '{"signing_keys":[]}');
    const env = { PORT: 0, PARLEY_DATA_DIR: dataDir, DATABASE_URL: await server.databaseUrl() };
    assert.match((await run(['serve'], { env, expected: 1 })).stderr, /auth-keys\.json/);
  });
});

test('with a Supabase project there is no sign-in here', async () => {
  const on = await start({ SUPABASE_URL: 'https://abc.supabase.co', DATABASE_URL: await server.databaseUrl() });
  for (const [method, target] of [['POST', 'token'], ['GET', 'user'], ['GET', 'admin/users']]) {
    const answer = await fetch(`${on.url}/auth/v1/${target}`, { method });
    assert.equal(answer.status, 404);
  }
  await on.stop();
});

test('neither passwords nor tokens or addresses are in the log', () => {
  const logged = logs.join('\n');
  assert.match(logged, /signed_in/);
  assert.match(logged, /refresh_token_reused/);
  for (const secret of [password, 'not the password', adminKey, '@example.com', 'eyJ']) {
    assert(!logged.includes(secret), secret);
  }
});
