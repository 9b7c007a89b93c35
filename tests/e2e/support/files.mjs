// Files that people send each other: pictures that decode, sound and film that play.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const read = (name) => readFileSync(new URL(`../files/${name}`, import.meta.url));
const file = (name, mimeType) => ({ name, mimeType, buffer: read(name) });

/** As Playwright's setFiles takes them. */
export const files = {
  /** 600 x 400 */
  shirt: file('shirt.jpg', 'image/jpeg'),
  /** 400 x 600 */
  table: file('table.jpg', 'image/jpeg'),
  smile: file('smile.webp', 'image/webp'),
  /** Moves. */
  dance: file('dance.webp', 'image/webp'),
  /** Two seconds each. */
  film: file('film.mp4', 'video/mp4'),
  voice: file('voice.ogg', 'audio/ogg; codecs=opus'),
  song: file('song.mp3', 'audio/mpeg'),
  plan: {
    name: 'Plän für März (1).pdf',
    mimeType: 'application/pdf',
    buffer: readFileSync(new URL('../../../simulator/phone/sample.pdf', import.meta.url)),
  },
};

/** Puts a file on the customers' phones; gives the id under which a message can have it. */
export async function onTheirPhone(simulator, { buffer, mimeType, name = '' }) {
  const response = await fetch(`${simulator.url}/_sim/media?filename=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { 'Content-Type': mimeType },
    body: buffer,
  });
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()).id;
}

/** The bytes of a file that the business uploaded. */
export async function bytesAt(simulator, id) {
  const response = await fetch(`${simulator.url}/_sim/media/${id}`);
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

/** A file as large as wanted, that is what its type says as far as its first bytes tell. */
export function fileOf(size, { name, mimeType, begin = '' }) {
  const buffer = Buffer.alloc(size, 'x');
  buffer.write(begin, 'latin1');
  return { name, mimeType, buffer };
}
