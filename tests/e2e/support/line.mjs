// A line between a page and its server that can fall silent, as when a laptop is carried out of the office: nothing is
// closed, nothing arrives any more. Ends and beginnings of connections are not passed on either.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { onEnd } from '../../integration/support/process.mjs';

export class Line {
  #pairs = new Set();
  #listener;
  #isCut = false;

  constructor(server) {
    this.#listener = createServer((near) => this.#join(near, server.port));
    onEnd(() => this.close());
  }

  async open() {
    this.#listener.listen(0, '127.0.0.1');
    await once(this.#listener, 'listening');
    this.port = this.#listener.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  /** From now on nothing goes through; connections made meanwhile are taken and lead nowhere. */
  cut() {
    this.#isCut = true;
    for (const pair of this.#pairs) pair.dead = true;
  }

  /** New connections go through again. Those of before stay as they are: open, and silent for ever. */
  mend() {
    this.#isCut = false;
  }

  async close() {
    this.#listener.close();
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket?.destroy();
  }

  #join(near, port) {
    const pair = { near, far: null, dead: this.#isCut };
    this.#pairs.add(pair);
    near.on('error', () => {});
    near.on('close', () => this.#pairs.delete(pair) && pair.far?.destroy());
    if (pair.dead) return void near.resume();
    pair.far = connect({ host: '127.0.0.1', port });
    for (const [from, to] of [[near, pair.far], [pair.far, near]]) {
      from.on('data', (data) => pair.dead || to.write(data));
      from.on('end', () => pair.dead || to.end());
    }
    pair.far.on('error', () => pair.dead || near.destroy());
  }
}

/** A line to `server`; the page is opened at its `url`. */
export function lineTo(server) {
  return new Line(server).open();
}
