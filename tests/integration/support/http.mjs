// Talking to a server as agents' software, as Meta, and as somebody who sends arbitrary bytes.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { checkAnswer } from './contract.mjs';

export const jwtSecret = 'the-jwt-secret-of-the-integration-tests';
export const appSecret = '0123456789abcdef0123456789abcdef';
export const verifyToken = 'the-verify-token-of-the-integration-tests';
export const owner = '11111111-1111-4111-8111-111111111111';

/** The business number and WABA of the fixtures; the account that a test server starts with has them. */
export const phoneNumberId = '106540352242922';
export const wabaId = '102290129340398';

const base64url = (value) => Buffer.from(value).toString('base64url');

/** A Supabase access token (HS256), the owner's unless `sub` says otherwise; an undefined claim is left out. */
export function token(claims = {}, { secret = jwtSecret, header = {} } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    aud: 'authenticated',
    role: 'authenticated',
    sub: owner,
    email: 'agent@example.com',
    phone: '',
    iat: now,
    exp: now + 3600,
    session_id: randomUUID(),
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: now }],
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: {},
    is_anonymous: false,
    ...claims,
  };
  const head = { alg: 'HS256', typ: 'JWT', ...header };
  const signed = `${base64url(JSON.stringify(head))}.${base64url(JSON.stringify(payload))}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** The value of X-Hub-Signature-256 for these bytes. */
export function sign(body, secret = appSecret) {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** JSON as Meta writes it: minified, every non-ASCII character as \uXXXX in lower case. */
export function wire(value) {
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const fixtureFile = (name) => new URL(`../../../contract/fixtures/webhooks/${name}.json`, import.meta.url);

/** A fresh copy of contract/fixtures/webhooks/<name>.json, to change at will. */
export function fixture(name) {
  return JSON.parse(readFileSync(fixtureFile(name.replace(/\.json$/, '')), 'utf8'));
}

/**
 * One request, its answer checked against the contract. `body`: an object is sent as JSON, a string or Buffer as it is.
 * `token`: undefined is the owner's, null none. Gives { status, headers, text, body }, `body` being parsed if JSON.
 */
export async function api(server, method, path, { token: bearer = token(), body, headers = {} } = {}) {
  const sent = { ...headers };
  if (bearer !== null) sent.Authorization ??= `Bearer ${bearer}`;
  let bytes = body;
  if (body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)) bytes = JSON.stringify(body);
  if (bytes !== undefined && !Object.keys(sent).some((name) => name.toLowerCase() === 'content-type')) {
    sent['Content-Type'] = 'application/json';
  }
  const response = await fetch(new URL(path, server.url), { method, headers: sent, body: bytes, redirect: 'manual' });
  const text = await response.text();
  checkAnswer({ method, url: path, status: response.status, headers: response.headers, body: text });
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
}

/**
 * A delivery as Meta makes it, the answer checked. `body`: an object is written as Meta writes it, a string or Buffer is
 * sent as it is. `signature`: null sends none, a string replaces the right one.
 */
export function postWebhook(server, body, { secret = appSecret, signature, headers = {} } = {}) {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : wire(body);
  const signed = signature === null ? {} : { 'X-Hub-Signature-256': signature ?? sign(bytes, secret) };
  return api(server, 'POST', '/webhook', { token: null, body: bytes, headers: { ...signed, ...headers } });
}

/**
 * Sends bytes and gives everything that comes back until the server closes (Latin-1, so a character is a byte). `end`
 * closes our side after sending. A reset counts as a close.
 */
export function raw(server, bytes, { end = false, timeout = 20_000 } = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: server.port, allowHalfOpen: true });
    let received = '';
    socket.setEncoding('latin1');
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection was not closed within ${timeout} ms; received: ${JSON.stringify(received)}`));
    }, timeout);
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    socket.on('data', (data) => (received += data));
    socket.on('end', finish);
    socket.on('close', finish);
    socket.on('error', (error) => {
      if (['ECONNRESET', 'EPIPE'].includes(error.code)) return finish();
      clearTimeout(timer);
      reject(error);
    });
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    if (end) socket.end(data);
    else socket.write(data);
  });
}
