// Templates on their way out: every component, what is wrong in them, and the window that they do not need.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { api, db, eventually, phoneNumberId } from './support/server.mjs';
import { conversationWith, customerWrites, messageOf, onPhone, reply, startPair } from './support/simulator.mjs';

const png = readFileSync(new URL('../../simulator/phone/sample.png', import.meta.url));
const pdf = readFileSync(new URL('../../simulator/phone/sample.pdf', import.meta.url));
let server;
let simulator;
let customers = 0;

before(async () => {
  ({ server, simulator } = await startPair());
  await eventually(async () => (await api(server, 'GET', '/api/live-chat/templates')).body.templates.length >= 10);
});

async function aCustomer({ hoursAgo = 0 } = {}) {
  const phone = `4914${String(++customers).padStart(8, '0')}`;
  await customerWrites(simulator, phone, 'Hello');
  const { id } = await conversationWith(server, phone);
  if (hoursAgo > 0) {
    await (await db(server)).query('UPDATE chat_conversations SET last_incoming_at = now() - $1 * interval \'1 hour\' WHERE id = $2', [hoursAgo, id]);
  }
  return { phone, id };
}

const send = (id, template) => reply(server, { conversation_id: id, message_type: 'template', template });
const upload = async (body, type, name) =>
  (await api(server, 'POST', '/api/live-chat/media', { body, headers: { 'Content-Type': type, 'Content-Disposition': `attachment; filename="${name}"` } })).body.media.id;

describe('a template', () => {
  const cases = [
    ['parcel_tracking', 'en_US', () => ({ header: { text: '4711' }, body: { 1: 'Ana', 2: 'today' }, buttons: [{ index: 0, text: '4711' }] }),
      'Parcel 4711\nHi Ana, your parcel comes today.\nLucky Shrub: the succulent specialists'],
    ['appointment_reminder', 'en', () => ({ body: { first_name: 'Ravi', day: 'Monday', time: '9:30' } }), /Hello Ravi, we look forward to seeing you on Monday at 9:30\./],
    ['purchase_feedback', 'en_US', async () => ({ header: { media_id: await upload(png, 'image/png', 'plant.png') }, body: { 1: 'a cactus' } }), /purchasing a cactus!/],
    ['invoice_ready', 'en_US', async () => ({ header: { media_id: await upload(pdf, 'application/pdf', 'x.pdf'), file_name: 'Invoice 7.pdf' }, body: { 1: 'Ana', 2: '25 €' } }), /invoice over 25 €/],
    ['pickup_point', 'en_US', () => ({ header: { location: { latitude: 52.5, longitude: 13.4, name: 'Shop', address: 'Main St 1' } }, body: { 1: 'Ana' } }), /waits for you here/],
    ['spring_coupon', 'en_US', () => ({ body: { 1: '25' }, buttons: [{ index: 0, text: 'SPRING25' }] }), /Get 25 percent off/],
    ['hello_world', 'en_US', () => ({}), /Welcome and congratulations/],
    ['order_confirmation', 'pt_BR', () => ({ body: { 1: 'Ana', 2: '1' } }), /Olá Ana/],
  ];
  for (const [name, language, more, words] of cases) {
    test(`reaches the phone and is shown as there: ${name} ${language}`, async () => {
      const { phone, id } = await aCustomer({ hoursAgo: 30 });
      const answer = await send(id, { name, language, ...(await more()) });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const [sent] = await onPhone(simulator, phone);
      assert.equal(sent.request.template.name, name);
      assert.equal(sent.request.template.language.code, language);
      await eventually(async () => (await onPhone(simulator, phone))[0].status === 'delivered');
      const shown = await messageOf(server, id, answer.body.message_id);
      if (typeof words === 'string') assert.equal(shown.message, words);
      else assert.match(shown.message, words);
      assert.equal(shown.payload.template.name, name);
      const header = sent.request.template.components?.find(({ type }) => type === 'header')?.parameters?.[0];
      if (shown.media) assert(header[header.type].id, JSON.stringify(sent.request.template));
      if (name === 'invoice_ready') assert.equal(header.document.filename, 'Invoice 7.pdf');
    });
  }

  test('is the first message to somebody who never wrote', async () => {
    const answer = await reply(server, { phone_number_id: phoneNumberId, to: '+49 1499 9000001', message_type: 'template', template: { name: 'hello_world', language: 'en_US' } });
    assert.equal(answer.status, 200);
    const conversation = await conversationWith(server, '4914999000001');
    assert.equal(conversation.last_message_type, 'template');
  });
});

describe('a template that is not right is refused, and nobody is written to', () => {
  for (const [what, template, status, member, words] of [
    ['unknown name', { name: 'nothing', language: 'en_US' }, 404, 'template.name', /no template/],
    ['unknown language', { name: 'hello_world', language: 'fr' }, 404, 'template.language', /en_US/],
    ['missing variables', { name: 'parcel_tracking', language: 'en_US', header: { text: 'x' }, buttons: [{ index: 0, text: 'x' }] }, 400, /^template\.body/, /1.*2/s],
    ['too many variables', { name: 'order_confirmation', language: 'en_US', body: { 1: 'a', 2: 'b', 3: 'c' } }, 400, 'template.body.3', /./],
    ['an empty variable', { name: 'order_confirmation', language: 'en_US', body: { 1: 'a', 2: ' ' } }, 400, 'template.body.2', /empty/],
    ['a line break in a variable', { name: 'order_confirmation', language: 'en_US', body: { 1: 'a', 2: 'b\nc' } }, 400, 'template.body.2', /line/],
    ['no file for the header', { name: 'purchase_feedback', language: 'en_US', body: { 1: 'a' } }, 400, /^template\.header/, /./],
    ['an unknown file', { name: 'purchase_feedback', language: 'en_US', header: { media_id: 424242 }, body: { 1: 'a' } }, 400, 'template.header.media_id', /./],
    ['no code', { name: 'spring_coupon', language: 'en_US', body: { 1: '25' } }, 400, /^template\.buttons/, /./],
    ['paused', { name: 'winter_sale', language: 'en_US' }, 409, 'template.name', /PAUSED|paused/],
    ['rejected', { name: 'free_money', language: 'en_US' }, 409, 'template.name', /REJECTED|rejected/],
    ['no object', 'hello_world', 400, 'template', /./],
  ]) {
    test(what, async () => {
      const { phone, id } = await aCustomer();
      const answer = await send(id, template);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      if (member instanceof RegExp) assert.match(answer.body.member, member);
      else assert.equal(answer.body.member || undefined, member);
      assert.match(answer.body.detail, words);
      assert.deepEqual(await onPhone(simulator, phone), []);
    });
  }

  test('to somebody new: no conversation is made', async () => {
    const answer = await reply(server, { phone_number_id: phoneNumberId, to: '4914999000002', message_type: 'template', template: { name: 'nothing', language: 'en' } });
    assert.equal(answer.status, 404);
    assert.equal(await conversationWith(server, '4914999000002'), undefined);
  });
});
