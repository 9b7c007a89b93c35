// Starting Parley and its simulator as users do, with everything that the tests need to talk to them. Whatever is started
// here is ended when the test file ends; a process that ends with another exit code than 0 then fails the file.
import { db } from './database.mjs';
import { appSecret, jwtSecret, owner, phoneNumberId, verifyToken, wabaId } from './http.mjs';
import { environment, Process, run, temporaryFolder } from './process.mjs';

export { createDatabase, withDatabase } from './database.mjs';
export {
  api,
  appSecret,
  fixture,
  jwtSecret,
  owner,
  phoneNumberId,
  postWebhook,
  raw,
  sign,
  token,
  verifyToken,
  wabaId,
  wire,
} from './http.mjs';
export { environment, eventually, onEnd, root, run, temporaryFolder } from './process.mjs';
export { db };

class Server extends Process {
  #databaseUrl;

  constructor(args, variables) {
    super(args, environment(variables));
    this.variables = variables;
    this.dataDir = variables.PARLEY_DATA_DIR;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What `parley database-url` says for this server. */
  databaseUrl() {
    return (this.#databaseUrl ??= run(['database-url'], { env: this.variables }).then(({ stdout }) => stdout.trim()));
  }
}

/**
 * Starts `parley serve` on a free port and waits until it listens. Without DATABASE_URL it has a PostgreSQL of its own
 * in `dataDir`, a new folder unless given. `env`: further variables; undefined takes one of the usual ones away.
 * Gives a Process with `port`, `url`, `dataDir` and `databaseUrl()`.
 */
export async function startServer({ env = {}, args = [], dataDir = temporaryFolder() } = {}) {
  const server = new Server(['serve', ...args], {
    PORT: 0,
    PARLEY_DATA_DIR: dataDir,
    SUPABASE_JWT_SECRET: jwtSecret,
    WA_APP_SECRET: appSecret,
    WA_VERIFY_TOKEN: verifyToken,
    WA_PHONE_NUMBER_ID: phoneNumberId,
    WA_BUSINESS_ACCOUNT_ID: wabaId,
    WA_DISPLAY_PHONE_NUMBER: '15550783881',
    PARLEY_OWNER_USER_ID: owner,
    ...env,
  });
  server.port = (await server.event('listening')).port;
  return server;
}

/** Starts the double of the Cloud API, `parley simulate`. Gives a Process with `port` and `url`. */
export async function startSimulator({ env = {}, args = [], port = 0 } = {}) {
  const simulator = new Process(['simulate', '--port', String(port), ...args], environment(env));
  simulator.port = (await simulator.event('simulator_listening')).port;
  simulator.url = `http://127.0.0.1:${simulator.port}`;
  return simulator;
}

/** Runs another command of the binary on the database of `server`; gives what it printed. */
export async function command(server, ...args) {
  const { stdout } = await run(args, { env: { ...server.variables, DATABASE_URL: await server.databaseUrl() } });
  return stdout;
}
