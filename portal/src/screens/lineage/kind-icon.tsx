import { Boxes, Database, FileClock, Mails, Plug } from 'lucide-react'

import type { Box } from '~/screens/lineage/model.ts'

const icons = { source: Database, analysis: FileClock, endpoint: Plug, report: Mails, group: Boxes }

export function KindIcon({
  kind,
  size = 14,
}: {
  readonly kind: Box['kind']
  readonly size?: number
}) {
  const Icon = icons[kind]
  return <Icon size={size} aria-hidden className="shrink-0 text-faint" />
}
