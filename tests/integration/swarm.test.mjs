// Two hundred sockets, two processes, writers at work, and connections that break at random: no socket has a hole, none
// hears anything twice, and all reach the end.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { db, startServer, token } from './support/server.mjs';
import { EventSocket } from './support/socket.mjs';
import { messages, newCustomer, postAll, text } from './support/webhooks.mjs';

const clients = 200;
const users = 20;
const writes = 1500;
const cuts = 400;

/** mulberry32: the same cuts for the same seed. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A client as the inbox is one: connects, resumes where it was, and connects again when it is cut. */
class Client {
  seen = 0;
  holes = [];
  resumed = 0;
  reloaded = 0;
  position = null;
  done = false;

  constructor(servers, bearer, random) {
    Object.assign(this, { servers, bearer, random });
  }

  async live() {
    while (!this.done) {
      try {
        await this.#connect();
      } catch (error) {
        if (error.code === 'ERR_ASSERTION') throw error;
      }
      if (!this.done) await new Promise((again) => setTimeout(again, 20 + this.random() * 100));
    }
  }

  async #connect() {
    const server = this.servers[Math.floor(this.random() * this.servers.length)];
    const socket = (this.socket = new EventSocket(server));
    socket.onFrame = (frame) => this.#take(frame);
    await socket.opened;
    socket.send({ type: 'auth', token: this.bearer, resume: this.position });
    const { code, reason } = await socket.end({ timeout: 120_000 });
    assert([1000, 1005, 1006].includes(code), `closed with ${code} ${reason}`);
  }

  #take({ type, epoch, offset, recovered }) {
    if (type === 'ready') {
      if (this.position && !recovered) this.reloaded += 1;
      else if (this.position) this.resumed += 1;
      if (this.position && offset !== this.position.offset) this.holes.push(`ready at ${offset} after ${this.position.offset}`);
      this.position = { epoch, offset };
    } else if (type === 'event') {
      if (offset !== this.position.offset + 1) this.holes.push(`${offset} after ${this.position.offset}`);
      this.position.offset = offset;
      this.seen += 1;
    }
    this.onProgress?.();
  }

  end() {
    this.done = true;
    this.socket.close();
  }
}

test(`${clients} sockets, ${writes} messages, ${cuts} cuts`, { timeout: 150_000 }, async (t) => {
  const seed = Number(process.env.SWARM_SEED ?? 20261123);
  t.diagnostic(`SWARM_SEED=${seed}`);
  const random = randomFrom(seed);
  const limits = { PARLEY_SOCKETS_PER_ADDRESS: 1000, PARLEY_SOCKETS_PER_USER: 100 };
  const first = await startServer({ env: limits });
  const servers = [first, await startServer({ env: { ...limits, DATABASE_URL: await first.databaseUrl() } })];
  const pool = await db(first);
  const ids = Array.from({ length: users }, () => randomUUID());
  await pool.query("INSERT INTO members (account_id, user_id, role) SELECT (SELECT min(id) FROM accounts), unnest($1::uuid[]), 'agent'", [ids]);

  const swarm = Array.from({ length: clients }, (_, i) => new Client(servers, token({ sub: ids[i % users] }), random));
  const lives = swarm.map((client) => client.live());
  const failure = Promise.all(lives).then(() => assert.fail('all clients ended'));
  const until = (condition, what) =>
    Promise.race([
      failure,
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not in time: ${what()}`)), 90_000);
        const look = () => {
          if (!condition()) return;
          clearTimeout(timer);
          resolve();
        };
        for (const client of swarm) client.onProgress = look;
        look();
      }),
    ]);
  await until(() => swarm.every(({ position }) => position), () => 'not everybody is ready');
  const start = Math.max(...swarm.map(({ position }) => position.offset));

  let written = 0;
  const people = Array.from({ length: 30 }, newCustomer);
  const write = async () => {
    for (let at = 0; at < writes; at += 50) {
      const bodies = Array.from({ length: 50 }, (_, i) => messages(people[(at + i) % 30], [text(people[(at + i) % 30], `number ${at + i}`)]));
      await Promise.all([postAll(servers[0], bodies.slice(0, 25), { connections: 4 }), postAll(servers[1], bodies.slice(25), { connections: 4 })]);
      written += 50;
      // Cut among the writes, not by the clock, so that it falls into the work on any machine.
      for (let cut = 0; cut < (cuts * 50) / writes; ++cut) swarm[Math.floor(random() * clients)].socket?.terminate();
    }
  };
  await Promise.race([write(), failure]);
  const { rows } = await pool.query('SELECT event_offset AS offset FROM accounts ORDER BY id LIMIT 1');
  const end = rows[0].offset;
  assert(end - start >= writes);
  await until(
    () => swarm.every(({ position }) => position.offset === end),
    () => `${swarm.filter(({ position }) => position.offset !== end).length} clients are behind ${end}`,
  );
  failure.catch(() => {});
  for (const client of swarm) client.end();
  await Promise.all(lives);

  for (const client of swarm) {
    assert.deepEqual(client.holes, []);
    client.socket.assertRight();
    assert.equal(client.reloaded, 0, 'every position was good');
  }
  const resumed = swarm.reduce((sum, client) => sum + client.resumed, 0);
  assert(resumed > cuts / 4, `only ${resumed} cuts were survived`);
  t.diagnostic(`${written} messages, ${swarm.reduce((sum, client) => sum + client.seen, 0)} events heard, ${resumed} times resumed`);
});
