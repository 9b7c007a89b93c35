// Desktop notifications. The browser of the tests has no desktop, so what the page asks it to show is noted down.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { eventually } from '../integration/support/server.mjs';
import { customerWrites } from '../integration/support/simulator.mjs';
import { openPage, signIn, startInbox } from './support/browser.mjs';

let server;
let simulator;

before(async () => {
  ({ server, simulator } = await startInbox());
});

const shown = (page) => page.evaluate(() => window.notesShown);
async function turnOn(page) {
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Desktop notifications', checked: true }).waitFor();
  await page.keyboard.press('Escape');
}

const lookAway = (page) => page.evaluate(() => (document.hasFocus = () => false));

/** The person says yes as soon as the browser asks. */
async function openAsking(options) {
  const page = await openPage(server, '/', options);
  await page.exposeFunction('sayYes', () => page.context().grantPermissions(['notifications']));
  await page.addInitScript(() => {
    window.notesShown = [];
    window.Notification = class extends window.Notification {
      constructor(title, options) {
        super(title, options);
        window.notesShown.push({ title, body: options.body });
      }
      static async requestPermission() {
        await window.sayYes();
        return super.requestPermission();
      }
    };
  });
  await page.reload();
  await signIn(page);
  await page.getByText('Know when customers write').waitFor();
  return page;
}

test('are shown for what comes while one looks elsewhere, once they were asked for', async () => {
  const page = await openAsking();
  await customerWrites(simulator, '4915766600001', 'Before anybody asked', { name: 'Nora' });
  await page.getByRole('option').filter({ hasText: 'Before anybody asked' }).waitFor();
  await lookAway(page);
  assert.deepEqual(await shown(page), []);

  await turnOn(page);
  assert.equal(await page.getByText('Know when customers write').count(), 0);
  await customerWrites(simulator, '4915766600001', 'Is *anybody* there?', { name: 'Nora' });
  await eventually(async () => (await shown(page)).length === 1);
  assert.deepEqual(await shown(page), [{ title: 'Nora', body: 'Is anybody there?' }]);
});

test('are not shown for the thread that is being read, nor when declined', async () => {
  const page = await openAsking();
  await turnOn(page);
  await customerWrites(simulator, '4915766600002', 'open this', { name: 'Olga' });
  await page.getByRole('option').filter({ hasText: 'open this' }).click();
  const thread = page.getByRole('region', { name: 'Messages' });
  await thread.getByText('open this', { exact: true }).waitFor();
  await customerWrites(simulator, '4915766600002', 'in sight', { name: 'Olga' });
  await thread.getByText('in sight', { exact: true }).waitFor();
  await lookAway(page);
  await customerWrites(simulator, '4915766600002', 'out of sight', { name: 'Olga' });
  await eventually(async () => (await shown(page)).length === 1);
  assert.deepEqual(await shown(page), [{ title: 'Olga', body: 'out of sight' }]);

  const other = await openAsking();
  await other.getByRole('button', { name: 'Not now' }).click();
  await lookAway(other);
  await customerWrites(simulator, '4915766600002', 'nobody wants to know', { name: 'Olga' });
  await other.getByRole('option').filter({ hasText: 'nobody wants to know' }).waitFor();
  assert.deepEqual(await shown(other), []);
});

test('are shown on a computer whose clock is wrong', async () => {
  const page = await openAsking({ clock: true });
  await page.clock.fastForward('10:00');
  assert((await page.evaluate(() => Date.now())) > Date.now() + 9 * 60_000);
  await turnOn(page);
  await lookAway(page);
  await customerWrites(simulator, '4915766600003', 'What time is it?', { name: 'Pia' });
  await eventually(async () => (await shown(page)).length === 1);
});
