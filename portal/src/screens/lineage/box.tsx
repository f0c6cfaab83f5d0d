import { Handle, Position, type Node, type NodeProps } from '@xyflow/react'
import { memo } from 'react'

import { boxHeight, boxWidth } from '~/screens/lineage/layout.ts'
import {
  isGhost,
  newestOf,
  rowsOf,
  worstOf,
  type Box,
  type LineageNode,
} from '~/screens/lineage/model.ts'
import { Ring } from '~/screens/lineage/ring.tsx'
import { lineageTexts as texts } from '~/texts/lineage.ts'
import { classes } from '~/ui/classes.ts'
import { formatAge, formatCount, formatDuration } from '~/ui/format.ts'
import { KindIcon } from '~/ui/kind-icon.tsx'
import { StatusMark } from '~/ui/status.tsx'
import { useNow } from '~/ui/time.tsx'

export type Lit = 'chosen' | 'way' | 'dim' | 'plain'

export type BoxNode = Node<
  {
    readonly box: Box
    readonly lit: Lit
    readonly onChoose: (id: string) => void
    readonly onOpen: (box: Box) => void
    readonly onKey: (id: string, key: string) => boolean
  },
  'box'
>

/** One thing of the picture: state as a ring, name, rows, how long it took, how old it is. */
export const BoxView = memo(function BoxView({ data }: NodeProps<BoxNode>) {
  const { box, lit, onChoose, onOpen, onKey } = data
  const now = useNow()
  const ghost = isGhost(box.nodes)
  const facts = factsOf(box, now)
  const worst = worstOf(box.nodes)
  const quality = qualityOf(box.nodes)
  const said = [kindOf(box), ...(worst === null ? [] : [texts.states[worst], quality])]
  const doubt = doubtOf(box.nodes)
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} className="invisible" />
      <button
        type="button"
        id={`box-${box.id}`}
        aria-pressed={lit === 'chosen'}
        title={[box.name, ...said, ...facts].join('\n')}
        onClick={() => onChoose(box.id)}
        onDoubleClick={() => onOpen(box)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault()
            onOpen(box)
          } else if (onKey(box.id, event.key)) event.preventDefault()
        }}
        style={{ width: boxWidth, height: boxHeight }}
        className={classes(
          'nopan pointer-events-auto flex items-center gap-2 rounded-lg border bg-surface px-2 text-left transition-opacity',
          ghost ? 'border-dashed border-line-strong' : 'border-line shadow-card',
          lit === 'chosen' && 'border-accent ring-2 ring-accent',
          lit === 'way' && 'border-accent',
          lit === 'dim' && 'opacity-35',
        )}
      >
        {worst === null ? (
          <span className="flex size-8 shrink-0 items-center justify-center rounded-full bg-sunken">
            <KindIcon kind={box.kind} size={16} />
          </span>
        ) : (
          <Ring nodes={box.nodes} />
        )}
        <span className="min-w-0 grow">
          <span className="flex items-center gap-1.5">
            <span className="truncate text-[0.8rem] font-semibold tracking-tight">{box.name}</span>
            <span className="sr-only">: {said.join(', ')}. </span>
            {worst !== null && <KindIcon kind={box.kind} size={12} />}
            {doubt !== null && <StatusMark state={doubt} size={10} />}
          </span>
          <span className="num block truncate text-2xs text-faint">
            {ghost ? texts.ghost : facts.join(' · ') || kindOf(box)}
          </span>
        </span>
      </button>
      <Handle type="source" position={Position.Right} isConnectable={false} className="invisible" />
    </>
  )
})

function kindOf(box: Box): string {
  return box.kind === 'group' ? texts.ofGroup(box.nodes.length) : texts.kinds[box.kind]
}

function factsOf(box: Box, now: number): string[] {
  const { nodes } = box
  const newest = newestOf(nodes)
  if (newest === null) return []
  const rows = rowsOf(nodes)
  const running = nodes.reduce((sum, node) => sum + Number(node.running), 0)
  const [only] = nodes
  return [
    ...(running > 0 ? [texts.running(running)] : []),
    ...(box.kind === 'group' ? [texts.ofGroup(nodes.length)] : []),
    ...(rows === null ? [] : [texts.rowsOf(formatCount(rows, true))]),
    ...(nodes.length === 1 && only?.lastMs != null ? [formatDuration(Number(only.lastMs))] : []),
    formatAge(newest, now),
  ]
}

/** Mark of what is published and yet in doubt; null: nothing is. */
function doubtOf(nodes: readonly LineageNode[]): string | null {
  if (nodes.some(({ freshness }) => freshness?.state === 'breached')) return 'breached'
  return nodes.some(({ quality }) => Number(quality?.failedChecks ?? 0) > 0) ? 'warning' : null
}

/** What the newest partitions' checks came to, in words. */
export function qualityOf(nodes: readonly LineageNode[]): string {
  const sum = { checks: 0, failed: 0, partitions: 0, quarantined: 0 }
  for (const { quality } of nodes) {
    sum.checks += Number(quality?.checks ?? 0)
    sum.failed += Number(quality?.failedChecks ?? 0)
    sum.partitions += Number(quality?.partitions ?? 0)
    sum.quarantined += Number(quality?.quarantined ?? 0)
  }
  const held = sum.quarantined > 0 ? `, ${texts.quarantined(formatCount(sum.quarantined))}` : ''
  if (sum.checks === 0) return `${texts.qualityNone}${held}`
  const words =
    sum.failed > 0
      ? texts.qualityBad(sum.failed, sum.checks, sum.partitions)
      : texts.qualityGood(sum.checks, sum.partitions)
  return `${words}${held}`
}
