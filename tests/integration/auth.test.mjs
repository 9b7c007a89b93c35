// Whose requests are answered: Supabase's access tokens, then membership. And that nothing of it is logged.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, randomUUID, sign as signBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { before, describe, test } from 'node:test';
import {
  api,
  appSecret,
  command,
  eventually,
  fixture,
  jwtSecret,
  onEnd,
  owner,
  phoneNumberId,
  postWebhook,
  raw,
  run,
  startServer,
  temporaryFolder,
  token,
  verifyToken,
} from './support/server.mjs';

const stranger = '33333333-3333-4333-8333-333333333333';
const graphToken = 'EAAG-a-graph-token-that-nobody-may-read';
const path = '/api/live-chat/conversations';

const servers = [];
const secrets = new Set([jwtSecret, appSecret, verifyToken, graphToken]);
let server;

const start = async (env) => {
  const started = await startServer({ env: { PARLEY_LOG_LEVEL: 'debug', ...env } });
  servers.push(started);
  return started;
};

/** One request with this token; the token may not be logged. */
const ask = (access, on = server, options = {}) => {
  secrets.add(access);
  return api(on, 'GET', path, { token: access, ...options });
};

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const hmac = (text, secret = jwtSecret, hash = 'sha256') => createHmac(hash, secret).update(text).digest('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

const claims = (more = {}) => ({
  aud: 'authenticated',
  role: 'authenticated',
  sub: owner,
  email: 'agent@example.com',
  phone: '',
  iat: seconds(),
  exp: seconds() + 3600,
  session_id: randomUUID(),
  aal: 'aal1',
  is_anonymous: false,
  ...more,
});

/** A token put together by hand: `header` and `payload` may be text that is no JSON of ours. */
function forge({ header = { alg: 'HS256', typ: 'JWT' }, payload = claims(), secret = jwtSecret, signature } = {}) {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${signature ?? hmac(signed, secret)}`;
}

before(async () => {
  server = await start({ WA_TOKEN: graphToken, PARLEY_GRAPH_URL: 'http://127.0.0.1:9' });
});

describe('tokens of a shared secret', () => {
  test('a valid one is accepted', async () => {
    for (const good of [
      token(),
      token({ aud: ['authenticated', 'another'] }),
      token({ iss: 'https://any.supabase.co/auth/v1' }),
      token({ email: undefined, phone: undefined, amr: undefined, aal: undefined, session_id: undefined }),
      token({ sub: owner.toUpperCase() }),
      token({}, { header: { kid: 'legacy' } }),
    ]) {
      assert.equal((await ask(good)).status, 200);
    }
  });

  test('the scheme is read whatever its case', async () => {
    for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
      const answer = await ask(null, server, { headers: { Authorization: `${scheme} ${token()}` } });
      assert.equal(answer.status, 200, scheme);
    }
  });

  const now = seconds();
  const forged = {
    'signed with another secret': token({}, { secret: 'another-secret-of-at-least-32-characters' }),
    'signed with the secret read as base64': forge({ secret: Buffer.from(jwtSecret, 'base64') }),
    expired: token({ iat: now - 7200, exp: now - 3600 }),
    'of the future': token({ nbf: now + 600 }),
    'issued in the future': token({ iat: now + 600 }),
    'good for a year': token({ exp: now + 365 * 86_400 }),
    'without exp': token({ exp: undefined }),
    'with exp as text': token({ exp: String(now + 3600) }),
    'with exp as a fraction': token({ exp: now + 3600.5 }),
    'with exp beyond all numbers': forge({ payload: JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999') }),
    'with exp twice': forge({ payload: JSON.stringify(claims()).replace('{', `{"exp":${now + 999_999},`) }),
    'the public anon key': forge({
      payload: { iss: 'supabase', ref: 'abcdefghijklmnopqrst', role: 'anon', iat: now, exp: now + 3600 },
    }),
    'the service_role key': forge({
      payload: { iss: 'supabase', ref: 'abcdefghijklmnopqrst', role: 'service_role', iat: now, exp: now + 3600 },
    }),
    'of role anon, otherwise complete': token({ role: 'anon' }),
    'of role service_role, otherwise complete': token({ role: 'service_role' }),
    'of an anonymous user': token({ is_anonymous: true }),
    'of an OAuth client': token({ client_id: randomUUID() }),
    'with a sub that is no uuid': token({ sub: 'owner' }),
    'with a sub of SQL': token({ sub: `${owner}' OR '1'='1` }),
    'with the nil uuid': token({ sub: '00000000-0000-0000-0000-000000000000' }),
    'without sub': token({ sub: undefined }),
    'without aud': token({ aud: undefined }),
    'of another aud': token({ aud: 'anon' }),
    'with alg none': forge({ header: { alg: 'none', typ: 'JWT' }, signature: '' }),
    'with alg none and a signature': forge({ header: { alg: 'none', typ: 'JWT' } }),
    'with alg None': forge({ header: { alg: 'None' } }),
    'with an empty alg': forge({ header: { alg: '' } }),
    'with alg in lower case': forge({ header: { alg: 'hs256' } }),
    'without alg': forge({ header: { typ: 'JWT' } }),
    'with alg HS512, signed so': (() => {
      const signed = `${base64url({ alg: 'HS512' })}.${base64url(claims())}`;
      return `${signed}.${hmac(signed, jwtSecret, 'sha512')}`;
    })(),
    'with alg RS256, signed with the secret': forge({ header: { alg: 'RS256' } }),
    'with alg ES256 and a kid, signed with the secret': forge({ header: { alg: 'ES256', kid: '../../etc/passwd' } }),
    'with crit': forge({ header: { alg: 'HS256', crit: ['exp'] } }),
    'with a header that is no object': forge({ header: '["HS256"]' }),
    'with a payload that is no object': forge({ payload: '"owner"' }),
    'with a payload that is no JSON': forge({ payload: 'sub=owner' }),
    'with padding': `${token()}=`,
    'with a fourth part': `${token()}.e30`,
    'with two parts': token().split('.').slice(0, 2).join('.'),
    'without signature': `${token().split('.').slice(0, 2).join('.')}.`,
    'with a changed payload': (() => {
      const [head, , signature] = token({ sub: stranger }).split('.');
      return `${head}.${base64url(claims())}.${signature}`;
    })(),
    'no token at all': 'sb_publishable_abcdefghijklmnop',
  };

  test('every other one is answered with one and the same 401', async () => {
    const answers = new Map();
    for (const [name, bad] of Object.entries(forged)) answers.set(name, await ask(bad));
    const headers = [
      ['no header', {}],
      ['an empty header', { Authorization: '' }],
      ['the scheme alone', { Authorization: 'Bearer' }],
      ['Basic', { Authorization: `Basic ${Buffer.from(`owner:${token()}`).toString('base64')}` }],
      ['the token alone', { Authorization: token() }],
      ['two tokens in one header', { Authorization: `Bearer ${token()}, Bearer ${token()}` }],
      ['the token as apikey', { apikey: token() }],
      ['the token as cookie', { Cookie: `sb-access-token=${token()}` }],
    ];
    for (const [name, sent] of headers) answers.set(name, await api(server, 'GET', path, { token: null, headers: sent }));
    answers.set('the token in the query', await api(server, 'GET', `${path}?access_token=${token()}`, { token: null }));

    const bodies = new Set();
    for (const [name, { status, headers: got, body }] of answers) {
      assert.equal(status, 401, name);
      assert.match(got.get('www-authenticate'), /^Bearer\b/, name);
      const { request_id, ...rest } = body;
      bodies.add(JSON.stringify(rest));
    }
    assert.equal(bodies.size, 1, [...bodies].join('\n'));
  });

  test('one with much of its own is read, up to 16 KiB of header', async () => {
    const padded = (size) => token({ user_metadata: { padding: 'x'.repeat(size) } });
    assert.equal((await ask(padded(10_000))).status, 200);
    assert.equal((await ask(padded(13_000))).status, 431);
  });

  test('two Authorization headers: 401, although both are good', async () => {
    const access = `Authorization: Bearer ${token()}\r\n`;
    const received = await raw(server, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${access}${access}\r\n`);
    assert.match(received, /^HTTP\/1\.1 401 /);
  });

  test('who is not a member gets 403, until added, and again once removed', async () => {
    const access = token({ sub: stranger });
    assert.equal((await ask(access)).status, 403);
    await command(server, 'user', 'add', '--account', '1', '--id', stranger);
    assert.equal((await ask(access)).status, 200);
    assert.match(await command(server, 'user', 'remove', '--account', '1', '--id', stranger), /Removed/);
    assert.equal((await ask(access)).status, 403);
    assert.equal((await ask(token())).status, 200);
  });

  test('claims that users can write themselves give nobody a role', async () => {
    const answer = await ask(token({ sub: stranger, user_metadata: { role: 'owner', account_id: 1 }, account_id: 1 }));
    assert.equal(answer.status, 403);
  });
});

describe("tokens of a project's published keys", () => {
  const es256 = () => ({ kid: randomUUID(), alg: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) });
  const rs256 = (modulusLength) => ({ kid: randomUUID(), alg: 'RS256', ...generateKeyPairSync('rsa', { modulusLength }) });
  const jwk = ({ publicKey, kid, alg }) => {
    const numbers = publicKey.export({ format: 'jwk' });
    return { ...numbers, kid, alg, use: 'sig', key_ops: ['verify'] };
  };
  const keys = { first: es256(), rsa: rs256(2048), next: es256(), foreign: es256(), weak: rs256(1024) };

  const project = { keys: [], requests: 0, answer: null };
  let issuer;
  let on;

  /** A token signed with a key of the project. */
  function signed(key, more = {}, { header = {}, encoding = 'ieee-p1363' } = {}) {
    const head = { alg: key.alg, typ: 'JWT', kid: key.kid, ...header };
    const text = `${base64url(head)}.${base64url(claims({ iss: issuer, ...more }))}`;
    const options = { key: key.privateKey, dsaEncoding: encoding };
    return `${text}.${signBytes('sha256', Buffer.from(text), options).toString('base64url')}`;
  }

  /** A server that knows the project alone. */
  const startWithProject = async () =>
    start({ SUPABASE_URL: project.url, SUPABASE_JWT_SECRET: undefined, DATABASE_URL: await server.databaseUrl() });

  before(async () => {
    const http = createServer((request, response) => {
      project.requests += 1;
      if (project.answer) return project.answer(request, response);
      assert.equal(request.url, '/auth/v1/.well-known/jwks.json');
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ keys: project.keys }));
    });
    await new Promise((done) => http.listen(0, '127.0.0.1', done));
    project.url = `http://127.0.0.1:${http.address().port}`;
    project.close = () => new Promise((done) => {
      http.closeAllConnections();
      http.close(done);
    });
    onEnd(() => project.close());
    issuer = `${project.url}/auth/v1`;
    project.keys = [jwk(keys.first), jwk(keys.rsa), jwk(keys.weak)];
    on = await startWithProject();
  });

  test('ES256 and RS256 are accepted, and the keys fetched once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(signed(keys.first), on)));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
    assert.equal((await ask(signed(keys.rsa), on)).status, 200);
    assert.equal(project.requests, 1);
  });

  test('a key that is new since then is looked for', async () => {
    const access = signed(keys.next);
    project.keys.push(jwk(keys.next));
    assert.equal((await ask(access, on)).status, 200);
    assert.equal(project.requests, 2);
  });

  test('unknown kids do not make the server ask again and again', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(signed(keys.foreign, {}, { header: { kid: randomUUID() } }), on)),
    );
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [401]);
    assert.equal(project.requests, 2);
  });

  test('forged ones are refused', async () => {
    const pem = keys.first.publicKey.export({ format: 'pem', type: 'spki' });
    const der = keys.first.publicKey.export({ format: 'der', type: 'spki' });
    const text = `${base64url({ alg: 'ES256', typ: 'JWT', kid: keys.first.kid })}.${base64url(claims({ iss: issuer }))}`;
    const good = signed(keys.first);
    const [head, payload, signature] = good.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const withSignature = (value) => `${head}.${payload}.${value.toString('base64url')}`;
    const hs256 = (secret, kid) => forge({ header: { alg: 'HS256', kid }, payload: claims({ iss: issuer }), secret });
    const table = {
      'of another key under a known kid': signed(keys.foreign, {}, { header: { kid: keys.first.kid } }),
      'of a key below 2048 bits': signed(keys.weak),
      'HS256 with the public key in PEM': hs256(pem, keys.first.kid),
      'HS256 with the public key in DER': hs256(der, keys.first.kid),
      'HS256 with the public key as JWK': hs256(JSON.stringify(jwk(keys.first)), keys.first.kid),
      'HS256 with the public key, no kid': hs256(pem, undefined),
      'HS256 with the secret of another server': hs256(jwtSecret, undefined),
      'RS256 in the name, ES256 in fact': signed(keys.first, {}, { header: { alg: 'RS256' } }),
      'of another issuer': signed(keys.first, { iss: 'https://evil.supabase.co/auth/v1' }),
      'of an issuer that begins so': signed(keys.first, { iss: `${issuer}/` }),
      'without issuer': signed(keys.first, { iss: undefined }),
      expired: signed(keys.first, { iat: seconds() - 7200, exp: seconds() - 3600 }),
      'signed in DER': signed(keys.first, {}, { encoding: 'der' }),
      'signed with zeros': `${text}.${Buffer.alloc(64).toString('base64url')}`,
      'signed with 63 bytes': withSignature(bytes.subarray(0, 63)),
      'signed with 65 bytes': withSignature(Buffer.concat([bytes, Buffer.alloc(1)])),
      'with a key of its own': signed(keys.foreign, {}, {
        header: { kid: undefined, jwk: jwk(keys.foreign), jku: `${project.url}/evil`, x5u: project.url },
      }),
      'with a kid of SQL': signed(keys.foreign, {}, { header: { kid: "' OR 1=1 --" } }),
    };
    for (const [name, bad] of Object.entries(table)) assert.equal((await ask(bad, on)).status, 401, name);
    assert.equal((await ask(good, on)).status, 200);
    assert.equal(project.requests, 2);
  });

  test('a project that redirects, answers nonsense or too much has no keys', async () => {
    const evil = createServer((request, response) => response.end(JSON.stringify({ keys: [jwk(keys.foreign)] })));
    await new Promise((done) => evil.listen(0, '127.0.0.1', done));
    onEnd(() => new Promise((done) => evil.close(done)));
    const answers = [
      (_, response) => response.writeHead(302, { Location: `http://127.0.0.1:${evil.address().port}/` }).end(),
      (_, response) => response.end(`{"keys":[${JSON.stringify(jwk(keys.foreign))}],"x":"${'x'.repeat(70_000)}"}`),
      (_, response) => response.end('<html>'),
      (_, response) => response.writeHead(500).end(JSON.stringify({ keys: [jwk(keys.foreign)] })),
      (request) => request.socket.destroy(),
    ];
    try {
      for (const answer of answers) {
        project.answer = answer;
        const fresh = await startWithProject();
        // Nobody can be judged: 401 would sign people out for a fault of ours.
        assert.equal((await ask(signed(keys.foreign), fresh)).status, 503, String(answer));
        assert.equal((await ask(signed(keys.first), fresh)).status, 503, String(answer));
        await fresh.stop();
      }
    } finally {
      project.answer = null;
    }
  });

  test('a project with a secret beside its keys: both are good, for that issuer alone', async () => {
    const both = await start({ SUPABASE_URL: project.url, DATABASE_URL: await server.databaseUrl() });
    assert.equal((await ask(token({ iss: issuer }), both)).status, 200);
    assert.equal((await ask(signed(keys.first), both)).status, 200);
    assert.equal((await ask(token({ iss: 'https://other.supabase.co/auth/v1' }), both)).status, 401);
    assert.equal((await ask(token(), both)).status, 401);
    await both.stop();
  });

  test('a project that is away: known keys stay good', async () => {
    await project.close();
    assert.equal((await ask(signed(keys.first), on)).status, 200);
    assert.equal((await ask(signed(keys.rsa), on)).status, 200);
    assert.equal((await ask(signed(keys.foreign), on)).status, 401);
    const fresh = await startWithProject();
    assert.equal((await ask(signed(keys.first), fresh)).status, 503);
    assert.equal((await ask('garbage', fresh)).status, 401);
    assert.equal((await api(fresh, 'GET', '/healthz')).status, 200);
  });
});

describe('the server does not start', () => {
  const refused = [
    ['a short secret', { SUPABASE_JWT_SECRET: 'too-short-to-be-a-secret' }, /at least 32 bytes/],
    [
      "the secret of Supabase's guide",
      { SUPABASE_JWT_SECRET: 'your-super-secret-jwt-token-with-at-least-32-characters-long' },
      /everybody knows/,
    ],
    ['a project on plain http', { SUPABASE_URL: 'http://project.example.com', SUPABASE_JWT_SECRET: undefined }, /https/],
    ['an owner that is no uuid', { PARLEY_OWNER_USER_ID: 'me', SUPABASE_JWT_SECRET: jwtSecret }, /UUID/],
  ];
  for (const [name, env, said] of refused) {
    test(`with ${name}`, async () => {
      const { stderr } = await run(['serve'], { env: { PORT: 0, PARLEY_DATA_DIR: temporaryFolder(), ...env }, expected: 1 });
      assert.match(stderr, said);
      if (env.SUPABASE_JWT_SECRET) assert(!stderr.includes(env.SUPABASE_JWT_SECRET));
    });
  }
});

test('neither tokens nor secrets, texts or numbers are in the logs', async () => {
  const texts = ['My card number is 4111 1111 1111 1111', 'A reply that is private', 'https://cdn.example.com/private.png'];
  const customer = '4915155501234';
  const name = 'Wilhelmina Unforgettable';
  const body = fixture('message-text');
  const { value } = body.entry[0].changes[0];
  value.contacts[0] = { profile: { name }, wa_id: customer };
  Object.assign(value.messages[0], {
    from: customer,
    id: `wamid.${randomUUID()}`,
    timestamp: String(seconds()),
    text: { body: texts[0] },
  });
  assert.equal((await postWebhook(server, body)).status, 200);
  assert.equal((await postWebhook(server, body, { signature: 'sha256=00' })).status, 401);
  assert.equal((await postWebhook(server, `{"text":"${texts[0]}`)).status, 200);
  await api(server, 'GET', `/webhook?hub.mode=subscribe&hub.verify_token=${verifyToken}&hub.challenge=123`, { token: null });
  await api(server, 'GET', `/webhook?hub.mode=subscribe&hub.verify_token=wrong-${verifyToken}&hub.challenge=1`, { token: null });
  const send = (sent) => api(server, 'POST', '/api/live-chat/send-message', { body: sent });
  const to = { phone_number_id: phoneNumberId, to: customer };
  assert.equal((await send({ ...to, message: texts[1] })).status, 202);
  assert.equal((await send({ ...to, message: texts[1], message_type: 'image', media_url: texts[2] })).status, 400);
  assert.equal((await send({ ...to, message: texts[1], message_type: 'hologram' })).status, 400);
  assert.equal((await send(`{"message":"${texts[1]}`)).status, 400);
  assert.equal((await api(server, 'GET', `${path}?q=${customer}`)).status, 200);
  assert.equal((await api(server, 'GET', `/api/live-chat/${customer}`)).status, 404);
  await raw(server, `GET /${customer}\x01 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\n\r\n`);
  // Meanwhile the Graph API could not be reached, which is logged.
  await eventually(() => server.logs.some((line) => line.event === 'send_refused'));
  assert(server.logs.some((line) => line.event === 'token_rejected'));

  const logged = servers.flatMap(({ logs, other }) => [...logs.map((line) => JSON.stringify(line)), ...other]);
  assert(logged.length > 50);
  for (const secret of [...secrets, ...texts, customer, name, 'agent@example.com']) {
    if (!secret) continue;
    const line = logged.find((each) => each.includes(secret));
    assert(!line, `${secret.slice(0, 40)} is in ${line}`);
    const [, payload, signature] = secret.split('.');
    if (signature?.length > 20) assert(!logged.some((each) => each.includes(signature) || each.includes(payload)));
  }
});
