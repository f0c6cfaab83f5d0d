import type { Egress } from '#egress/egress.ts'
import type { TargetKind } from '#targets/target-options.ts'
import { parsePlace } from '#targets/postgres-connection.ts'

/** What may not be called is not saved; it is judged again whenever it is called. Throws `egress-denied`. */
export async function assertPlace(
  egress: Egress,
  kind: TargetKind,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (kind === 'postgres') {
    const { host, port } = parsePlace(String(options['databaseUrl']))
    await egress.resolve(host, port)
  }
  const url = kind === 'webhook' ? options['url'] : options['endpoint']
  if (typeof url === 'string') await egress.assertUrl(url)
}
