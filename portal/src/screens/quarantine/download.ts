import { callOperation } from '~/api/client.ts'

/** The rejected rows as a file of CSV, for a desk of one's own. */
export async function downloadHeld(
  tenant: string | null,
  filter: { readonly dataset: string; readonly reason?: string; readonly partition?: string },
): Promise<void> {
  const stream = await callOperation(tenant, 'quarantine.download', { ...filter, format: 'csv' })
  const url = URL.createObjectURL(await stream.response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = `${filter.dataset}-quarantine.csv`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
