// Every kind of message that customers can send and that agents can, in a real browser: what a customer's phone sends is
// shown as what it is, and what an agent sends arrives on the phone as what it was meant to be.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { eventually } from '../integration/support/server.mjs';
import { control, customerWrites, onPhone } from '../integration/support/simulator.mjs';
import { expectAccessible, openInbox, screenshot, startInbox } from './support/browser.mjs';
import { bytesAt, files, onTheirPhone } from './support/files.mjs';
import {
  answer, decodedWidth, newRow, openConversation, openForm, pick, row, saidRows, sendButton, thread, tray,
} from './support/screen.mjs';

const ana = '16505551234';
// So tall that all of the thread is on screen.
const tall = { viewport: { width: 1280, height: 9_000 }, permissions: ['microphone'] };

let server;
let simulator;
let page;

before(async () => {
  ({ server, simulator } = await startInbox());
  await customerWrites(simulator, ana, 'Good morning!', { name: 'Ana Souza' });
  page = await openInbox(server, 'ada@example.com', tall);
  await openConversation(page, 'Ana Souza');
  await saidRows(page).first().waitFor();
});

/** A customer sends this; gives the row that it becomes, with the message's id. */
async function theySend(message, from = ana) {
  let wamid;
  const found = await newRow(page, async () => ({ wamid } = await customerWrites(simulator, from, undefined, message)));
  return Object.assign(found, { wamid });
}

async function theySendFile(type, file, more = {}) {
  const id = await onTheirPhone(simulator, file);
  return theySend({ type, [type === 'voice' ? 'audio' : type]: { id, ...more } });
}

/** An agent does this; gives the row that it becomes and what the phone got. */
async function weSend(act) {
  const before = (await onPhone(simulator, ana)).length;
  const found = await newRow(page, act);
  const sent = await eventually(async () => (await onPhone(simulator, ana))[before]);
  return Object.assign(found, { wamid: sent.wamid, request: sent.request });
}

/** The status at the end of a bubble of ours. */
const status = (found, words) => found.getByText(`${words}, show details`).waitFor({ state: 'attached' });
const says = (found, text) => found.getByText(text, { exact: true }).first().waitFor();

async function act(found, name) {
  await found.locator('[data-bubble]').hover();
  await found.getByRole('button', { name, exact: true }).click();
}

async function plays(media) {
  await eventually(() => media.evaluate((element) => element.readyState > 0 && element.currentTime > 0));
}

describe('a customer sends', () => {
  test('text with markup', async () => {
    const found = await theySend({ text: '*Two* _linen_ shirts, ~not~ three: `L` https://example.com/linen' });
    assert.equal(await found.locator('strong, b').innerText(), 'Two');
    assert.equal(await found.locator('em, i').innerText(), 'linen');
    assert.equal(await found.locator('s, del').innerText(), 'not');
    assert.equal(await found.locator('code').innerText(), 'L');
    assert.equal(await found.getByRole('link').getAttribute('href'), 'https://example.com/linen');
  });

  test('a picture, which opens over the page', async () => {
    const found = await theySendFile('image', files.shirt, { caption: 'Is this the *blue* one?' });
    assert.equal(await decodedWidth(found.locator('img')), 600);
    assert.equal(await found.locator('strong, b').innerText(), 'blue');
    await found.getByRole('button', { name: 'Open: Photo' }).click();
    const viewer = page.getByRole('dialog');
    assert.equal(await decodedWidth(viewer.getByRole('img', { name: 'Is this the *blue* one?' })), 600);
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });
  });

  test('a video, which plays', async () => {
    const found = await theySendFile('video', files.film, { caption: 'How it falls' });
    await says(found, 'How it falls');
    await found.getByRole('button', { name: 'Play: Video' }).click();
    await plays(found.locator('video'));
    assert.equal(await found.locator('video').evaluate((video) => video.videoWidth), 320);
  });

  test('a sound file, which plays', async () => {
    const found = await theySendFile('audio', files.song);
    await found.getByRole('button', { name: 'Play: Audio' }).click();
    await plays(found.locator('audio'));
    await says(found, '0:02');
  });

  test('a voice message, which plays, also faster', async () => {
    const found = await theySendFile('voice', files.voice);
    await found.getByRole('button', { name: 'Play: Voice message' }).click();
    await plays(found.locator('audio'));
    await found.getByRole('button', { name: 'Speed: 1×' }).click();
    assert.equal(await found.locator('audio').evaluate((audio) => audio.playbackRate), 1.5);
  });

  test('a document, which is saved under its name', async () => {
    const found = await theySendFile('document', files.plan, { filename: files.plan.name, caption: 'The plan' });
    await says(found, files.plan.name);
    await says(found, 'The plan');
    assert.match(await found.innerText(), /PDF/);
    const download = page.waitForEvent('download');
    await found.getByRole('button', { name: `Download: ${files.plan.name}` }).click();
    assert.equal((await download).suggestedFilename(), files.plan.name);
  });

  for (const [name, file, animated] of [['a sticker', files.smile, false], ['a sticker that moves', files.dance, true]]) {
    test(name, async () => {
      const found = await theySendFile('sticker', file, { animated });
      assert.equal(await decodedWidth(found.getByRole('img', { name: 'Sticker' })), 200);
    });
  }

  test('a location, with a name and without', async () => {
    const named = await theySend({ type: 'location', location: { latitude: 52.52, longitude: 13.405, name: 'Workshop', address: 'Torstraße 1, Berlin' } });
    await says(named, 'Workshop');
    await says(named, 'Torstraße 1, Berlin');
    assert.match(await named.getByRole('link', { name: 'Open map' }).getAttribute('href'), /mlat=52\.52&mlon=13\.405/);
    const bare = await theySend({ type: 'location', location: { latitude: 12.25089, longitude: 43.90539 } });
    await says(bare, 'Location');
    await says(bare, '12.25089, 43.90539');
  });

  test('contact cards: one, two, and a company', async () => {
    const card = (formatted_name, phone, wa_id) => ({ name: { formatted_name }, phones: [{ phone, wa_id }] });
    const one = await theySend({ type: 'contacts', contacts: [{ ...card('Monica Rossi', '+39 333 123 4567', '393331234567'), emails: [{ email: 'monica@example.com' }] }] });
    for (const words of ['Monica Rossi', '+39 333 123 4567', 'monica@example.com']) await says(one, words);
    await one.getByRole('button', { name: 'Message Monica Rossi' }).waitFor();
    const two = await theySend({ type: 'contacts', contacts: [card('Chandler Bing', '+1 555-555-5555', '15555555555'), card('Rachel Green', '+1 777-777-7777', '17777777777')] });
    for (const words of ['Chandler Bing', 'Rachel Green']) await says(two, words);
    const company = await theySend({ type: 'contacts', contacts: [{ org: { company: 'Linen & Oak' } }] });
    await says(company, 'Linen & Oak');
    assert.equal(await company.getByText('Linen & Oak').count(), 1);
  });

  test('an order, with its sum', async () => {
    const found = await theySend({ type: 'order', order: { catalog_id: '1', text: 'Love these!', product_items: [
      { product_retailer_id: 'SHIRT-1', quantity: 2, item_price: 30, currency: 'EUR' },
      { product_retailer_id: 'TABLE-7', quantity: 1, item_price: 249.5, currency: 'EUR' },
    ] } });
    for (const words of ['Order: 3 items', 'SHIRT-1', '€60.00', '€309.50', 'Love these!']) await says(found, words);
  });

  test('the answers of a form', async () => {
    const found = await theySend({ type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"shirt_size":"L","notes":"no box","flow_token":"secret"}' } } });
    await says(found, 'Answered a form');
    assert.match(await found.innerText(), /shirt size: L[\s\S]*notes: no box/);
    assert.doesNotMatch(await found.innerText(), /secret/);
  });

  test('a reaction, another one, and none', async () => {
    const { wamid } = await theySend({ text: 'Let me think about it' });
    const found = saidRows(page).last();
    const react = (emoji) => customerWrites(simulator, ana, undefined, { type: 'reaction', reaction: { message_id: wamid, ...(emoji ? { emoji } : {}) } });
    const chips = found.getByRole('list', { name: 'Reactions' });
    const before = await saidRows(page).count();
    await react('👍');
    await chips.getByRole('button', { name: '👍 Ana Souza' }).waitFor();
    await react('❤️');
    await chips.getByRole('button', { name: '❤️ Ana Souza' }).waitFor();
    assert.equal(await chips.getByRole('button').count(), 1);
    await react(null);
    await chips.waitFor({ state: 'detached' });
    await react('🙏');
    await chips.waitFor();
    assert.equal(await saidRows(page).count(), before);
  });

  test('a quoted answer, which leads to what it quotes', async () => {
    const quoted = await theySend({ text: 'Do you have it in green?' });
    const found = await theySend({ text: 'Or in grey?', reply_to: quoted.wamid });
    const quote = found.getByRole('button', { name: /In reply to: .*Ana Souza.*Do you have it in green\?/ });
    await quote.click();
    await says(found, 'Or in grey?');
  });

  test('forwarded messages', async () => {
    await says(await theySend({ text: 'Seen this?', forwarded: true }), 'Forwarded');
    await says(await theySend({ text: 'Everybody has', forwarded: 'frequently' }), 'Forwarded many times');
  });

  test('what an advertisement or a product led to', async () => {
    const ad = await theySend({ text: 'I saw your ad', referral: true });
    for (const words of ['Came from an ad', 'Chat with us', 'Summer succulents are here!', 'fb.me']) await says(ad, words);
    assert.equal(await ad.locator('img').count(), 0, 'pictures of strangers are not loaded');
    const product = await theySend({ text: 'Is this still available?', context: { from: '15550783881', id: 'wamid.none', referred_product: { catalog_id: '1', product_retailer_id: 'SHIRT-1' } } });
    assert.match(await product.innerText(), /About product\s+SHIRT-1/);
  });

  test('what WhatsApp does not hand out, with its kind', async () => {
    const found = await theySend({ type: 'unsupported', unsupported: { type: 'poll_creation' } });
    await says(found, 'Unsupported message');
    assert.match(await found.innerText(), /poll/);
  });

  test('a file that WhatsApp itself could not load', async () => {
    const found = await theySend({ type: 'video', message: { video: {}, errors: [{ code: 131052, title: 'Media download error' }] } });
    assert.match(await found.innerText(), /WhatsApp could not load the customer’s file|WhatsApp does not hand out this file/);
  });

  test('corrections of a text and of a caption; both versions can be read', async () => {
    const text = await theySend({ text: 'Size L please' });
    await theyEdit(text.wamid, { type: 'text', text: { body: 'Size *M* please' } });
    await eventually(async () => /Size M please/.test(await text.innerText()));
    await text.getByRole('button', { name: 'Edited: show earlier versions' }).click();
    await page.getByRole('dialog').getByText('Size L please', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    const picture = await theySendFile('image', files.table, { caption: 'Our old table' });
    await theyEdit(picture.wamid, { type: 'image', image: { id: '1', mime_type: 'image/jpeg', sha256: 'x', caption: 'Our good old table' } });
    await says(picture, 'Our good old table');
    assert.equal(await decodedWidth(picture.locator('img')), 400);
  });

  const theyEdit = (original_message_id, message) =>
    customerWrites(simulator, ana, undefined, { type: 'edit', edit: { original_message_id, message } });

  test('a message that they delete', async () => {
    const found = await theySend({ text: 'I should not have said that' });
    await customerWrites(simulator, ana, undefined, { type: 'revoke', revoke: { original_message_id: found.wamid } });
    await says(found, 'This message was deleted');
    assert.equal(await found.getByText('I should not have said that').count(), 0);
    await found.getByRole('button', { name: 'Show what it said' }).click();
    await page.getByRole('dialog').getByText('I should not have said that').waitFor();
    await page.keyboard.press('Escape');
  });

  test('calls, taken and missed', async () => {
    const taken = await newRow(page, () => control(simulator, 'POST', 'calls', { from: ana, seconds: 83 }));
    await says(taken, 'Incoming call');
    await says(taken, '1:23');
    const missed = await newRow(page, () => control(simulator, 'POST', 'calls', { from: ana, missed: true }));
    await says(missed, 'Missed call');
  });

  test('notices of WhatsApp: a first visit, another number, another phone', async () => {
    await customerWrites(simulator, ana, undefined, { type: 'request_welcome' });
    await thread(page).getByText('The customer opened the chat for the first time').waitFor();
    await customerWrites(simulator, ana, undefined, { type: 'system', system: { type: 'customer_identity_changed', body: 'User identity changed' }, message: { identity: { acknowledged: true, created_timestamp: '1', hash: 'x' } } });
    await thread(page).getByText(/security code changed/).waitFor();
    const bruno = '4915770000001';
    await customerWrites(simulator, bruno, 'My old number', { name: 'Bruno Lima' });
    await openConversation(page, 'Bruno Lima');
    await thread(page).getByText('My old number').waitFor();
    await control(simulator, 'POST', `customers/${bruno}/number`, { to: '4915770000002' });
    await thread(page).getByText(/changed their phone number/).waitFor();
    await customerWrites(simulator, '4915770000002', 'My new number');
    await thread(page).getByText('My new number').waitFor();
    await openConversation(page, 'Ana Souza');
  });

  test('messages of a group, in one thread, each with its author', async () => {
    await control(simulator, 'POST', 'groups', { id: 'HBgLgroup', subject: 'Flat share', participants: ['4915770000003', '4915770000004'] });
    await customerWrites(simulator, '4915770000003', 'What does everyone think?', { name: 'Carla', group_id: 'HBgLgroup' });
    await customerWrites(simulator, '4915770000004', 'The grey one', { name: 'Dan', group_id: 'HBgLgroup' });
    await row(page, 'The grey one').click();
    await thread(page).getByText('What does everyone think?').waitFor();
    assert.equal(await saidRows(page).count(), 2);
    for (const [n, author] of ['+4915770000003', '+4915770000004'].entries()) {
      assert.match((await saidRows(page).nth(n).innerText()).replaceAll(' ', ''), new RegExp(author.replace('+', '\\+')));
    }
    await screenshot(page, 'kinds/group', { clip: { x: 0, y: 8_300, width: 1280, height: 700 } });
    await openConversation(page, 'Ana Souza');
  });
});

describe('an agent sends', () => {
  test('text, and sees it delivered and read', async () => {
    const found = await weSend(() => answer(page, 'We have it in *all* colours.'));
    assert.deepEqual(found.request.text.body, 'We have it in *all* colours.');
    await status(found, 'Delivered');
    await control(simulator, 'POST', 'read', { wa_id: ana });
    await status(found, 'Read');
  });

  test('a quoted answer', async () => {
    const quoted = await theySend({ text: 'Even in yellow?' });
    const found = await weSend(async () => {
      await act(quoted, 'Reply');
      await page.getByText('Replying to').waitFor();
      await answer(page, 'Especially in yellow.');
    });
    assert.equal(found.request.context.message_id, quoted.wamid);
    await found.getByRole('button', { name: /In reply to: .*Even in yellow\?/ }).waitFor();
    assert.equal(await page.getByText('Replying to').count(), 0);
  });

  test('a reaction, another one, and none', async () => {
    const { wamid } = await theySend({ text: 'Great!' });
    const found = saidRows(page).last();
    const reactions = async () => (await onPhone(simulator, ana)).filter(({ request }) => request.type === 'reaction').map(({ request }) => request.reaction);
    const chips = found.getByRole('list', { name: 'Reactions' });
    for (const emoji of ['👍', '❤️']) {
      await act(found, 'React');
      await page.getByRole('button', { name: `React with ${emoji}` }).click();
      await chips.getByRole('button', { name: `${emoji} You`, pressed: true }).waitFor();
      await eventually(async () => (await reactions()).at(-1)?.emoji === emoji);
      assert.equal((await reactions()).at(-1).message_id, wamid);
      assert.equal(await chips.getByRole('button').count(), 1);
    }
    await chips.getByRole('button').click();
    await chips.waitFor({ state: 'detached' });
    await eventually(async () => (await reactions()).at(-1).emoji === '');
    assert.equal((await reactions()).length, 3);
  });

  test('two pictures at once, in order, each with its caption', async () => {
    const before = (await onPhone(simulator, ana)).length;
    const rows = await saidRows(page).count();
    await pick(page, 'Photo or video', [files.table, files.shirt]);
    await tray(page).getByRole('button', { name: 'Move shirt.jpg forward' }).click();
    await tray(page).getByLabel('Caption of table.jpg').fill('and the table');
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('The shirt');
    await expectAccessible(page, 'the composer with files');
    await screenshot(page, 'kinds/tray', { clip: { x: 0, y: 8_300, width: 1280, height: 700 } });
    await sendButton(page).click();
    const sent = await eventually(async () => {
      const all = (await onPhone(simulator, ana)).slice(before);
      return all.length === 2 && all;
    });
    assert.deepEqual(sent.map(({ request }) => [request.type, request.image.caption]), [['image', 'The shirt'], ['image', 'and the table']]);
    assert.deepEqual(await bytesAt(simulator, sent[0].request.image.id), files.shirt.buffer);
    for (const [n, width, caption] of [[0, 600, 'The shirt'], [1, 400, 'and the table']]) {
      const found = saidRows(page).nth(rows + n);
      await status(found, 'Delivered');
      await says(found, caption);
      assert.equal(await decodedWidth(found.locator('img')), width);
    }
    assert.equal(await tray(page).count(), 0);
  });

  test('a video', async () => {
    const found = await weSend(async () => {
      await pick(page, 'Photo or video', [files.film]);
      await sendButton(page).click();
    });
    assert.equal(found.request.type, 'video');
    assert.deepEqual(await bytesAt(simulator, found.request.video.id), files.film.buffer);
    await status(found, 'Delivered');
    await found.getByRole('button', { name: 'Play: Video' }).waitFor();
  });

  test('a sound file', async () => {
    const found = await weSend(async () => {
      await pick(page, 'Audio', [files.song]);
      await sendButton(page).click();
    });
    assert.equal(found.request.type, 'audio');
    assert.notEqual(found.request.audio.voice, true);
    await status(found, 'Delivered');
    await found.getByRole('button', { name: 'Play: Audio' }).click();
    await plays(found.locator('audio'));
  });

  test('a voice message that is recorded here, and sees it played', async () => {
    const found = await weSend(async () => {
      await page.getByRole('button', { name: 'Record a voice message' }).click();
      await page.getByRole('timer').getByText('0:01').waitFor();
      await page.getByRole('button', { name: 'Finish and listen' }).click();
      await tray(page).getByRole('button', { name: 'Play: Voice message' }).waitFor();
      await sendButton(page).click();
    });
    assert.equal(found.request.audio.voice, true);
    const bytes = await bytesAt(simulator, found.request.audio.id);
    assert.equal(bytes.subarray(0, 4).toString(), 'OggS');
    assert(bytes.includes('OpusHead'));
    await status(found, 'Delivered');
    await control(simulator, 'POST', 'played', { id: found.wamid });
    await status(found, 'Played');
  });

  test('a document with a name of its own', async () => {
    const found = await weSend(async () => {
      await pick(page, 'Document', [files.plan]);
      await page.getByRole('textbox', { name: 'Message', exact: true }).fill('The plan');
      await sendButton(page).click();
    });
    assert.equal(found.request.document.filename, files.plan.name);
    assert.equal(found.request.document.caption, 'The plan');
    assert.deepEqual(await bytesAt(simulator, found.request.document.id), files.plan.buffer);
    await status(found, 'Delivered');
    await says(found, files.plan.name);
  });

  /** Fills in the dialog of that entry and sends it. */
  const byForm = (entry, fields) =>
    weSend(async () => {
      const form = await openForm(page, entry);
      for (const [label, value] of Object.entries(fields)) await form.getByLabel(label, { exact: true }).fill(value);
      await form.getByRole('button', { name: 'Send', exact: true }).click();
      await form.waitFor({ state: 'detached' });
    });

  test('a location', async () => {
    const found = await byForm('Location', { Latitude: '52.52', Longitude: '13.405', 'Name of the place (optional)': 'Workshop', 'Address (optional)': 'Torstraße 1, Berlin' });
    const { latitude, longitude, name, address } = found.request.location;
    assert.deepEqual([Number(latitude), Number(longitude), name, address], [52.52, 13.405, 'Workshop', 'Torstraße 1, Berlin']);
    await status(found, 'Delivered');
    for (const words of ['Workshop', 'Torstraße 1, Berlin']) await says(found, words);
  });

  test('a contact card', async () => {
    const found = await byForm('Contact card', { Name: 'Monica Rossi', 'Phone number': '+39 333 123 4567' });
    const [card] = found.request.contacts;
    assert.equal(card.name.formatted_name, 'Monica Rossi');
    assert.equal(card.phones[0].phone, '+393331234567');
    await status(found, 'Delivered');
    await says(found, 'Monica Rossi');
  });

  test('reply buttons, of which the customer presses one', async () => {
    const found = await byForm('Reply buttons', { 'Title (optional)': 'Your order', Text: 'Shall we send it *today*?', 'Small print (optional)': 'Linen & Oak', 'Button 1': 'Yes, today' });
    const { type, header, body, footer, action } = found.request.interactive;
    assert.deepEqual([type, header, body, footer], ['button', { type: 'text', text: 'Your order' }, { text: 'Shall we send it *today*?' }, { text: 'Linen & Oak' }]);
    assert.deepEqual(action.buttons.map(({ reply }) => reply.title), ['Yes, today']);
    await status(found, 'Delivered');
    for (const words of ['Your order', 'Linen & Oak', 'Yes, today']) await says(found, words);
    const pressed = await theySend({ type: 'interactive' });
    await says(pressed, 'Chose an option');
    await says(pressed, 'Yes, today');
    await pressed.getByRole('button', { name: /In reply to: .*Shall we send it/ }).waitFor();
  });

  test('a list, of which the customer chooses a row', async () => {
    const found = await byForm('List', { Text: 'Which size?', 'Words on the button that opens the list': 'Sizes', 'Row 1': 'Small', 'Description of row 1 (optional)': 'for 36 to 38' });
    const { type, action } = found.request.interactive;
    assert.deepEqual([type, action.button, action.sections[0].rows[0].title], ['list', 'Sizes', 'Small']);
    await status(found, 'Delivered');
    await found.getByText('Sizes').click();
    await says(found, 'for 36 to 38');
    await found.getByText('Sizes').click();
    const { id, title, description } = action.sections[0].rows[0];
    const chosen = await theySend({ type: 'interactive', reply_to: found.wamid, interactive: { type: 'list_reply', list_reply: { id, title, description } } });
    for (const words of ['Chose an option', 'Small', 'for 36 to 38']) await says(chosen, words);
  });

  test('a link button', async () => {
    const found = await byForm('Link button', { Text: 'Your parcel is on its way.', 'Words on the button': 'Track it', Address: 'https://example.com/track/48213' });
    assert.deepEqual(found.request.interactive.action.parameters, { display_text: 'Track it', url: 'https://example.com/track/48213' });
    await status(found, 'Delivered');
    for (const words of ['Track it', 'https://example.com/track/48213']) await says(found, words);
  });

  test('a question for the location, which the customer answers', async () => {
    const found = await byForm('Ask for location', { Text: 'Where should we deliver?' });
    assert.equal(found.request.interactive.type, 'location_request_message');
    await status(found, 'Delivered');
    await says(found, 'Send location');
    const place = await theySend({ type: 'location', reply_to: found.wamid, location: { latitude: 40.78291, longitude: -73.95908, name: 'Guggenheim', address: '1071 5th Ave, New York' } });
    await says(place, 'Guggenheim');
    await place.getByRole('button', { name: /In reply to: .*Where should we deliver\?/ }).waitFor();
  });

  /** Chooses a template in the page, fills it in and sends it. */
  const byTemplate = (name, fields, more = async () => {}) =>
    weSend(async () => {
      const picker = await openForm(page, 'Template');
      await picker.getByRole('searchbox', { name: 'Search name or text' }).fill(name);
      await picker.getByRole('listitem').getByRole('button').first().click();
      for (const [label, value] of Object.entries(fields)) await picker.getByLabel(label, { exact: true }).fill(value);
      await more(picker);
      await picker.getByRole('button', { name: 'Send', exact: true }).click();
      await picker.waitFor({ state: 'detached' });
    });

  test('a template with words everywhere, one of whose buttons the customer presses', async () => {
    const found = await byTemplate('parcel_tracking', { 'Header: 1': '860198', 'Variable 1': 'Ana', 'Variable 2': 'tomorrow', 'Last part of the link of “Track it”': '860198' });
    assert.equal(found.request.template.name, 'parcel_tracking');
    const parts = Object.fromEntries(found.request.template.components.map((part) => [part.type, part.parameters]));
    assert.deepEqual(parts.header, [{ type: 'text', text: '860198' }]);
    assert.deepEqual(parts.body, [{ type: 'text', text: 'Ana' }, { type: 'text', text: 'tomorrow' }]);
    assert.deepEqual(parts.button, [{ type: 'text', text: '860198' }]);
    await status(found, 'Delivered');
    for (const words of ['Parcel 860198', 'Hi Ana, your parcel comes tomorrow.', 'Lucky Shrub: the succulent specialists', 'Track it', 'https://www.example.com/track/860198', 'Call the courier', 'Another day']) {
      await says(found, words);
    }
    const pressed = await theySend({ type: 'button', reply_to: found.wamid, button: { payload: 'Another day', text: 'Another day' } });
    for (const words of ['Chose an option', 'Another day']) await says(pressed, words);
  });

  test('a template with a picture', async () => {
    const found = await byTemplate('purchase_feedback', { 'Variable 1': 'a linen shirt' }, async (picker) => {
      const chooser = page.waitForEvent('filechooser');
      await picker.getByRole('button', { name: 'Choose a file' }).click();
      await (await chooser).setFiles([files.shirt]);
      await picker.getByRole('button', { name: 'Choose another file' }).waitFor();
    });
    const [header] = found.request.template.components;
    assert.deepEqual(await bytesAt(simulator, header.parameters[0].image.id), files.shirt.buffer);
    await status(found, 'Delivered');
    assert.equal(await decodedWidth(found.locator('img')), 600);
    await says(found, 'Take survey');
  });

  test('a template with a code and one with a place', async () => {
    const coupon = await byTemplate('spring_coupon', { 'Variable 1': '25', 'Code of “Copy code”': 'LINEN25' });
    assert.match(JSON.stringify(coupon.request.template.components), /"coupon_code":"LINEN25"/);
    await status(coupon, 'Delivered');
    assert.match(await coupon.innerText(), /LINEN25/);
    const found = await byTemplate('pickup_point', { 'Variable 1': 'Ana', Latitude: '52.52', Longitude: '13.405', 'Name of the place': 'Kiosk', Address: 'Torstraße 1' });
    assert.equal(found.request.template.components[0].parameters[0].location.name, 'Kiosk');
    await says(found, 'Kiosk');
    await status(found, 'Delivered');
  });

  test('only a template to who was silent for a day', async () => {
    const silent = '4915770000005';
    const yesterday = Math.floor(Date.now() / 1000) - 25 * 3600;
    await customerWrites(simulator, silent, 'See you tomorrow', { name: 'Eva Stern', timestamp: yesterday });
    await openConversation(page, 'Eva Stern');
    await page.getByText('The 24-hour window is closed').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Message', exact: true }).count(), 0);
    const found = await newRow(page, async () => {
      await page.getByRole('button', { name: 'Send a template' }).click();
      const picker = page.getByRole('dialog');
      await picker.getByRole('button', { name: /^appointment_reminder/ }).click();
      for (const [label, value] of Object.entries({ 'first name': 'Eva', day: 'Monday', time: '9:30' })) await picker.getByLabel(label, { exact: true }).fill(value);
      await picker.getByRole('button', { name: 'Send', exact: true }).click();
    });
    await status(found, 'Delivered');
    await says(found, 'Hello Eva, we look forward to seeing you on Monday at 9:30.');
    const [{ request }] = await onPhone(simulator, silent);
    assert.deepEqual(request.template.components[0].parameters.map(({ parameter_name: name, text }) => [name, text]), [['first_name', 'Eva'], ['day', 'Monday'], ['time', '9:30']]);
    await openConversation(page, 'Ana Souza');
  });
});

describe('all of it', () => {
  test('looks the same after a reload', async () => {
    // Players that were used say how far they are.
    const texts = async () => (await saidRows(page).allInnerTexts()).map((text) => text.replace(/Audio|0:0\d|[12.5]+×/g, '').replace(/\s+/g, ' '));
    await status(saidRows(page).last(), 'Delivered');
    const before = await texts();
    await page.reload();
    await saidRows(page).nth(before.length - 1).waitFor();
    await eventually(async () => assert.deepEqual(await texts(), before) ?? true);
  });

  test('makes no noise in the console, and is accessible', async () => {
    assert.deepEqual(page.problems, []);
    await expectAccessible(page, 'a thread with every kind');
    await page.getByRole('button', { name: 'Attach', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Location', exact: true }).waitFor();
    await expectAccessible(page, 'the menu beside the text field');
    await page.keyboard.press('Escape');
  });

  const looks = {
    light: {},
    dark: { colorScheme: 'dark' },
    phone: { viewport: { width: 390, height: 9_000 }, hasTouch: true },
    arabic: { locale: 'ar' },
  };
  for (const [name, options] of Object.entries(looks)) {
    test(`can be looked at: ${name}`, async () => {
      const own = await page.context().browser().newContext({ ...tall, locale: 'en-GB', ...options, storageState: await page.context().storageState() });
      const other = await own.newPage();
      await other.goto(page.url());
      const messages = other.locator('[data-index]').filter({ has: other.locator('[data-bubble]') });
      await messages.nth(40).waitFor();
      await eventually(async () => {
        const widths = await other.locator('[data-bubble] img').evaluateAll((all) => all.map((image) => image.naturalWidth));
        if (widths.length !== 7 || widths.includes(0)) throw new Error(`the pictures are ${widths} wide`);
        return true;
      }, { timeout: 30_000 });
      const { width } = other.viewportSize();
      const wide = await other.evaluate(() => document.documentElement.scrollWidth);
      assert(wide <= width, `the page is ${wide} wide`);
      const top = (await messages.first().boundingBox()).y;
      for (let y = Math.max(0, Math.floor(top) - 60), n = 0; y < 9_000; y += 1_500, ++n) {
        await screenshot(other, `kinds/${name}-${n}`, { clip: { x: 0, y, width, height: Math.min(1_500, 9_000 - y) } });
      }
      await own.close();
    });
  }
});
