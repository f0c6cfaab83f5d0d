import { formatBytes, formatCount } from '~/ui/format.ts'

/** A measured amount in the unit of its kind. */
export function formatUsage(kind: string, value: number): string {
  return kind === 'export-bytes' || kind === 'storage'
    ? formatBytes(value)
    : formatCount(value, true)
}
