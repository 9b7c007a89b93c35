// The command line, the demo, and what those who run the server look at.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import {
  api,
  command,
  environment,
  eventually,
  fixture,
  jwtSecret,
  owner,
  phoneNumberId,
  postWebhook,
  run,
  startServer,
  temporaryFolder,
  token,
} from './support/server.mjs';
import { Process } from './support/process.mjs';

const databaseUrl = async (args, env = {}) => (await run(['database-url', ...args], { env })).stdout.trim();

describe('options', () => {
  const commands = [
    [], ['serve'], ['demo'], ['simulate'], ['migrate'], ['database-url'],
    ['webhooks'], ['webhooks', 'list'], ['webhooks', 'replay'],
    ['account'], ['account', 'add'], ['account', 'list'],
    ['user'], ['user', 'add'], ['user', 'list'], ['user', 'remove'], ['user', 'password'],
    ['user', 'token'],
    ['number'], ['number', 'add'], ['number', 'list'],
  ];

  test('every command has --help', async () => {
    for (const words of commands) {
      const { stdout, stderr } = await run([...words, '--help']);
      assert.match(stdout, /--help/, words.join(' '));
      assert.equal(stderr, '');
    }
    const { stdout } = await run(['--help']);
    for (const [word] of commands.filter((words) => words.length === 1)) assert.match(stdout, new RegExp(`\\b${word}\\b`));
    for (const option of ['port', 'data-dir', 'database-url', 'wa-token', 'supabase-url', 'cors-origins', 'config']) {
      assert(stdout.includes(`--${option}`), option);
    }
    assert.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  test('what is not understood is refused and named', async () => {
    for (const [args, named] of [
      [[], /subcommand/i],
      [['dance'], /dance|subcommand/i],
      [['serve', '--colour', 'red'], /colour/],
      [['serve', '--port', 'http'], /port/],
      [['serve', '--port', '70000'], /port/],
      [['account'], /subcommand/i],
      [['account', 'add'], /name/],
      [['user', 'add', '--account', 'one'], /account/],
      [['user', 'add', '--account', '1', '--role', 'king'], /role/],
      [['number', 'add', '--account', '1'], /phone-number-id/],
      [['webhooks', 'list', '--limit', '0'], /limit/],
    ]) {
      const refused = await run(args).then(() => assert.fail(`${args.join(' ')} is accepted`), (error) => error.message);
      const [, code, output] = refused.match(/ ended with (\d+):\n([^]*)$/);
      assert.notEqual(code, '0');
      assert.match(output, named, args.join(' '));
    }
  });

  test('a flag goes before the environment, the environment before the file', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'parley.toml');
    writeFileSync(file, '# comment\nport = 1234\ndatabase-url = "postgres://file"\n');
    const config = ['--config', file];
    assert.equal(await databaseUrl(config), 'postgres://file');
    assert.equal(await databaseUrl([], { PARLEY_CONFIG: file }), 'postgres://file');
    assert.equal(await databaseUrl(config, { DATABASE_URL: 'postgres://usual' }), 'postgres://usual');
    assert.equal(await databaseUrl(config, { PARLEY_DATABASE_URL: 'postgres://own' }), 'postgres://own');
    const both = { DATABASE_URL: 'postgres://usual', PARLEY_DATABASE_URL: 'postgres://own' };
    assert.equal(await databaseUrl(config, both), 'postgres://own');
    assert.equal(await databaseUrl([...config, '--database-url', 'postgres://flag'], both), 'postgres://flag');
    assert.equal(await databaseUrl([...config, '--database-url=postgres://flag'], both), 'postgres://flag');
    assert.equal((await run(['--database-url', 'postgres://first', 'database-url'], { env: both })).stdout, 'postgres://first\n');
    assert.equal(await databaseUrl(config, { DATABASE_URL: '', PARLEY_DATABASE_URL: '' }), 'postgres://file');
    await assert.rejects(run(['database-url', '--config', join(folder, 'absent.toml')]), /absent\.toml/);
    writeFileSync(file, 'prot = 1234\n');
    await assert.rejects(run(['database-url', ...config]), /prot/);
  });

  test('database-url without a running cluster says what to do', async () => {
    const { stdout, stderr } = await run(['database-url'], { env: { PARLEY_DATA_DIR: temporaryFolder() }, expected: 1 });
    assert.equal(stdout, '');
    assert.match(stderr, /parley serve/);
  });
});

describe('a server and the commands beside it', () => {
  let server;
  before(async () => {
    server = await startServer();
  });

  test('database-url is the address of its database', async () => {
    assert.match(await server.databaseUrl(), /^postgres(ql)?:\/\//);
    const { stdout } = await run(['database-url', '--data-dir', server.dataDir]);
    assert.equal(stdout.trim(), await server.databaseUrl());
  });

  test('its data directory has one owner', async () => {
    const { stderr } = await run(['serve', '--port', '0'], { env: server.variables, expected: 1 });
    assert.match(stderr, new RegExp(`in use by another Parley \\(process ${server.pid}\\)`));
    assert(stderr.includes(server.dataDir));
    assert.equal((await api(server, 'GET', '/readyz')).status, 200);
  });

  test('its port has one owner', async () => {
    const env = { ...server.variables, DATABASE_URL: await server.databaseUrl(), PORT: server.port };
    const { stderr } = await run(['serve'], { env, expected: 1 });
    assert.match(stderr, /[Aa]ddress already in use/);
  });

  test('accounts, users and numbers', async () => {
    assert.match(await command(server, 'account', 'list'), /^1 {2}\S/);
    const id = (await command(server, 'account', 'add', 'Second shop')).match(/Account (\d+) added/)[1];
    assert.match(await command(server, 'account', 'list'), new RegExp(`^${id}  Second shop$`, 'm'));

    const user = randomUUID();
    await command(server, 'user', 'add', '--account', id, '--id', user, '--role', 'owner');
    assert.match(await command(server, 'user', 'list'), new RegExp(`^account ${id}  ${user}  owner$`, 'm'));
    await command(server, 'user', 'add', '--account', id, '--id', user, '--role', 'agent');
    assert.match(await command(server, 'user', 'list'), new RegExp(`^account ${id}  ${user}  agent$`, 'm'));
    assert.match(await command(server, 'user', 'list'), new RegExp(`^account 1  ${owner}  owner$`, 'm'));
    const made = (await command(server, 'user', 'add', '--account', id)).match(/User (\S+) is agent of account/)[1];
    assert.match(await command(server, 'user', 'list'), new RegExp(made));
    assert.match(await command(server, 'user', 'remove', '--account', id, '--id', made), /Removed/);
    assert.match(await command(server, 'user', 'remove', '--account', id, '--id', made), /no such member/);

    const number = ['--phone-number-id', '5550001', '--display', '+1 555 0001'];
    await command(server, 'number', 'add', '--account', id, ...number, '--name', 'Shop');
    assert.match(await command(server, 'number', 'list'), new RegExp(`^account ${id}  5550001 .*\\+1 555 0001  Shop$`, 'm'));
    await command(server, 'number', 'add', '--account', id, '--phone-number-id', '5550001', '--name', 'Better shop');
    assert.match(await command(server, 'number', 'list'), /5550001 .*\+1 555 0001 {2}Better shop$/m);

    const refused = async (said, ...args) => {
      const env = { ...server.variables, DATABASE_URL: await server.databaseUrl() };
      const { stderr } = await run(args, { env, expected: 1 });
      assert.match(stderr, said, args.join(' '));
    };
    await refused(/belongs to another account/, 'number', 'add', '--account', id, '--phone-number-id', phoneNumberId);
    await refused(/belongs to another account/, 'number', 'add', '--account', '1', ...number);
    await refused(/no such account/, 'number', 'add', '--account', '99', '--phone-number-id', '5550002');
    await refused(/no such account/i, 'user', 'add', '--account', '99');
    await refused(/UUID/, 'user', 'add', '--account', '1', '--id', 'me');
    await refused(/UUID/, 'user', 'token', '--id', 'me');
    const numbers = (await api(server, 'GET', '/api/live-chat/phone-numbers')).body.phone_numbers;
    assert.deepEqual(numbers.map((n) => n.phone_number_id), [phoneNumberId]);
  });

  test('user token prints a token that the server takes', async () => {
    const printed = (await command(server, 'user', 'token', '--id', owner, '--hours', '1')).trim();
    assert.equal((await api(server, 'GET', '/api/live-chat/conversations', { token: printed })).status, 200);
    const claims = JSON.parse(Buffer.from(printed.split('.')[1], 'base64url'));
    assert.equal(claims.exp - claims.iat, 3600);
    const env = { ...server.variables, SUPABASE_URL: 'https://abc.supabase.co' };
    const { stderr } = await run(['user', 'token', '--id', owner], { env, expected: 1 });
    assert.match(stderr, /sign in there/);
  });

  test('without Supabase the server has keys of its own, and user token knows them', async () => {
    const env = { SUPABASE_JWT_SECRET: undefined, DATABASE_URL: await server.databaseUrl() };
    const own = await startServer({ env });
    const printed = (await command(own, 'user', 'token', '--id', owner)).trim();
    assert.equal((await api(own, 'GET', '/api/live-chat/conversations', { token: printed })).status, 200);
    assert.equal((await api(own, 'GET', '/api/live-chat/conversations', { token: token() })).status, 401);
    await own.stop();
  });

  test('migrate says the version, as often as one likes', async () => {
    assert.match(await command(server, 'migrate'), /schema version \d+/);
    assert.match(await command(server, 'migrate'), /schema version \d+/);
  });

  test('healthz, readyz and metrics', async () => {
    const body = fixture('message-text');
    body.entry[0].changes[0].value.messages[0].timestamp = String(Math.floor(Date.now() / 1000));
    await postWebhook(server, body);
    await postWebhook(server, body, { signature: null });
    assert.equal((await api(server, 'GET', '/healthz', { token: null })).status, 200);
    assert.equal((await api(server, 'GET', '/readyz', { token: null })).status, 200);
    const { text } = await api(server, 'GET', '/metrics', { token: null });
    for (const name of [
      'parley_http_requests_total', 'parley_http_connections', 'parley_webhooks_total', 'parley_webhook_seconds_bucket',
      'parley_intake_batch_deliveries_count', 'parley_intake_waiting', 'parley_outbox_messages', 'parley_problem_deliveries',
      'parley_database_connections', 'process_resident_memory_bytes',
    ]) {
      assert.match(text, new RegExp(`^${name}(\\{| )`, 'm'), name);
    }
    for (const line of text.trim().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{[^}]*\})? [-+.0-9eEInfNa]+)$/, line);
    }
    const value = (pattern) => Number(text.match(pattern)?.[1]);
    assert(value(/^parley_http_requests_total\{[^}]*route="\/webhook"[^}]*status="401"[^}]*\} (\S+)$/m) >= 1);
    assert(value(/^process_resident_memory_bytes (\S+)$/m) > 1e6);
    assert(!text.includes('16505551234'));
  });

  test('every line of its log is one JSON object', () => {
    assert.deepEqual(server.other, []);
    assert(server.logs.length >= 2);
    for (const line of server.logs) {
      assert(!Number.isNaN(Date.parse(line.time)) && line.time.endsWith('Z'), JSON.stringify(line));
      assert(['debug', 'info', 'warn', 'error'].includes(line.level));
      assert.match(line.event, /^[a-z_]+$/);
    }
    assert(!JSON.stringify(server.logs).includes(jwtSecret));
  });

  test('while the database is away: alive, not ready, and nothing is taken; afterwards all is well', async () => {
    const second = await startServer({ env: { DATABASE_URL: await server.databaseUrl() } });
    const { dataDir } = server;
    await server.stop();
    await eventually(async () => (await api(second, 'GET', '/readyz')).status === 503);
    const answer = await api(second, 'GET', '/readyz');
    assert.equal(answer.status, 503);
    assert(Number(answer.headers.get('retry-after')) >= 1);
    assert.equal((await api(second, 'GET', '/healthz')).status, 200);
    assert.equal((await api(second, 'GET', '/metrics')).status, 200);
    assert.equal((await api(second, 'GET', '/api/live-chat/conversations')).status, 503);
    const send = { phone_number_id: phoneNumberId, to: '16505550000', message: 'Hi' };
    assert.equal((await api(second, 'POST', '/api/live-chat/send-message', { body: send })).status, 503);
    const body = fixture('message-text');
    body.entry[0].changes[0].value.messages[0].id = `wamid.${randomUUID()}`;
    assert.equal((await postWebhook(second, body)).status, 503);

    server = await startServer({ dataDir });
    await eventually(async () => (await api(second, 'GET', '/readyz')).status === 200);
    assert.equal((await postWebhook(second, body)).status, 200);
    assert.equal((await api(second, 'GET', '/api/live-chat/conversations')).status, 200);
    await second.stop();
  });
});

describe('the demo', () => {
  const dataDir = temporaryFolder();

  /** Processes whose command line names the folder: PostgreSQL's does. */
  const inFolder = (folder) =>
    readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
      } catch {
        return false;
      }
    });

  /** What the demo printed, once it is ready: addresses, token and commands. */
  async function startDemo() {
    // Somebody's own settings, which the demo leaves alone.
    const database = 'postgres://nobody@127.0.0.1:1/production';
    const others = { DATABASE_URL: database, WA_TOKEN: 'a-real-token', WA_PHONE_NUMBER_ID: '42' };
    const demo = new Process(['demo'], environment({ PORT: 0, PARLEY_DATA_DIR: dataDir, ...others }));
    const output = await eventually(() => {
      if (demo.result) throw new Error(`it ended: ${demo.tail()}`);
      const text = demo.other.join('\n');
      return text.includes('/send-message') && text;
    }, { timeout: 60_000 });
    const curls = output.replaceAll('\\\n', ' ').split('\n').filter((line) => line.trim().startsWith('curl '));
    const printed = {
      demo,
      output,
      token: output.match(/TOKEN=(\S+)/)[1],
      inbox: output.match(/inbox\s+(http:\S+)/)[1],
      agents: output.match(/Sign in as\s+(\S+) or (\S+), password (\S+)/).slice(1),
      phones: output.match(/phones\s+(http:\S+)/)[1],
      api: output.match(/API\s+(http:\S+)/)[1],
    };
    printed.commands = curls.map((line) => asRequest(line, printed.token));
    return printed;
  }

  /** The request that a printed curl command makes. */
  function asRequest(line, bearer) {
    const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) =>
      double !== undefined ? double.replace('$TOKEN', bearer) : (single ?? plain),
    );
    const request = { headers: {} };
    for (let i = 1; i < words.length; ++i) {
      if (words[i] === '-H') {
        const [name, value] = words[++i].split(': ');
        request.headers[name] = value;
      } else if (words[i] === '-d') {
        request.method = 'POST';
        request.body = words[++i];
      } else {
        request.url = words[i];
      }
    }
    return request;
  }

  async function perform({ url, ...options }) {
    const response = await fetch(url, options);
    assert.equal(response.status, 200, `${url}: ${response.status}`);
    return response.json();
  }

  async function interrupt(demo) {
    demo.child.kill('SIGINT');
    demo.stopping ??= demo.exited;
    const { code, signal } = await demo.exited;
    assert.deepEqual([code, signal], [0, null], demo.tail());
    assert.deepEqual(inFolder(dataDir), [], 'processes were left behind');
  }

  test('prints what works, from a phone to the API and back; Ctrl-C leaves nothing running; it starts again', async () => {
    const { demo, commands, phones, inbox, agents, api: address, token: bearer } = await startDemo();
    assert.equal(commands.length, 3);
    const page = await fetch(phones);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type'), /text\/html/);

    const [owner, agent, password] = agents;
    const names = [];
    for (const email of [owner, agent]) {
      const url = new URL('/auth/v1/token?grant_type=password', inbox).href;
      const session = await perform({ url, method: 'POST', body: JSON.stringify({ email, password }) });
      names.push(session.user.user_metadata.display_name);
      await perform({ url: `${address}/conversations`, headers: { Authorization: `Bearer ${session.access_token}` } });
    }
    assert.deepEqual(names, ['Ada', 'Ben']);

    const [list, thread, send] = commands;
    const { conversations } = await perform(list);
    assert(conversations.length >= 3);
    const { messages } = await perform(thread);
    assert(messages.length > 0);
    const first = conversations.find((c) => c.id === 1);
    assert.equal(messages[0].conversation_id, first.id);
    const sent = await perform(send);
    assert.equal(sent.status, 'sent');
    const control = (path, body) =>
      perform({ url: new URL(`/_sim/${path}`, phones).href, method: body ? 'POST' : 'GET', body: body && JSON.stringify(body) });
    const onPhone = await control(`messages?to=${first.customer_phone}`);
    assert.equal(onPhone.messages.at(-1).request.text.body, JSON.parse(send.body).message);

    const written = await control('inbound', { from: '16505557777', name: 'Zoe', text: 'Is anybody there?', wait: true });
    assert.equal(written.delivered, true);
    const shown = (await perform(list)).conversations.find((c) => c.customer_phone === '16505557777');
    assert.equal(shown.preview, 'Is anybody there?');
    assert.equal(shown.unread_count, 1);
    await eventually(async () => {
      const { messages: now } = await perform(thread);
      return now.find((m) => m.id === sent.message_id).status === 'delivered';
    });
    const refused = await fetch(`${address}/conversations`);
    assert.equal(refused.status, 401);
    assert.notEqual(inFolder(dataDir).length, 0);
    await interrupt(demo);

    const again = await startDemo();
    const after = await perform(again.commands[0]);
    assert(after.conversations.some((c) => c.preview === 'Is anybody there?'));
    // The token of the first run is still good.
    const before = await perform({ ...again.commands[0], headers: { Authorization: `Bearer ${bearer}` } });
    assert.equal(before.conversations.length, after.conversations.length);
    assert.equal((await perform(again.commands[2])).status, 'sent');
    await interrupt(again.demo);
    assert(existsSync(dataDir));
  });
});
