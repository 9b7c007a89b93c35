// Processes of one test file: spawned, watched through their JSON log lines, and all ended when the file ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The top folder of the checkout. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const binary = resolve(root, process.env.PARLEY_BINARY ?? 'build/dev/parley');

const startDeadline = 30_000;
const stopDeadline = 20_000;

const started = [];
const folders = new Set();

/** Polls until `condition` gives something truthy and returns that; what it throws counts as "not yet". */
export async function eventually(condition, { timeout = 10_000, interval = 20 } = {}) {
  const deadline = performance.now() + timeout;
  for (;;) {
    let reason = 'the condition never held';
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      reason = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`not within ${timeout} ms: ${reason.message ?? reason}`, { cause: reason });
    }
    await new Promise((done) => setTimeout(done, interval));
  }
}

/** A folder under /tmp that the unprivileged PostgreSQL may enter; removed at the end. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-it-'));
  chmodSync(folder, 0o755);
  folders.add(folder);
  return folder;
}

/** What the tests' processes inherit: nothing that would configure Parley or PostgreSQL from outside. */
export function environment(additions = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PARLEY_|WA_|SUPABASE_|PG|NODE_|DATABASE_URL$|PORT$)/.test(name),
  );
  const wanted = Object.entries({ ...Object.fromEntries(inherited), ...additions });
  return Object.fromEntries(wanted.filter(([, value]) => value !== undefined && value !== null).map(([n, v]) => [n, String(v)]));
}

/** One run of the binary. `logs` are its JSON log lines, `other` its remaining output (sanitizer reports, say). */
export class Process {
  constructor(args, env) {
    this.args = args;
    this.logs = [];
    this.other = [];
    this.stopping = null;
    this.child = spawn(binary, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(this);
    const read = (stream, keep) => createInterface({ input: stream }).on('line', keep);
    read(this.child.stdout, (line) => this.other.push(line));
    read(this.child.stderr, (line) => this.#keep(line));
    this.exited = new Promise((done) => {
      this.child.on('error', (error) => done({ code: null, signal: null, error }));
      this.child.on('close', (code, signal) => done({ code, signal }));
    }).then((result) => (this.result = result));
  }

  get pid() {
    return this.child.pid;
  }

  /** The end of what it wrote, for messages of failed assertions. */
  tail(lines = 30) {
    return [...this.logs.slice(-lines).map((line) => JSON.stringify(line)), ...this.other.slice(-lines)].join('\n');
  }

  /** The log line with this event name, as soon as there is one; fails when the process ends without it. */
  async event(name, { timeout = startDeadline } = {}) {
    const line = await eventually(() => this.logs.find((entry) => entry.event === name) ?? this.result, { timeout }).catch(
      (error) => assert.fail(`${this} did not say "${name}" (${error.message}):\n${this.tail()}`),
    );
    if (line === this.result) {
      this.stopping ??= this.exited;  // Said here; the end of the file need not say it again.
      assert.fail(`${this} ended (${line.error?.message ?? line.signal ?? line.code}) without saying "${name}":\n${this.tail()}`);
    }
    return line;
  }

  /** SIGTERM; fails unless it ends in time with exit code 0. Asked again, it gives the same answer. */
  stop() {
    return (this.stopping ??= this.#stop());
  }

  /** SIGKILL: no chance to finish anything. */
  async kill9() {
    this.stopping ??= this.exited;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  toString() {
    return `parley ${this.args.join(' ')} (${this.pid ?? 'not started'})`;
  }

  async #stop() {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), stopDeadline);
    const { code, signal, error } = await this.exited;
    clearTimeout(timer);
    assert.equal(code, 0, `${this} should end with 0, ended with ${error?.message ?? signal ?? code}:\n${this.tail()}`);
  }

  #keep(line) {
    try {
      const entry = JSON.parse(line);
      if (typeof entry === 'object' && entry !== null) return void this.logs.push(entry);
    } catch {
      // Not a log line.
    }
    this.other.push(line);
  }
}

/** Runs the binary to its end and gives what it wrote; fails on an exit code other than `expected`. */
export async function run(args, { env = {}, expected = 0 } = {}) {
  const child = spawn(binary, args, { cwd: root, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (output.stdout += data));
  child.stderr.on('data', (data) => (output.stderr += data));
  const code = await new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', done);
  });
  assert.equal(code, expected, `parley ${args.join(' ')} ended with ${code}:\n${output.stdout}${output.stderr}`);
  return { ...output, code };
}

/** The PostgreSQL servers whose data lies in `folder`: a killed server leaves its private one running. */
function postmasters(folder, depth = 3) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'postmaster.pid')) {
    return [Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0])];
  }
  const inner = depth > 0 ? entries.filter((entry) => entry.isDirectory()) : [];
  return inner.flatMap(({ name }) => postmasters(join(folder, name), depth - 1));
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

const cleanups = [];

/** Registers what must be undone before the processes are ended, a connection pool say. */
export function onEnd(cleanup) {
  cleanups.push(cleanup);
}

async function end() {
  const failures = [];
  const attempt = (promise) => promise.catch((error) => failures.push(error));
  for (const cleanup of cleanups.splice(0)) await attempt(cleanup());
  // Last started first: a server that uses another one's database goes before it. One that ended by itself is asked
  // too: then its exit code is judged.
  for (const each of started.splice(0).reverse()) await attempt(each.stop());
  for (const folder of folders) {
    for (const pid of postmasters(folder)) {
      signal(pid, 'SIGINT');
      await attempt(eventually(() => !signal(pid, 0), { timeout: stopDeadline }));
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    folders.delete(folder);
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.join('\n'));
}

after(end);

// When the test process itself is ended, or dies of an error, nothing may stay behind either.
process.on('exit', () => {
  for (const each of started) if (!each.result) signal(each.pid, 'SIGKILL');
  for (const folder of folders) {
    for (const pid of postmasters(folder)) signal(pid, 'SIGQUIT');
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(1));
