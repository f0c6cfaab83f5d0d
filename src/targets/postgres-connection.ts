import type { Socket } from 'node:net'
import pg from 'pg'

import { MillraceError } from '#kernel/errors.ts'
import type { Egress } from '#egress/egress.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** A statement that waits for somebody's lock gives up, and the queue tries again. */
const LOCK_TIMEOUT_MS = 30_000
/** A server that takes no byte and gives none for so long holds nobody any longer. */
const SILENCE_MS = 120_000
/** All of it; whoever needs longer takes the file. */
const WORK_TIMEOUT_MS = 30 * 60_000
/** For a server that lets us say goodbye. */
const GOODBYE_MS = 2_000

export interface PostgresPlace {
  /** `postgres://user:password@host:port/database?sslmode=require`. */
  readonly url: string
}

/**
 * Runs `work` with a connection to the database of somebody's own: to an address that was checked,
 * never to a name that may have come to mean another one. Throws `egress-denied`, `target-unreachable`,
 * `target-refused`.
 */
export async function withPostgres<T>(
  egress: Pick<Egress, 'resolve'>,
  { url }: PostgresPlace,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
  { silenceMs = SILENCE_MS, workMs = WORK_TIMEOUT_MS } = {},
): Promise<T> {
  const place = parsePlace(url)
  const [address = place.host] = await egress.resolve(place.host, place.port)
  const client = await connect(place, address).catch((error: unknown) => {
    throw unreachable(place, error)
  })
  const { promise: cut, reject } = Promise.withResolvers<never>()
  cut.catch(() => {})
  const socket = socketOf(client)
  const end = (reason: unknown) => {
    reject(reason)
    // Not asked: whoever does not answer would not answer to that, either.
    socket.destroy()
  }
  const abort = () => end(signal.reason)
  const late = (ms: number) => () =>
    end(new Error(`it has not done its part within ${Math.round(ms / 1000)} s`))
  signal.addEventListener('abort', abort, { once: true })
  socket.setTimeout(silenceMs, late(silenceMs))
  const timer = setTimeout(late(workMs), workMs)
  try {
    signal.throwIfAborted()
    return await Promise.race([work(client), cut])
  } catch (error) {
    signal.throwIfAborted()
    throw refused(place, error)
  } finally {
    signal.removeEventListener('abort', abort)
    clearTimeout(timer)
    const goodbye = setTimeout(() => socket.destroy(), GOODBYE_MS)
    await client.end().catch(() => {})
    clearTimeout(goodbye)
  }
}

/** The stream below the connection: pg has no other way to let go of a server that is silent. */
function socketOf(client: pg.Client): Socket {
  const { connection } = client as unknown as { readonly connection: { readonly stream: Socket } }
  return connection.stream
}

/** `prefer`: encrypted where the server can, as other clients do it. */
async function connect(place: ParsedPlace, address: string): Promise<pg.Client> {
  try {
    return await open(place, address, place.sslmode !== 'disable')
  } catch (error) {
    const isPlain = error instanceof Error && /does not support SSL/.test(error.message)
    if (place.sslmode !== 'prefer' || !isPlain) throw error
    return open(place, address, false)
  }
}

async function open(place: ParsedPlace, address: string, encrypted: boolean): Promise<pg.Client> {
  const { host, port, user, password, database, sslmode } = place
  // Certificates name hosts, not addresses.
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
  const client = new pg.Client({
    host: address,
    port,
    user,
    password,
    database,
    ssl: encrypted && { rejectUnauthorized: sslmode === 'verify-full', ...servername },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'millrace',
    options: `-c lock_timeout=${LOCK_TIMEOUT_MS}`,
  })
  // Told by the statement that is under way.
  client.on('error', () => {})
  await client.connect()
  return client
}

interface ParsedPlace {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly sslmode: string
}

/** Throws `target-refused` for what is no address of a database. */
export function parsePlace(text: string): ParsedPlace {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol) || url.hostname === '') {
    const message = 'the address is none: postgres://user:password@host:5432/database'
    throw new MillraceError('target-refused', { place: 'postgres', message })
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const sslmode = url.searchParams.get('sslmode') ?? 'prefer'
  if (!['disable', 'prefer', 'require', 'verify-full'].includes(sslmode)) {
    const message = `sslmode=${sslmode} is none of disable, prefer, require and verify-full`
    throw new MillraceError('target-refused', { place: 'postgres', message })
  }
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username),
    sslmode,
  }
}

function unreachable({ host, port }: ParsedPlace, error: unknown): MillraceError {
  if (isSqlState(error)) return refused({ host, port }, error)
  const message = error instanceof Error ? error.message : String(error)
  return new MillraceError(
    'target-unreachable',
    { place: `${host}:${port}`, message },
    { cause: error },
  )
}

function refused(
  { host, port }: Pick<ParsedPlace, 'host' | 'port'>,
  error: unknown,
): MillraceError {
  if (error instanceof MillraceError) return error
  const message = error instanceof Error ? error.message : String(error)
  const place = `${host}:${port}`
  const isPassing = !isSqlState(error) || /^(40|53|55|57|08)/.test(error.code)
  const code = isPassing ? 'target-unreachable' : 'target-refused'
  return new MillraceError(code, { place, message }, { cause: error })
}

function isSqlState(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code))
}
