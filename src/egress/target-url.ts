import { MillraceError } from '#kernel/errors.ts'

/**
 * A user-given address as the URL standard reads it: `http://127.1`, `http://①②⑦.1` and
 * `http://0x7f000001` all become 127.0.0.1 here. Throws `egress-url-invalid` unless it is http or
 * https with a host and without a user name, which serves to pass one host off as another.
 */
export function parseTargetUrl(written: string, base?: URL): URL {
  const url = URL.parse(written, base?.href)
  const problem = problemOf(url)
  if (url && problem === null) return url
  throw new MillraceError('egress-url-invalid', { url: shown(written, url), problem })
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

/** The host without the brackets that URLs put around IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function problemOf(url: URL | null): string | null {
  if (!url || url.host === '') return 'is not an address that can be called'
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is not of http or https'
  if (url.username !== '' || url.password !== '') return 'has a user name or password in it'
  return null
}

/** Paths and queries carry secrets as often as passwords do: none of them is repeated. */
function shown(written: string, url: URL | null): string {
  if (url && url.host !== '') return `${url.protocol}//${url.host}`
  return written
    .replace(/[?#].*/s, '')
    .replace(/.*@/s, '')
    .slice(0, 100)
}
