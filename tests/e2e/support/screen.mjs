// What an agent sees and does on the page.
import { eventually } from '../../integration/support/process.mjs';

export const list = (page) => page.getByRole('listbox', { name: 'Conversations' });
export const rows = (page) => list(page).getByRole('option');
export const row = (page, text) => rows(page).filter({ hasText: text });
export const thread = (page) => page.getByRole('region', { name: 'Messages' });
export const bubbles = (page, text) => thread(page).getByText(text, { exact: true });
export const composer = (page) => page.getByRole('textbox', { name: 'Message' });
export const searchBox = (page) => page.getByRole('searchbox', { name: 'Search name or number' });
/** What the page says about how current it is; on a phone a second one is in the thread. */
export const banner = (page, text) => page.getByRole('status').filter({ hasText: text }).first();

export async function answer(page, text) {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

export async function openConversation(page, text) {
  await row(page, text).click();
  await thread(page).waitFor();
}

/** Nothing says any more that something is not current. */
export async function untilLive(page, options) {
  await eventually(async () => (await page.getByText(/^(Offline|Connecting|Catching up)/).count()) === 0, options);
}

/** The unread counter of a conversation in the list. */
export async function unreadOf(page, text) {
  const said = await row(page, text).getByText(/unread message/).allInnerTexts();
  return said.length === 0 ? 0 : Number.parseInt(said[0], 10);
}

/** The number in the tab's title: what is unread in all. */
export async function unreadInTitle(page) {
  return Number(/^\((\d+)\)/.exec(await page.title())?.[1] ?? 0);
}

/**
 * The bubbles of the open thread from its beginning to its end, as `pattern` finds them in their texts. Loads what is
 * older by scrolling; of the long list only what is on screen exists, so it is gathered on the way down.
 */
export async function wholeThread(page, pattern) {
  const scroller = thread(page);
  await eventually(
    async () => {
      await scroller.evaluate((element) => element.scrollTo(0, 0));
      return (await page.getByText('The conversation begins here').count()) === 1;
    },
    { timeout: 30_000 },
  );
  const texts = await scroller.evaluate(async (element) => {
    const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    // Rows that are measured for the first time, or that move to the end by themselves, may be jumped over: once more then.
    for (let pass = 0; pass < 5; ++pass) {
      const found = new Map();
      element.scrollTo({ top: 0, behavior: 'instant' });
      await drawn();
      for (let step = 0; step < 2_000; ++step) {
        for (const each of element.querySelectorAll('[data-index]')) {
          found.set(Number(each.dataset.index), each.querySelector('[data-bubble]')?.innerText ?? '');
        }
        if (element.scrollTop + element.clientHeight >= element.scrollHeight - 1) break;
        element.scrollTop += element.clientHeight / 2;
        await drawn();
      }
      if (Math.max(...found.keys()) === found.size - 1) return [...found.keys()].sort((a, b) => a - b).map((index) => found.get(index));
    }
    throw new Error('rows are jumped over again and again');
  });
  return texts.flatMap((text) => text.match(pattern)?.[0] ?? []);
}

/** Polls while the page's clock runs some ten times as fast, so that no deadline or pause has to be waited for. */
export async function soon(page, condition) {
  const canHurry = page.context().hasOwnClock;
  await eventually(async () => {
    if (canHurry) await page.clock.runFor(400);
    return condition();
  }, { timeout: 15_000 });
}

/** The access tokens that the page has said over its sockets, and the answers to its asking for new ones. */
export function tokensOf(page) {
  const renewals = [];
  page.on('response', (response) => response.url().includes('grant_type=refresh_token') && renewals.push(response.status()));
  return { renewals, said: () => page.sockets.flatMap(({ sent }) => sent.filter(({ type }) => type === 'auth').map(({ token }) => token)) };
}

/** The rows of the thread in which somebody says something, oldest first; neither days nor notices. */
export const saidRows = (page) => thread(page).locator('[data-index]').filter({ has: page.locator('[data-bubble]') });

/** The row that `act` adds to the open thread, as long as all of it is on screen. */
export async function newRow(page, act) {
  const before = await saidRows(page).count();
  await act();
  const row = saidRows(page).nth(before);
  await row.waitFor();
  return row;
}

/** Waits until a picture is not only there but decoded; gives its own width. */
export function decodedWidth(picture) {
  return eventually(() => picture.evaluate((image) => image.complete && image.naturalWidth));
}

/** The dialog behind an entry of the menu beside the text field. */
export async function openForm(page, name) {
  await page.getByRole('button', { name: 'Attach', exact: true }).click();
  await page.getByRole('menuitem', { name, exact: true }).click();
  return page.getByRole('dialog');
}

/** Picks files as an agent does: by the menu beside the text field and the system's window. */
export async function pick(page, entry, picked) {
  await page.getByRole('button', { name: 'Attach', exact: true }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
  await (await chooser).setFiles(picked);
}

export const tray = (page) => page.getByRole('list', { name: 'Files to be sent' });
export const sendButton = (page) => page.getByRole('button', { name: 'Send', exact: true });
