// Looking into a server's database.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { onEnd } from './process.mjs';

// bigint: our ids and counters are far below 2^53, and answers carry them as numbers too.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const pools = new Map();

function poolFor(url) {
  if (!pools.has(url)) {
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    // A server that stops its PostgreSQL, or is killed, ends idle connections; the next query says so.
    pool.on('error', () => {});
    pools.set(url, pool);
    onEnd(() => closePool(url));
  }
  return pools.get(url);
}

async function closePool(url) {
  const pool = pools.get(url);
  pools.delete(url);
  await pool?.end();
}

/** A pg.Pool on the server's database: `const { rows } = await (await db(server)).query('SELECT ...')`. */
export async function db(server) {
  return poolFor(await server.databaseUrl());
}

/**
 * The URL of a new database in the PostgreSQL of `server`: empty, or a copy of the database `template` that nobody is
 * connected to. It goes with the cluster.
 */
export async function createDatabase(server, { name = `test_${randomBytes(6).toString('hex')}`, template } = {}) {
  const url = await server.databaseUrl();
  const from = template ? ` TEMPLATE ${pg.escapeIdentifier(template)}` : '';
  await poolFor(url).query(`CREATE DATABASE ${pg.escapeIdentifier(name)}${from}`);
  // Not by URL: its rules want a host before the path, and a socket's folder stands in the query.
  return url.replace(/^(\w+:\/\/[^/]*\/)[^?]*/, (_, start) => start + encodeURIComponent(name));
}

/** Runs `use` with a connection to a database URL, closed afterwards. */
export async function withDatabase(url, use) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
