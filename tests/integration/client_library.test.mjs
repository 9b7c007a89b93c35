// A client library that others wrote for Meta's Cloud API (whatsapp-api-js) talks to the simulator. Its code runs as it
// comes from npm and asks https://graph.facebook.com; only the `fetch` given to its constructor sends that host's
// requests to the simulator instead. What this library and the simulator agree on was not agreed on by us.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { WhatsAppAPI } from 'whatsapp-api-js';
import {
  ActionButtons, ActionCTA, ActionList, ActionLocation, Audio, Body, BodyComponent, BodyParameter, Button, Contacts,
  CopyComponent, Document, Email, Footer, Header, HeaderComponent, HeaderParameter, Image, Interactive, Language,
  ListSection, Location, Name, PayloadComponent, Phone, Reaction, Row, Sticker, Template, Text, URLComponent, Video,
} from 'whatsapp-api-js/messages';
import { appSecret, phoneNumberId } from './support/http.mjs';
import { eventually, onEnd, root } from './support/process.mjs';
import { control, graphToken, onPhone, startTestSimulator } from './support/simulator.mjs';

const ana = '5511955501234';
const sample = (name) => readFileSync(join(root, 'simulator/phone', name));
const link = 'https://www.example.com/succulent';

let simulator;
let client;
const received = []; // what the library made of the webhooks

before(async () => {
  simulator = await startTestSimulator();
  client = new WhatsAppAPI({
    token: graphToken,
    appSecret,
    v: 'v24.0',
    ponyfill: { fetch: (url, init) => fetch(String(url).replace('https://graph.facebook.com', simulator.url), init) },
  });
  client.on.message = ({ message, name }) => {
    received.push({ message, name });
  };
  const app = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    // Throws when the signature does not fit.
    await client.post(JSON.parse(body), body, request.headers['x-hub-signature-256']);
    response.end();
  });
  await new Promise((done) => app.listen(0, '127.0.0.1', done));
  onEnd(async () => app.close());
  await control(simulator, 'PUT', 'webhook', { url: `http://127.0.0.1:${app.address().port}/`, verify: false });
  await control(simulator, 'POST', 'inbound', { from: ana, name: 'Ana Souza', text: 'Oi!', wait: true });
});

/** Sends and waits until the simulated phone has it; gives the request as the simulator saw it. */
async function send(message, context) {
  const answer = await client.sendMessage(phoneNumberId, ana, message, context);
  assert.equal(answer.error, undefined, JSON.stringify(answer));
  const { id } = answer.messages[0];
  assert.match(id, /^wamid\./);
  const sent = await eventually(async () => {
    const found = (await onPhone(simulator, ana)).find(({ wamid }) => wamid === id);
    assert(['delivered', 'sent', 'failed'].includes(found.status));
    return found;
  });
  assert.notEqual(sent.status, 'failed', JSON.stringify(sent));
  return sent.request;
}

async function upload(name, type) {
  const form = new FormData();
  form.set('file', new Blob([sample(name)], { type }), name);
  const { id, error } = await client.uploadMedia(phoneNumberId, form);
  assert.equal(error, undefined, JSON.stringify(error));
  return id;
}

test('its receiver takes the webhooks of the simulator, with their signature', async () => {
  const { message, name } = received[0];
  assert.deepEqual([message.type, message.text.body, name], ['text', 'Oi!', 'Ana Souza']);
});

test('text, with a preview and as an answer', async () => {
  const request = await send(new Text('*Ana* said:\n\nOi! https://www.example.com', true), received[0].message.id);
  assert.equal(request.context.message_id, received[0].message.id);
  assert.equal(request.text.preview_url, true);
});

test('media by id: uploaded, sent, looked up, downloaded, deleted', async () => {
  const image = await upload('sample.png', 'image/png');
  assert.equal((await send(new Image(image, true, 'Nice photo'))).image.id, image);
  await send(new Video(await upload('sample.mp4', 'video/mp4'), true, 'It moves'));
  await send(new Audio(await upload('sample.ogg', 'audio/ogg'), true, true));
  await send(new Document(await upload('sample.pdf', 'application/pdf'), true, 'Your receipt', 'receipt.pdf'));
  await send(new Sticker(await upload('sample.webp', 'image/webp'), true));

  const found = await client.retrieveMedia(image, phoneNumberId);
  assert.deepEqual([found.mime_type, Number(found.file_size)], ['image/png', sample('sample.png').length]);
  const file = await client.fetchMedia(found.url);
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), sample('sample.png'));
  assert.equal((await client.deleteMedia(image)).success, true);
  assert.equal((await client.retrieveMedia(image)).error.error_subcode, 33);
});

test('media by link', async () => {
  for (const message of [
    new Image(`${link}.jpg`, false, 'A caption'), new Video(`${link}.mp4`), new Audio(`${link}.mp3`),
    new Document(`${link}.pdf`, false, undefined, 'succulent.pdf'), new Sticker(`${link}.webp`),
  ]) {
    const request = await send(message);
    assert.match(request[request.type].link, /^https:/);
  }
});

test('a photo of a customer goes back by its id', async () => {
  await control(simulator, 'POST', 'inbound', { from: ana, type: 'image', wait: true });
  await send(new Image(received.at(-1).message.image.id, true, 'Nice photo, Ana'));
});

test('location and contacts', async () => {
  const { location } = await send(new Location(-122.16165924072, 37.44221496582, 'Philz Coffee', '101 Forest Ave, Palo Alto'));
  assert.equal(Number(location.latitude), 37.44221496582);
  const { contacts } = await send(
    new Contacts([new Name('Chandra Rao', 'Chandra', 'Rao'), new Phone('+16505550199', 'CELL', '16505550199'), new Email('chandra@example.com', 'WORK')]),
  );
  assert.equal(contacts[0].name.formatted_name, 'Chandra Rao');
});

test('a reaction, and taking it away', async () => {
  await send(new Reaction(received[0].message.id, '\u{1F335}'));
  assert.equal((await send(new Reaction(received[0].message.id))).reaction.emoji, '');
});

test('buttons, list, link button and location request', async () => {
  await send(new Interactive(
    new ActionButtons(new Button('yes', 'Yes'), new Button('no', 'No')), new Body('Shall we water it?'), new Header('Your cactus'), new Footer('Lucky Shrub'),
  ));
  await send(new Interactive(new ActionList('Choose one',
    new ListSection('Small', new Row('1', 'Haworthia', 'Likes shade'), new Row('2', 'Echeveria')), new ListSection('Large', new Row('3', 'Saguaro'))), new Body('Which one?')));
  await send(new Interactive(new ActionCTA('See it', 'https://www.example.com'), new Body('Our catalog')));
  await send(new Interactive(new ActionLocation(), new Body('Where are you?')));
  const image = await upload('sample.png', 'image/png');
  await send(new Interactive(new ActionButtons(new Button('a', 'Buy')), new Body('This one?'), new Header(new Image(image, true))));
});

test('templates with header, body and buttons', async () => {
  const body = (...texts) => new BodyComponent(...texts.map((text) => new BodyParameter(text)));
  await send(new Template('hello_world', 'en_US'));
  await send(new Template('order_confirmation', new Language('pt_BR'), body('Ana', '860198'), new PayloadComponent('where'), new PayloadComponent('talk')));
  await send(new Template('parcel_tracking', 'en_US', new HeaderComponent(new HeaderParameter('860198')), body('Ana', 'tomorrow'), new URLComponent('860198')));
  const image = await upload('sample.png', 'image/png');
  await send(new Template('purchase_feedback', 'en_US', new HeaderComponent(new HeaderParameter(new Image(image, true))), body('a cactus')));
  await send(new Template('spring_coupon', 'en_US', body('25'), new CopyComponent('SPRING25')));
});

test('marks as read, shows that it types, blocks and unblocks', async () => {
  const { id } = received[0].message;
  assert.equal((await client.markAsRead(phoneNumberId, id)).success, true);
  assert.equal((await client.markAsRead(phoneNumberId, id, 'text')).success, true);
  const { customers } = await control(simulator, 'GET', 'state');
  assert(customers.find(({ wa_id }) => wa_id === ana).typing_until > Date.now());
  const blocked = await client.blockUser(phoneNumberId, ana);
  assert.equal(blocked.block_users.added_users[0].wa_id, ana);
  const unblocked = await client.unblockUser(phoneNumberId, ana);
  assert.equal(unblocked.block_users.removed_users[0].input, ana);
});

test('an error of the API comes as Meta gives it', async () => {
  const { error } = await client.sendMessage(phoneNumberId, ana, new Template('no_such_template', 'en_US'));
  assert.deepEqual([error.code, error.type], [132001, 'OAuthException']);
});
