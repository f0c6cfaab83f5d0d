import { Boxes, Database, FileClock, Mails, Plug } from 'lucide-react'

const icons = { source: Database, analysis: FileClock, endpoint: Plug, report: Mails, group: Boxes }

/** What a thing of the factory is, beside its name. */
export function KindIcon({
  kind,
  size = 14,
}: {
  readonly kind: keyof typeof icons
  readonly size?: number
}) {
  const Icon = icons[kind]
  return <Icon size={size} aria-hidden className="shrink-0 text-faint" />
}
