// An existing database, made by the original script, is taken over in place and without losing a row.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { api, createDatabase, db, phoneNumberId, postWebhook, startServer, withDatabase } from './support/server.mjs';
import { run } from './support/process.mjs';
import { originalScript } from './support/original.mjs';
import { messages, text } from './support/webhooks.mjs';

let host;

before(async () => {
  host = await startServer();
});

const serve = (url) => startServer({ env: { DATABASE_URL: url } });
const query = async (server, sql, values = []) => (await (await db(server)).query(sql, values)).rows;

/** Everything in the tables that users see, and the rows put aside. */
async function content(server) {
  const tables = ['accounts', 'members', 'phone_numbers', 'contacts', 'contact_identities', 'chat_conversations', 'chat_messages', 'adopted_rows', 'events', 'outbox', 'schema_migrations'];
  const all = {};
  for (const table of tables) {
    all[table] = (await query(server, `SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY to_jsonb(t)::text`)).map(({ row }) => row);
  }
  return all;
}

/** The rows of the original tables; times as the UTC that they were meant as. */
function originals(client) {
  const utc = (column) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS ${column}`;
  return Promise.all([
    client.query(`SELECT id, phone_number_id, customer_phone, customer_name, unread_count, ${utc('last_message_at')}, ${utc('created_at')} FROM chat_conversations ORDER BY id`),
    client.query(`SELECT id, conversation_id, sender, message, message_type, media_url, is_read, whatsapp_message_id, ${utc('created_at')} FROM chat_messages ORDER BY id`),
  ]).then(([conversations, list]) => ({ conversations: conversations.rows, messages: list.rows }));
}

const sameTime = (stored, was) => stored.getTime() === Date.parse(was.replace(/(\.\d{3})\d*/, '$1'));

async function assertEveryRowIsAccountedFor(server, was) {
  const conversations = new Map((await query(server, 'SELECT * FROM chat_conversations')).map((row) => [row.id, row]));
  const list = new Map((await query(server, 'SELECT * FROM chat_messages')).map((row) => [row.id, row]));
  const aside = await query(server, 'SELECT * FROM adopted_rows');
  const kept = (kind) => new Map(aside.filter((row) => row.kind === kind).map((row) => [row.id, row]));
  const [mergedConversations, foldedMessages] = [kept('conversation'), kept('message')];

  for (const old of was.conversations) {
    assert.notEqual(conversations.has(old.id), mergedConversations.has(old.id), `conversation ${old.id} is in one place`);
    const merged = mergedConversations.get(old.id);
    if (merged) {
      assert(conversations.has(merged.kept_id));
      assert.equal(merged.original.customer_phone, old.customer_phone);
      assert.equal(merged.original.customer_name, old.customer_name);
      assert.equal(merged.original.unread_count, old.unread_count);
    } else {
      const row = conversations.get(old.id);
      assert.equal(row.customer_phone, old.customer_phone);
      if (old.phone_number_id !== '') assert.equal(row.phone_number_id, old.phone_number_id);
    }
  }
  for (const old of was.messages) {
    assert.notEqual(list.has(old.id), foldedMessages.has(old.id), `message ${old.id} is in one place`);
    const folded = foldedMessages.get(old.id);
    if (folded) {
      assert.equal(folded.original.message, old.message);
      assert.equal(folded.original.media_url, old.media_url);
      if (old.created_at) assert(sameTime(new Date(folded.original.created_at), old.created_at));
      if (folded.kept_id) assert(list.has(folded.kept_id), `message ${old.id} went into one that is not here`);
      continue;
    }
    const row = list.get(old.id);
    const conversation = mergedConversations.get(old.conversation_id)?.kept_id ?? old.conversation_id;
    assert.equal(row.conversation_id, conversation);
    assert.equal(row.message, old.message);
    assert.equal(row.message_type, old.message_type || 'text');
    assert.equal(row.media_url, old.media_url);
    assert.equal(row.whatsapp_message_id, old.whatsapp_message_id || null);
    if (old.created_at) assert(sameTime(row.created_at, old.created_at), `message ${old.id}: ${row.created_at.toISOString()} was ${old.created_at}`);
  }
  assert.equal(conversations.size + mergedConversations.size, was.conversations.length);
  assert.equal(list.size + foldedMessages.size, was.messages.length);
}

async function assertOriginalMachineryIsGone(server) {
  assert.deepEqual(await query(server, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"), []);
  assert.deepEqual(await query(server, "SELECT proname FROM pg_proc WHERE proname = 'update_conversation_timestamp'"), []);
}

async function originalDatabase(unique, fill) {
  const url = await createDatabase(host);
  const was = await withDatabase(url, async (client) => {
    // Sessions of this database do not live in UTC; what is stored is UTC all the same.
    await client.query("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = %L', current_database(), 'Asia/Tokyo'); END $$");
    await client.query(originalScript({ unique }));
    await fill(client);
    return originals(client);
  });
  return { url, was };
}

const conversation = (client, row) =>
  client.query('INSERT INTO chat_conversations (id, phone_number_id, customer_phone, customer_name, last_message_at, unread_count, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    row.id,
    row.number ?? phoneNumberId,
    row.phone,
    row.name ?? null,
    row.at ?? null,
    row.unread === undefined ? 0 : row.unread,
    row.created ?? null,
  ]);

const message = (client, row) =>
  client.query('INSERT INTO chat_messages (id, conversation_id, sender, message, message_type, media_url, is_read, whatsapp_message_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    row.id,
    row.conversation,
    row.sender ?? 'customer',
    row.text ?? `message ${row.id}`,
    row.type === undefined ? 'text' : row.type,
    row.media ?? null,
    row.read === undefined ? false : row.read,
    row.wamid ?? null,
    row.at ?? null,
  ]);

const messagesOf = async (server, id) => (await api(server, 'GET', `/api/live-chat/messages?conversation_id=${id}&mark_read=false`)).body.messages;

describe('a database with a plain index, and everything that it allowed', () => {
  let server;
  let url;
  let was;

  before(async () => {
    ({ url, was } = await originalDatabase(false, async (client) => {
      const rows = [
        // One customer four times: twice as is, once as people write it, and once at another number.
        { id: 1, phone: '16505551234', name: 'Sheena', unread: 2, at: '2024-03-01 10:00:00', created: '2024-01-01 00:00:00' },
        { id: 2, phone: '16505551234', name: null, unread: 1, at: '2024-03-02 10:00:00', created: '2024-01-02 00:00:00' },
        { id: 3, phone: '+1 650 555-1234', name: 'Sheena Nelson', unread: 1, at: '2024-03-03 10:00:00', created: '2023-12-31 23:59:59.123456' },
        { id: 4, phone: '16505551234', number: '999', name: 'Sheena', unread: 5, at: '2024-03-04 10:00:00', created: '2024-01-01 00:00:00' },
        // Whatever may be NULL is NULL, or empty, or odd.
        { id: 5, phone: '5511955501234', unread: null },
        { id: 6, phone: '' },
        { id: 7, phone: '' },
        { id: 8, phone: 'US.13491208655302741918', name: '' },
        { id: 9, phone: 'not a number at all' },
        { id: 10, phone: '390612345678', unread: -3, at: '2024-05-05 05:05:05', created: '2024-05-05 05:05:05' },
        { id: 11, phone: '390612345678', number: '' },
        { id: 12, phone: '+' },
      ];
      for (const row of rows) await conversation(client, row);
      const list = [
        { id: 101, conversation: 1, wamid: 'wamid.A', at: '2024-03-01 09:00:00.123456', text: 'first' },
        { id: 102, conversation: 1, wamid: 'wamid.B', at: '2024-03-01 10:00:00' },
        { id: 103, conversation: 1, sender: 'agent', wamid: 'wamid.C', at: '2024-03-01 10:30:00', read: true },
        { id: 104, conversation: 1, sender: 'agent', at: '2024-03-01 10:31:00', read: true },
        // The same messages again, in the conversation made a second time.
        { id: 105, conversation: 2, wamid: 'wamid.B', at: '2024-03-01 10:00:00' },
        { id: 106, conversation: 2, wamid: 'wamid.A', at: '2024-03-01 09:00:00.123456', text: 'first', read: true },
        { id: 107, conversation: 2, wamid: 'wamid.D', at: '2024-03-02 10:00:00' },
        { id: 108, conversation: 3, wamid: 'wamid.E', at: '2024-03-03 10:00:00', media: 'https://example.com/a.jpg', type: 'image' },
        { id: 109, conversation: 4, wamid: 'wamid.F', at: '2024-03-04 10:00:00' },
        // Without a conversation; one of them is the older double of a message that has one.
        { id: 110, conversation: null, wamid: 'wamid.G', at: '2024-03-05 10:00:00', text: 'lost' },
        { id: 111, conversation: null, at: null, text: 'lost, too' },
        { id: 112, conversation: null, wamid: 'wamid.H', at: '2024-03-06 10:00:00', text: 'found again' },
        { id: 113, conversation: 10, wamid: 'wamid.H', at: '2024-03-06 10:00:00', text: 'found again' },
        // Odd words, empty ids, nothing.
        { id: 114, conversation: 5, sender: 'Customer', type: null, read: null, wamid: '' },
        { id: 115, conversation: 5, sender: 'user', type: '', wamid: '', at: '2024-04-01 00:00:00' },
        { id: 116, conversation: 5, sender: 'bot', text: '', at: '2024-04-01 00:00:01' },
        { id: 117, conversation: 5, sender: 'AGENT', type: 'sticker', at: '2024-04-01 00:00:02' },
        { id: 118, conversation: 5, sender: '', at: '1969-12-31 23:59:59' },
        { id: 119, conversation: 6, at: '2024-04-02 00:00:00' },
        { id: 120, conversation: 7, at: '2024-04-02 00:00:00' },
        { id: 121, conversation: 8, text: 'x'.repeat(100_000), at: '2024-04-02 00:00:00' },
        { id: 122, conversation: 11, at: '2024-04-02 00:00:00' },
        { id: 123, conversation: 9, wamid: 'w'.repeat(255), at: '2030-01-01 00:00:00' },
      ];
      for (const row of list) await message(client, row);
      await client.query("SELECT setval('chat_conversations_id_seq', 12), setval('chat_messages_id_seq', 123)");
    }));
    server = await serve(url);
  });

  test('keeps every row, its id, text and time', () => assertEveryRowIsAccountedFor(server, was));
  test('has no trigger any more', () => assertOriginalMachineryIsGone(server));

  test('merges the conversations of one customer at one number', async () => {
    const rows = await query(server, 'SELECT * FROM chat_conversations ORDER BY id');
    assert.deepEqual(rows.map(({ id }) => id), [1, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const merged = rows[0];
    assert.equal(merged.customer_name, 'Sheena Nelson', 'the name of the latest');
    assert.equal(merged.created_at.toISOString(), '2023-12-31T23:59:59.123Z');
    assert.equal(merged.last_message_at.toISOString(), '2024-03-03T10:00:00.000Z');
    assert.equal(merged.last_incoming_at.toISOString(), '2024-03-03T10:00:00.000Z');
    // A was read in one of its two places; B, D and E were not.
    assert.equal(merged.unread_count, 3);
    assert.equal(rows[1].contact_id, merged.contact_id, 'one person at two numbers');
    assert.equal(rows[1].unread_count, 5, 'what was not folded keeps its count');
    for (const { unread_count: unread } of rows) assert(unread >= 0);
    assert.notEqual(rows[3].contact_id, rows[4].contact_id, 'no address is no common address');
  });

  test('puts the messages of the merged together, doubles once', async () => {
    const list = await messagesOf(server, 1);
    assert.deepEqual(list.map(({ whatsapp_message_id: id }) => id), ['wamid.A', 'wamid.B', 'wamid.C', null, 'wamid.D', 'wamid.E']);
    assert.deepEqual(list.map(({ is_read: read }) => read), [true, false, true, true, false, false]);
    assert.equal(list[0].created_at.slice(0, 19), '2024-03-01T09:00:00');
    assert.deepEqual(list.map(({ status }) => status), ['received', 'received', 'sent', 'not_sent', 'received', 'received']);
    assert.deepEqual([list[5].media_url, list[5].message_type], ['https://example.com/a.jpg', 'image']);
  });

  test('answers for the ids of merged conversations', async () => {
    const kept = await messagesOf(server, 1);
    for (const old of [2, 3]) assert.deepEqual(await messagesOf(server, old), kept);
  });

  test('shows a message whose older double had no conversation', async () => {
    const list = await messagesOf(server, 10);
    assert.deepEqual(list.map(({ message: body }) => body), ['found again']);
  });

  test('reads odd senders as what they meant, and remembers the word', async () => {
    const rows = await query(server, "SELECT id, sender, payload->>'original_sender' AS word FROM chat_messages WHERE conversation_id = 5 ORDER BY id");
    assert.deepEqual(rows, [
      { id: 114, sender: 'customer', word: 'Customer' },
      { id: 115, sender: 'customer', word: 'user' },
      { id: 116, sender: 'agent', word: 'bot' },
      { id: 117, sender: 'agent', word: 'AGENT' },
      { id: 118, sender: 'agent', word: '' },
    ]);
  });

  test('lists all of it by the API', async () => {
    const { body } = await api(server, 'GET', '/api/live-chat/conversations?limit=100');
    assert.equal(body.conversations.length, 10);
    for (const { id } of body.conversations) await messagesOf(server, id);
    assert.equal(body.conversations.find(({ id }) => id === 1).preview, 'message 108');
  });

  test('is not changed by a second start', async () => {
    await server.stop();
    const between = await startServer({ env: { DATABASE_URL: url } });
    const first = await content(between);
    await between.stop();
    server = await serve(url);
    assert.deepEqual(await content(server), first);
    assert(!server.logs.some(({ event }) => event === 'database_migrated'));
    await assertEveryRowIsAccountedFor(server, was);
  });

  test('goes on: a message of a known customer joins the conversation, new rows get new ids', async () => {
    const incoming = text('16505551234', 'back again');
    assert.equal((await postWebhook(server, messages('16505551234', [incoming, text('16505551234', 'first', { id: 'wamid.A' })]))).status, 200);
    const [row] = await query(server, 'SELECT id, conversation_id FROM chat_messages WHERE whatsapp_message_id = $1', [incoming.id]);
    assert.equal(row.conversation_id, 1);
    assert(row.id > 123);
    const [{ unread_count: unread }] = await query(server, 'SELECT unread_count FROM chat_conversations WHERE id = 1');
    assert.equal(unread, 4, 'the message that was here already is not counted again');

    const stranger = text('4915112345678', 'hello');
    assert.equal((await postWebhook(server, messages('4915112345678', [stranger]))).status, 200);
    const [fresh] = await query(server, 'SELECT conversation_id FROM chat_messages WHERE whatsapp_message_id = $1', [stranger.id]);
    assert(fresh.conversation_id > 12);
    await api(server, 'GET', '/api/live-chat/messages?conversation_id=1');
    assert.equal((await query(server, 'SELECT unread_count FROM chat_conversations WHERE id = 1'))[0].unread_count, 0);
  });
});

describe('a database with a unique index', () => {
  test('is adopted as well', async () => {
    const { url, was } = await originalDatabase(true, async (client) => {
      // As the original software wrote: by its defaults and its trigger.
      await client.query("INSERT INTO chat_conversations (phone_number_id, customer_phone, customer_name, unread_count) VALUES ($1, '16505551234', 'Sheena', 2), ($1, '16505557788', 'Pablo', 0)", [phoneNumberId]);
      await client.query("INSERT INTO chat_messages (conversation_id, sender, message, whatsapp_message_id) VALUES (1, 'customer', 'one', 'wamid.1'), (1, 'customer', 'two', 'wamid.2'), (1, 'agent', 'three', NULL), (2, 'agent', 'four', NULL), (NULL, 'customer', 'five', '')");
    });
    const server = await serve(url);
    await assertEveryRowIsAccountedFor(server, was);
    await assertOriginalMachineryIsGone(server);
    const { body } = await api(server, 'GET', '/api/live-chat/conversations');
    assert.deepEqual(body.conversations.map(({ id, unread_count: unread }) => [id, unread]).sort(), [[1, 2], [2, 0]]);
    assert.deepEqual((await messagesOf(server, 1)).map(({ message: body }) => body), ['one', 'two', 'three']);
    await server.stop();
  });

  test('with no row is adopted as well', async () => {
    const { url } = await originalDatabase(true, async () => {});
    const server = await serve(url);
    assert.equal((await postWebhook(server, messages('16505551234', [text('16505551234')]))).status, 200);
    assert.deepEqual(await query(server, 'SELECT id FROM chat_conversations'), [{ id: 1 }]);
    await server.stop();
  });
});

test('200,000 messages in 5,000 conversations are adopted within the start', async (t) => {
  const { url } = await originalDatabase(false, async (client) => {
    await client.query('ALTER TABLE chat_messages DISABLE TRIGGER ALL');
    await client.query(
      `INSERT INTO chat_conversations (phone_number_id, customer_phone, customer_name, last_message_at, unread_count, created_at)
       SELECT $1, CASE WHEN n % 50 = 0 THEN '+' ELSE '' END || (16500000000 + n - (n % 50 = 1)::int), 'Customer ' || n, '2024-01-01'::timestamp + n * interval '1 minute', 0, '2024-01-01'
       FROM generate_series(1, 5000) n`,
      [phoneNumberId],
    );
    await client.query(
      `INSERT INTO chat_messages (conversation_id, sender, message, is_read, whatsapp_message_id, created_at)
       SELECT n % 5000 + 1, CASE n % 3 WHEN 0 THEN 'agent' ELSE 'customer' END, 'message ' || n, n % 7 <> 0,
              CASE WHEN n % 100 = 99 THEN 'wamid.' || (n - 1) ELSE 'wamid.' || n END, '2024-01-01'::timestamp + n * interval '1 second'
       FROM generate_series(1, 200000) n`,
    );
  });
  const before = performance.now();
  const server = await serve(url);
  t.diagnostic(`started in ${Math.round(performance.now() - before)} ms`);
  const [counts] = await query(
    server,
    `SELECT (SELECT count(*) FROM chat_conversations) + (SELECT count(*) FROM adopted_rows WHERE kind = 'conversation') AS conversations,
            (SELECT count(*) FROM chat_messages) + (SELECT count(*) FROM adopted_rows WHERE kind = 'message') AS messages,
            (SELECT count(*) FROM adopted_rows WHERE kind = 'conversation') AS merged,
            (SELECT count(*) FROM adopted_rows WHERE kind = 'message') AS folded,
            (SELECT count(DISTINCT whatsapp_message_id) FROM chat_messages) AS wamids`,
  );
  assert.deepEqual([counts.conversations, counts.messages], [5000, 200000]);
  assert(counts.merged > 0 && counts.folded > 0);
  assert.equal(counts.wamids, 200000 - counts.folded);
  const wrong = await query(
    server,
    `SELECT c.id FROM chat_conversations c JOIN adopted_rows a ON a.kept_id = c.id AND a.kind = 'conversation'
     WHERE c.unread_count <> (SELECT count(*) FROM chat_messages m WHERE m.conversation_id = c.id AND m.sender = 'customer' AND NOT m.is_read)`,
  );
  assert.deepEqual(wrong, []);
  const { body } = await api(server, 'GET', '/api/live-chat/conversations?limit=50');
  assert.equal(body.conversations.length, 50);
  await server.stop();
  // Or PostgreSQL writes it all to disk when it stops.
  const [{ name }] = await query(server, 'SELECT current_database() AS name');
  await (await db(host)).query(`DROP DATABASE ${name} WITH (FORCE)`);
});

test('a database newer than the binary is refused, and left alone', async () => {
  const url = await createDatabase(host);
  const first = await serve(url);
  await first.stop();
  await withDatabase(url, (client) => client.query('INSERT INTO schema_migrations (version) VALUES (9999)'));
  for (const command of [['serve'], ['migrate'], ['webhooks', 'list']]) {
    const { stdout, stderr } = await run(command, { env: { ...host.variables, DATABASE_URL: url }, expected: 1 });
    assert.match(stdout + stderr, /9999/);
    assert.match(stdout + stderr, /newer/);
  }
  await withDatabase(url, async (client) => {
    assert.equal((await client.query('SELECT max(version) AS version FROM schema_migrations')).rows[0].version, 9999);
  });
});

test('a failed adoption leaves the original as it was', async () => {
  const { url, was } = await originalDatabase(false, async (client) => {
    await conversation(client, { id: 1, phone: '16505551234', unread: 1 });
    await message(client, { id: 1, conversation: 1, at: '2024-01-01 00:00:00' });
    // A view on a column that changes its type stops the adoption half-way.
    await client.query('CREATE VIEW report AS SELECT created_at FROM chat_messages');
  });
  const { stderr, stdout } = await run(['serve'], { env: { ...host.variables, DATABASE_URL: url }, expected: 1 });
  assert.match(stdout + stderr, /view/);
  const after = await withDatabase(url, originals);
  assert.deepEqual(after, was);
  await withDatabase(url, async (client) => {
    const { rows } = await client.query("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal");
    assert.equal(rows.length, 1);
    await client.query('DROP VIEW report');
  });
  const server = await serve(url);
  await assertEveryRowIsAccountedFor(server, was);
  await server.stop();
});

describe('servers that start at the same time', () => {
  async function startThree(url) {
    const servers = await Promise.all([serve(url), serve(url), serve(url)]);
    for (const [i, server] of servers.entries()) {
      assert.equal((await postWebhook(server, messages('16505551234', [text('16505551234', `to ${i}`)]))).status, 200);
    }
    const [counts] = await query(servers[0], 'SELECT (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM members) AS members, (SELECT count(*) FROM chat_conversations) AS conversations');
    assert.deepEqual(counts, { accounts: 1, members: 1, conversations: 1 });
    assert.equal(servers.filter(({ logs }) => logs.some(({ event }) => event === 'database_migrated')).length, 1);
    for (const server of servers) await server.stop();
  }

  test('on an empty database all come up, with one account', async () => {
    for (let round = 0; round < 3; ++round) await startThree(await createDatabase(host));
  });

  test('on an original database all come up, and one of them adopts it', async () => {
    const { url } = await originalDatabase(false, async (client) => {
      await conversation(client, { id: 1, phone: '16505551234', unread: 1 });
      await message(client, { id: 1, conversation: 1, at: '2024-01-01 00:00:00' });
    });
    await startThree(url);
  });
});
