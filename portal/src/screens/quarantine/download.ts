import { callOperation } from '~/api/client.ts'
import { saveStream } from '~/browser/save-stream.ts'

/** The rejected rows as a file of CSV, for a desk of one's own. */
export async function downloadHeld(
  tenant: string | null,
  filter: { readonly dataset: string; readonly reason?: string; readonly partition?: string },
): Promise<void> {
  const stream = await callOperation(tenant, 'quarantine.download', { ...filter, format: 'csv' })
  await saveStream(stream, `${filter.dataset}-quarantine.csv`)
}
