import { readFileSync } from 'node:fs'

/** Version of this package, the same from `src` and from what is built of it. */
export function millraceVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
