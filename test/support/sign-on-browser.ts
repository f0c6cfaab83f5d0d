import type { FastifyInstance } from 'fastify'

/** What a browser has seen at the end of a way. */
export interface Seen {
  readonly status: number
  readonly location: string | null
  readonly body: Readonly<Record<string, unknown>>
  readonly setCookies: readonly string[]
}

/** A browser that goes back and forth between Millrace, at `home`, and providers, with cookies for each. */
export interface SignOnBrowser {
  readonly cookies: Map<string, string>
  /** One step, without following a redirect. */
  visit(url: string): Promise<Seen>
  /** Follows redirects as long as they lead to a provider; ends before the way back to Millrace. */
  throughProvider(url: string): Promise<string>
  /** The whole way: to the provider, back, and into Millrace. */
  signOn(path: string): Promise<Seen>
  /** Asks Millrace for JSON. */
  ask(path: string, tenant?: string): Promise<Seen>
}

export function openSignOnBrowser(app: FastifyInstance, home: string): SignOnBrowser {
  const cookies = new Map<string, string>()
  const cookiesOf = (origin: string) =>
    [...cookies]
      .filter(([key]) => key.startsWith(`${origin} `))
      .map(([key, value]) => `${key.slice(origin.length + 1)}=${value}`)
      .join('; ')
  const keep = (origin: string, set: readonly string[]) => {
    for (const line of set) {
      const [pair = ''] = line.split(';')
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(name.length + 1)
      if (value === '' || /Max-Age=0\b/i.test(line)) cookies.delete(`${origin} ${name}`)
      else cookies.set(`${origin} ${name}`, value)
    }
  }

  async function visit(url: string, more: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const { origin, pathname, search } = new URL(url)
    const headers = { cookie: cookiesOf(origin), ...more }
    if (origin !== home) {
      const response = await fetch(url, { redirect: 'manual', headers })
      await response.arrayBuffer()
      const setCookies = response.headers.getSetCookie()
      keep(origin, setCookies)
      return {
        status: response.status,
        location: absolute(response.headers.get('location'), url),
        body: {},
        setCookies,
      }
    }
    const response = await app.inject({ method: 'GET', url: pathname + search, headers })
    const set = [response.headers['set-cookie'] ?? []].flat()
    keep(origin, set)
    const isJson = String(response.headers['content-type']).includes('json')
    return {
      status: response.statusCode,
      location: absolute(response.headers.location ?? null, url),
      body: isJson ? response.json() : {},
      setCookies: set,
    }
  }

  async function throughProvider(url: string): Promise<string> {
    let at = url
    for (let steps = 0; steps < 15; steps++) {
      const { location, status } = await visit(at)
      if (location === null) throw new Error(`${at} ends the way with ${status}`)
      if (new URL(location).origin === home) return location
      at = location
    }
    throw new Error(`${url} leads round in circles`)
  }

  return {
    cookies,
    visit,
    throughProvider,
    async signOn(path) {
      const begun = await visit(home + path)
      if (begun.location === null || begun.status !== 303) return begun
      return visit(await throughProvider(begun.location))
    },
    ask: (path, tenant) =>
      visit(home + path, tenant === undefined ? {} : { 'millrace-tenant': tenant }),
  }
}

function absolute(location: string | null, base: string): string | null {
  return location === null ? null : new URL(location, base).href
}
