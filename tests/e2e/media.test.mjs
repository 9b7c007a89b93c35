// Files in a real browser when something is wrong with them: Meta fails, the file lies, it is too large, the server dies
// in the middle, and there are hundreds of them.
import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import { db, eventually, startServer, temporaryFolder } from '../integration/support/server.mjs';
import { control, customerWrites, deliverTo, onPhone, sendingThrough, startTestSimulator } from '../integration/support/simulator.mjs';
import { addAgent, expectAccessible, openInbox, startInbox } from './support/browser.mjs';
import { bytesAt, fileOf, files, onTheirPhone } from './support/files.mjs';
import {
  answer, composer, decodedWidth, newRow, openConversation, pick, saidRows, sendButton, thread, tray, untilLive,
} from './support/screen.mjs';

let server;
let simulator;
let customers = 0;
const faults = (switches) => control(simulator, 'PUT', 'faults', switches);
const kMB = 1024 * 1024;

before(async () => {
  ({ server, simulator } = await startInbox());
});
beforeEach(() =>
  faults({
    media_lookup_500: 0, media_download_500: 0, media_download_404: 0, media_download_cut: 0, media_wrong_sha: 0,
    media_delay_ms: 0, webhook_media_url: true,
  }),
);

/** A page with the thread of a new customer. */
async function openCustomer(options, at = server, sim = simulator) {
  const phone = `4915${String(++customers).padStart(8, '0')}`;
  const name = `Customer ${customers}`;
  await customerWrites(sim, phone, 'Hello', { name });
  const page = await openInbox(at, 'ada@example.com', options);
  await openConversation(page, name);
  await saidRows(page).first().waitFor();
  return { page, phone, name };
}

async function theySend(page, phone, type, file, more = {}) {
  const id = await onTheirPhone(simulator, file);
  const found = await newRow(page, () => customerWrites(simulator, phone, undefined, { type, [type]: { id, ...more } }));
  return Object.assign(found, { id });
}

/** The page's uploads, as they begin. */
function uploadsOf(page) {
  const uploads = [];
  page.on('request', (request) => /\/live-chat\/media(\?|$)/.test(request.url()) && uploads.push(request.url()));
  return uploads;
}

/** The page's line upwards, in bytes a second. */
async function slow(page, bytesPerSecond) {
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  return (rate) =>
    line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: rate });
}

describe('a file of a customer', () => {
  test('appears although Graph fails five times; before it stands what is coming', async () => {
    const { page, phone } = await openCustomer();
    await faults({ media_lookup_500: 2, media_download_500: 2, media_download_cut: 1, webhook_media_url: false });
    const found = await theySend(page, phone, 'image', files.shirt, { caption: 'The blue one' });
    await found.getByText(/^Photo is on its way from WhatsApp/).waitFor();
    await found.getByText('The blue one', { exact: true }).waitFor();
    assert.equal(await found.locator('img').count(), 0);
    await eventually(async () => (await found.locator('img').count()) === 1, { timeout: 60_000 });
    assert.equal(await decodedWidth(found.locator('img')), 600);
    const left = await control(simulator, 'GET', 'faults');
    assert.deepEqual([left.media_lookup_500, left.media_download_500, left.media_download_cut], [0, 0, 0]);
    assert.deepEqual(page.problems, []);
  });

  test('that WhatsApp has forgotten says so, and says so again', async () => {
    const { page, phone } = await openCustomer();
    await faults({ media_lookup_500: 1, webhook_media_url: false });
    const found = await theySend(page, phone, 'document', files.plan, { filename: 'plan.pdf' });
    await control(simulator, 'POST', `media/${found.id}/expire`);
    await found.getByText('WhatsApp no longer has this file. Ask the customer to send it again.').waitFor();
    const asked = page.waitForResponse((response) => response.url().endsWith('/retry'));
    await found.getByRole('button', { name: 'Try again' }).click();
    assert.equal((await asked).status(), 200);
    await found.getByText('WhatsApp no longer has this file.').waitFor();
    await found.getByRole('button', { name: 'Try again' }).waitFor();
  });

  test('that arrives damaged again and again says so; trying again brings it', async () => {
    const { page, phone } = await openCustomer();
    await faults({ media_wrong_sha: 4 });
    const found = await theySend(page, phone, 'image', files.table);
    await eventually(async () => (await found.getByText('The file arrived damaged.').count()) === 1 && (await found.getByRole('button', { name: 'Try again' }).count()) === 1, { timeout: 60_000 });
    await found.getByRole('button', { name: 'Try again' }).click();
    assert.equal(await decodedWidth(found.locator('img')), 400);
  });

  test('that says it is a picture and is a page is a download, and runs nothing', async () => {
    const { page, phone } = await openCustomer();
    const evil = Buffer.from('<html><script>window.top.hacked = 1; fetch("/api/live-chat/conversations")</script></html>');
    const found = await theySend(page, phone, 'image', { buffer: evil, mimeType: 'image/png', name: '' });
    const download = page.waitForEvent('download');
    await found.getByRole('button', { name: 'Download: Photo' }).click();
    assert.deepEqual(readFileSync(await (await download).path()), evil);
    assert.equal(await found.locator('img, iframe, object, embed').count(), 0);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
  });

  test('has a name that harms nobody', async () => {
    const { page, phone } = await openCustomer();
    for (const [name, shown] of [
      ['../../etc/passwd', '.._.._etc_passwd'],
      ['invoice\u202efdp.exe', 'invoicefdp.exe'],
      ['<img src=x onerror="window.hacked=1">.pdf', '<img src=x onerror="window.hacked=1">.pdf'],
      ['Übersicht 漢字 مخطط.pdf', 'Übersicht 漢字 مخطط.pdf'],
    ]) {
      const found = await theySend(page, phone, 'document', files.plan, { filename: name });
      await found.getByText(shown, { exact: true }).waitFor();
      const download = page.waitForEvent('download');
      await found.getByRole('button', { name: /^Download: / }).click();
      // Browsers take out what the system's file names cannot have, and points at the beginning.
      assert.equal((await download).suggestedFilename(), shown.replace(/^\.+/, '').replace(/[<>"]/g, '_'));
    }
    const long = await theySend(page, phone, 'document', files.plan, { filename: `${'very '.repeat(200)}long.pdf` });
    await long.getByRole('button', { name: /^Download: / }).waitFor();
    const [box, room] = await Promise.all([long.locator('[data-bubble]').boundingBox(), thread(page).boundingBox()]);
    assert(box.width < room.width && box.height < 200, JSON.stringify(box));
    assert.equal(await page.evaluate(() => window.hacked), undefined);
  });
});

describe('a file of an agent', () => {
  test('that is too large, empty or of a wrong type is told before anything is sent', async () => {
    const { page, phone } = await openCustomer();
    const uploads = uploadsOf(page);
    const huge = join(temporaryFolder(), 'huge.zip');
    writeFileSync(huge, 'PK');
    truncateSync(huge, 101 * kMB);
    await pick(page, 'Photo or video', [fileOf(17 * kMB, { name: 'long.mp4', mimeType: 'video/mp4' })]);
    await tray(page).getByRole('alert').getByText('Videos can be up to 16 MB; this one has 17 MB.').waitFor();
    await pick(page, 'Audio', [fileOf(17 * kMB, { name: 'long.mp3', mimeType: 'audio/mpeg' })]);
    await tray(page).getByRole('alert').getByText('Audio files can be up to 16 MB; this one has 17 MB.').waitFor();
    await pick(page, 'Document', huge);
    await tray(page).getByRole('alert').getByText('Documents can be up to 100 MB; this one has 101 MB.').waitFor();
    await pick(page, 'Photo or video', [fileOf(10, { name: 'old.avi', mimeType: 'video/x-msvideo' })]);
    await tray(page).getByRole('alert').getByText('WhatsApp cannot show this type of file.').waitFor();
    await pick(page, 'Document', [fileOf(0, { name: 'nothing.txt', mimeType: 'text/plain' })]);
    await tray(page).getByRole('alert').getByText('This file is empty.').waitFor();
    assert.equal(await sendButton(page).isDisabled(), true);
    await expectAccessible(page, 'the tray with what cannot be sent');
    assert.deepEqual(uploads, []);
    for (const name of ['long.mp4', 'long.mp3', 'huge.zip', 'nothing.txt']) await tray(page).getByRole('button', { name: `Remove ${name}` }).click();
    // The way out that is offered.
    await tray(page).getByRole('button', { name: 'Send as a document' }).click();
    await sendButton(page).click();
    const [{ request }] = await eventually(async () => ((list) => list.length === 1 && list)(await onPhone(simulator, phone)));
    assert.deepEqual([request.type, request.document.filename], ['document', 'old.avi']);
  });

  test('that is too large as a picture is made smaller', async () => {
    const { page, phone } = await openCustomer();
    const padded = { ...files.shirt, buffer: Buffer.concat([files.shirt.buffer, Buffer.alloc(6 * kMB)]) };
    await pick(page, 'Photo or video', [padded]);
    await tray(page).getByText(/JPEG for WhatsApp/).waitFor();
    await sendButton(page).click();
    const [{ request }] = await eventually(async () => ((list) => list.length === 1 && list)(await onPhone(simulator, phone)));
    const bytes = await bytesAt(simulator, request.image.id);
    assert(bytes.length < 5 * kMB && bytes.readUInt16BE(0) === 0xffd8);
  });

  test('shows how far it is and can be given up; what is behind it goes', async () => {
    const { page, phone } = await openCustomer();
    const rate = await slow(page);
    await rate(256 * 1024);
    await pick(page, 'Document', [fileOf(20 * kMB, { name: 'slow.bin', mimeType: 'application/octet-stream' })]);
    const found = await newRow(page, () => sendButton(page).click());
    const progress = found.getByRole('progressbar', { name: 'Uploading' });
    await eventually(async () => {
      const share = await progress.evaluate((bar) => bar.value);
      return share > 0 && share < 1;
    });
    await answer(page, 'Never mind');
    await found.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('slow.bin').waitFor({ state: 'detached' });
    await rate(-1);
    await eventually(async () => (await onPhone(simulator, phone)).length === 1);
    assert.equal((await onPhone(simulator, phone))[0].request.text.body, 'Never mind');
  });

  test('can be dropped on the thread and pasted into the text field', async () => {
    const { page, phone } = await openCustomer();
    const transfer = (file) =>
      page.evaluateHandle(([name, type, base64]) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], name, { type }));
        return data;
      }, [file.name, file.mimeType, file.buffer.toString('base64')]);
    const dropped = await transfer(files.shirt);
    await thread(page).dispatchEvent('dragenter', { dataTransfer: dropped });
    await page.getByText('Drop files to send them').waitFor();
    await thread(page).dispatchEvent('drop', { dataTransfer: dropped });
    await page.getByText('Drop files to send them').waitFor({ state: 'detached' });
    await tray(page).getByText('shirt.jpg').waitFor();
    await composer(page).evaluate((field, data) => {
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, await transfer(files.table));
    await tray(page).getByText('table.jpg').waitFor();
    await eventually(async () => !(await sendButton(page).isDisabled()));
    await composer(page).press('Enter');
    const sent = await eventually(async () => ((list) => list.length === 2 && list)(await onPhone(simulator, phone)));
    assert.deepEqual(await Promise.all(sent.map(({ request }) => bytesAt(simulator, request.image.id))), [files.shirt.buffer, files.table.buffer]);
  });

  test('is not lost by leaving the page unasked', async () => {
    const { page } = await openCustomer();
    const rate = await slow(page);
    await rate(64 * 1024);
    await pick(page, 'Document', [fileOf(10 * kMB, { name: 'slow.bin', mimeType: 'application/octet-stream' })]);
    const found = await newRow(page, () => sendButton(page).click());
    await found.getByRole('progressbar').waitFor();
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), 'beforeunload');
    await dialog.dismiss();
    await found.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('slow.bin').waitFor({ state: 'detached' });
    const gone = page.waitForEvent('close');
    await page.close({ runBeforeUnload: true });
    await gone;
  });

  test('whose upload the server does not survive is sent once when it is back', async () => {
    const sim = await startTestSimulator();
    const dataDir = temporaryFolder();
    const start = (port = 0) =>
      startServer({ dataDir, env: { ...sendingThrough(sim), PORT: port, SUPABASE_JWT_SECRET: undefined, PARLEY_OWNER_USER_ID: undefined } });
    let own = await start();
    await deliverTo(sim, own);
    await addAgent(own, 'ada@example.com', 'owner');
    const { page, phone } = await openCustomer({}, own, sim);
    const rate = await slow(page);
    await rate(256 * 1024);
    const big = fileOf(12 * kMB, { name: 'big.bin', mimeType: 'application/octet-stream' });
    await pick(page, 'Document', [big]);
    const found = await newRow(page, () => sendButton(page).click());
    await eventually(() => found.getByRole('progressbar').evaluate((bar) => bar.value > 0 && bar.value < 1));
    await own.kill9();
    await page.getByText(/^Offline/).first().waitFor();
    await found.getByText('Will be sent when you are back online').waitFor();
    await rate(-1);
    own = await start(own.port);
    await untilLive(page, { timeout: 30_000 });
    await found.getByText('Delivered, show details').waitFor({ state: 'attached', timeout: 60_000 });
    const sent = await onPhone(sim, phone);
    assert.equal(sent.length, 1);
    assert.deepEqual(await bytesAt(sim, sent[0].request.document.id), big.buffer);
    assert.equal(await saidRows(page).filter({ hasText: 'big.bin' }).count(), 1);
    await page.context().close();
  });
});

describe('a thread of 300 pictures', () => {
  const pictures = 300;
  const padding = 400 * 1024;

  test('holds only so many of them, and does not jump', { timeout: 180_000 }, async () => {
    const { page, phone } = await openCustomer();
    await page.context().addInitScript(() => {
      const made = new Map();
      window.heldBlobs = () => ({ count: made.size, bytes: [...made.values()].reduce((sum, size) => sum + size, 0) });
      const { createObjectURL, revokeObjectURL } = URL;
      URL.createObjectURL = (blob) => {
        const url = createObjectURL.call(URL, blob);
        made.set(url, blob.size);
        return url;
      };
      URL.revokeObjectURL = (url) => {
        made.delete(url);
        revokeObjectURL.call(URL, url);
      };
    });
    // It decodes as what it is and is as large as photos are.
    const photo = { ...files.shirt, buffer: Buffer.concat([files.shirt.buffer, Buffer.alloc(padding)]) };
    const newest = await theySend(page, phone, 'image', photo, { caption: `picture ${pictures - 1}.` });
    await decodedWidth(newest.locator('img'));
    await (await db(server)).query(
      `WITH one AS (SELECT * FROM chat_messages WHERE payload->'image'->>'caption' = 'picture ${pictures - 1}.'),
            copies AS (INSERT INTO media (account_id, state, type, sha256, size)
                       SELECT f.account_id, f.state, f.type, f.sha256, f.size FROM media f JOIN one ON f.id = one.media_id, generate_series(1, ${pictures - 1})
                       RETURNING id)
       INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, is_read, status, whatsapp_message_id, created_at, media_id, payload)
       SELECT one.account_id, one.conversation_id, 'customer', 'picture', 'image', true, 'received', 'wamid.picture' || n,
              one.created_at - interval '2 days' + n * interval '5 minutes', file,
              jsonb_build_object('type', 'image', 'image', jsonb_build_object('caption', 'picture ' || n || '.'))
       FROM one, (SELECT id AS file, row_number() OVER (ORDER BY id) - 1 AS n FROM copies) numbered`,
    );
    await page.reload();
    await saidRows(page).filter({ hasText: `picture ${pictures - 1}.` }).waitFor();
    await thread(page).hover();
    const drawn = () => page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));
    /** Where the captions on screen stand. */
    const places = () =>
      thread(page).evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        const rows = [...element.querySelectorAll('[data-index]')].map((row) => [/picture (\d+)\./.exec(row.textContent)?.[1], row.getBoundingClientRect().bottom]);
        return Object.fromEntries(rows.filter(([n, y]) => n && y > top && y < bottom));
      });
    /** What is on screen, and what the next step brings: that has to come beforehand. */
    const loaded = () =>
      eventually(() =>
        thread(page).evaluate((element) => {
          const { top: edge, bottom } = element.getBoundingClientRect();
          const top = edge - 510;
          const rows = [...element.querySelectorAll('[data-index]')].filter((row) => {
            const box = row.getBoundingClientRect();
            return /picture/.test(row.textContent) && box.bottom > top && box.top < bottom;
          });
          return rows.length > 0 && rows.every((row) => row.querySelector('img')?.naturalWidth > 0);
        }),
      { timeout: 30_000 });
    const peak = { count: 0, bytes: 0 };
    await loaded();
    const seen = new Set(Object.keys(await places()));
    for (let step = 0; step < 1_000 && !seen.has('0'); ++step) {
      // At once: a wheel's glide would go on while positions are compared.
      await thread(page).evaluate((element) => element.scrollBy({ top: -500, behavior: 'instant' }));
      await drawn();
      const early = await places();
      await loaded();
      await drawn();
      const late = await places();
      for (const [n, y] of Object.entries(early)) {
        seen.add(n);
        // Nobody knows a picture's shape beforehand: two that are found to be flatter move what is on screen a little.
        if (late[n] !== undefined) assert(Math.abs(late[n] - y) <= 55, `picture ${n} went from ${y} to ${late[n]}`);
      }
      for (const n of Object.keys(late)) seen.add(n);
      const held = await page.evaluate(() => window.heldBlobs());
      for (const what of ['count', 'bytes']) peak[what] = Math.max(peak[what], held[what]);
    }
    assert.equal(seen.size, pictures);
    assert(peak.count < pictures * 0.75, `${peak.count} blobs were held`);
    assert(peak.bytes < 70 * kMB, `${peak.bytes} bytes were held`);
  });
});
