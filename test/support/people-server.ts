import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'

import type { OpenParts } from '#app/compose.ts'
import { createPasswordHash } from '#auth/password-hash.ts'
import { makeSetupLink } from '#auth/setup.ts'
import { addMember } from '#catalog/memberships.ts'
import { createUser } from '#catalog/users.ts'
import { toOperationParts } from '#cli/door/local-door.ts'
import { systemRandom } from '#kernel/random.ts'
import { createMailer } from '#mail/mailer.ts'
import type { Tenant } from '#model/tenant.ts'
import { openCallers } from '#operations/open-callers.ts'
import type { Parts } from '#operations/parts.ts'
import { operations } from '#operations/registry.gen.ts'
import { createServer } from '#server/create-server.ts'
import { openMillraceIn } from './open-parts.ts'

export const PASSWORD = 'graue Katze 17 Meter'

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
  readonly body: Readonly<Record<string, unknown>>
}

/** A browser with one cookie, at an address of its own. */
export interface Browser {
  /** `name=value`; null without one. Set it to plant one. */
  cookie: string | null
  ask(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answered>
  signIn(email: string, more?: Readonly<Record<string, unknown>>): Promise<Answered>
}

interface QueuedLetter {
  readonly to: string
  readonly data: Readonly<Record<string, string>>
}

/** A Millrace behind a server that does not listen, with cheap passwords and mail into the outbox. */
export interface PeopleServer {
  readonly open: OpenParts
  readonly parts: Parts
  readonly app: FastifyInstance
  readonly tenant: Tenant
  browser(address?: string): Browser
  /** An account with {@link PASSWORD}; a member where a tenant is given. Its id. */
  addUser(email: string, member?: { tenant: Tenant; role: string }): Promise<string>
  setupToken(): Promise<string>
  /** What was put into the outbox, oldest first. */
  readonly letters: readonly QueuedLetter[]
  close(): Promise<void>
}

let addresses = 0

export async function openPeopleServer(
  options: {
    readonly databaseUrl?: string | undefined
    readonly publicUrl?: string
    /** False: links are shown to whoever asks for them. */
    readonly mail?: boolean
  } = {},
): Promise<PeopleServer> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-people-'))
  const millrace = await openMillraceIn(home, { databaseUrl: options.databaseUrl, working: false })
  const open = millrace.parts
  const isOn = options.mail ?? true
  const mailer = createMailer({ isOn, secrets: open.secrets, ids: open.ids })
  const letters: QueuedLetter[] = []
  const parts: Parts = {
    ...(await toOperationParts(open)),
    passwords: createPasswordHash(systemRandom, { memoryKib: 64, passes: 1, parallelism: 1 }),
    mailer: {
      ...mailer,
      queue(session, letter) {
        letters.push({ to: letter.to.address, data: letter.data })
        return mailer.queue(session, letter)
      },
    },
    publicUrl: () => options.publicUrl ?? 'http://localhost',
  }
  const app = createServer({
    parts,
    operations,
    callers: openCallers(parts),
    localKey: 'ml_local',
    version: '0.0.0-test',
    publicUrl: options.publicUrl ?? null,
    stopping: new AbortController().signal,
    ready: async () => {},
  })

  function browser(address = `198.51.100.${++addresses}`): Browser {
    const own: Browser = {
      cookie: null,
      async ask(method, url, body, headers = {}) {
        const response = await app.inject({
          method,
          url,
          remoteAddress: address,
          headers: {
            'user-agent': 'Browser of a test',
            ...(own.cookie === null ? {} : { cookie: own.cookie }),
            ...(method !== 'GET' && own.cookie !== null ? { origin: originOf(options) } : {}),
            ...headers,
          },
          ...(body === undefined ? {} : { payload: body as object }),
        })
        const set = String(response.headers['set-cookie'] ?? '')
        const [pair = ''] = set.split(';')
        if (pair !== '') own.cookie = pair.endsWith('=') ? null : pair
        const isJson = String(response.headers['content-type']).includes('json')
        return {
          status: response.statusCode,
          headers: response.headers,
          body: isJson ? response.json() : {},
        }
      },
      signIn: (email, more = {}) =>
        own.ask('POST', '/v1/sessions', { email, password: PASSWORD, ...more }),
    }
    return own
  }

  return {
    open,
    parts,
    app,
    tenant: millrace.tenant,
    browser,
    async addUser(email, member) {
      const id = open.ids.next('usr')
      const password = await parts.passwords.hash(PASSWORD)
      await parts.catalog.asSystem((session) =>
        createUser(session, { id, email, name: email, password }),
      )
      if (member) {
        await parts.catalog.asTenant(member.tenant, (session) =>
          addMember(session, { userId: id, role: member.role, invitedBy: null }),
        )
      }
      return id
    },
    letters,
    async setupToken() {
      const { link } = await parts.catalog.asSystem((session) => makeSetupLink(session, parts))
      return link.split('#token=')[1] ?? ''
    },
    async close() {
      await app.close()
      await millrace.close()
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function originOf({ publicUrl }: { readonly publicUrl?: string }): string {
  return publicUrl === undefined ? 'http://localhost:80' : new URL(publicUrl).origin
}
