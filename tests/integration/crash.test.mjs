// Whatever dies, and whenever: what was answered 200 is there, once.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { db, postWebhook, startServer, temporaryFolder } from './support/server.mjs';
import { eventually } from './support/process.mjs';
import { echoes, messages, Sender, statuses, text } from './support/webhooks.mjs';

const connections = 16;
const query = async (server, sql, values = []) => (await (await db(server)).query(sql, values)).rows;

/**
 * Deliveries without end: messages of a few customers, some of them in batches, echoes, statuses. Knows what was answered
 * 200, and delivers again, as Meta does, what was not.
 */
class Load {
  acknowledged = new Set();
  unanswered = [];
  answers = 0;
  refused = 0;

  constructor(label) {
    // A few customers, some of whom write for the first time while the server dies.
    this.people = Array.from({ length: 10 }, (_, i) => `1650${label}${String(i).padStart(3, '0')}`);
  }

  #next() {
    if (this.unanswered.length > 0 && randomInt(2) === 0) return this.unanswered.pop();
    const person = this.people[randomInt(this.people.length)];
    const kind = randomInt(10);
    if (kind === 0) {
      const sent = text(person, 'from the phone');
      return { ids: [sent.id], body: echoes(person, [sent]) };
    }
    if (kind === 1 && this.acknowledged.size > 0) {
      const [id] = this.acknowledged;
      return { ids: [], body: statuses(id, person, [['read', Math.floor(Date.now() / 1000)]]) };
    }
    const list = Array.from({ length: kind === 2 ? 20 : 1 }, () => text(person, 'Hello'));
    return { ids: list.map(({ id }) => id), body: messages(person, list) };
  }

  /** Posts until `enough` says so or the server is gone. */
  async run(server, enough) {
    const sender = new Sender(server, connections);
    const worker = async () => {
      while (!enough(this)) {
        const each = this.#next();
        let answer;
        try {
          answer = await sender.post(each.body);
        } catch (error) {
          this.unanswered.push(each);
          if (error.code === 'ERR_ASSERTION') throw error;
          return;
        }
        this.answers += 1;
        if (answer.status === 200) each.ids.forEach((id) => this.acknowledged.add(id));
        else {
          this.refused += 1;
          assert.equal(answer.status, 503, answer.text);
          this.unanswered.push(each);
          await new Promise((done) => setTimeout(done, 10));  // Nobody delivers again at once.
        }
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: connections }, worker));
    sender.close();
    for (const { reason } of ended) if (reason) throw reason;
  }
}

async function assertConsistent(server, load) {
  const rows = await query(server, 'SELECT whatsapp_message_id AS id, count(*) AS n FROM chat_messages GROUP BY 1');
  const stored = new Map(rows.map(({ id, n }) => [id, n]));
  for (const id of load.acknowledged) assert.equal(stored.get(id), 1, `${id} was answered 200 and is stored ${stored.get(id) ?? 0} times`);
  for (const [id, n] of stored) assert.equal(n, 1, id);
  const wrong = await query(
    server,
    `SELECT c.id, c.unread_count, n.unread FROM chat_conversations c
     JOIN LATERAL (SELECT count(*) FILTER (WHERE sender = 'customer' AND NOT is_read) AS unread, max(created_at) AS newest
                   FROM chat_messages m WHERE m.conversation_id = c.id) n ON true
     WHERE c.unread_count <> n.unread OR c.last_message_at <> n.newest`,
  );
  assert.deepEqual(wrong, []);
  const [events] = await query(
    server,
    `SELECT a.event_offset AS offset, count(e.*) AS n, coalesce(max(e."offset"), 0) AS last, coalesce(min(e."offset"), 1) AS first,
            count(e.*) FILTER (WHERE e.name = 'message.created') AS created
     FROM accounts a LEFT JOIN events e ON e.account_id = a.id GROUP BY a.id`,
  );
  assert.deepEqual([events.first, events.n, events.last], [1, events.offset, events.offset]);
  assert.equal(events.created, stored.size);
  const doubled = await query(server, 'SELECT customer_phone FROM chat_conversations GROUP BY customer_phone HAVING count(*) > 1');
  assert.deepEqual(doubled, []);
}

test('20 times kill -9 under load: each delivery answered 200 is stored once', async (t) => {
  const dataDir = temporaryFolder();
  let server = await startServer({ dataDir });
  const load = new Load(String(process.pid % 10000));
  const starts = [];
  for (let round = 0; round < 20; ++round) {
    const until = load.answers + randomInt(1, 400);
    let killed;
    await load.run(server, () => {
      // Among answers, not at a time: so the kill falls into the work, on any machine.
      if (load.answers >= until) killed ??= server.kill9();
      return killed !== undefined;
    });
    await killed;
    const before = performance.now();
    server = await startServer({ dataDir });
    starts.push(Math.round(performance.now() - before));
    assert(server.logs.some(({ event, taken_over: taken }) => event === 'private_cluster_ready' && taken), 'PostgreSQL went on running');
    await assertConsistent(server, load);
  }
  assert.equal(load.refused, 0);
  // What was not answered is delivered again, and then all of it is there.
  await load.run(server, () => load.unanswered.length === 0);
  await assertConsistent(server, load);
  t.diagnostic(`${load.answers} answers, ${load.acknowledged.size} messages; starts took ${Math.min(...starts)} to ${Math.max(...starts)} ms`);
  await server.stop();
});

describe('PostgreSQL', () => {
  let server;

  async function underLoad(hurt, times) {
    server ??= await startServer();
    const load = new Load(String((process.pid + times) % 10000));
    let done = false;
    const running = load.run(server, () => done);
    try {
      for (let i = 0; i < times; ++i) {
        const goal = load.acknowledged.size + randomInt(20, 100);
        await eventually(() => load.acknowledged.size >= goal, { interval: 1 });
        await hurt();
      }
      const goal = load.acknowledged.size + 100;
      await eventually(() => load.acknowledged.size >= goal);
    } finally {
      done = true;
      await running;
    }
    assert.equal(server.result, undefined, 'the server ended');
    await assertConsistent(server, load);
    return load;
  }

  test("ends the intake's session under load: no acknowledged message is lost, and the server goes on", async (t) => {
    let ended = 0;
    const load = await underLoad(async () => {
      const rows = await query(
        server,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley' AND pid <> pg_backend_pid()",
      );
      ended += rows.length;
    }, 25);
    assert(ended >= 25);
    t.diagnostic(`${ended} sessions ended, ${load.refused} deliveries answered 503, ${load.acknowledged.size} messages kept`);
  });

  test('cancels what runs: the delivery is answered 503 or 200, and what is answered 200 is there', async () => {
    await underLoad(() => query(server, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley' AND state <> 'idle' AND pid <> pg_backend_pid()"), 50);
  });

  test('loses a session to kill -9, which restarts all of them: no acknowledged message is lost', async (t) => {
    const load = await underLoad(async () => {
      const [row] = await query(server, "SELECT pid FROM pg_stat_activity WHERE application_name = 'parley' LIMIT 1").catch(() => []);
      if (row) process.kill(row.pid, 'SIGKILL');
    }, 3);
    t.diagnostic(`${load.refused} deliveries answered 503, ${load.acknowledged.size} messages kept`);
  });

  test('refuses with a lock held by somebody else: answered in time, and right afterwards', async () => {
    const pool = await db(server);
    const client = await pool.connect();
    const from = '16505550001';
    try {
      await client.query('BEGIN');
      await client.query('SELECT FROM accounts FOR UPDATE');
      const waiting = postWebhook(server, messages(from, [text(from)]));
      await eventually(async () => (await query(server, "SELECT FROM pg_stat_activity WHERE application_name = 'parley' AND wait_event_type = 'Lock'")).length > 0);
      await client.query('COMMIT');
      assert.equal((await waiting).status, 200);
    } finally {
      client.release();
    }
  });
});
