// Files of customers and of agents: fetched, kept, shown, sent; whatever they claim to be, and whatever fails meanwhile.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { api, command, db, eventually, raw, startServer, temporaryFolder, token } from './support/server.mjs';
import {
  control,
  conversationWith,
  customerWrites,
  deliverTo,
  messageOf,
  onPhone,
  reply,
  sendingThrough,
  startPair,
  startTestSimulator,
  untilStatus,
} from './support/simulator.mjs';

const png = readFileSync(new URL('../../simulator/phone/sample.png', import.meta.url));
const ogg = readFileSync(new URL('../../simulator/phone/sample.ogg', import.meta.url));
const pdf = readFileSync(new URL('../../simulator/phone/sample.pdf', import.meta.url));
const noFaults = {
  media_lookup_500: 0, media_lookup_429: 0, media_download_500: 0, media_download_404: 0, media_download_cut: 0,
  media_wrong_sha: 0, media_upload_500: 0, media_upload_drop_answer: 0, media_delay_ms: 0, drop_answer: 0,
};

let server;
let simulator;
let customers = 0;
const faults = (switches) => control(simulator, 'PUT', 'faults', switches);
const nextPhone = () => `4917${String(++customers).padStart(8, '0')}`;

before(async () => {
  ({ server, simulator } = await startPair({ env: { PARLEY_MEDIA_NETWORKS: '127.0.0.2' } }));
});
beforeEach(() => faults(noFaults));

/** Gives a file to the simulator, as if a customer had it. */
async function onTheirPhone(bytes, type, filename = '') {
  const response = await fetch(`${simulator.url}/_sim/media?filename=${encodeURIComponent(filename)}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body: bytes,
  });
  assert.equal(response.status, 200);
  return (await response.json()).id;
}

/** A customer sends a file; gives the conversation and the message as they are at once. */
async function theySend(type, bytes, mime, more = {}) {
  const phone = nextPhone();
  const id = await onTheirPhone(bytes, mime, more.filename);
  const { wamid } = await customerWrites(simulator, phone, undefined, { type, [type]: { id, ...more } });
  const conversation = await conversationWith(server, phone);
  const { body } = await api(server, 'GET', `/api/live-chat/messages?conversation_id=${conversation.id}&mark_read=false`);
  return { phone, graphId: id, conversation, message: body.messages.find((one) => one.whatsapp_message_id === wamid) };
}

const untilMedia = (conversation, message, state) =>
  eventually(async () => {
    const now = await messageOf(server, conversation.id, message.id);
    if (now.media?.state !== state) throw new Error(`the file is ${JSON.stringify(now.media)}, not ${state}`);
    return now;
  }, { timeout: 60_000 });

const get = (path, headers = {}, bearer = token(), at = server) =>
  fetch(new URL(path, at.url), { headers: { ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}), ...headers } });
const bytesOf = async (path) => Buffer.from(await (await get(path)).arrayBuffer());

function upload(bytes, type, { name, kind, bearer = token(), headers = {} } = {}) {
  const disposition = name === undefined ? {} : { 'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}` };
  return api(server, 'POST', `/api/live-chat/media${kind ? `?kind=${kind}` : ''}`, {
    token: bearer, body: bytes, headers: { 'Content-Type': type, ...disposition, ...headers },
  });
}

async function aCustomer() {
  const phone = nextPhone();
  await customerWrites(simulator, phone, 'Hello');
  return { phone, id: (await conversationWith(server, phone)).id };
}

describe('a file of a customer', () => {
  test('is announced with its message, then stored; the bytes are the same', async () => {
    await faults({ media_delay_ms: 400 });
    const { conversation, message } = await theySend('image', png, 'image/png', { caption: 'Look' });
    assert.equal(message.media.state, 'announced');
    assert.equal(message.media_url, null);
    assert.equal((await get(message.media.url)).status, 409);
    const stored = await untilMedia(conversation, message, 'stored');
    assert.deepEqual(
      { ...stored.media, id: 0, url: '' },
      { id: 0, state: 'stored', mime_type: 'image/png', size: png.length, file_name: null, voice: false, url: '', inline: true, problem: null },
    );
    assert.equal(stored.media_url, stored.media.url);
    assert.deepEqual(await bytesOf(stored.media.url), png);
  });

  test('comes after five failures of Meta', async () => {
    await faults({ media_lookup_500: 2, media_download_500: 1, media_download_404: 1, media_download_cut: 1 });
    const { conversation, message } = await theySend('image', png, 'image/png');
    const stored = await untilMedia(conversation, message, 'stored');
    assert.deepEqual(await bytesOf(stored.media.url), png);
    const [{ attempts }] = (await (await db(server)).query('SELECT attempts FROM media WHERE id = $1', [stored.media.id])).rows;
    assert.equal(attempts, 6);
  });

  test('that arrives damaged is fetched again', async () => {
    await faults({ media_wrong_sha: 1 });
    const { conversation, message } = await theySend('document', pdf, 'application/pdf', { filename: 'plan.pdf' });
    const stored = await untilMedia(conversation, message, 'stored');
    assert.equal(stored.media.file_name, 'plan.pdf');
    assert.equal(stored.media.inline, false);
    assert.deepEqual(await bytesOf(stored.media.url), pdf);
  });

  test('that Meta has forgotten ends in a failure with its reason, and can be asked for again', async () => {
    await faults({ media_lookup_500: 1 });
    const { conversation, message, graphId } = await theySend('image', png, 'image/png');
    await control(simulator, 'POST', `media/${graphId}/expire`);
    const failed = await untilMedia(conversation, message, 'failed');
    assert.equal(failed.media.problem.code, 'expired');
    assert.match(failed.media.problem.detail, /no longer/);
    const { body } = await api(server, 'POST', `${failed.media.url}/retry`);
    assert.equal(body.media.state, 'announced');
    await untilMedia(conversation, message, 'failed');
  });

  test('is stored once, however often it is sent and however often its webhook comes', async () => {
    const id = await onTheirPhone(png, 'image/png');
    const phone = nextPhone();
    await customerWrites(simulator, phone, undefined, { type: 'image', image: { id }, copies: 5 });
    const conversation = await conversationWith(server, phone);
    const { body } = await api(server, 'GET', `/api/live-chat/messages?conversation_id=${conversation.id}`);
    assert.equal(body.messages.length, 1);
    await untilMedia(conversation, body.messages[0], 'stored');
    const { rows } = await (await db(server)).query('SELECT id FROM media WHERE graph_id = $1', [id]);
    assert.equal(rows.length, 1);
  });

  test('that is not what it says is kept, and served as a download', async () => {
    const evil = '<html><script>fetch("/api/live-chat/conversations")</script></html>';
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const polyglot = Buffer.concat([png, Buffer.from('<script>alert(1)</script>')]);
    for (const [bytes, claimed, inline] of [[evil, 'image/png', false], [svg, 'image/svg+xml', false], [polyglot, 'image/png', true]]) {
      const { conversation, message } = await theySend('image', bytes, claimed);
      const { media } = await untilMedia(conversation, message, 'stored');
      assert.equal(media.inline, inline, claimed);
      const answer = await get(media.url);
      assert.equal(answer.headers.get('content-disposition').split(';')[0], inline ? 'inline' : 'attachment');
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.match(answer.headers.get('content-security-policy'), /^sandbox; default-src 'none'/);
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()), Buffer.from(bytes));
      if (inline) assert.equal(answer.headers.get('content-type'), 'image/png');
    }
  });

  test('has a name that harms nobody', async () => {
    for (const [name, expected] of [
      ['../../etc/passwd', 'passwd'],
      ['C:\\Windows\\evil.exe', 'evil.exe'],
      ['invoice\u202efdp.exe', 'invoicefdp.exe'],
      ['a"b\r\nSet-Cookie: x=1.pdf', 'a"bSet-Cookie: x=1.pdf'],
      ['Übersicht 漢字.pdf', 'Übersicht 漢字.pdf'],
      ['x'.repeat(300) + '.pdf', 'x'.repeat(240)],
    ]) {
      const { conversation, message } = await theySend('document', pdf, 'application/pdf', { filename: name });
      const { media } = await untilMedia(conversation, message, 'stored');
      const disposition = (await get(media.url)).headers.get('content-disposition');
      assert.equal(decodeURIComponent(/filename\*=UTF-8''(\S+)$/.exec(disposition)[1]), expected);
      assert(!/[\r\n]/.test(disposition));
    }
  });

  test('is given in ranges, and not twice to who has it', async () => {
    const { conversation, message } = await theySend('audio', ogg, 'audio/ogg; codecs=opus', { voice: true });
    const { media } = await untilMedia(conversation, message, 'stored');
    assert.equal(media.voice, true);
    const whole = await get(media.url);
    assert.equal(whole.headers.get('etag'), `"${createHash('sha256').update(ogg).digest('hex')}"`);
    const part = await get(media.url, { Range: 'bytes=10-19' });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get('content-range'), `bytes 10-19/${ogg.length}`);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), ogg.subarray(10, 20));
    assert.equal((await get(media.url, { Range: `bytes=${ogg.length}-` })).status, 416);
    assert.equal((await get(media.url, { 'If-None-Match': whole.headers.get('etag') })).status, 304);
  });

  test('is for members of its account alone', async () => {
    const { conversation, message } = await theySend('image', png, 'image/png');
    const { media } = await untilMedia(conversation, message, 'stored');
    const stranger = randomUUID();
    const account = (await command(server, 'account', 'add', 'Somebody else')).match(/Account (\d+)/)[1];
    await command(server, 'user', 'add', '--account', account, '--id', stranger, '--role', 'owner');
    assert.equal((await get(media.url, {}, null)).status, 401);
    assert.equal((await get(media.url, {}, token({ sub: randomUUID() }))).status, 403);
    assert.equal((await get(media.url, {}, token({ sub: stranger }))).status, 404);
    assert.equal((await api(server, 'POST', `${media.url}/retry`, { token: token({ sub: stranger }) })).status, 404);
    for (const id of ['999999', '0', 'x', '-1', '99999999999999999999']) assert.equal((await get(`/api/live-chat/media/${id}`)).status, 404, id);
  });
});

describe('a file of an agent', () => {
  test('goes out by its id, with caption and name', async () => {
    const { phone, id } = await aCustomer();
    const image = (await upload(png, 'image/png', { name: 'photo.png' })).body;
    assert.equal(image.kind, 'image');
    const document = (await upload(pdf, 'application/pdf', { name: 'Übersicht.pdf' })).body;
    const first = await reply(server, { conversation_id: id, message_type: 'image', media_id: image.media.id, message: 'Here' });
    const second = await reply(server, { conversation_id: id, message_type: 'document', media_id: document.media.id });
    assert.deepEqual([first.status, second.status], [200, 200]);
    const [sentImage, sentDocument] = (await onPhone(simulator, phone)).map(({ request }) => request);
    assert.equal(sentImage.image.caption, 'Here');
    assert.equal(sentDocument.document.filename, 'Übersicht.pdf');
    for (const [graphId, bytes] of [[sentImage.image.id, png], [sentDocument.document.id, pdf]]) {
      const graph = { Authorization: `Bearer ${sendingThrough(simulator).WA_TOKEN}`, 'User-Agent': 'test' };
      const { url, mime_type: type } = await (await fetch(`${simulator.url}/v24.0/${graphId}`, { headers: graph })).json();
      assert.deepEqual(Buffer.from(await (await fetch(url, { headers: graph })).arrayBuffer()), bytes);
      assert.equal(type, bytes === png ? 'image/png' : 'application/pdf');
    }
    const shown = await messageOf(server, id, first.body.message_id);
    assert.equal(shown.message, 'Here');
    assert.equal(shown.media.id, image.media.id);
  });

  test('is uploaded to Meta once, however often it is sent', async () => {
    const { id, phone } = await aCustomer();
    const { media } = (await upload(png, 'image/png')).body;
    for (let i = 0; i < 3; i++) await reply(server, { conversation_id: id, message_type: 'image', media_id: media.id });
    const ids = new Set((await onPhone(simulator, phone)).map(({ request }) => request.image.id));
    assert.equal(ids.size, 1);
  });

  test('is sent although Meta refuses the upload at first', async () => {
    const { id, phone } = await aCustomer();
    const { media } = (await upload(png, 'image/png')).body;
    await faults({ media_upload_500: 1, media_upload_drop_answer: 1 });
    const answer = await reply(server, { conversation_id: id, message_type: 'image', media_id: media.id });
    await untilStatus(server, id, answer.body.message_id, 'delivered', { timeout: 60_000 });
    assert.equal((await onPhone(simulator, phone)).length, 1);
  });

  test('of a wrong size or type is refused with the limit named, before it is read', async () => {
    const head = `POST /api/live-chat/media HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\nContent-Type: image/jpeg\r\n`;
    const answer = await raw(server, `${head}Content-Length: ${6 * 1024 * 1024}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 413 /);
    const big = JSON.parse(answer.split('\r\n\r\n')[1]);
    assert.equal(big.limit, 5 * 1024 * 1024);
    assert.match(big.detail, /image files of at most 5 MB; this one has 6\.0 MB/);
    const wrong = await upload(pdf, 'image/png', { kind: 'image' });
    assert.equal(wrong.status, 415);
    assert.match(wrong.body.detail, /only JPEG or PNG; this file is application\/pdf/);
    assert.equal((await upload(png, 'image/png', { kind: 'picture' })).body.member, 'kind');
    assert.equal((await upload(Buffer.alloc(0), 'image/png')).status, 400);
    assert.equal((await upload(png, 'image/png', { bearer: null })).status, 401);
    const { id } = await aCustomer();
    const { media } = (await upload(pdf, 'application/pdf')).body;
    const asImage = await reply(server, { conversation_id: id, message_type: 'image', media_id: media.id });
    assert.equal(asImage.status, 415);
    assert.equal(asImage.body.member, 'media_id');
    assert.equal((await reply(server, { conversation_id: id, message_type: 'image', media_id: 424242 })).body.member, 'media_id');
    assert.equal((await reply(server, { conversation_id: id, message_type: 'image' })).body.member, 'media_url');
  });

  test('in OGG goes as a voice message', async () => {
    const { id, phone } = await aCustomer();
    const { media } = (await upload(ogg, 'audio/ogg')).body;
    const answer = await reply(server, { conversation_id: id, message_type: 'audio', media_id: media.id, voice: true });
    assert.equal(answer.status, 200);
    const [{ request }] = await onPhone(simulator, phone);
    assert.equal(request.audio.voice, true);
    assert.equal((await messageOf(server, id, answer.body.message_id)).payload.audio.voice, true);
  });
});

describe('a link to a file', () => {
  let site;
  const reached = [];
  before(async () => {
    site = createServer((request, response) => {
      reached.push(request.url);
      if (request.url === '/moved') response.writeHead(302, { Location: '/photo.png' }).end();
      else if (request.url === '/plan%20b.pdf') response.writeHead(200, { 'Content-Type': 'application/pdf' }).end(pdf);
      else if (request.url === '/photo.png') response.writeHead(200, { 'Content-Type': 'image/png' }).end(png);
      else response.writeHead(404).end();
    });
    await new Promise((done) => site.listen(0, '127.0.0.2', done));
  });
  after(() => new Promise((done) => site.close(done)));

  test('is followed once, and the file kept', async () => {
    const { id, phone } = await aCustomer();
    const link = `http://127.0.0.2:${site.address().port}/photo.png`;
    const answer = await reply(server, { conversation_id: id, message_type: 'image', media_url: link });
    assert.equal(answer.status, 200);
    assert.deepEqual(await bytesOf((await messageOf(server, id, answer.body.message_id)).media.url), png);
    const document = { conversation_id: id, message_type: 'document', message: 'The plan', media_url: link.replace('photo.png', 'plan%20b.pdf') };
    assert.equal((await reply(server, document)).status, 200);
    const [first, second] = (await onPhone(simulator, phone)).map(({ request }) => request);
    assert(first.image.id);
    assert.deepEqual([second.document.filename, second.document.caption], ['plan b.pdf', 'The plan']);
  });

  test('that leads into a private network or elsewhere is refused, and nothing is stored', async () => {
    const { id, phone } = await aCustomer();
    const port = new URL(simulator.url).port;
    reached.length = 0;
    for (const link of [
      `http://127.0.0.1:${port}/photo.png`, `http://localhost:${port}/x`, `http://2130706433:${port}/x`,
      `http://0x7f000001:${port}/x`, `http://0177.0.0.1:${port}/x`, `http://127.1:${port}/x`, `http://[::1]:${port}/x`,
      `http://[::ffff:127.0.0.1]:${port}/x`, 'http://169.254.169.254/latest/meta-data/', 'http://10.0.0.1/x',
      'http://192.168.1.1/x', 'http://172.16.0.1/x', 'http://0.0.0.0/x', 'http://user:pass@127.0.0.2/x',
      'file:///etc/passwd', 'gopher://127.0.0.1/x', 'http://', 'javascript:alert(1)',
      `http://127.0.0.2:${site.address().port}/moved`, `http://127.0.0.2:${site.address().port}/missing`,
      'https://no-such-host.invalid/x.png',
    ]) {
      const answer = await reply(server, { conversation_id: id, message_type: 'image', media_url: link });
      assert.equal(answer.status, 400, `${link}: ${JSON.stringify(answer.body)}`);
      assert.equal(answer.body.member, 'media_url', link);
    }
    assert.deepEqual(reached, ['/moved', '/missing']);
    assert.deepEqual(await onPhone(simulator, phone), []);
  });
});

describe('a server that is killed', () => {
  test('while it fetches a file has it afterwards, whole and once', async () => {
    const sim = await startTestSimulator();
    const dataDir = temporaryFolder();
    let own = await startServer({ dataDir, env: sendingThrough(sim) });
    await deliverTo(sim, own);
    const big = Buffer.alloc(3 * 1024 * 1024, 'x');
    await control(sim, 'PUT', 'faults', { media_delay_ms: 1500 });
    const response = await fetch(`${sim.url}/_sim/media`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: big });
    const { id } = await response.json();
    await control(sim, 'POST', 'inbound', { from: '4915100000001', type: 'document', document: { id }, wait: true });
    await eventually(async () => (await (await db(own)).query('SELECT FROM media WHERE lease IS NOT NULL')).rowCount === 1);
    await own.kill9();
    await control(sim, 'PUT', 'faults', { media_delay_ms: 0 });
    own = await startServer({ dataDir, env: sendingThrough(sim) });
    const pool = await db(own);
    // The dead server's claim would hold for minutes.
    await pool.query("UPDATE media SET lease_until = now() - interval '1 second'");
    await eventually(async () => (await pool.query("SELECT FROM media WHERE state = 'stored'")).rowCount === 1, { timeout: 30_000 });
    const { body } = await api(own, 'GET', '/api/live-chat/messages?conversation_id=1');
    assert.equal(body.messages.length, 1);
    const stored = await get(body.messages[0].media.url, {}, token(), own);
    assert.deepEqual(Buffer.from(await stored.arrayBuffer()), big);
  });

  test('while it uploads a file sends it afterwards, once', async () => {
    const sim = await startTestSimulator();
    const dataDir = temporaryFolder();
    let own = await startServer({ dataDir, env: sendingThrough(sim) });
    await deliverTo(sim, own);
    await control(sim, 'POST', 'inbound', { from: '4915100000002', text: 'Hello', wait: true });
    const { body: uploaded } = await api(own, 'POST', '/api/live-chat/media', { body: png, headers: { 'Content-Type': 'image/png' } });
    await control(sim, 'PUT', 'faults', { media_delay_ms: 3000 });
    const sending = reply(own, { conversation_id: 1, message_type: 'image', media_id: uploaded.media.id, message: 'Once' }).catch(() => {});
    await eventually(async () => (await (await db(own)).query("SELECT FROM outbox WHERE state = 'claimed'")).rowCount === 1);
    await own.kill9();
    await sending;
    await control(sim, 'PUT', 'faults', { media_delay_ms: 0 });
    own = await startServer({ dataDir, env: sendingThrough(sim) });
    await (await db(own)).query("UPDATE outbox SET lease_until = now() - interval '1 second' WHERE state = 'claimed'");
    await eventually(async () => (await control(sim, 'GET', 'messages?to=4915100000002')).messages.length === 1, { timeout: 30_000 });
    await eventually(async () => (await (await db(own)).query("SELECT FROM outbox WHERE state = 'sent'")).rowCount === 1);
    assert.equal((await control(sim, 'GET', 'messages?to=4915100000002')).messages.length, 1);
  });
});
